//! What happens while a run is under way, for whoever wants to watch.
//!
//! Rooms tell an observer; only the terminal decides what of it is shown. Text in events is untrusted and not escaped.

use std::time::Duration;

/// Watches a run. Called from several tasks at once.
pub trait Observer: Send + Sync {
    /// Something happened to `target`.
    fn event(&self, target: &str, event: Event<'_>);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _target: &str, _event: Event<'_>) {}
}

/// Something that happened to one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// The engine begins to build it.
    BuildStarted,
    /// A step of the build begins. `id` is unique within the build.
    StepStarted {
        /// Names the step in later events.
        id: &'a str,
        /// `[build 2/5] RUN make`.
        name: &'a str,
    },
    /// A line of a step's log.
    StepLog {
        /// The step.
        id: &'a str,
        /// One line, without its line break.
        line: &'a str,
    },
    /// A step ended.
    StepDone {
        /// The step.
        id: &'a str,
        /// `[build 2/5] RUN make`.
        name: &'a str,
        /// It came out of the build cache.
        cached: bool,
        /// How long it took, where the engine says so.
        took: Option<Duration>,
        /// It failed.
        failed: bool,
    },
    /// The build ended well.
    BuildDone {
        /// How long it took.
        took: Duration,
        /// Steps out of the cache.
        cached: u64,
        /// All steps.
        steps: u64,
    },
    /// The image is being read; `bytes` so far.
    Reading {
        /// Bytes of layers read so far.
        bytes: u64,
    },
    /// All of the image was read, and it is measured and judged.
    Judging,
    /// Something worth knowing that changes nothing.
    Note(&'a str),
    /// Nothing more will come for this target.
    Finished,
}
