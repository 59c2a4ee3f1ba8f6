//! Exceptions: the targets they name exist, and a team's file speaks of its own targets only.

use crate::config::raw;
use crate::diagnostics::Problem;
use crate::domain::{Allow, Rule};
use crate::text;

/// An exception of the root file, which may speak of every target.
pub(super) fn of_root(
    file: &raw::File,
    allow: &raw::Allow,
    everybody: &[String],
    problems: &mut Vec<Problem>,
) -> Option<Allow> {
    named_targets_exist(file, allow, everybody, "no target", problems);
    allow.exception.clone()
}

/// An exception of an included file. Without `targets` it means the targets of that file, and it cannot name others:
/// what one team excuses must not excuse another.
pub(super) fn of_included(
    file: &raw::File,
    allow: &raw::Allow,
    own: &[String],
    problems: &mut Vec<Problem>,
) -> Option<Allow> {
    let rule = allow.exception.as_ref().map(|exception| exception.rule);
    if rule == Some(Rule::FleetSize) || own.is_empty() {
        let message = if own.is_empty() {
            "an exception in a file that declares no target".to_owned()
        } else {
            "an included file cannot excuse the fleet".to_owned()
        };
        let hint = "Write it into the root file; what stands here is about the targets of this file.";
        problems.push(Problem::new(&file.source, allow.span.clone(), message).with_hint(hint));
        return None;
    }
    named_targets_exist(file, allow, own, "no target of this file", problems);
    let exception = allow.exception.clone()?;
    let covered = own.iter().filter(|name| exception.covers(name));
    let targets = covered.filter_map(|name| Some(globset::Glob::new(name).ok()?.compile_matcher())).collect();
    Some(Allow { targets, ..exception })
}

fn named_targets_exist(
    file: &raw::File,
    allow: &raw::Allow,
    names: &[String],
    nobody: &str,
    problems: &mut Vec<Problem>,
) {
    // Without any target, that is the problem, and it is told elsewhere.
    if names.is_empty() {
        return;
    }
    for (pattern, glob) in &allow.targets {
        if names.iter().any(|name| glob.is_match(name)) {
            continue;
        }
        let hint = match text::nearest(pattern.get_ref(), names.iter().map(String::as_str)) {
            Some(meant) => format!("Did you mean `{meant}`?"),
            None => format!("The targets are {}.", names.join(", ")),
        };
        let message = format!("{nobody} matches `{}`", pattern.get_ref());
        problems.push(Problem::new(&file.source, pattern.span(), message).with_hint(hint));
    }
}
