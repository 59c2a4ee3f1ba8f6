//! What is known of an image beside its files: what its Dockerfile says, and what was measured.

use crate::dockerfile::Instruction;
use crate::domain::BaseImage;
use crate::image::FoundTool;

/// What somebody said of an image. What was not said is not known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// The instructions that lead to the image, from the bottom, where its layers fit them.
    pub steps: &'a [&'a Instruction],
    /// What its own layers stand on, where that is certain.
    pub base: Option<&'a BaseImage>,
    /// The tools of the catalogue that its final file system has.
    pub tools: &'a [FoundTool],
}
