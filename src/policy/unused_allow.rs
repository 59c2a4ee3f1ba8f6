//! Exceptions that excuse nothing any more: they would stay for ever, and excuse one day what nobody gave a reason for.

use time::Date;

use crate::domain::{Allow, Budgets, Report, Rule, Target, TargetReport};
use crate::text;

/// Adds a note to the targets of each exception that holds, that excused nothing on any of them, and that this run can tell of: every
/// target that it speaks of was measured, on each of its platforms, and its rule judged where it is on. No verdict changes.
pub fn note_unused(report: &mut Report, budgets: &Budgets, today: Date) {
    let open: Vec<Rule> = report.not_judged.iter().map(|not| not.rule).collect();
    let can_tell = |allow: &&Allow| allow.until.is_none_or(|until| until >= today) && !open.contains(&allow.rule);
    for allow in budgets.allows.iter().filter(can_tell) {
        let covered: Vec<&Target> =
            budgets.targets.iter().filter(|target| allow.covers(target.name.as_str())).collect();
        if !covered.iter().all(|target| is_settled(target, allow, &report.targets)) {
            continue;
        }
        let note = format!(
            "the exception from {} at {} excused nothing; it can go",
            allow.rule,
            text::line(&allow.place.to_string())
        );
        for target in report.targets.iter_mut().filter(|target| allow.covers(target.name.as_str())) {
            target.notes.push(note.clone());
        }
    }
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
                && report.not_judged.iter().all(|not| not.rule != allow.rule)
                && report.allows.iter().all(|applied| applied.place.as_ref() != Some(&allow.place))
        })
}
