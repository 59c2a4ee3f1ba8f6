//! Rules that budgets.toml may switch on and that this version does not judge.

use super::case::Case;
use crate::catalogue::rules::facts;
use crate::domain::{Budgets, NotJudged, Rule, Rules};

/// Those of a target.
pub(super) fn judge(case: &Case<'_>) -> Vec<NotJudged> {
    Rule::ALL.into_iter().filter(|rule| !facts(*rule).is_judged && is_on(case.rules, *rule)).map(not_yet).collect()
}

/// Those that belong to no single target.
pub(super) fn fleet(budgets: &Budgets) -> Vec<NotJudged> {
    budgets.fleet_max_size.iter().map(|_| not_yet(Rule::FleetSize)).collect()
}

fn is_on(rules: &Rules, rule: Rule) -> bool {
    match rule {
        Rule::OsPackages => rules.max_os_packages.is_some(),
        _ => false,
    }
}

fn not_yet(rule: Rule) -> NotJudged {
    NotJudged { rule, reason: "this version does not judge it yet".to_owned() }
}
