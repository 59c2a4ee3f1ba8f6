//! The table: one row a target, the worst first.

use super::super::headroom::{budget, headroom};
use super::change;
use super::shed::Shed;
use super::view::{View, symbol, unbroken};
use crate::domain::{TargetReport, Verdict};
use crate::text;

const NOTHING: &str = "–";

/// The table, and a line about the rows that were left out.
pub(super) fn table(view: &View<'_>, shed: Shed) -> Vec<String> {
    let kept = |target: &&&TargetReport| shed.passing || target.verdict != Verdict::Pass;
    let shown: Vec<&TargetReport> = view.targets.iter().filter(kept).take(shed.rows).copied().collect();
    let left_out = view.targets.len() - shown.len();
    let changes = view.report.targets.iter().any(|target| target.change.is_some());
    let mut blocks = Vec::new();
    if !shown.is_empty() {
        let mut lines = vec![head(changes)];
        lines.extend(shown.into_iter().map(|target| row(view, target, changes)));
        blocks.push(lines.join("\n"));
    }
    if left_out > 0 {
        blocks.push(format!("And {} without a row here.", text::count(left_out, "more image", "more images")));
    }
    blocks
}

fn head(changes: bool) -> String {
    let (name, rule) = if changes { ("Change | ", "---: | ") } else { ("", "") };
    format!("| Image | Size | {name}Budget | Headroom | Verdict |\n| :--- | ---: | {rule}---: | ---: | :--- |")
}

fn row(view: &View<'_>, target: &TargetReport, changes: bool) -> String {
    let amount = |amount: Option<String>| amount.map_or_else(|| NOTHING.to_owned(), |amount| unbroken(&amount));
    // The mark stands where a phone shows it: the last columns have to be scrolled to.
    let name = format!("{}\u{a0}{}", symbol(target.verdict), view.name(target));
    let mut cells = vec![text::markdown_cell(&name), amount(target.size.map(|size| size.to_string()))];
    if changes {
        let change = target.change.as_ref().map(|change| change::cell(change, target.size));
        cells.push(change.unwrap_or_else(|| NOTHING.to_owned()));
    }
    cells.push(amount(budget(target)));
    let room = amount(headroom(target));
    cells.push(if room.starts_with("over") { format!("**{room}**") } else { room });
    cells.push(target.verdict.to_string());
    format!("| {} |", cells.join(" | "))
}
