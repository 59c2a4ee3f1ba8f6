//! Exceptions that excuse nothing any more: they would stay for ever, and excuse one day what nobody gave a reason for.

use super::Rulebook;
use crate::domain::{Allow, Rule, Target, TargetReport};
use crate::text;

/// Notes on each exception that holds, that excused nothing on any target, and that this run can tell of: every target that it speaks
/// of was measured, on each of its platforms, and its rule judged where it is on. Each with the position of the report that it is for.
/// `open` are rules that the run could not judge. No verdict changes.
pub(super) fn unused(reports: &[TargetReport], open: &[Rule], rulebook: &Rulebook<'_>) -> Vec<(usize, String)> {
    let budgets = rulebook.budgets;
    // What counts in one change only need not be cleaned up.
    let stays = |allow: &Allow| !allow.rule.is_of_growth() || allow.until.is_some();
    let holds = |allow: &Allow| stays(allow) && allow.until.is_none_or(|until| until >= rulebook.today);
    let can_tell = |allow: &Allow| {
        let mut covered = budgets.targets.iter().filter(|target| allow.covers(target.name.as_str()));
        // A policy's exceptions speak of other repositories, too.
        holds(allow)
            && !budgets.is_of_policy(&allow.place)
            && !open.contains(&allow.rule)
            && covered.all(|target| is_settled(target, allow, reports))
    };
    let note = |allow: &Allow| {
        let place = text::line(&allow.place.to_string());
        format!("the exception from {} at {place} excused nothing; it can go", allow.rule)
    };
    let unused = budgets.allows.iter().filter(|allow| can_tell(allow));
    unused
        .flat_map(|allow| {
            let speaks_of = |(_, report): &(usize, &TargetReport)| allow.covers(report.name.as_str());
            reports.iter().enumerate().filter(speaks_of).map(move |(position, _)| (position, note(allow)))
        })
        .collect()
}

/// Whether the target did without the exception, and nothing that was left out could have needed it.
fn is_settled(target: &Target, allow: &Allow, reports: &[TargetReport]) -> bool {
    let mut measured = reports.iter().filter(|report| report.name == target.name).peekable();
    let has = |platform| {
        reports.iter().any(|report| report.name == target.name && report.platform.as_ref() == Some(platform))
    };
    measured.peek().is_some()
        && target.platforms.iter().all(has)
        && measured.all(|report| {
            report.size.is_some()
                // What the base image brought cannot be told from the rest.
                && (allow.origin.is_none() || report.base_size.is_some())
                && report.not_judged.iter().all(|not| not.rule != allow.rule)
                && report.allows.iter().all(|applied| applied.place.as_ref() != Some(&allow.place))
        })
}
