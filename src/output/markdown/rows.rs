//! The table: one row for each target that has something new to say.

use super::super::headroom::{budget, headroom, judged};
use super::change;
use super::shed::Shed;
use super::view::{View, symbol, unbroken};
use crate::domain::TargetReport;
use crate::text;

const NOTHING: &str = "–";

/// The table, and a line about the rows that were left out. `None` where no target is listed.
pub(super) fn table(view: &View<'_>, shed: Shed) -> Vec<String> {
    let listed: Vec<&TargetReport> = view.listed().collect();
    let shown = listed.get(..shed.rows).unwrap_or(&listed);
    let mut blocks: Vec<String> = of(view, shown).into_iter().collect();
    let left_out = listed.len() - shown.len();
    if left_out > 0 {
        blocks.push(format!("And {} without a row here.", text::count(left_out, "more image", "more images")));
    }
    blocks
}

/// A table of some targets.
pub(super) fn of(view: &View<'_>, targets: &[&TargetReport]) -> Option<String> {
    if targets.is_empty() {
        return None;
    }
    let columns = Columns {
        change: targets.iter().any(|target| target.change.is_some()),
        budget: targets.iter().any(|target| judged(target).is_some()),
    };
    let mut lines = vec![columns.head()];
    lines.extend(targets.iter().map(|target| row(view, target, columns)));
    Some(lines.join("\n"))
}

/// Columns that some row has something in.
#[derive(Clone, Copy)]
struct Columns {
    change: bool,
    budget: bool,
}

impl Columns {
    fn head(self) -> String {
        let mut names = vec!["Image", "Size"];
        names.extend(self.change.then_some("Change"));
        names.extend(self.budget.then_some(["Budget", "Headroom"]).into_iter().flatten());
        let rules = vec!["---:"; names.len() - 1].join(" | ");
        format!("| {} |\n| :--- | {rules} |", names.join(" | "))
    }
}

fn row(view: &View<'_>, target: &TargetReport, columns: Columns) -> String {
    let amount = |amount: Option<String>| amount.map_or_else(|| NOTHING.to_owned(), |amount| unbroken(&amount));
    // The mark stands where a phone shows it: the last columns have to be scrolled to.
    let name = format!("{}\u{a0}{}", symbol(target.verdict), view.name(target));
    let mut cells = vec![text::markdown_cell(&name), amount(target.size.map(|size| size.to_string()))];
    if columns.change {
        let change = target.change.as_ref().map(|change| change::cell(change, target.size));
        cells.push(change.unwrap_or_else(|| NOTHING.to_owned()));
    }
    if columns.budget {
        cells.push(linked(view, target, amount(budget(target))));
        let room = amount(headroom(target));
        cells.push(if room.contains("over") { format!("**{room}**") } else { room });
    }
    format!("| {} |", cells.join(" | "))
}

/// A limit leads to the line that sets it.
fn linked(view: &View<'_>, target: &TargetReport, shown: String) -> String {
    let place = judged(target).and_then(|outcome| outcome.budget.as_ref());
    match place.and_then(|place| view.links.line(place)) {
        Some(address) => format!("[{shown}]({address})"),
        None => shown,
    }
}
