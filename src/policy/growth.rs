//! `growth`: how much larger the image is than in the baseline. Without a baseline that knows it, nothing is judged and nothing fails.

use super::case::{Case, Ruling};
use super::limits::{self, Measured};
use crate::baseline::Before;
use crate::domain::{Amount, Growth, Limit, Rule, UpTo};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_growth.as_ref()?;
    let not_judged = |why: &str| Some(Ruling::NotJudged(Rule::Growth, why.to_owned()));
    let before = match case.before() {
        Before::NoBaseline => return not_judged("no baseline yet"),
        Before::OtherDefinition => return not_judged("the baseline was measured by another definition"),
        Before::NotThere => return not_judged("not in the baseline"),
        Before::NotMeasured => return not_judged("it could not be measured in the baseline"),
        Before::Sizes { size, .. } => size,
    };
    let allowed = |growth: Growth| Amount::Bytes(growth.allowed(before));
    let measured = Measured {
        rule: Rule::Growth,
        subject: "image",
        actual: Amount::Bytes(case.measured.size.saturating_sub(before)),
        limit: Limit { warn: limit.warn.map(allowed), fail: limit.fail.map(allowed), place: limit.place.clone() },
        layer: None,
        hint: "Look at the layer that grew, or accept the new size by renewing the baseline.",
    };
    let raised = |up_to| match up_to {
        UpTo::Growth(growth) => Some(allowed(growth)),
        UpTo::Bytes(bytes) => Some(Amount::Bytes(bytes)),
        UpTo::Count(_) => None,
    };
    Some(limits::judge_with(case, measured, raised, |size| format!("the image grew by {size} since the baseline")))
}
