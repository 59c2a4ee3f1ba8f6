//! Why something is in an image: some lines for each thing, or JSON.

mod said;
mod thing;

use std::fmt::Write as _;

use super::terminal::paint::Paint;
use crate::domain::{Why, WhyReport};
use crate::{report, text};

/// How many things of one word are told in full.
const FULL: usize = 2;
/// How many more have a line each.
const LINES: usize = 8;

/// How it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// What people call the image, where that is not the name of its target.
    pub title: Option<String>,
    /// Cells a line has; `None` when nobody knows, and then nothing is cut.
    pub width: Option<usize>,
    /// Whether the reader shows colours. Nothing is said by colour alone.
    pub colour: bool,
    /// Whether everything is told in full.
    pub all: bool,
}

/// `imgbudget.why/1`, for programs.
#[must_use]
pub fn json(reports: &[WhyReport]) -> String {
    text::json(&report::why::to_json(reports))
}

/// The screen, for people. Of words that mean nothing it says nothing.
#[must_use]
pub fn screen(reports: &[WhyReport], options: &Options) -> String {
    let paint = Paint::new(options.colour);
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for report in reports {
        if let Some(platform) = report.platform.as_ref().filter(|_| reports.len() > 1) {
            blocks.push(vec![paint.bold(&format!("{} ({platform})", report.target))]);
        }
        for answer in report.answers.iter().filter(|answer| !answer.things.is_empty()) {
            blocks.extend(of_answer(report, answer, options, paint));
        }
        if !report.unread.is_empty() && report.answers.iter().any(|answer| !answer.things.is_empty()) {
            blocks.push(said::unread(&report.unread, options.width));
        }
    }
    let mut shown = String::new();
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

/// A block for each of the first things, and one for all others.
fn of_answer(report: &WhyReport, answer: &Why, options: &Options, paint: Paint) -> Vec<Vec<String>> {
    let count = answer.more.saturating_add(u64::try_from(answer.things.len()).unwrap_or(u64::MAX));
    let in_full = if options.all { usize::MAX } else { FULL };
    let lines = if options.all { usize::MAX } else { LINES };
    let mut blocks = Vec::new();
    if count > 1 {
        let many = text::count(usize::try_from(count).unwrap_or(usize::MAX), "thing", "things");
        let asked = text::line(&answer.asked);
        blocks.push(vec![format!("{}: {many}, {} together", paint.bold(&asked), answer.bytes)]);
    }
    blocks.extend(answer.things.iter().take(in_full).map(|it| thing::block(report, it, options.width, paint)));
    let rest: Vec<_> = answer.things.iter().skip(in_full).collect();
    let mut others: Vec<String> = rest.iter().take(lines).map(|it| thing::line(report, it, options.width)).collect();
    let left = rest.len().saturating_sub(lines);
    let more = answer.more.saturating_add(u64::try_from(left).unwrap_or(u64::MAX));
    if more > 0 {
        let how = if left > 0 { " (--all)" } else { "" };
        others.push(format!("  and {more} more{how}"));
    }
    if !others.is_empty() {
        blocks.push(others);
    }
    blocks
}
