//! A cause in words: where, what, and what to do.

use super::places::{instruction, number, show};
use super::rows::{NOTHING, Row};
use super::told::is_unknown;
use crate::catalogue::rules;
use crate::domain::{Amount, Bytes, Cause, CauseAt, Place, TargetReport};
use crate::output::packages;
use crate::text;

/// The longest piece of a sentence, in characters.
const LONGEST: usize = 1000;

/// A cause as a row: what its fix frees at most, where it is, whether it is new.
pub(super) fn row(cause: &Cause, target: &TargetReport) -> Row {
    let edge = match (cause.is_new, cause.grew) {
        (Some(true), _) => "new".to_owned(),
        (_, Some(grew)) => format!("+{grew}"),
        _ => String::new(),
    };
    let (head, text) = match whereabouts(cause, target) {
        (place, Some(instruction)) => (format!("{place}{instruction}"), remedy(cause, target)),
        (place, None) => (String::new(), format!("{place}{}", remedy(cause, target))),
    };
    Row { amount: cause.frees.map_or_else(|| NOTHING.to_owned(), |frees| frees.to_string()), head, edge, text }
}

/// `Known, from base node:20-slim: apt lists 82.9 MB`, for what is only mentioned.
pub(super) fn mention(cause: &Cause, target: &TargetReport) -> String {
    let lead = if is_unknown(cause, target) { "Found" } else { "Known" };
    let where_and_what = where_and_what(cause, target);
    let joint = if where_and_what.starts_with("from ") { ", " } else { ": " };
    format!("{lead}{joint}{where_and_what}")
}

fn where_and_what(cause: &Cause, target: &TargetReport) -> String {
    let bytes = cause.frees.or_else(|| found(cause, target)).map(|bytes| format!(" {bytes}")).unwrap_or_default();
    let what = format!("{}{bytes}", text::line_within(&cause.what, LONGEST));
    match &cause.at {
        CauseAt::Base { .. } => match &target.base {
            Some(base) => format!("from base {}: {what}", text::line(&base.reference)),
            None => format!("from the base image: {what}"),
        },
        CauseAt::Layer { index, line } => {
            let place = line.as_ref().map_or_else(|| number(*index, target), show);
            format!("from {place}: {what}")
        }
        CauseAt::Setting { line: Some(line), .. } | CauseAt::Budget { line: Some(line) } => {
            format!("{}: {what}", show(line))
        }
        CauseAt::Stage | CauseAt::Setting { .. } | CauseAt::Image | CauseAt::Budget { .. } => what,
    }
}

/// The bytes of the only thing that was found: several may be the same bytes by two names.
fn found(cause: &Cause, target: &TargetReport) -> Option<Bytes> {
    let [only] = cause.findings.as_slice() else { return None };
    let finding = target.findings.get(*only).filter(|finding| !rules::facts(finding.rule).is_limit)?;
    match finding.actual? {
        Amount::Bytes(bytes) => Some(bytes).filter(|bytes| *bytes > Bytes::ZERO),
        Amount::Count(_) => None,
    }
}

/// `Dockerfile:24  ` and the instruction there; without an instruction the place alone, or nothing.
fn whereabouts(cause: &Cause, target: &TargetReport) -> (String, Option<String>) {
    let placed = |line: &Option<Place>| line.as_ref().map(|line| format!("{}  ", show(line))).unwrap_or_default();
    match &cause.at {
        CauseAt::Layer { index, line } => {
            let layer = target.layers.get(*index);
            let place = line.as_ref().map_or_else(|| number(*index, target), show);
            let instruction = layer.and_then(instruction).unwrap_or_default();
            (place, Some(if instruction.is_empty() { instruction } else { format!("  {instruction}") }))
        }
        CauseAt::Base { line } => {
            let base = match &target.base {
                Some(base) => format!("FROM {}", text::line(&base.reference)),
                None => "base image".to_owned(),
            };
            (placed(line), Some(base))
        }
        CauseAt::Setting { line, .. } | CauseAt::Budget { line } => (placed(line), None),
        CauseAt::Stage | CauseAt::Image => (String::new(), None),
    }
}

/// `gcc, g++ and 12 more → copy only what runs`.
pub(super) fn remedy(cause: &Cause, target: &TargetReport) -> String {
    let again = cause.touched_again.and_then(|index| {
        let layer = target.layers.get(index)?;
        let place = layer.dockerfile.as_ref().map_or_else(|| number(index, target), show);
        Some(format!("copied again by {place}"))
    });
    let what = (!cause.what.is_empty()).then(|| text::line_within(&cause.what, LONGEST));
    let new = match &cause.at {
        CauseAt::Layer { index, .. } => packages::new_in(target, *index, text::line).map(|new| format!("new: {new}")),
        _ => None,
    };
    let what: Vec<String> = what.into_iter().chain(again).chain(new).collect();
    let fix = (!cause.fix.is_empty()).then(|| format!("→ {}", text::line_within(&cause.fix, LONGEST)));
    [what.join("; "), fix.unwrap_or_default()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
