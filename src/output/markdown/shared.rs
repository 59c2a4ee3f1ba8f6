//! Causes that several targets share, each told once.

use crate::domain::{Cause, CauseAt, Report, TargetReport, shared_causes};

/// A cause, and whose it is.
pub(super) type Whose<'a> = (&'a TargetReport, &'a Cause);

/// Those causes of a report that are wanted, what is one thing to fix together. A setting that is missing in several Dockerfiles is one:
/// it is the same words in each.
pub(super) fn together<'a>(
    report: &'a Report,
    wanted: impl Fn(&'a TargetReport, &'a Cause) -> bool,
) -> Vec<Vec<Whose<'a>>> {
    let mut groups: Vec<Vec<Whose<'a>>> = Vec::new();
    for shared in shared_causes(report) {
        let members = shared.members.into_iter().filter(|(target, cause)| wanted(target, cause));
        let members: Vec<Whose<'a>> = members.collect();
        let Some(first) = members.first() else { continue };
        match groups.iter_mut().find(|group| group.first().is_some_and(|same| is_same_setting(same.1, first.1))) {
            Some(group) => group.extend(members),
            None => groups.push(members),
        }
    }
    groups
}

fn is_same_setting(one: &Cause, other: &Cause) -> bool {
    let instruction = |cause: &Cause| match &cause.at {
        CauseAt::Setting { instruction, .. } => Some(instruction.clone()),
        _ => None,
    };
    let setting = instruction(one);
    setting.is_some() && setting == instruction(other) && (&one.what, &one.fix) == (&other.what, &other.fix)
}
