//! What is known of an image before it is judged.

use super::wrong_stage::OtherStage;
use crate::domain::{BaseImage, BuildFacts, Contents, Difference, Digest, ImageFrom, ReadFacts, ToolPackages};
use crate::image::Measurement;

/// An image, measured, with all that its report says beside the judgement.
#[derive(Debug, Clone)]
pub struct Measured {
    /// What was measured.
    pub measurement: Measurement,
    /// What people call the image; none for one that was built just now.
    pub reference: Option<String>,
    /// Where it came from.
    pub from: ImageFrom,
    /// What the reference resolved to: the digest of a manifest or an index, where that is known.
    pub digest: Option<Digest>,
    /// What its own layers stand on, where that is certain.
    pub base: Option<BaseImage>,
    /// What building took; `None` when nothing was built.
    pub build: Option<BuildFacts>,
    /// How it was read, and what that cost.
    pub read: Option<ReadFacts>,
    /// The stage that it is, where that is another than the one that was expected.
    pub other_stage: Option<OtherStage>,
    /// What became of what is in it since the baseline, where that is known.
    pub difference: Option<Difference>,
    /// What is in it, as far as somebody asked.
    pub contents: Option<Contents>,
    /// The packages that forbidden tools come with; `None` where nobody looked.
    pub tool_packages: Option<ToolPackages>,
    /// Things worth knowing that change nothing, one sentence each.
    pub notes: Vec<String>,
}
