//! Who brought a layer: the base image, or which line of the target's own Dockerfile.
//!
//! An image's history has no line numbers and no names of stages. So its tail is laid beside the instructions of the target's stage,
//! from the end. Only the four instructions that can make layers count: RUN, COPY, ADD, WORKDIR; builders add metadata entries of
//! their own (labels) and leave others out (ONBUILD). Every own instruction must fit the entry beside it, and no layer among them may
//! be left without one; then each line is fitted by exactly one entry. A single misfit, as of a Dockerfile that changed since the
//! image was built, and nothing is claimed at all.
//!
//! What is left at the head did not come from these lines. That it came with the base image does not follow: the image may have been
//! built of another stage, or before a line was deleted. What more is known decides, see [`Below`]:
//! - Built in the same run: it is the base image's, since nothing else can be there.
//! - Built elsewhere, and the image after FROM was seen: its layers are the base image's where this image begins with exactly them.
//! - Built elsewhere, and nobody has the image after FROM: in CI that is the rule, since `BuildKit` keeps base images to itself. What
//!   fits is believed when there is something that fits. It is wrong only for a Dockerfile from whose beginning lines were taken since
//!   the image was built. A stage without a layer of its own fits every image, so for it nothing is claimed.

use super::instruction::{Made, fits};
use crate::dockerfile::Instruction;
use crate::domain::{DiffId, ImageConfig, Origin, Place};

/// The target's own Dockerfile, as far as it explains layers.
#[derive(Debug, Clone, Copy)]
pub struct Explanation<'a> {
    /// The file as reports show it.
    pub file: &'a str,
    /// Instructions that lead to the target's stage, in order: those of own stages that it is made FROM come first. Instructions
    /// that make no layer may be among them.
    pub steps: &'a [&'a Instruction],
    /// What the steps stand on.
    pub below: Below<'a>,
}

/// What is known of the layers that no step made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below<'a> {
    /// There are none: FROM scratch.
    Nothing,
    /// They are the base image's: the image was built from these steps in this run.
    Base,
    /// The image was built elsewhere, and the image after FROM has these layers today.
    Seen(&'a [DiffId]),
    /// The image was built elsewhere, and the image after FROM was not seen.
    Unseen,
}

/// For each layer, from the bottom, who brought it and by which line.
pub fn explain(config: &ImageConfig, explanation: Option<&Explanation<'_>>) -> Vec<(Origin, Option<Place>)> {
    let explained = explanation.and_then(|explanation| place(config, explanation));
    explained.unwrap_or_else(|| vec![(Origin::Unknown, None); config.diff_ids.len()])
}

/// How many of the steps make layers, when all of them fit the end of the image's history.
pub fn fit(config: &ImageConfig, steps: &[&Instruction]) -> Option<usize> {
    align(config, steps).map(|aligned| aligned.steps)
}

/// Steps laid beside a history.
struct Aligned {
    /// For each layer the line that made it.
    lines: Vec<Option<u32>>,
    /// How many layers lie below all steps.
    below: usize,
    /// How many steps make layers.
    steps: usize,
}

fn place(config: &ImageConfig, explanation: &Explanation<'_>) -> Option<Vec<(Origin, Option<Place>)>> {
    let aligned = align(config, explanation.steps)?;
    let of_base = match explanation.below {
        Below::Nothing if aligned.below > 0 => return None,
        Below::Nothing | Below::Base => aligned.below,
        Below::Seen(layers) if layers.len() <= aligned.below && config.diff_ids.starts_with(layers) => layers.len(),
        Below::Unseen if aligned.steps > 0 => aligned.below,
        Below::Seen(_) | Below::Unseen => 0,
    };
    let place = |line| Place { file: explanation.file.to_owned(), line, column: 1 };
    let origin = |(position, line): (usize, Option<u32>)| match line {
        Some(line) => (Origin::Own, Some(place(line))),
        None if position < of_base => (Origin::Base, None),
        None => (Origin::Unknown, None),
    };
    Some(aligned.lines.into_iter().enumerate().map(origin).collect())
}

fn align(config: &ImageConfig, steps: &[&Instruction]) -> Option<Aligned> {
    if config.layer_history().len() != config.diff_ids.len() {
        return None;
    }
    let steps: Vec<_> = steps.iter().filter(|step| step.makes_layer()).collect();
    let made: Vec<Option<Made<'_>>> =
        config.history.iter().map(|entry| entry.created_by.as_deref().and_then(Made::read)).collect();
    // Positions in the history that are one of the four instructions; the last ones are ours.
    let positions: Vec<usize> = (0..made.len()).filter(|position| made[*position].is_some()).collect();
    let tail = positions.get(positions.len().checked_sub(steps.len())?..)?;
    let first_own = tail.first().copied().unwrap_or(made.len());
    let mut line_of = vec![None; made.len()];
    for (position, step) in tail.iter().zip(&steps).rev() {
        if !made[*position].as_ref().is_some_and(|made| fits(made, step)) {
            return None;
        }
        line_of[*position] = Some(step.line);
    }
    let layers = || (0..made.len()).filter(|position| !config.history[*position].empty_layer);
    let below = layers().take_while(|position| *position < first_own).count();
    let lines: Vec<_> = layers().map(|position| line_of[position]).collect();
    // A layer of a foreign kind among our own.
    if lines[below..].contains(&None) {
        return None;
    }
    Some(Aligned { lines, below, steps: steps.len() })
}
