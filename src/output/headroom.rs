//! What is left of a budget, in the words that the table and Markdown share.

use crate::domain::{Amount, Bytes, Rule, RuleOutcome, RuleStatus, TargetReport};

/// What a row is about: how the content size came out or, without a limit of it, the first other size that has one.
pub(super) fn judged(target: &TargetReport) -> Option<&RuleOutcome> {
    let of = |rule| target.rules.iter().find(|outcome| outcome.rule == rule && limit(outcome).is_some());
    [Rule::Size, Rule::CompressedSize, Rule::OwnSize].into_iter().find_map(of)
}

/// The hard side, or the soft one where there is no other.
fn limit(outcome: &RuleOutcome) -> Option<Amount> {
    outcome.fail.or(outcome.warn)
}

/// `150.0 MB`, or `60.0 MB compressed` where it is not the content size that has a limit.
pub(super) fn budget(target: &TargetReport) -> Option<String> {
    let outcome = judged(target)?;
    let what = match outcome.rule {
        Rule::CompressedSize => " compressed",
        Rule::OwnSize => " own",
        _ => "",
    };
    Some(format!("{}{what}", limit(outcome)?))
}

/// `13.0 MB` that are left, or `over by 12.0 MB`.
pub(super) fn headroom(target: &TargetReport) -> Option<String> {
    let outcome = judged(target)?;
    let limit = limit(outcome)?;
    let (actual, limit) = (outcome.actual.value(), limit.value());
    let bytes = |bytes| Amount::Bytes(Bytes(bytes));
    if actual <= limit {
        return Some(bytes(limit - actual).to_string());
    }
    let allowed = if outcome.status == RuleStatus::Allowed { ", allowed" } else { "" };
    Some(format!("over by {}{allowed}", bytes(actual - limit)))
}
