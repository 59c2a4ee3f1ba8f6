//! One image, measured: every question asked of the stacked layers, once.

use std::sync::Arc;

use super::measurement::{MeasuredLayer, Measurement};
use super::origin::{Explanation, explain};
use super::paths::match_paths;
use super::stack::{Stack, TooLarge};
use super::tools::ToolSearch;
use super::waste::wasted;
use crate::domain::{Bytes, ImageConfig, PathGlob};
use crate::layer::LayerIndex;
use crate::memory::Memory;

/// What the budget wants to know beyond sizes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Question<'q> {
    /// Bare tool names of the budget; those that the catalogue knows may be among them.
    pub tool_names: &'q [&'q str],
    /// Globs over absolute paths.
    pub globs: &'q [&'q PathGlob],
    /// The target's Dockerfile, when it is known.
    pub explanation: Option<Explanation<'q>>,
}

/// Measures an image.
///
/// `layers` are those of `config.diff_ids`, from the bottom up, and `compressed` are their sizes in a registry, where they are known;
/// whoever reads an image has made sure of that.
///
/// # Errors
/// [`TooLarge`] when the image is more than can be held or counted.
pub fn measure(
    config: &ImageConfig,
    layers: &[Arc<LayerIndex>],
    compressed: Option<&[Bytes]>,
    question: &Question<'_>,
    memory: &Memory,
) -> Result<Measurement, TooLarge> {
    let mut stack = Stack::new(memory);
    let mut search = ToolSearch::new(question.tool_names.iter().copied(), memory);
    for layer in layers {
        stack.push(layer)?;
        search.look(&stack)?;
    }
    // Names are copied into findings and into every form of the report, so what they take stays taken.
    let mut names = memory.reserve();
    let tools = search.finish(&stack, &mut names)?;
    stack.close();
    let history = config.layer_history();
    let explained = explain(config, question.explanation.as_ref());
    let measured = layers.iter().zip(explained).enumerate().map(|(position, (layer, (origin, dockerfile)))| {
        let created_by = history.get(position).and_then(|entry| entry.created_by.clone());
        MeasuredLayer {
            diff_id: layer.diff_id().clone(),
            size: layer.size(),
            compressed_size: compressed.and_then(|sizes| sizes.get(position).copied()),
            created_by,
            origin,
            dockerfile,
        }
    });
    Ok(Measurement {
        image_id: config.id.clone(),
        platform: config.platform.clone(),
        user: config.user.clone(),
        user_place: None,
        size: stack.size(),
        compressed_size: compressed.map(|sizes| sizes.iter().copied().sum()),
        layers: measured.collect(),
        tools: tools.present,
        shadowed_tools: tools.shadowed,
        wasted: wasted(&stack)?,
        matched_paths: match_paths(&stack, question.globs, &mut names)?,
    })
}
