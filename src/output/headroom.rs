//! What is left of a budget, in the words that the table and Markdown share.

use super::span::span;
use crate::domain::{Amount, Bytes, Compared, Rule, RuleOutcome, RuleStatus, TargetReport};

/// What is left of a budget that an estimate is too near to.
pub(super) const UNCLEAR: &str = "too close to tell";

/// What a row is about: of the sizes that have a limit the one that came out worst; of equals the content size first.
pub(super) fn judged(target: &TargetReport) -> Option<&RuleOutcome> {
    let of = |rule| target.rules.iter().find(|outcome| outcome.rule == rule && limit(outcome).is_some());
    let sizes = [Rule::OwnSize, Rule::CompressedSize, Rule::Size].into_iter().filter_map(of);
    // Of several that are equal the last wins.
    sizes.max_by_key(|outcome| match outcome.status {
        RuleStatus::Pass | RuleStatus::Allowed | RuleStatus::Eased => 0,
        RuleStatus::Warn => 1,
        RuleStatus::Fail => 2,
    })
}

/// The hard side, or the soft one where there is no other.
fn limit(outcome: &RuleOutcome) -> Option<Amount> {
    outcome.fail.or(outcome.warn)
}

/// `150.0 MB`; with the number that is judged, `58.0 of 60.0 MB compressed`, where no other column has it.
pub(super) fn budget(target: &TargetReport) -> Option<String> {
    let outcome = judged(target)?;
    let is_shown = outcome.rule == Rule::Size && target.size.is_some();
    if is_shown { limit(outcome).map(|limit| limit.to_string()) } else { of_budget(target) }
}

/// `162.0 of 150.0 MB`, `about 58.0 of 60.0 MB compressed`.
pub(super) fn of_budget(target: &TargetReport) -> Option<String> {
    let outcome = judged(target)?;
    let what = match outcome.rule {
        Rule::CompressedSize => " compressed",
        Rule::OwnSize => " own",
        _ => "",
    };
    Some(format!("{}{}{what}", about(outcome, target), span(outcome.actual, "of", limit(outcome)?)))
}

/// `13.0 MB` that are left, or `12.0 MB over`; of an estimate about so many, or [`UNCLEAR`].
pub(super) fn headroom(target: &TargetReport) -> Option<String> {
    let outcome = judged(target)?;
    let about = about(outcome, target);
    if let (Rule::CompressedSize, Some(size), Some(Amount::Bytes(fail))) =
        (outcome.rule, target.compressed_size, outcome.fail)
        && size.compare(fail) == Compared::Unclear
    {
        return Some(UNCLEAR.to_owned());
    }
    let limit = limit(outcome)?;
    let (actual, limit) = (outcome.actual.value(), limit.value());
    let bytes = |bytes| Amount::Bytes(Bytes(bytes));
    if actual <= limit {
        return Some(format!("{about}{}", bytes(limit - actual)));
    }
    let allowed = match outcome.status {
        RuleStatus::Allowed => ", allowed",
        RuleStatus::Eased => ", known",
        RuleStatus::Pass | RuleStatus::Warn | RuleStatus::Fail => "",
    };
    Some(format!("{about}{} over{allowed}", bytes(actual - limit)))
}

/// Whether what is judged is beyond its limit, excused or not; an estimate that is too close to tell is not.
pub(super) fn is_over(target: &TargetReport) -> bool {
    headroom(target).is_some_and(|room| room.split(", ").next().is_some_and(|amount| amount.ends_with(" over")))
}

/// `about `, before an estimate.
fn about(outcome: &RuleOutcome, target: &TargetReport) -> &'static str {
    let is_estimate = target.compressed_size.is_some_and(|size| size.is_estimate);
    if outcome.rule == Rule::CompressedSize && is_estimate { "about " } else { "" }
}

/// The bytes that are left of a budget; nothing where it is passed.
pub(super) fn left(target: &TargetReport) -> Option<Bytes> {
    let outcome = judged(target)?;
    limit(outcome)?.value().checked_sub(outcome.actual.value()).map(Bytes)
}
