//! Exceptions of a repository from the rules of a policy: what the policy's `may-allow` leaves out, it may not except.

use crate::config::{Policy, raw};
use crate::diagnostics::Problem;
use crate::domain::{Rule, Rules};

/// What a policy alone asks of each target, by its name.
pub(super) type Floors = Vec<(String, Rules)>;

/// Notes an exception that the policy does not take.
pub(super) fn refuse(
    file: &raw::File,
    allow: &raw::Allow,
    floors: &Floors,
    policy: &Policy,
    problems: &mut Vec<Problem>,
) {
    let Some(exception) = &allow.exception else { return };
    let Some(may_allow) = &policy.file.terms.may_allow else { return };
    let covers = |name: &str| exception.covers(name);
    let is_of_policy = floors.iter().any(|(name, floor)| covers(name) && asks_for(floor, exception.rule));
    if may_allow.contains(&exception.rule) || !is_of_policy {
        return;
    }
    let message = format!("the policy takes no exceptions from `{}`", exception.rule);
    let hint = format!("`may-allow` in {} lists the rules that it takes exceptions from.", policy.file.source.name());
    problems.push(Problem::new(&file.source, allow.span.clone(), message).with_hint(hint));
}

/// Whether `rules` ask for what `rule` judges.
fn asks_for(rules: &Rules, rule: Rule) -> bool {
    match rule {
        Rule::Size => rules.max_size.is_some(),
        Rule::CompressedSize => rules.max_compressed_size.is_some(),
        Rule::OwnSize => rules.max_own_size.is_some(),
        Rule::Layers => rules.max_layers.is_some(),
        Rule::LayerSize => rules.max_layer_size.is_some(),
        Rule::Wasted => rules.max_wasted.is_some(),
        Rule::Growth => rules.max_growth.is_some(),
        Rule::OwnGrowth => rules.max_own_growth.is_some(),
        Rule::OsPackages => rules.max_os_packages.is_some(),
        Rule::ForbiddenTool | Rule::ShadowedTool => !rules.forbid_tools.is_empty(),
        Rule::ForbiddenPath => !rules.forbid_paths.is_empty(),
        Rule::RootUser => rules.require_non_root.is_some(),
        Rule::WrongStage | Rule::FleetSize | Rule::NoBudget | Rule::ExpiredAllow | Rule::BudgetChanged => false,
    }
}
