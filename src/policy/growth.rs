//! `growth`: how much larger the image is than in the baseline. Without a baseline that knows it, nothing is judged and nothing fails.

use super::blame::Blame;
use super::case::{Case, Ruling};
use super::limits::{self, Measured};
use crate::baseline::Before;
use crate::domain::{Amount, Bytes, Growth, Limit, Role, Rule, Severity, UpTo};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_growth.as_ref()?;
    let size = match case.stored(Rule::Growth) {
        Ok(stored) => stored.size,
        Err(unread) => return Some(unread.into()),
    };
    let not_judged = |why: &str| Some(Ruling::NotJudged(Rule::Growth, why.to_owned()));
    let (before, base_before) = match case.before {
        Before::NoBaseline => return not_judged("no baseline yet"),
        Before::OtherDefinition => return not_judged("the baseline was measured by another definition"),
        Before::NotThere { .. } => return not_judged("not in the baseline"),
        Before::NotMeasured => return not_judged("the baseline does not have its size"),
        Before::Sizes { size: before, base, .. } => (before, base),
    };
    let grown = size.saturating_sub(before);
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
        is_estimate: false,
        limit: Limit { warn: limit.warn.map(allowed), fail: limit.fail.map(allowed), place: limit.place.clone() },
        blame: |_| Blame {
            layer: case.since.grown().next().and_then(|index| case.layer_ref(index, Role::GrewMost)),
            hint: hint.clone(),
        },
    };
    let raised = |up_to| match up_to {
        UpTo::Growth(growth) => Some(allowed(growth)),
        UpTo::Bytes(bytes) => Some(Amount::Bytes(bytes)),
        UpTo::Count(_) => None,
    };
    let mut ruling =
        limits::judge_with(case, measured, raised, |size| format!("the image grew by {size} since the baseline"));
    if let Ruling::Judged { findings, .. } = &mut ruling {
        for finding in findings {
            let written = if finding.severity == Severity::Fail { limit.fail } else { limit.warn };
            // A limit that an exception raised is that of the exception.
            if let Some(written) = written.filter(|written| Some(allowed(*written)) == finding.limit) {
                finding.message.push_str(&share(written, before));
            }
        }
    }
    Some(ruling)
}

/// ` (10% of 91 B)`, where it is the percentage that says how much is allowed.
fn share(growth: Growth, before: Bytes) -> String {
    let by_bytes = growth.bytes.is_some_and(|bytes| bytes == growth.allowed(before));
    let Some(hundredths) = growth.percent_hundredths.filter(|_| !by_bytes) else { return String::new() };
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let part = format!(".{part:02}");
    let percent = format!("{whole}{}", part.trim_end_matches('0').trim_end_matches('.'));
    format!(" ({percent}% of {before})")
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
