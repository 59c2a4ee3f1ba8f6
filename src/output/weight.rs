//! What a layer weighs, in words: the size of its files or, where those were not read, what a registry stores of it.

use crate::domain::{LayerReport, TargetReport};

/// `74.8 MB`, `28.1 MB compressed`; `None` when nobody knows.
pub(super) fn weight(layer: &LayerReport, target: &TargetReport) -> Option<String> {
    let about = if target.compressed_size.is_some_and(|size| size.is_estimate) { "about " } else { "" };
    let compressed = || layer.compressed_size.map(|size| format!("{about}{size} compressed"));
    layer.size.map(|size| size.to_string()).or_else(compressed)
}
