//! What this change accepted beyond the budget, with its reason.

use super::item::SENTENCE;
use super::view::{DOT, View, first, unbroken};
use crate::domain::{Accepted, TargetReport};
use crate::text;

/// Things accepted that are told; the rest is counted.
const ACCEPTED: usize = 5;

/// `- accepted here: growth 64.2 MB, up to 70.0 MB: the new search index · budgets.toml:31`, one line each.
pub(super) fn lines(view: &View<'_>, target: &TargetReport) -> Vec<String> {
    let (shown, more) = first(&target.accepted, ACCEPTED);
    let mut lines: Vec<String> = shown.iter().map(|accepted| line(view, accepted)).collect();
    if more > 0 {
        lines.push(format!("- and {more} more accepted here"));
    }
    lines
}

fn line(view: &View<'_>, accepted: &Accepted) -> String {
    let Accepted { rule, actual, up_to, reason, place } = accepted;
    let (actual, up_to) = (unbroken(&actual.to_string()), unbroken(&up_to.to_string()));
    let reason = reason.as_deref().map(|reason| format!(": {}", text::markdown_prose(reason, SENTENCE)));
    let place = place.as_ref().map(|place| format!("{DOT}{}", view.place(place)));
    let (reason, place) = (reason.unwrap_or_default(), place.unwrap_or_default());
    format!("- **accepted here:** {rule} {actual}, up to {up_to}{reason}{place}")
}
