//! Whether the causes of a target that was read can be those of its findings.
//!
//! They are what people act on, so they must hide no finding, promise no bytes that are not there, and print no command that does
//! something else than to excuse.

use std::collections::BTreeSet;

use crate::domain::{Bytes, Cause, CauseAt, TargetReport};
use crate::text;

/// What contradicts itself in the causes of a target; `None` when nothing does. Reports of versions that knew none have none.
pub(super) fn contradiction(target: &TargetReport) -> Option<&'static str> {
    if target.causes.is_empty() {
        return target.size_when_fixed.map(|_| "a target without causes has a size when they are fixed");
    }
    let mut under: Vec<usize> = target.causes.iter().flat_map(|cause| cause.findings.iter().copied()).collect();
    under.sort_unstable();
    if !under.into_iter().eq(0..target.findings.len()) {
        return Some("a finding is not under exactly one cause");
    }
    let places: BTreeSet<&CauseAt> = target.causes.iter().map(|cause| &cause.at).collect();
    if places.len() != target.causes.len() {
        return Some("a place is the cause twice");
    }
    target.causes.iter().find_map(|cause| of_one(target, cause)).or_else(|| when_fixed(target))
}

fn of_one(target: &TargetReport, cause: &Cause) -> Option<&'static str> {
    let findings = cause.findings.iter().filter_map(|index| target.findings.get(*index));
    if findings.map(|finding| finding.severity).max() != Some(cause.severity) {
        return Some("the severity of a cause is not the worst of its findings");
    }
    if !cause.findings.is_sorted() {
        return Some("the findings of a cause are not in order");
    }
    let is_there = |index: usize| index < target.layers.len();
    let own = if let CauseAt::Layer { index, .. } = cause.at { Some(index) } else { None };
    if !own.into_iter().chain(cause.touched_again).all(is_there) {
        return Some("a cause names a layer that its target does not have");
    }
    let brought = brought(target, &cause.at);
    if cause.frees.is_some_and(|frees| brought.is_none_or(|brought| frees > brought)) {
        return Some("a cause frees more than there is");
    }
    let is_command = |command: &str| {
        let words = command.strip_prefix("imgbudget allow ").and_then(|rest| rest.strip_prefix(target.name.as_str()));
        words.is_some_and(|words| words.starts_with(' ')) && text::is_shell_words(command)
    };
    cause
        .allow
        .as_deref()
        .is_some_and(|command| !is_command(command))
        .then_some("a cause is excused by another command")
}

/// The bytes that fixing a place can free at most; `None` of what claims nothing.
fn brought(target: &TargetReport, at: &CauseAt) -> Option<Bytes> {
    match at {
        CauseAt::Image => target.size,
        // One line may have made several layers.
        CauseAt::Layer { index, line } => {
            let made = |other: usize, layer: &Option<_>| other == *index || line.is_some() && layer == line;
            let layers = target.layers.iter().enumerate().filter(|(other, layer)| made(*other, &layer.dockerfile));
            layers.map(|(_, layer)| layer.size).sum()
        }
        CauseAt::Stage | CauseAt::Base { .. } | CauseAt::Setting { .. } | CauseAt::Budget { .. } => None,
    }
}

/// All together free no more than the sum of them, and no less than the one that frees most.
fn when_fixed(target: &TargetReport) -> Option<&'static str> {
    let frees = || target.causes.iter().filter_map(|cause| cause.frees);
    let fits = match (target.size, target.size_when_fixed, frees().max()) {
        (Some(size), Some(fixed), Some(most)) => {
            let (most, all) = (size.saturating_sub(most), size.saturating_sub(frees().sum()));
            fixed <= most && fixed >= all
        }
        (_, fixed, most) => fixed.is_none() && most.is_none(),
    };
    (!fits).then_some("the size when all causes are fixed is not that without what they free")
}
