//! Rules that budgets.toml may switch on and that this version does not judge.

use crate::domain::{Budgets, NotJudged, Rule};

/// Those that belong to no single target.
pub(super) fn fleet(budgets: &Budgets) -> Vec<NotJudged> {
    budgets.fleet_max_size.iter().map(|_| not_yet(Rule::FleetSize)).collect()
}

fn not_yet(rule: Rule) -> NotJudged {
    NotJudged { rule, reason: "this version does not judge it yet".to_owned() }
}
