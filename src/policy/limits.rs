//! What all limits share: a soft and a hard side, an exception that raises both, and how much too much it is.

use super::blame::Blame;
use super::case::{Case, Ruling, applied};
use crate::domain::{
    Accepted, Amount, Bytes, Compared, CompressedSize, EasedBy, Finding, Limit, Rule, RuleOutcome, RuleStatus,
    Severity, UpTo,
};
use crate::text;

/// A measured amount with its limit.
pub(super) struct Measured<'a, B> {
    /// The rule.
    pub(super) rule: Rule,
    /// What was measured, as part of a finding's identity.
    pub(super) subject: &'a str,
    /// How much it is.
    pub(super) actual: Amount,
    /// Whether that is an estimate: it fails only where it is clear, and warns where it is not.
    pub(super) is_estimate: bool,
    /// The limit as written.
    pub(super) limit: Limit<Amount>,
    /// Why a limit that fails was not passed by what was done here; `None` where it may have been.
    pub(super) eases: &'a dyn Fn(u64) -> Option<EasedBy>,
    /// Who is to blame when it is too much; gets whether it is so since the baseline.
    pub(super) blame: B,
}

/// Judges an amount. `sentence` puts the amount into words, such as `the image is 162.0 MB`.
pub(super) fn judge(
    case: &Case<'_>,
    measured: Measured<'_, impl Fn(bool) -> Blame>,
    sentence: impl Fn(&str) -> String,
) -> Ruling {
    let mut ruling = judge_with(case, measured, amount, None, sentence);
    if let Ruling::Judged { findings, .. } = &mut ruling {
        for finding in findings {
            if let Some(eased) = &finding.eased {
                finding.message.push_str(&case.here.whose(&eased.why));
            }
        }
    }
    ruling
}

/// [`judge()`] for a rule whose exceptions are no plain amounts: `raised` turns one into what it allows. `locked` is what a lock file allows
/// that was raised in this change.
pub(super) fn judge_with(
    case: &Case<'_>,
    measured: Measured<'_, impl Fn(bool) -> Blame>,
    raised: impl Fn(UpTo) -> Option<Amount>,
    locked: Option<Amount>,
    sentence: impl Fn(&str) -> String,
) -> Ruling {
    let Measured { rule, subject, actual, is_estimate, limit, eases, blame } = measured;
    let raised =
        case.in_force(rule).filter_map(|allow| Some((raised(allow.up_to?)?, allow))).max_by_key(|(up_to, _)| *up_to);
    let passed_as_written = over(&limit, None, actual, is_estimate).is_some();
    let up_to = raised.map(|(up_to, _)| up_to).max(locked);
    let findings: Vec<Finding> = over(&limit, up_to, actual, is_estimate)
        .map(|over| {
            let (shown, against) =
                if is_estimate { (actual.to_string(), over.side.to_string()) } else { text::pair(actual, over.side) };
            let than = match (over.raised, over.side_of) {
                (true, _) if raised.is_some_and(|(up_to, _)| up_to == over.side) => {
                    format!("the {against} that an exception allows")
                }
                (true, _) => format!("the {against} that the lock file allows"),
                (false, Severity::Fail) => format!("its budget of {against}"),
                (false, _) => format!("its warning limit of {against}"),
            };
            let message = match over.by {
                Some(by) => format!("{}, {by} over {than}", sentence(&shown)),
                None => format!("{}, too close to {than} to tell", sentence(&shown)),
            };
            let mut finding = Finding {
                actual: Some(actual),
                limit: Some(over.side),
                over_by: over.by,
                budget: limit.place.clone(),
                ..Finding::new(rule, over.severity, subject, message)
            };
            let is_new = case.since.is_new(&finding, std::slice::from_ref(&finding), case.min_change);
            let blame = blame(is_new == Some(true));
            (finding.layer, finding.hint) = (blame.layer, Some(blame.hint));
            if let Some(why) = eases(over.side.value()).filter(|_| over.severity == Severity::Fail) {
                finding.ease(Severity::Warn, why);
            }
            finding
        })
        .into_iter()
        .collect();
    let raised = raised.filter(|_| passed_as_written);
    let allows = raised.map(|(up_to, allow)| applied(allow, vec![format!("up to {up_to}")])).into_iter().collect();
    let is_accepted = passed_as_written && findings.is_empty();
    let by_allow = raised.filter(|(up_to, allow)| actual <= *up_to && case.then.lacks(allow, case.before, case.today));
    let by_lock = locked.filter(|locked| raised.is_none() && actual <= *locked);
    let accepted = by_allow.map(|(up_to, allow)| (up_to, Some(allow))).or_else(|| Some((by_lock?, None)));
    let accepted = accepted.filter(|_| is_accepted).map(|(up_to, allow)| Accepted {
        rule,
        actual,
        up_to,
        reason: allow.map(|allow| allow.reason.clone()),
        place: allow.map(|allow| allow.place.clone()),
    });
    // The sides that hold: an exception raises both.
    let held = |side: Option<Amount>| side.map(|side| up_to.map_or(side, |up_to| up_to.max(side)));
    let (warn, fail) = (held(limit.warn), held(limit.fail));
    let outcome = RuleOutcome { rule, status: RuleStatus::Pass, actual, warn, fail, budget: limit.place };
    Ruling::Judged { outcome, findings, allows, accepted: accepted.into_iter().collect() }
}

/// How a limit was passed.
struct Over {
    severity: Severity,
    /// Which of the two sides it is.
    side_of: Severity,
    side: Amount,
    raised: bool,
    /// By how much; `None` when an estimate is too near to tell.
    by: Option<Amount>,
}

/// The worse side that `actual` is above. An exception raises both sides, and lowers neither.
fn over(limit: &Limit<Amount>, up_to: Option<Amount>, actual: Amount, is_estimate: bool) -> Option<Over> {
    [(limit.fail, Severity::Fail), (limit.warn, Severity::Warn)].into_iter().find_map(|(written, side_of)| {
        let written = written?;
        let side = up_to.map_or(written, |up_to| up_to.max(written));
        let raised = side != written;
        // An estimate that may be below the hard side is no failure, and one that may be above it no pass.
        let is_clear = match (actual, side) {
            (Amount::Bytes(bytes), Amount::Bytes(side)) if is_estimate && side_of == Severity::Fail => {
                match (CompressedSize { bytes, is_estimate }).compare(side) {
                    Compared::Within => return None,
                    Compared::Unclear => false,
                    Compared::Over => true,
                }
            }
            _ => true,
        };
        if !is_clear {
            return Some(Over { severity: Severity::Warn, side_of, side, raised, by: None });
        }
        let by = above(actual, side)?;
        Some(Over { severity: side_of, side_of, side, raised, by: Some(by) })
    })
}

/// `actual − limit`, when that is more than nothing.
fn above(actual: Amount, limit: Amount) -> Option<Amount> {
    let by = actual.value().checked_sub(limit.value()).filter(|by| *by > 0)?;
    Some(match actual {
        Amount::Bytes(_) => Amount::Bytes(Bytes(by)),
        Amount::Count(_) => Amount::Count(by),
    })
}

/// A raised limit; growth is an amount only beside a baseline.
fn amount(up_to: UpTo) -> Option<Amount> {
    match up_to {
        UpTo::Bytes(bytes) => Some(Amount::Bytes(bytes)),
        UpTo::Count(count) => Some(Amount::Count(count)),
        UpTo::Growth(_) => None,
    }
}
