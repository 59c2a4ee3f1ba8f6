//! From findings to what people change: each finding is put under one place, and of each place is said what fixing it frees, how, and
//! what excuses it.
//!
//! Rules say what is wrong, and one line of a Dockerfile is wrong in several ways. This is made once, of a finished list of findings,
//! and every format prints it.

mod allow;
mod claim;
mod evidence;
mod fix;
mod line_fix;
mod place;
mod what;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::case::Case;
use crate::domain::{Bytes, Cause, CauseAt, Finding, Severity, TargetReport};
use evidence::Evidence;

/// One place with what was found there.
struct Group<'r> {
    at: CauseAt,
    /// Positions in the report's findings, in an order that is theirs alone: nothing that is said of a place depends on where they stand.
    findings: Vec<usize>,
    /// The report that they are of, but for its causes.
    report: &'r TargetReport,
}

impl<'r> Group<'r> {
    fn new(at: CauseAt, mut findings: Vec<usize>, report: &'r TargetReport) -> Self {
        let key = |index: &usize| report.findings.get(*index).map(|it| (it.rule, &it.subject, &it.paths, &it.message));
        findings.sort_by(|a, b| key(a).cmp(&key(b)));
        Self { at, findings, report }
    }

    /// Its findings.
    fn findings(&self) -> impl Iterator<Item = (usize, &'r Finding)> + '_ {
        self.findings.iter().filter_map(|index| Some((*index, self.report.findings.get(*index)?)))
    }

    fn has(&self, is_it: impl Fn(&Finding) -> bool) -> bool {
        self.findings().any(|(_, finding)| is_it(finding))
    }

    /// Positions of its layers; none for what is no layer of one's own.
    fn layers(&self) -> Vec<usize> {
        match &self.at {
            CauseAt::Layer { index, .. } => place::same_line(self.report, *index).collect(),
            _ => Vec::new(),
        }
    }
}

/// Puts the findings of a finished report under their causes, and says what the size would be without them.
pub(super) fn of(case: &Case<'_>, report: &TargetReport) -> (Vec<Cause>, Option<Bytes>) {
    let mut places: BTreeMap<CauseAt, Vec<usize>> = BTreeMap::new();
    for (index, finding) in report.findings.iter().enumerate() {
        places.entry(place::of(report, finding)).or_default().push(index);
    }
    let groups: Vec<Group<'_>> = places.into_iter().map(|(at, findings)| Group::new(at, findings, report)).collect();
    let evidence = Evidence::new(case, report);
    let (each, together) = claim::of(&evidence, &groups);
    let mut causes: Vec<Cause> =
        groups.iter().zip(each).map(|(group, frees)| cause(case, &evidence, group, frees)).collect();
    causes.sort_by(|a, b| order(a).cmp(&order(b)));
    (causes, report.size.zip(together).map(|(size, frees)| size.saturating_sub(frees)))
}

fn cause(case: &Case<'_>, evidence: &Evidence<'_>, group: &Group<'_>, frees: Option<Bytes>) -> Cause {
    let grew = grew(group);
    let mut findings = group.findings.clone();
    findings.sort_unstable();
    Cause {
        at: group.at.clone(),
        severity: group.findings().map(|(_, finding)| finding.severity).max().unwrap_or(Severity::Note),
        what: what::of(case, evidence, group),
        frees,
        grew,
        is_new: is_new(group, grew),
        findings,
        touched_again: touched_again(evidence, group),
        fix: fix::of(case, evidence, group),
        allow: allow::of(case, evidence, group),
    }
}

/// The wrong stage before everything else, then what is new, then what frees most, then by place.
fn order(cause: &Cause) -> (bool, bool, Reverse<Option<Bytes>>, &CauseAt) {
    (cause.at != CauseAt::Stage, cause.is_new != Some(true), Reverse(cause.frees), &cause.at)
}

/// By how much the place grew since the baseline, where that is known and more than nothing.
fn grew(group: &Group<'_>) -> Option<Bytes> {
    let change = group.report.change.as_ref()?;
    let grown = match &group.at {
        CauseAt::Base { .. } => group.report.base_size?.saturating_sub(change.base_size_before?),
        CauseAt::Layer { .. } => {
            let layers = group.layers();
            let own = change.layers.iter().filter(|layer| layer.index.is_some_and(|index| layers.contains(&index)));
            own.map(|layer| layer.after.unwrap_or_default().saturating_sub(layer.before.unwrap_or_default())).sum()
        }
        CauseAt::Image => group.report.size?.saturating_sub(change.size_before?),
        _ => return None,
    };
    (grown > Bytes::ZERO).then_some(grown)
}

/// The layer that has again what was found: of the largest of it that any has again.
fn touched_again(evidence: &Evidence<'_>, group: &Group<'_>) -> Option<usize> {
    let own = group.layers();
    let is_layer = matches!(group.at, CauseAt::Layer { .. });
    let found = group.findings().flat_map(|(_, finding)| evidence.paths(finding));
    let again = found.filter(|found| found.touched_again.is_some()).max_by_key(|found| (found.size, &found.path));
    again?.touched_again.filter(|layer| is_layer && !own.contains(layer))
}

/// Whether it is news: one of its findings is, or a limit was passed that was not, and the place grew.
fn is_new(group: &Group<'_>, grew: Option<Bytes>) -> Option<bool> {
    let newly_over = group.report.findings.iter().any(|it| it.limit.is_some() && it.is_new == Some(true));
    let found = || group.findings().map(|(_, finding)| finding.is_new);
    if found().any(|is_new| is_new == Some(true)) || newly_over && grew.is_some() {
        return Some(true);
    }
    found().all(|is_new| is_new.is_some()).then_some(false)
}
