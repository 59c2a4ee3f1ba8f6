//! What is known of an image before it is measured.

use crate::domain::{BuildFacts, ImageFrom, ToldBase};
use crate::engine::{EngineImage, StepName};
use crate::reading::Read;

/// An image, and all that is known of how it came about.
pub(super) struct Found {
    pub(super) read: Read,
    pub(super) from: ImageFrom,
    /// What people call it; none for what was built just now.
    pub(super) reference: Option<String>,
    pub(super) build: Option<BuildFacts>,
    /// The steps of that build.
    pub(super) steps: Vec<StepName>,
    pub(super) notes: Vec<String>,
    /// The image as the engine has it, where it is of one.
    pub(super) held: Option<EngineImage>,
    /// The images that its build says it took. Untrusted.
    pub(super) told: Vec<ToldBase>,
}

impl Found {
    /// An image of which nothing else is known.
    pub(super) fn new(read: Read, from: ImageFrom) -> Self {
        Self {
            read,
            from,
            reference: None,
            build: None,
            steps: Vec::new(),
            notes: Vec::new(),
            held: None,
            told: Vec::new(),
        }
    }
}
