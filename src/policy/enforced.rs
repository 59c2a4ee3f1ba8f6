//! `enforce-from`: what fails from a day on, and warns until then.
//!
//! The day belongs to the place that asks for the judgement, so where several entries forbid one thing, the one that is enforced already
//! decides. It is applied right after a rule was judged; whatever else eases a finding comes on top, and may make it milder still.

use time::Date;

use super::case::Case;
use crate::domain::{EasedBy, Finding, Place, Rule, Rules, Severity};

/// How serious something is today, and how serious it will be: what is compared where several entries ask for one thing.
pub(super) fn held(case: &Case<'_>, severity: Severity, place: Option<&Place>) -> (Severity, Severity) {
    let waits = severity == Severity::Fail && open_until(case.rules, place, case.today).is_some();
    (if waits { Severity::Warn } else { severity }, severity)
}

/// Lowers what is not enforced yet to a warning, and counts the days. What the budget became is enforced at once: such a finding points at
/// the line that was loosened, and the day of that line is not its own.
pub(super) fn ease(case: &Case<'_>, findings: &mut [Finding]) {
    let waits = |finding: &&mut Finding| finding.severity == Severity::Fail && finding.rule != Rule::BudgetChanged;
    for finding in findings.iter_mut().filter(waits) {
        if let Some((day, days)) = open_until(case.rules, finding.budget.as_ref(), case.today) {
            finding.ease(Severity::Warn, EasedBy::NotYet { from: day.to_string(), days });
        }
    }
}

/// The day from which on what `place` asks for is enforced, and how many days that is from today; `None` when it is already.
fn open_until(rules: &Rules, place: Option<&Place>, today: Date) -> Option<(Date, u64)> {
    let day = *rules.enforce_from.get(place?)?;
    let days = u64::try_from((day - today).whole_days()).ok().filter(|days| *days > 0)?;
    Some((day, days))
}
