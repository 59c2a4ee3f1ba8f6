//! What is left of a budget, in the words that the table and Markdown share.

use crate::domain::{Amount, Bytes, Compared, Rule, RuleOutcome, RuleStatus, TargetReport};

/// What is left of a budget that an estimate is too near to.
pub(super) const UNCLEAR: &str = "too close to tell";

/// What a row is about: how the content size came out or, without a limit of it, the first other size that has one.
pub(super) fn judged(target: &TargetReport) -> Option<&RuleOutcome> {
    let of = |rule| target.rules.iter().find(|outcome| outcome.rule == rule && limit(outcome).is_some());
    [Rule::Size, Rule::CompressedSize, Rule::OwnSize].into_iter().find_map(of)
}

/// The hard side, or the soft one where there is no other.
fn limit(outcome: &RuleOutcome) -> Option<Amount> {
    outcome.fail.or(outcome.warn)
}

/// `150.0 MB`, or `60.0 MB compressed` where it is not the content size that has a limit; with the number itself, `58.0 MB of 60.0 MB
/// compressed`, where no other column has a size.
pub(super) fn budget(target: &TargetReport) -> Option<String> {
    if target.size.is_none() {
        return of_budget(target);
    }
    limited(judged(target)?)
}

/// `162.0 MB of 150.0 MB`, `about 58.0 MB of 60.0 MB compressed`.
pub(super) fn of_budget(target: &TargetReport) -> Option<String> {
    let outcome = judged(target)?;
    Some(format!("{}{} of {}", about(outcome, target), outcome.actual, limited(outcome)?))
}

fn limited(outcome: &RuleOutcome) -> Option<String> {
    let what = match outcome.rule {
        Rule::CompressedSize => " compressed",
        Rule::OwnSize => " own",
        _ => "",
    };
    Some(format!("{}{what}", limit(outcome)?))
}

/// `13.0 MB` that are left, or `over by 12.0 MB`; of an estimate about so many, or [`UNCLEAR`].
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
    let allowed = if outcome.status == RuleStatus::Allowed { ", allowed" } else { "" };
    Some(format!("over by {about}{}{allowed}", bytes(actual - limit)))
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
