//! `no-budget`: a target that nothing judged is never called good; and one whose size nothing limits hears of a limit that fits.

use super::case::{Case, Ruling, tally};
use super::excuses::Excuses;
use crate::domain::{Bytes, Finding, Origin, Rule, Severity};

/// `judged`: whether some rule of the budget was.
pub(super) fn judge(case: &Case<'_>, judged: bool) -> Option<Ruling> {
    if judged {
        return None;
    }
    let mut excuses = Excuses::new(case, Rule::NoBudget);
    let message = if case.rules.is_empty() { "it has no budget" } else { "no rule of its budget could be judged" };
    let findings = if excuses.excuse("no budget", Origin::Unknown, |_| false) {
        Vec::new()
    } else {
        vec![Finding {
            hint: case
                .measured
                .size()
                .map(|size| format!("Set max-size = \"{}\" (measured + 25 %).", suggestion(size))),
            budget: case.place.cloned(),
            ..Finding::new(Rule::NoBudget, Severity::Warn, "image", message)
        }]
    };
    let outcome = tally(Rule::NoBudget, &findings, case.place.cloned());
    Some(Ruling::Judged { outcome, findings, allows: excuses.applied(), accepted: Vec::new() })
}

/// A limit to set, for a target of budgets.toml that other rules judge and that may grow without end. It changes no verdict.
pub(super) fn suggest(case: &Case<'_>) -> Option<String> {
    let rules = case.rules;
    let is_limited = rules.max_size.is_some()
        || rules.max_compressed_size.is_some()
        || rules.max_own_size.is_some()
        || rules.max_growth.is_some()
        || rules.max_own_growth.is_some();
    let is_in_file = case.place.is_some();
    let size = case.measured.size().filter(|_| is_in_file && !is_limited)?;
    Some(format!("no size limit yet; max-size = \"{}\" leaves 25 % to grow", suggestion(size)))
}

/// A quarter more than `size`, rounded up to two digits: a size as people write it in budgets.toml.
pub(super) fn suggestion(size: Bytes) -> String {
    const UNITS: [(u128, &str); 4] =
        [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    // More than this cannot be written as a size.
    const MOST: u128 = 18_000_000_000_000_000_000;
    let wanted = (u128::from(size.0) * 5).div_ceil(4).clamp(1_000, MOST);
    let grain = 10u128.pow(wanted.ilog10().saturating_sub(1));
    let wanted = wanted.next_multiple_of(grain);
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| wanted >= *unit).unwrap_or((1_000, "kB"));
    match (wanted / unit, wanted % unit * 10 / unit) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenth) => format!("{whole}.{tenth} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn suggestions_are_round() {
        for (size, text) in [
            (0, "1 kB"),
            (1_000, "1.3 kB"),
            (80_000, "100 kB"),
            (87_000_000, "110 MB"),
            (12_300_000, "16 MB"),
            (1_175_074_247, "1.5 GB"),
            (800_000_000, "1 GB"),
            (u64::MAX, "18000000 TB"),
        ] {
            assert_eq!(suggestion(Bytes(size)), text, "{size}");
        }
    }

    proptest! {
        #[test]
        fn suggestions_can_be_pasted_and_are_enough(size in 0u64..10_000_000_000_000_000_000) {
            let suggested: Bytes = suggestion(Bytes(size)).parse().expect("a size");
            let wanted = u128::from(size) * 5 / 4;
            prop_assert!(u128::from(suggested.0) >= wanted);
            prop_assert!(u128::from(suggested.0) <= (wanted * 11 / 10).max(1_000) + 1);
        }
    }
}
