//! `wrong-stage`: the image is another stage of its Dockerfile than the budget expects. Whatever else is found is then about the wrong
//! image, so this is told first.

use super::case::{Case, Ruling, tally};
use super::excuses::Excuses;
use super::words::clip;
use crate::domain::{Finding, Origin, Rule, Severity};
use crate::text;

/// Another stage than the one that was expected, by what explains an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherStage {
    /// The stage that the image is: its name, or its number from 0. Untrusted.
    pub is: String,
    /// The stage that the target names.
    pub expected: String,
}

pub(super) fn judge(case: &Case<'_>, other: Option<&OtherStage>) -> Option<Ruling> {
    let OtherStage { is, expected } = other?;
    let mut excuses = Excuses::new(case, Rule::WrongStage);
    let findings = if excuses.excuse(is, Origin::Unknown, |_| false) {
        Vec::new()
    } else {
        let (is, expected) = (text::line(is), text::line(expected));
        let message = format!("the image is stage `{is}`, the budget expects `{expected}`");
        let hint = format!(
            "Build it with `--target {expected}`, or write target = \"{is}\" in budgets.toml. Until then its lines are unknown."
        );
        vec![Finding {
            hint: Some(hint),
            budget: case.place.cloned(),
            ..Finding::new(Rule::WrongStage, Severity::Warn, clip(&is), message)
        }]
    };
    let outcome = tally(Rule::WrongStage, &findings, case.place.cloned());
    Some(Ruling::Judged { outcome, findings, allows: excuses.applied(), accepted: Vec::new() })
}
