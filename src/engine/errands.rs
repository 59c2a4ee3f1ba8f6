//! What is still to be done on an engine when nobody waits for it any more, and what is not to be tried again. All clones of an engine
//! share it.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio_util::task::TaskTracker;

/// What goes on in the background.
#[derive(Debug, Default)]
pub(super) struct Errands {
    /// Requests whose end has to be seen.
    pub(super) tasks: TaskTracker,
    /// Whether it was looked for what earlier runs left.
    pub(super) has_swept: AtomicBool,
    containers: Mutex<BTreeSet<String>>,
    forbidden: OnceLock<Arc<str>>,
}

impl Errands {
    /// The names of containers that were created, or may have been, and are not removed yet.
    pub(super) fn containers(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why nobody may create containers, if that is known.
    pub(super) fn forbidden(&self) -> Option<Arc<str>> {
        self.forbidden.get().cloned()
    }

    /// Remembers it for the run.
    pub(super) fn forbid(&self, why: &str) -> Arc<str> {
        Arc::clone(self.forbidden.get_or_init(|| why.into()))
    }
}
