//! What the baseline has, too, of targets that pass because only what is new counts: a line a cause, with its targets after it.

use super::cause;
use super::told::{is_known, is_told};
use crate::domain::{Report, TargetReport};
use crate::output::label::Labels;
use crate::text::hang;

/// Causes that are named; the rest is counted.
const CAUSES: usize = 12;

/// `Known, from base node:20-slim: npm and npx 9.8 MB (node-04, node-08 and 8 more)`.
pub(super) fn lines(report: &Report, labels: &Labels<'_>, width: Option<usize>) -> Vec<String> {
    let mut told: Vec<(String, Vec<&TargetReport>)> = Vec::new();
    for target in report.targets.iter().filter(|target| !is_told(target)) {
        for cause in target.causes.iter().filter(|cause| is_known(cause, target)) {
            let mention = cause::mention(cause, target);
            match told.iter_mut().find(|(known, _)| *known == mention) {
                Some((_, targets)) => targets.push(target),
                None => told.push((mention, vec![target])),
            }
        }
    }
    // What concerns most comes first.
    told.sort_by_key(|(_, targets)| std::cmp::Reverse(targets.len()));
    let more = told.len().saturating_sub(CAUSES);
    let mut lines: Vec<String> = told
        .iter()
        .take(CAUSES)
        .flat_map(|(mention, targets)| hang("", &format!("{mention} ({})", labels.few(targets)), width))
        .collect();
    if more > 0 {
        lines.push(format!("and {more} more known"));
    }
    lines
}
