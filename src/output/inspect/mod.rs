//! What is in an image, on one screen: the head, the layers, the largest directories, what can go, and the sum of it.

mod can_go;
mod directories;
mod head;
mod layers;
pub(super) mod path;
mod rows;
mod stages;
mod sum;
#[cfg(test)]
mod tests;
mod whom;
mod without;

use std::fmt::Write as _;

use super::terminal::paint::Paint;
use crate::domain::{Report, TargetReport};
use crate::{report, text};

/// How it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What people call the image, where that is not the name of its target.
    pub title: Option<String>,
    /// Cells a line has; `None` when nobody knows, and then nothing is cut.
    pub width: Option<usize>,
    /// Whether the reader shows colours. Nothing is said by colour alone.
    pub colour: bool,
    /// Whether everything is shown.
    pub all: bool,
    /// Whether only what the target's own layers brought is shown.
    pub own: bool,
}

/// The screen of each target, for people. `on_base` is an image that they might stand on, as it was named, and what was measured of it.
#[must_use]
pub fn screens(targets: &[TargetReport], on_base: Option<(&str, &TargetReport)>, options: &Options) -> String {
    text_of(targets.iter().flat_map(|target| blocks(target, on_base, options)).collect())
}

/// The screen of a Dockerfile's stages: `names` with the lines of their FROM, and which of them is `chosen` to ship.
#[must_use]
pub fn stages(report: &Report, names: &[(String, u32)], chosen: usize, options: &Options) -> String {
    text_of(vec![stages::lines(report, names, chosen, options)])
}

/// Blocks with an empty line between them.
fn text_of(mut blocks: Vec<Vec<String>>) -> String {
    let mut shown = String::new();
    blocks.retain(|block| !block.is_empty());
    for (number, block) in blocks.iter().enumerate() {
        if number > 0 {
            shown.push('\n');
        }
        for line in block {
            let _ = writeln!(shown, "{}", line.trim_end());
        }
    }
    shown
}

/// The whole report as JSON, for programs.
#[must_use]
pub fn json(report: &Report) -> String {
    text::json(&report::to_whole_json(report))
}

fn blocks(target: &TargetReport, on_base: Option<(&str, &TargetReport)>, options: &Options) -> Vec<Vec<String>> {
    // Why it could not be measured is told as an error.
    if target.image.is_none() {
        return Vec::new();
    }
    let paint = Paint::new(options.colour);
    vec![
        head::lines(target, options, paint),
        layers::lines(target, options, paint),
        directories::lines(target, options, paint),
        can_go::lines(target, options, paint),
        without::lines(target, options, paint),
        sum::lines(target, on_base, options),
    ]
}
