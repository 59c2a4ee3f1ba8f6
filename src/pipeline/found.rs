//! What is known of an image before it is measured.

use crate::domain::BuildFacts;
use crate::engine::StepName;
use crate::source::ImageContent;

/// An image, and all that is known of how it came about.
pub(super) struct Found {
    pub(super) content: ImageContent,
    /// What people call it; none for what was built just now.
    pub(super) reference: Option<String>,
    pub(super) build: Option<BuildFacts>,
    /// The steps of that build.
    pub(super) steps: Vec<StepName>,
    pub(super) notes: Vec<String>,
}
