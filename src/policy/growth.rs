//! `growth` and `own-growth`: how much larger the image, or what its own layers are, is than in the baseline. Without a baseline that knows
//! it, nothing is judged and nothing fails; and what fails is what was done here.

use super::blame::Blame;
use super::case::{Case, Ruling};
use super::here::Sum;
use super::limits::{self, Measured};
use crate::baseline::Before;
use crate::domain::{Allow, Amount, Bytes, Growth, Limit, Origin, Role, Rule, Severity, UpTo};
use crate::text;

/// The whole of it.
pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_growth.as_ref()?;
    let locked = case.lock_now.map(|(size, _)| size);
    Some(with_sizes(case, Rule::Growth, |sizes| of(case, Rule::Growth, limit, sizes, locked)))
}

/// That of the layers above the base image.
pub(super) fn judge_own(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_own_growth.as_ref()?;
    let locked = case.lock_now.and_then(|(size, base)| Some(size.saturating_sub(base?)));
    Some(with_sizes(case, Rule::OwnGrowth, |sizes| {
        let Some((before, now)) = sizes.own else {
            let why = if case.measured.base_size().is_none() {
                "it cannot be told which layers came with the base image"
            } else {
                "the baseline does not say how much came with the base image"
            };
            return Ruling::NotJudged(Rule::OwnGrowth, why.to_owned());
        };
        of(case, Rule::OwnGrowth, limit, Sum::own(before, now), locked)
    }))
}

/// Why there is nothing to compare with; `None` where there is.
fn nothing_before(case: &Case<'_>) -> Option<&'static str> {
    match case.before {
        Before::NoBaseline => Some("no baseline yet"),
        Before::OtherDefinition => Some("the baseline was measured by another definition"),
        Before::NotThere { .. } => Some("not in the baseline"),
        Before::NotMeasured => Some("the baseline does not have its size"),
        Before::Sizes { .. } => None,
    }
}

/// Judges with the sizes before and now, or says why there are none.
fn with_sizes(case: &Case<'_>, rule: Rule, judge: impl FnOnce(Sum) -> Ruling) -> Ruling {
    if let Err(unread) = case.stored(rule) {
        return unread.into();
    }
    match (nothing_before(case), case.sizes()) {
        (None, Some(sizes)) => judge(sizes),
        (why, _) => Ruling::NotJudged(rule, why.unwrap_or("its size is not known").to_owned()),
    }
}

/// Judges `sum`, of which the lock file of this checkout says that it is `locked`.
fn of(case: &Case<'_>, rule: Rule, limit: &Limit<Growth>, sum: Sum, locked: Option<Bytes>) -> Ruling {
    let before = Bytes(sum.all.0);
    let grown = Bytes(sum.all.1.saturating_sub(sum.all.0));
    let allowed = |growth: Growth| Amount::Bytes(growth.allowed(before));
    let raised = |up_to| match up_to {
        UpTo::Growth(growth) => Some(allowed(growth)),
        UpTo::Bytes(bytes) => Some(Amount::Bytes(bytes)),
        UpTo::Count(_) => None,
    };
    let measured = Measured {
        rule,
        subject: if rule == Rule::Growth { "image" } else { "own layers" },
        actual: Amount::Bytes(grown),
        is_estimate: false,
        limit: Limit { warn: limit.warn.map(allowed), fail: limit.fail.map(allowed), place: limit.place.clone() },
        eases: &|allowed| case.here.eases_growth(sum, allowed),
        blame: |_| blame(case, rule, grown),
    };
    let locked = locked.and_then(|locked| locked_up_to(limit, before, locked)).map(Amount::Bytes);
    let mut ruling = limits::judge_with(case, measured, raised, locked, |size| match rule {
        Rule::Growth => format!("the image grew by {size} since the baseline"),
        _ => format!("its own layers grew by {size} since the baseline"),
    });
    if let Ruling::Judged { findings, .. } = &mut ruling {
        for finding in findings {
            let written = if finding.ruled() == Severity::Fail { limit.fail } else { limit.warn };
            // A limit that an exception raised is that of the exception.
            if let Some(written) = written.filter(|written| Some(allowed(*written)) == finding.limit) {
                finding.message.push_str(&share(written, before));
            }
            let why = finding.limit.and_then(|limit| case.here.eases_growth(sum, limit.value()));
            let own = sum.own_growth().and_then(|own| u64::try_from(own).ok()).filter(|own| *own != grown.0);
            let whose = match (why, own) {
                (Some(why), _) => case.here.whose(&why),
                (None, Some(own)) => format!("; {} of it in its own layers", Bytes(own.min(grown.0))),
                (None, None) => String::new(),
            };
            finding.message.push_str(&whose);
        }
    }
    ruling
}

/// How much may be grown where a row of the lock file was raised in this change: up to that row, and what is allowed beyond it.
fn locked_up_to(limit: &Limit<Growth>, before: Bytes, locked: Bytes) -> Option<Bytes> {
    let raised = locked.0.checked_sub(before.0).filter(|raised| *raised > 0)?;
    let side = limit.fail.or(limit.warn)?;
    Some(Bytes(raised.saturating_add(side.allowed(locked).0)))
}

/// The layer that grew most, and what helps.
fn blame(case: &Case<'_>, rule: Rule, grown: Bytes) -> Blame {
    let counts = |index: &usize| rule == Rule::Growth || case.origin(*index) == Origin::Own;
    let layer = case.since.grown().find(counts).and_then(|index| case.layer_ref(index, Role::GrewMost));
    let of_base = case.here.base_growth().filter(|growth| rule == Rule::Growth && *growth > i128::from(grown.0 / 2));
    let hint = match (spent(case, rule), of_base) {
        (Some(why), _) => why,
        (None, Some(_)) => {
            "The base image brought most of it: choose another, or accept the growth in a change of its own.".to_owned()
        }
        (None, None) => "Look at the layer that grew, or accept the growth in the change that causes it.".to_owned(),
    };
    Blame { layer, hint }
}

/// Why an exception that stands there does not count.
pub(super) fn spent(case: &Case<'_>, rule: Rule) -> Option<String> {
    let is_spent = |allow: &&&Allow| allow.rule == rule && case.is_spent(allow);
    let allow = case.exceptions.iter().find(is_spent)?;
    let place = text::line(&allow.place.to_string());
    Some(match case.then.unknown() {
        Some(why) => format!("The allow at {place} does not count: {why}. Give it `until`."),
        // Its growth is still that beyond the row, which nobody raised.
        None if case.report_before().is_none() => {
            format!("The allow at {place} counted in an earlier change: renew the lock file with `imgbudget update`.")
        }
        None => format!("The allow at {place} counted in an earlier change: raise its `up-to`, or give a new reason."),
    })
}

/// ` (10% of 91 B)`, where it is the percentage that says how much is allowed.
fn share(growth: Growth, before: Bytes) -> String {
    let by_bytes = growth.bytes.is_some_and(|bytes| bytes == growth.allowed(before));
    let Some(hundredths) = growth.percent_hundredths.filter(|_| !by_bytes) else { return String::new() };
    format!(" ({} of {before})", text::percent(hundredths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_said_where_it_decides() {
        let of = |bytes: Option<u64>, percent_hundredths, before| {
            share(Growth { bytes: bytes.map(Bytes), percent_hundredths }, Bytes(before))
        };
        assert_eq!(of(None, Some(1000), 1), " (10% of 1 B)");
        assert_eq!(of(None, Some(250), 2_000_000), " (2.5% of 2.0 MB)");
        assert_eq!(of(None, Some(5), 9), " (0.05% of 9 B)");
        assert_eq!(of(Some(50), Some(1000), 900), " (10% of 900 B)");
        assert_eq!(of(Some(500), Some(1000), 900), "");
        assert_eq!(of(Some(500), None, 900), "");
    }
}
