//! Who watches one target being read.

use std::fmt;
use std::sync::Arc;

use crate::progress::{Event, Observer};

/// An observer, and the target that it hears of.
#[derive(Clone)]
pub struct Watcher {
    target: String,
    observer: Arc<dyn Observer>,
}

impl Watcher {
    /// Tells `observer` what happens to `target`.
    pub fn new(target: impl Into<String>, observer: Arc<dyn Observer>) -> Self {
        Self { target: target.into(), observer }
    }

    /// Which target.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Something happened.
    pub fn event(&self, event: Event<'_>) {
        self.observer.event(&self.target, event);
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").field("target", &self.target).finish_non_exhaustive()
    }
}
