//! What one target is judged by, as a report keeps it: a later run tells by it what became of the budget itself.

use super::{AllowMatch, Budgets, Bytes, Origin, Place, Rule, Rules, Severity, Target, UpTo};

/// The budget of one target with everything that it inherits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetBudget {
    /// Its rules.
    pub rules: Rules,
    /// The exceptions that speak of it, in the order of the file.
    pub exceptions: Vec<Exception>,
    /// Whether only what is new counts, and where that is written.
    pub only_new: Option<Place>,
    /// What a limit that is broken already may grow by before it counts as new.
    pub min_change: Bytes,
    /// What a loosened budget is.
    pub budget_changes: Severity,
    /// Where that is written.
    pub budget_changes_place: Option<Place>,
}

/// An `[[allow]]` as text, so that two of them can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The rule that it excuses.
    pub rule: Rule,
    /// What of that rule, as written: names, globs or groups. Empty means all of it.
    pub matches: Vec<String>,
    /// Who must have brought it; `None` when that is all the same.
    pub origin: Option<Origin>,
    /// The limit that holds instead.
    pub up_to: Option<UpTo>,
    /// Why, in the user's words. Untrusted.
    pub reason: String,
    /// The last day on which it holds, UTC.
    pub until: Option<time::Date>,
    /// Where it is written.
    pub place: Option<Place>,
}

impl TargetBudget {
    /// The budget of `target`, which `budgets` declares.
    #[must_use]
    pub fn of(target: &Target, budgets: &Budgets) -> Self {
        let speaks = budgets.allows.iter().filter(|allow| allow.covers(target.name.as_str()));
        let (budget_changes, budget_changes_place) =
            budgets.budget_changes.clone().map_or((Severity::Note, None), |(severity, place)| (severity, Some(place)));
        Self {
            rules: target.rules.clone(),
            exceptions: speaks
                .map(|allow| Exception {
                    rule: allow.rule,
                    matches: allow.matches.iter().map(AllowMatch::to_string).collect(),
                    origin: allow.origin,
                    up_to: allow.up_to,
                    reason: allow.reason.clone(),
                    until: allow.until,
                    place: Some(allow.place.clone()),
                })
                .collect(),
            only_new: budgets.only_new.clone(),
            min_change: budgets.comment.min_change,
            budget_changes,
            budget_changes_place,
        }
    }
}
