//! `growth`: how much larger the image is than in the baseline. Without a baseline that knows it, nothing is judged and nothing fails.

use super::case::{Case, Ruling};
use super::limits::{self, Measured};
use crate::baseline::Before;
use crate::domain::{Amount, Growth, Limit, Rule, UpTo};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_growth.as_ref()?;
    let not_judged = |why: &str| Some(Ruling::NotJudged(Rule::Growth, why.to_owned()));
    let (before, base_before) = match case.before() {
        Before::NoBaseline => return not_judged("no baseline yet"),
        Before::OtherDefinition => return not_judged("the baseline was measured by another definition"),
        Before::NotThere => return not_judged("not in the baseline"),
        Before::NotMeasured => return not_judged("it could not be measured in the baseline"),
        Before::Sizes { size, base, .. } => (size, base),
    };
    let grown = case.measured.size.saturating_sub(before);
    let of_base = case.measured.base_size().zip(base_before).map(|(now, before)| now.saturating_sub(before));
    let of_base = of_base.filter(|of_base| of_base.0 > grown.0 / 2);
    let hint = of_base.map_or_else(
        || "Look at the layer that grew, or accept the new size by renewing the baseline.".to_owned(),
        |of_base| {
            format!(
                "The base image grew by {of_base}: choose another, or accept the new size by renewing the baseline."
            )
        },
    );
    let allowed = |growth: Growth| Amount::Bytes(growth.allowed(before));
    let measured = Measured {
        rule: Rule::Growth,
        subject: "image",
        actual: Amount::Bytes(grown),
        limit: Limit { warn: limit.warn.map(allowed), fail: limit.fail.map(allowed), place: limit.place.clone() },
        layer: None,
        hint: &hint,
    };
    let raised = |up_to| match up_to {
        UpTo::Growth(growth) => Some(allowed(growth)),
        UpTo::Bytes(bytes) => Some(Amount::Bytes(bytes)),
        UpTo::Count(_) => None,
    };
    Some(limits::judge_with(case, measured, raised, |size| format!("the image grew by {size} since the baseline")))
}
