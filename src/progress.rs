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
    /// The engine is asked what the image is. No layer is read yet.
    AskingEngine,
    /// A registry is asked what the image is. No layer is read yet.
    AskingRegistry {
        /// The registry, as the reference names it. Untrusted.
        host: &'a str,
    },
    /// The engine puts images together before it sends their first byte.
    Saving {
        /// Images that come in one stream, this one among them.
        images: usize,
    },
    /// Layers that nobody knew yet are being read.
    ReadingLayers {
        /// Layers read so far.
        read: usize,
        /// Layers to read.
        of: usize,
        /// Bytes read so far, as they came.
        bytes: u64,
    },
    /// What is left of its layers is being read for another target.
    WaitingFor {
        /// The other target.
        target: &'a str,
    },
    /// The image is being read from a file, whose layers nobody has counted; `bytes` so far.
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
