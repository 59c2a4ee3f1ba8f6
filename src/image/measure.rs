//! One image, measured: every question asked of what was read of it, once.

use std::sync::Arc;

use super::measurement::{CopiedFrom, FoundPath, MeasuredLayer, Measurement, Shown, Stored};
use super::origin::{Explanation, explain};
use super::paths::match_paths;
use super::stack::{Stack, TooLarge};
use super::tools::ToolSearch;
use super::waste::wasted;
use crate::dockerfile::Instruction;
use crate::domain::{Bytes, Compressed, DiffId, ImageConfig, Origin, PathGlob, Place};
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
    /// The layers of the image that it was built on, where somebody says which that is.
    pub base: Option<&'q [DiffId]>,
}

/// How much was read of an image beside its config.
#[derive(Debug, Clone, Copy)]
pub enum Contents<'a> {
    /// Every layer of `config.diff_ids`, from the bottom up. Whoever reads an image makes sure of that.
    Layers(&'a [Arc<LayerIndex>]),
    /// The final file system as one index, which says nothing about layers: an engine's `export`.
    Tree(&'a LayerIndex),
    /// Nothing.
    Nothing,
}

/// Measures an image. `compressed` are the sizes of its layers in a registry, where they are known or estimated.
///
/// # Errors
/// [`TooLarge`] when the image is more than can be held or counted.
pub fn measure(
    config: &ImageConfig,
    contents: Contents<'_>,
    compressed: Option<&Compressed>,
    question: &Question<'_>,
    memory: &Memory,
) -> Result<Measurement, TooLarge> {
    let explained = explain(config, question.explanation.as_ref(), question.base);
    let (stored, shown) = match contents {
        Contents::Layers(layers) => {
            let origins = explained.iter().map(|(origin, _)| *origin).collect();
            let (stored, shown) = stacked(layers.iter().map(AsRef::as_ref), origins, question, memory)?;
            (Some(stored), Some(shown))
        }
        Contents::Tree(tree) => {
            let (_, shown) = stacked(std::iter::once(tree), Vec::new(), question, memory)?;
            (None, Some(unplaced(shown)))
        }
        Contents::Nothing => (None, None),
    };
    let size = |position: usize| match contents {
        Contents::Layers(layers) => layers.get(position).map(|layer| layer.size()),
        Contents::Tree(_) | Contents::Nothing => None,
    };
    Ok(Measurement {
        image_id: config.id.clone(),
        platform: config.platform.clone(),
        created: config.created.clone(),
        user: config.user.clone(),
        user_place: None,
        compressed_size: compressed.map(Compressed::total),
        layers: layers(config, size, compressed, explained, question.explanation.map_or(&[], |told| told.steps)),
        stored,
        shown,
    })
}

/// What layers store, and what is seen of them in the end.
fn stacked<'a>(
    layers: impl Iterator<Item = &'a LayerIndex>,
    origins: Vec<Origin>,
    question: &Question<'_>,
    memory: &Memory,
) -> Result<(Stored, Shown), TooLarge> {
    let mut stack = Stack::new(memory);
    stack.tell_origins(origins);
    let mut search = ToolSearch::new(question.tool_names.iter().copied(), memory);
    for layer in layers {
        stack.push(layer)?;
        search.look(&stack)?;
    }
    // Names are copied into findings and into every form of the report, so what they take stays taken.
    let mut names = memory.reserve();
    let tools = search.finish(&stack, &mut names)?;
    stack.close();
    let shown = Shown { tools: tools.present, matched_paths: match_paths(&stack, question.globs, &mut names)? };
    let stored = Stored { size: stack.size(), wasted: wasted(&stack)?, shadowed_tools: tools.shadowed };
    Ok((stored, shown))
}

/// What is seen of a single tree, which no layer of the image is to blame for.
fn unplaced(mut shown: Shown) -> Shown {
    let of_tools = shown.tools.iter_mut().flat_map(|tool| &mut tool.paths);
    let of_globs = shown.matched_paths.iter_mut().flat_map(|matched| &mut matched.paths);
    for FoundPath { layer, touched_again, shares, .. } in of_tools.chain(of_globs) {
        (*layer, *touched_again) = (None, None);
        shares.clear();
    }
    shown
}

fn layers(
    config: &ImageConfig,
    size: impl Fn(usize) -> Option<Bytes>,
    compressed: Option<&Compressed>,
    explained: Vec<(Origin, Option<Place>)>,
    steps: &[&Instruction],
) -> Vec<MeasuredLayer> {
    let history = config.layer_history();
    let explained = config.diff_ids.iter().zip(explained).enumerate();
    explained
        .map(|(position, (diff_id, (origin, dockerfile)))| MeasuredLayer {
            diff_id: diff_id.clone(),
            size: size(position),
            compressed_size: compressed.and_then(|compressed| compressed.layers.get(position).copied()),
            created_by: history.get(position).and_then(|entry| entry.created_by.clone()),
            copied_from: dockerfile.as_ref().and_then(|place| copied_from(steps, place.line)),
            origin,
            dockerfile,
        })
        .collect()
}

/// Where the COPY or ADD on a line copies from.
fn copied_from(steps: &[&Instruction], line: u32) -> Option<CopiedFrom> {
    let step = steps.iter().find(|step| step.line == line && matches!(step.keyword.as_str(), "COPY" | "ADD"))?;
    let is_from = step.flags.iter().any(|flag| flag.name == "from");
    Some(if is_from { CopiedFrom::Stage } else { CopiedFrom::Context })
}
