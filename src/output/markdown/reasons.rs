//! What is the matter with a target, in a few words that no stranger could write.

use std::collections::BTreeSet;

use super::super::eased;
use super::pick;
use super::view::unbroken;
use crate::catalogue;
use crate::domain::{Amount, EasedBy, Finding, Rule, Severity, TargetReport, Verdict};
use crate::text;

/// Reasons that are named; the rest is counted.
const REASONS: usize = 3;

/// `is 12.0 MB over its budget and ships build tools`.
pub(super) fn reasons(target: &TargetReport) -> String {
    if target.verdict == Verdict::Error {
        return "could not be measured".to_owned();
    }
    let worst = worst(target);
    let severity = worst.first().map_or(Severity::Fail, |finding| finding.ruled());
    let rules: BTreeSet<Rule> = worst.iter().map(|finding| finding.rule).collect();
    let alone = rules.len() == 1;
    let mut said: Vec<String> = rules.iter().filter_map(|rule| reason(*rule, alone, &worst)).collect();
    if said.len() > REASONS {
        let more = said.len() - (REASONS - 1);
        said.truncate(REASONS - 1);
        said.push(format!("breaks {more} more rules"));
    }
    let why = match said.split_last() {
        None if severity == Severity::Fail => "breaks its budget".to_owned(),
        None => "has a warning".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    };
    format!("{why}{}", eased(&worst))
}

/// The worst of what is new; where nothing is, the worst of all.
fn worst(target: &TargetReport) -> Vec<&Finding> {
    let news = pick::news(target);
    let is_worst = |finding: &&Finding| match news {
        Verdict::Pass => Verdict::from(finding.severity) == target.verdict,
        news => !finding.is_known() && Verdict::from(finding.severity) == news,
    };
    target.findings.iter().filter(is_worst).collect()
}

/// ` (warns until 2027-01-31, 71 days)`, where all of it is eased for one reason.
fn eased(worst: &[&Finding]) -> String {
    let why: BTreeSet<Option<&EasedBy>> =
        worst.iter().map(|finding| finding.eased.as_ref().map(|eased| &eased.why)).collect();
    match why.into_iter().collect::<Vec<_>>().as_slice() {
        [Some(why)] => {
            eased::words(why).map(|words| format!(" ({})", text::markdown_prose(&words, 100))).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn reason(rule: Rule, alone: bool, findings: &[&Finding]) -> Option<String> {
    let of_rule = || findings.iter().filter(|finding| finding.rule == rule);
    let is_hard = of_rule().any(|finding| finding.ruled() == Severity::Fail);
    let budget = if is_hard { "budget" } else { "warning limit" };
    let amount = |amount: Amount| unbroken(&amount.to_string());
    let over = of_rule().find_map(|finding| finding.over_by);
    let bytes = over.map_or_else(|| "some bytes".to_owned(), amount);
    let number = over.map_or(0, Amount::value);
    let many = |one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    Some(match rule {
        Rule::Size => format!("is {bytes} over its {budget}"),
        Rule::CompressedSize if over.is_none() => "may be over its compressed budget".to_owned(),
        Rule::CompressedSize => format!("is {bytes} over its compressed {budget}"),
        Rule::OwnSize => format!("adds {bytes} too much to its base image"),
        Rule::Layers => format!("has {} too many", many("layer", "layers")),
        Rule::LayerSize => format!("has a layer that is {bytes} too large"),
        Rule::Wasted => format!("wastes {bytes} too much"),
        Rule::Growth => match of_rule().find_map(|finding| finding.actual).filter(|_| alone) {
            Some(grown) => format!("grew {}, {bytes} more than allowed", amount(grown)),
            None => format!("grew {bytes} too much"),
        },
        Rule::OwnGrowth => match of_rule().find_map(|finding| finding.actual).filter(|_| alone) {
            Some(grown) => format!("grew {} in its own layers, {bytes} more than allowed", amount(grown)),
            None => format!("grew {bytes} too much in its own layers"),
        },
        Rule::WrongStage => "is another stage than the budget expects".to_owned(),
        Rule::BudgetChanged => "has a looser budget than before".to_owned(),
        Rule::OsPackages => format!("has {} too many", many("package", "packages")),
        Rule::ForbiddenTool => {
            let families: Vec<&str> = of_rule().map(|finding| finding.subject.as_str()).collect();
            format!("ships {}", kind(&families))
        }
        Rule::ShadowedTool => "still carries deleted tools".to_owned(),
        Rule::ForbiddenPath if of_rule().count() == 1 => "holds a forbidden path".to_owned(),
        Rule::ForbiddenPath => "holds forbidden paths".to_owned(),
        Rule::RootUser => "runs as root".to_owned(),
        Rule::FleetSize => return None,
        Rule::ExpiredAllow => "has an exception that runs out".to_owned(),
        Rule::NoBudget => "has no budget".to_owned(),
    })
}

/// What tools of these families are, in one word of ours: the worst kind there is.
fn kind(families: &[&str]) -> &'static str {
    const KINDS: [(&str, &str); 6] = [
        ("build-tools", "build tools"),
        ("os-package-managers", "package managers"),
        ("shells", "shells"),
        ("downloaders", "downloaders"),
        ("debuggers", "debuggers"),
        ("node-dev", "development packages"),
    ];
    let is_in = |group: &str, family: &str| {
        catalogue::group_members(group).is_some_and(|mut tools| tools.any(|tool| tool.family == family))
    };
    KINDS
        .into_iter()
        .find(|(group, _)| families.iter().any(|family| is_in(group, family)))
        .map_or("forbidden tools", |(_, words)| words)
}
