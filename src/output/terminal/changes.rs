//! Base images that moved below targets of which nothing else is to be said: whose change it is, once for all that it befell.

use super::told::{is_one_of, is_told, moved_together};
use crate::domain::{Report, TargetReport};
use crate::output::label::Labels;
use crate::output::split::Split;
use crate::text::{self, hang};

/// Changes that are told; the rest is counted.
const MOST: usize = 8;

/// `base node:20-slim grew 28.4 MB, yours ±0: cart, orders and 4 more`.
pub(super) fn lines(report: &Report, labels: &Labels<'_>, width: Option<usize>) -> Vec<String> {
    let mut told: Vec<(String, Vec<&TargetReport>)> = Vec::new();
    let moved = moved_together(report);
    for target in report.targets.iter().filter(|target| !is_told(target) || is_one_of(&moved, target)) {
        let Some(split) = Split::of(target).filter(Split::is_of_base) else { continue };
        let base = target.base.as_ref().map(|base| format!("{}: ", text::line(&base.reference)));
        let past = if is_one_of(&moved, target) { ", more than they may grow, so it only warns" } else { "" };
        let said = format!("{}{}{past}", base.unwrap_or_default(), split.short());
        match told.iter_mut().find(|(known, _)| *known == said) {
            Some((_, targets)) => targets.push(target),
            None => told.push((said, vec![target])),
        }
    }
    told.sort_by_key(|(_, targets)| std::cmp::Reverse(targets.len()));
    let more = told.len().saturating_sub(MOST);
    let said =
        |(said, targets): &(String, Vec<&TargetReport>)| hang("", &format!("{said} ({})", labels.few(targets)), width);
    let mut lines: Vec<String> = told.iter().take(MOST).flat_map(said).collect();
    if more > 0 {
        lines.push(format!("and {}", text::count(more, "more base image moved", "more base images moved")));
    }
    lines
}
