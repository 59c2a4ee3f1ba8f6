//! What two images differ by: as a screen, as Markdown, as JSON.

mod markdown;
pub(super) mod said;
mod screen;
#[cfg(test)]
mod tests;

pub use markdown::markdown;
pub use screen::screen;

use crate::domain::Comparison;
use crate::{report, text};

/// Rows that are shown where not all are asked for.
const ROWS: usize = 10;

/// How it is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Cells a line has; `None` when nobody knows, and then nothing is cut.
    pub width: Option<usize>,
    /// Whether the reader shows colours. Nothing is said by colour alone.
    pub colour: bool,
    /// Whether every row is shown.
    pub all: bool,
}

impl Options {
    fn rows(&self) -> usize {
        if self.all { usize::MAX } else { ROWS }
    }
}

/// `imgbudget.diff/1`, for programs.
#[must_use]
pub fn json(comparison: &Comparison) -> String {
    text::json(&report::diff::to_json(comparison))
}
