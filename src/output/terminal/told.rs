//! What of a target is told in full, what is only mentioned because the baseline has it, and what several targets have in common.

use std::collections::BTreeSet;

use crate::domain::{
    Amount, Cause, CauseAt, EasedBy, Finding, Report, Rule, Severity, SharedCause, Shares, TargetName, TargetReport,
    Verdict, shared_causes,
};

/// Whether there is something to say of a target: it fails, warns, was not measured, or more was accepted.
pub(super) fn is_told(target: &TargetReport) -> bool {
    target.verdict != Verdict::Pass || !target.accepted.is_empty()
}

/// Targets of which no more is to be said than that a base image grew, which others stand on, too: that is told once for all of them.
pub(super) fn moved_together(report: &Report) -> Vec<&TargetReport> {
    let base = |target: &TargetReport| target.base.as_ref().map(|base| base.reference.clone());
    let moved: Vec<&TargetReport> = report.targets.iter().filter(|target| has_moved(target)).collect();
    let is_shared =
        |one: &&&TargetReport| moved.iter().any(|other| !std::ptr::eq(**one, *other) && base(one) == base(other));
    moved.iter().filter(is_shared).copied().collect()
}

/// Whether its base image grew by more than it may grow, and that is all.
fn has_moved(target: &TargetReport) -> bool {
    let mut counted = target.findings.iter().filter(|finding| finding.severity > Severity::Note).peekable();
    let is_growth = |finding: &Finding| {
        matches!(finding.rule, Rule::Growth | Rule::OwnGrowth)
            && finding.eased.as_ref().is_some_and(|eased| eased.why == EasedBy::Base)
    };
    let stayed = Shares::of(target).is_some_and(|shares| shares.base.0 < shares.base.1 && shares.own.0 == shares.own.1);
    let is_silent = target.error.is_none() && target.accepted.is_empty() && target.not_judged.is_empty();
    stayed && is_silent && target.base.is_some() && counted.peek().is_some() && counted.all(is_growth)
}

/// Whether a target is one of some.
pub(super) fn is_one_of(some: &[&TargetReport], target: &TargetReport) -> bool {
    some.iter().any(|one| std::ptr::eq(*one, target))
}

/// The causes that are only mentioned, and those that are told in full: what the baseline has, too, stands apart from what is new. It is
/// told in full where the baseline has all of it and it still counts.
pub(super) fn split(target: &TargetReport) -> (Vec<&Cause>, Vec<&Cause>) {
    let counts = |cause: &&Cause| cause.severity > Severity::Note;
    let is_new = target.causes.iter().filter(counts).any(|cause| cause.is_new == Some(true));
    target
        .causes
        .iter()
        .filter(|cause| counts(cause) || is_known(cause, target))
        .partition(|cause| is_known(cause, target) || is_new && cause.is_new == Some(false) && cause.grew.is_none())
}

/// Whether a cause does not count because only what is new does.
pub(super) fn is_known(cause: &Cause, target: &TargetReport) -> bool {
    is_eased(cause, target, &[EasedBy::Known, EasedBy::NoBaseline])
}

/// Whether that is so because there is no baseline yet.
pub(super) fn is_unknown(cause: &Cause, target: &TargetReport) -> bool {
    is_eased(cause, target, &[EasedBy::NoBaseline])
}

fn is_eased(cause: &Cause, target: &TargetReport, by: &[EasedBy]) -> bool {
    let mut findings = findings(cause, target).peekable();
    findings.peek().is_some()
        && findings.all(|finding| finding.eased.as_ref().is_some_and(|eased| by.contains(&eased.why)))
}

/// Whether a cause is a limit of bytes and nothing that could go.
pub(super) fn is_size_alone(cause: &Cause, target: &TargetReport) -> bool {
    let of_bytes = |finding: &Finding| matches!(finding.limit, Some(Amount::Bytes(_)));
    let is_of_image = matches!(cause.at, CauseAt::Layer { .. } | CauseAt::Base { .. } | CauseAt::Image);
    is_of_image && cause.frees.is_none() && findings(cause, target).all(of_bytes)
}

/// Findings that no cause has: those of reports that were made before there were causes.
pub(super) fn without_cause(target: &TargetReport) -> impl Iterator<Item = &Finding> {
    let has_cause = |index: usize| target.causes.iter().any(|cause| cause.findings.contains(&index));
    let told = move |(index, finding): &(usize, &Finding)| finding.severity > Severity::Note && !has_cause(*index);
    target.findings.iter().enumerate().filter(told).map(|(_, finding)| finding)
}

fn findings<'a>(cause: &'a Cause, target: &'a TargetReport) -> impl Iterator<Item = &'a Finding> {
    cause.findings.iter().filter_map(|index| target.findings.get(*index))
}

/// What is told in full of several targets, so that it can be told once.
pub(super) fn common(report: &Report) -> Vec<SharedCause<'_>> {
    let moved = moved_together(report);
    let is_in_full = |(target, cause): &(&TargetReport, &Cause)| {
        cause.severity > Severity::Note
            && !is_one_of(&moved, target)
            && split(target).1.iter().any(|told| std::ptr::eq(*told, *cause))
    };
    shared_causes(report)
        .into_iter()
        .filter(|shared| shared.members.len() > 1)
        .map(|shared| SharedCause { members: shared.members.into_iter().filter(is_in_full).collect() })
        .filter(|shared| names(shared).len() > 1)
        .collect()
}

fn names<'a>(shared: &SharedCause<'a>) -> BTreeSet<&'a TargetName> {
    shared.members.iter().map(|(target, _)| &target.name).collect()
}
