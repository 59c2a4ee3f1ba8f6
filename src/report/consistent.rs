//! What a target of a report says twice has to agree, so that no finding can be taken out and leave a pass: limits with statuses,
//! statuses with findings, amounts with sizes and layers.

use super::causes;
use crate::domain::{
    Amount, Bytes, Compared, Eased, EasedBy, Finding, Rule, RuleOutcome, RuleStatus, Severity, TargetReport,
};

/// What contradicts itself in a target; `None` when nothing does.
pub(super) fn contradiction(target: &TargetReport) -> Option<&'static str> {
    let of = |rule: Rule| target.rules.iter().filter(move |outcome| outcome.rule == rule);
    let is_twice = |outcome: &RuleOutcome| of(outcome.rule).count() > 1;
    if target.rules.iter().any(is_twice) {
        return Some("a target has a rule twice");
    }
    if target.not_judged.iter().any(|not_judged| of(not_judged.rule).next().is_some()) {
        return Some("a rule was judged and not judged");
    }
    if target.findings.iter().any(|finding| of(finding.rule).next().is_none()) {
        return Some("a finding is of a rule that was not judged");
    }
    let has_budget = target.rules.iter().any(|outcome| is_budget(outcome.rule));
    if target.error.is_none() && !has_budget && of(Rule::NoBudget).next().is_none() {
        return Some("a target without a budget has the rule no-budget");
    }
    let mut eased = target.findings.iter().filter_map(|finding| Some((finding.severity, finding.eased.as_ref()?)));
    if let Some(what) = eased.find_map(|(severity, eased)| eased_wrongly(severity, eased)) {
        return Some(what);
    }
    if let Some(what) = unread(target, has_budget) {
        return Some(what);
    }
    if target.rules.iter().any(|outcome| outcome.status != expected(outcome, target)) {
        return Some("a rule's status is not that of its limits and findings");
    }
    let is_estimate = target.compressed_size.is_some_and(|size| size.is_estimate);
    let is_unclear = |finding: &Finding| is_estimate && is_unclear(finding);
    if target.findings.iter().any(|finding| !adds_up(finding) && !is_unclear(finding)) {
        return Some("a finding is over by something else than its amount less its limit");
    }
    if target.rules.iter().any(|outcome| measured(outcome.rule, target).is_some_and(|amount| amount != outcome.actual))
    {
        return Some("a rule was judged by another amount than the one that was measured");
    }
    let size = |sum: u64, layer: Option<Bytes>| sum.checked_add(layer?.0);
    let sum = target.layers.iter().try_fold(0_u64, |sum, layer| size(sum, layer.size));
    let is_sum = target.size.is_none() || sum == target.size.map(|size| size.0);
    if !is_sum {
        return Some("a target's size is not the sum of its layers");
    }
    causes::contradiction(target)
}

/// What a target says of its layers although it does not have their size: none of them was read.
fn unread(target: &TargetReport, has_budget: bool) -> Option<&'static str> {
    if target.size.is_some() {
        return None;
    }
    if target.layers.iter().any(|layer| layer.size.is_some()) || target.base_size.is_some() {
        return Some("a target without a size has layers with one");
    }
    if target.rules.iter().any(|outcome| asks_of_layers(outcome.rule)) {
        return Some("a target without a size was judged by what is in its layers");
    }
    let is_open = |rule| asks_of_layers(rule) && rule != Rule::ShadowedTool || asks_of_files(rule);
    if target.error.is_none() && (!has_budget || target.not_judged.iter().any(|not| is_open(not.rule))) {
        return Some("a target was not measured, and that is not its error");
    }
    None
}

/// Whether only the layers can answer a rule.
fn asks_of_layers(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Size
            | Rule::OwnSize
            | Rule::LayerSize
            | Rule::Wasted
            | Rule::Growth
            | Rule::OwnGrowth
            | Rule::ShadowedTool
    )
}

/// Whether the final file system answers a rule.
fn asks_of_files(rule: Rule) -> bool {
    matches!(rule, Rule::ForbiddenTool | Rule::ForbiddenPath)
}

/// Whether a rule makes a budget: deleted tools and exceptions alone do not.
fn is_budget(rule: Rule) -> bool {
    !matches!(rule, Rule::WrongStage | Rule::ShadowedTool | Rule::ExpiredAllow | Rule::BudgetChanged | Rule::NoBudget)
}

/// The status by limits, amounts and findings. What an exception excused is as good as kept, so it is taken on trust.
fn expected(outcome: &RuleOutcome, target: &TargetReport) -> RuleStatus {
    let own =
        || target.findings.iter().filter(|finding| finding.rule == outcome.rule && finding.ruled() > Severity::Note);
    // What the rule says, and what holds.
    let ruled = own().map(|finding| status(finding.ruled())).max().unwrap_or(RuleStatus::Pass);
    let holds = own().map(|finding| status(finding.severity)).max().unwrap_or(RuleStatus::Pass);
    let found = if ruled != RuleStatus::Pass && holds == RuleStatus::Pass { RuleStatus::Eased } else { holds };
    let is_over = |side: Option<Amount>| side.is_some_and(|side| outcome.actual > side);
    let by_limit = match (hard(outcome, target), is_over(outcome.warn)) {
        (Compared::Over, _) => RuleStatus::Fail,
        (Compared::Unclear, _) | (Compared::Within, true) => RuleStatus::Warn,
        (Compared::Within, false) => RuleStatus::Pass,
    };
    let count = u64::try_from(own().count()).unwrap_or(u64::MAX);
    let agrees = if is_tallied(outcome.rule) {
        outcome.actual == Amount::Count(count)
    } else {
        // Without a limit nothing was judged.
        by_limit == ruled && outcome.warn.or(outcome.fail).is_some()
    };
    match (agrees, found, outcome.status) {
        // No status at all is the other one.
        (false, _, RuleStatus::Pass) => RuleStatus::Fail,
        (false, _, _) => RuleStatus::Pass,
        (true, RuleStatus::Pass, RuleStatus::Allowed) => RuleStatus::Allowed,
        (true, found, _) => found,
    }
}

/// How an amount compares with its hard limit; an estimate may be too near to tell.
fn hard(outcome: &RuleOutcome, target: &TargetReport) -> Compared {
    match (outcome.rule, target.compressed_size, outcome.fail) {
        (Rule::CompressedSize, Some(size), Some(Amount::Bytes(limit))) => size.compare(limit),
        (_, _, Some(limit)) if outcome.actual > limit => Compared::Over,
        _ => Compared::Within,
    }
}

/// Whether a rule counts its findings, instead of comparing an amount with a limit.
fn is_tallied(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::ForbiddenTool
            | Rule::ShadowedTool
            | Rule::ForbiddenPath
            | Rule::RootUser
            | Rule::ExpiredAllow
            | Rule::BudgetChanged
            | Rule::WrongStage
            | Rule::NoBudget
    )
}

/// What a finding that was eased cannot be.
fn eased_wrongly(severity: Severity, eased: &Eased) -> Option<&'static str> {
    let to = match eased.why {
        EasedBy::Known | EasedBy::NoBaseline => Severity::Note,
        EasedBy::Drift | EasedBy::Base | EasedBy::NotYet { .. } => Severity::Warn,
    };
    (eased.from <= severity || severity != to)
        .then_some("a finding was eased to something that its reason does not give")
}

fn status(severity: Severity) -> RuleStatus {
    match severity {
        Severity::Note => RuleStatus::Pass,
        Severity::Warn => RuleStatus::Warn,
        Severity::Fail => RuleStatus::Fail,
    }
}

/// A limit that an estimate is too near to: by how much it is over cannot be told.
fn is_unclear(finding: &Finding) -> bool {
    finding.rule == Rule::CompressedSize && finding.severity == Severity::Warn && finding.over_by.is_none()
}

fn adds_up(finding: &Finding) -> bool {
    let (Some(actual), Some(limit), Some(over_by)) = (finding.actual, finding.limit, finding.over_by) else {
        return finding.limit.is_none() && finding.over_by.is_none();
    };
    actual.value().checked_sub(limit.value()) == Some(over_by.value())
}

/// What a rule judges, where the report has it beside the rule.
fn measured(rule: Rule, target: &TargetReport) -> Option<Amount> {
    let bytes = |bytes: Option<Bytes>| bytes.map(Amount::Bytes);
    match rule {
        Rule::Size => bytes(target.size),
        Rule::CompressedSize => bytes(target.compressed_size.map(|size| size.bytes)),
        Rule::OwnSize => bytes(Some(target.size?.saturating_sub(target.base_size?))),
        Rule::Layers => Some(Amount::Count(u64::try_from(target.layers.len()).ok()?)),
        Rule::LayerSize => bytes(target.layers.iter().filter_map(|layer| layer.size).max()),
        Rule::Growth => {
            let before = target.change.as_ref()?.size_before?;
            bytes(Some(target.size?.saturating_sub(before)))
        }
        Rule::OwnGrowth => {
            let change = target.change.as_ref()?;
            let before = change.size_before?.0.checked_sub(change.base_size_before?.0)?;
            let now = target.size?.0.checked_sub(target.base_size?.0)?;
            bytes(Some(Bytes(now.saturating_sub(before))))
        }
        _ => None,
    }
}
