//! Where something is: a line of a file, a layer by its number, the instruction that made it.

use crate::domain::{LayerReport, Place, TargetReport};
use crate::text;

/// `Dockerfile:24`.
pub(super) fn show(place: &Place) -> String {
    text::line(&place.to_string())
}

/// `layer 3 of 4`.
pub(super) fn number(index: usize, target: &TargetReport) -> String {
    format!("layer {} of {}", index.saturating_add(1), target.layers.len())
}

/// The instruction that made a layer.
pub(super) fn instruction(layer: &LayerReport) -> Option<String> {
    layer.created_by.as_deref().map(|created_by| text::line(&text::instruction(created_by)))
}
