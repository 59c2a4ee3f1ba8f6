//! How an image is read: what is known of its layers already is taken from there, and the rest in the cheapest way that gives it.
//! Whatever a way cannot do, the next one does.

mod compare;
mod from_engine;
pub mod metadata;
mod saving;
mod shelf;
mod watcher;

pub use from_engine::Asked;
pub use saving::Joining;
pub use shelf::{Claim, Shelf};
pub use watcher::Watcher;

use saving::Saver;

use crate::source::Limits;

/// Reads the images of a run: each layer once.
#[derive(Debug)]
pub struct Reader {
    shelf: Shelf,
    saver: Saver,
}

impl Reader {
    /// A reader of images that nobody has read yet. As many as `jobs` saves are under way at once.
    pub fn new(limits: &Limits, jobs: usize) -> Self {
        Self { shelf: Shelf::within(&limits.memory), saver: Saver::new(limits.clone(), jobs) }
    }

    /// What this run knows of layers.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Announces an image of an engine, which may turn out to need a `save`: one that is about to begin waits for it.
    pub fn join(&self) -> Joining {
        self.saver.join()
    }
}
