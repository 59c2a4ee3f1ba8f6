//! Exceptions that match nothing any more.

use super::found::found;
use crate::domain::{Allow, Budgets, Report, Target};

/// What can be said of the exceptions of the budget files.
#[derive(Debug, Clone, Default)]
pub struct Unused<'a> {
    /// Those that matched nothing.
    pub unused: Vec<&'a Allow>,
    /// Those of which the report cannot tell: a target is not in it, or was not measured.
    pub open: Vec<&'a Allow>,
}

/// Sorts the exceptions of `budgets` by what `report` says of them. One that expired stays as long as it would match something: what it
/// excused still fails, and its reason is worth reading.
#[must_use]
pub fn unused<'a>(report: &Report, budgets: &'a Budgets) -> Unused<'a> {
    let mut sorted = Unused::default();
    // A policy's exceptions speak of other repositories, too.
    for allow in budgets.allows.iter().filter(|allow| !budgets.is_of_policy(&allow.place)) {
        if is_used(allow, report) {
            continue;
        }
        let mut covered = budgets.targets.iter().filter(|target| allow.covers(target.name.as_str()));
        if covered.all(|target| is_settled(target, allow, report)) && is_judged(allow, report) {
            sorted.unused.push(allow);
        } else {
            sorted.open.push(allow);
        }
    }
    sorted
}

/// Whether it excuses something in the report, or would: it may be newer.
fn is_used(allow: &Allow, report: &Report) -> bool {
    report.targets.iter().filter(|target| allow.covers(target.name.as_str())).any(|target| {
        let applied = target.allows.iter().any(|applied| applied.rule == allow.rule && applied.reason == allow.reason);
        let accepted = target.accepted.iter().any(|accepted| {
            accepted.rule == allow.rule && accepted.reason.as_ref().is_none_or(|reason| *reason == allow.reason)
        });
        let would = target.findings.iter().filter(|finding| finding.rule == allow.rule).any(|finding| {
            found(target, finding)
                .is_some_and(|found| found.up_to.is_some() || found.beside(allow).as_ref() != Some(&found))
        });
        applied || accepted || would
    })
}

/// Whether the target was measured on each of its platforms, and the rule judged where it is on.
fn is_settled(target: &Target, allow: &Allow, report: &Report) -> bool {
    let mut measured = report.targets.iter().filter(|report| report.name == target.name).peekable();
    let has = |platform| {
        report.targets.iter().any(|report| report.name == target.name && report.platform.as_ref() == Some(platform))
    };
    measured.peek().is_some()
        && target.platforms.iter().all(has)
        && measured.all(|report| {
            report.error.is_none()
                && report.size.is_some()
                && report.not_judged.iter().all(|not_judged| not_judged.rule != allow.rule)
        })
}

/// Whether the run as a whole judged the rule.
fn is_judged(allow: &Allow, report: &Report) -> bool {
    report.not_judged.iter().all(|not_judged| not_judged.rule != allow.rule)
}
