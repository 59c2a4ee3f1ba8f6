//! Who brought a layer: the base image, or which line of the target's own Dockerfile.
//!
//! An image's history has no line numbers and no names of stages. So its tail is laid beside the instructions of the target's stage,
//! from the end. Only the four instructions that can make layers count: RUN, COPY, ADD, WORKDIR; builders add metadata entries of
//! their own (labels) and leave others out (ONBUILD). Every own instruction must fit the entry beside it, and no layer among them may
//! be left without one; then each line is fitted by exactly one entry, and what is left at the head came with the base image.
//! A single misfit, as of a Dockerfile that changed since the image was built, and nothing is claimed at all.

use super::instruction::{Made, fits};
use crate::domain::{ImageConfig, Origin, Place};

/// The target's own Dockerfile, as far as it explains layers.
#[derive(Debug, Clone, Copy)]
pub struct Explanation<'a> {
    /// The file as reports show it.
    pub file: &'a str,
    /// Instructions that lead to the target's stage, in order: those of own stages that it is made FROM come first. Instructions
    /// that make no layer may be among them.
    pub steps: &'a [Step<'a>],
    /// Whether the chain starts FROM scratch, so that no layer can have come from anywhere else.
    pub from_scratch: bool,
}

/// One instruction of a Dockerfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// `RUN`, in any case.
    pub keyword: &'a str,
    /// Everything after it, flags included, continuation lines joined or not.
    pub arguments: &'a str,
    /// 1-based line on which it starts.
    pub line: u32,
}

/// For each layer, from the bottom, who brought it and by which line.
pub fn explain(config: &ImageConfig, explanation: Option<&Explanation<'_>>) -> Vec<(Origin, Option<Place>)> {
    let explained = explanation.and_then(|explanation| align(config, explanation));
    explained.unwrap_or_else(|| vec![(Origin::Unknown, None); config.diff_ids.len()])
}

fn align(config: &ImageConfig, explanation: &Explanation<'_>) -> Option<Vec<(Origin, Option<Place>)>> {
    if config.layer_history().len() != config.diff_ids.len() {
        return None;
    }
    let steps: Vec<_> = explanation.steps.iter().filter(|step| makes_layers(step.keyword)).collect();
    let made: Vec<Option<Made<'_>>> =
        config.history.iter().map(|entry| entry.created_by.as_deref().and_then(Made::read)).collect();
    // Positions in the history that are one of the four instructions; the last ones are ours.
    let positions: Vec<usize> = (0..made.len()).filter(|position| made[*position].is_some()).collect();
    let tail = positions.get(positions.len().checked_sub(steps.len())?..)?;
    let first_own = tail.first().copied().unwrap_or(made.len());
    let mut lines = vec![None; made.len()];
    for (position, step) in tail.iter().zip(&steps) {
        if !made[*position].as_ref().is_some_and(|made| fits(made, step)) {
            return None;
        }
        lines[*position] = Some(step.line);
    }
    let layers = config.history.iter().enumerate().filter(|(_, entry)| !entry.empty_layer);
    let place = |line| Place { file: explanation.file.to_owned(), line, column: 1 };
    layers
        .map(|(position, _)| match lines[position] {
            Some(line) => Some((Origin::Own, Some(place(line)))),
            None if position < first_own && !explanation.from_scratch => Some((Origin::Base, None)),
            None => None,
        })
        .collect()
}

fn makes_layers(keyword: &str) -> bool {
    ["RUN", "COPY", "ADD", "WORKDIR"].iter().any(|maker| maker.eq_ignore_ascii_case(keyword))
}
