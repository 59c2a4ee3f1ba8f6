//! `budget-changed`: the budget itself allows more than it did at the baseline. A note by nature, and no finding; `[policy]` makes it one.

use super::budget_before::Then;
use super::budget_changes::Changed;
use super::case::{Case, Ruling, tally};
use super::{Rulebook, budget_basis, budget_before};
use crate::domain::{Finding, Rule, Severity, Target, TargetBudget};

pub(super) fn judge(case: &Case<'_>, target: &Target, rulebook: &Rulebook<'_>) -> Option<Ruling> {
    let now = TargetBudget::of(target, rulebook.budgets);
    let then = match &case.then {
        Then::Known(then) => Some(then.as_ref()),
        Then::Absent | Then::Unknown(_) => None,
    };
    // Else it could be switched off in the same change.
    let severity = then.map_or(now.budget_changes, |then| then.budget_changes.max(now.budget_changes));
    if severity == Severity::Note {
        return None;
    }
    if let Some(why) = case.then.unknown() {
        return Some(Ruling::NotJudged(Rule::BudgetChanged, why.to_owned()));
    }
    let changed = then.map_or_else(Vec::new, |then| budget_basis::changed(&target.name, then, &now, rulebook));
    let dropped = budget_before::dropped(rulebook).into_iter().map(|name| Changed::dropped(&name));
    let loosened = changed.into_iter().filter(|changed| changed.loosens).chain(dropped);
    let place = now.budget_changes_place;
    let findings: Vec<Finding> = loosened
        .map(|changed| Finding {
            hint: Some("Take it back, or have it merged by whoever decides about the budget.".to_owned()),
            budget: changed.place.or_else(|| place.clone()).or_else(|| case.place.cloned()),
            ..Finding::new(
                Rule::BudgetChanged,
                severity,
                changed.key,
                format!("the budget allows more than before: {}", changed.what),
            )
        })
        .collect();
    let outcome = tally(Rule::BudgetChanged, &findings, place);
    Some(Ruling::Judged { outcome, findings, allows: Vec::new(), accepted: Vec::new() })
}
