//! What is in an image, on one screen: the head, the layers, the largest directories, what can go, and the sum of it.

mod can_go;
mod directories;
mod head;
mod layers;
pub(super) mod path;
mod rows;
mod sum;
#[cfg(test)]
mod tests;
mod whom;

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
}

/// The screen of each target, for people.
#[must_use]
pub fn screen(report: &Report, options: &Options) -> String {
    let mut shown = String::new();
    for (position, target) in report.targets.iter().enumerate() {
        if position > 0 {
            shown.push('\n');
        }
        for (number, block) in blocks(target, options).into_iter().filter(|block| !block.is_empty()).enumerate() {
            if number > 0 {
                shown.push('\n');
            }
            for line in block {
                let _ = writeln!(shown, "{}", line.trim_end());
            }
        }
    }
    shown
}

/// The whole report as JSON, for programs.
#[must_use]
pub fn json(report: &Report) -> String {
    text::json(&report::to_whole_json(report))
}

fn blocks(target: &TargetReport, options: &Options) -> Vec<Vec<String>> {
    let paint = Paint::new(options.colour);
    vec![
        head::lines(target, options, paint),
        layers::lines(target, options, paint),
        directories::lines(target, options, paint),
        can_go::lines(target, options, paint),
        sum::lines(target, options),
    ]
}
