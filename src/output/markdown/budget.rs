//! What became of the budget itself: said before anything else, since whoever raises a limit is measured by it.

use super::item::SENTENCE;
use super::view::{DOT, View, first, symbol};
use crate::domain::{BudgetChange, Verdict};
use crate::text;

/// Changes that are told; the rest is counted.
const CHANGES: usize = 10;

/// `⚠️ **budget changed here:** api max-size 150.0 → 300.0 MB · budgets.toml:12`, a line each where there are several.
pub(super) fn block(view: &View<'_>) -> Option<String> {
    let changes = &view.report.budget_changes;
    let mark = if changes.iter().any(|change| change.loosens) { symbol(Verdict::Warn) } else { symbol(Verdict::Pass) };
    let (shown, more) = first(changes, CHANGES);
    let mut lines: Vec<String> = shown.iter().map(|change| line(view, change)).collect();
    if more > 0 {
        lines.push(format!("and {}", text::count(more, "more change", "more changes")));
    }
    match lines.as_slice() {
        [] => None,
        [only] => Some(format!("{mark} **Budget changed here:** {only}")),
        lines => Some(format!("{mark} **Budget changed here:**\n\n- {}", lines.join("\n- "))),
    }
}

fn line(view: &View<'_>, change: &BudgetChange) -> String {
    let name = change.target.as_ref().map(|name| format!("{} ", text::markdown_code(name.as_str())));
    let what = text::markdown_prose(&change.what, SENTENCE);
    let place = change.place.as_ref().map(|place| format!("{DOT}{}", view.place(place)));
    format!("{}{what}{}", name.unwrap_or_default(), place.unwrap_or_default())
}
