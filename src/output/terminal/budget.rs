//! What became of the budget itself: told before everything else, because the verdicts below follow from it.

use super::paint::Paint;
use super::places::show;
use crate::domain::{Report, Verdict};
use crate::text::{self, hang};

/// Changes that are told; the rest is counted.
const MOST: usize = 10;
/// The longest change, in characters.
const LONGEST: usize = 300;

const SAYS: &str = "budget changed here: ";

/// `budget changed here: api max-size 150.0 → 300.0 MB (budgets.toml:12)`, a line a change; what allows more has a mark.
pub(super) fn lines(report: &Report, width: Option<usize>, paint: Paint) -> Vec<String> {
    let (shown, more) = report.budget_changes.split_at(report.budget_changes.len().min(MOST));
    let mut lines: Vec<String> = shown
        .iter()
        .flat_map(|change| {
            let verdict = if change.loosens { Verdict::Warn } else { Verdict::Pass };
            let mark = if change.loosens { "! " } else { "  " };
            let whose = change.target.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
            let place = change.place.as_ref().map(|place| format!(" ({})", show(place))).unwrap_or_default();
            let what = text::line_within(&change.what, LONGEST);
            let mut lines = hang(&format!("{mark}{SAYS}"), &format!("{whose}{what}{place}"), width);
            if let Some(first) = lines.first_mut() {
                paint.heading(first, verdict, SAYS.trim_end());
            }
            lines
        })
        .collect();
    if !more.is_empty() {
        lines.push(format!("  and {}", text::count(more.len(), "more change", "more changes")));
    }
    lines
}
