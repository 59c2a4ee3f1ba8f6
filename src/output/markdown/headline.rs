//! The first line: who, what, and how the others fared.

use std::collections::BTreeSet;

use super::change;
use super::view::{View, symbol, unbroken};
use crate::catalogue;
use crate::domain::{Amount, Finding, Rule, Severity, TargetReport, Verdict};

/// Reasons that are named; the rest is counted.
const REASONS: usize = 3;

/// ``❌ `api` is 12.0 MB over its budget and ships build tools · 2 of 3 pass``. Holds nothing that a stranger could write.
pub(super) fn line(view: &View<'_>) -> String {
    let Some(culprit) = view.targets.first() else {
        if let Some(left_out) = view.report.left_out.as_ref().filter(|left_out| !left_out.targets.is_empty()) {
            let count = crate::text::count(left_out.targets.len(), "target", "targets");
            return format!("**{} nothing to check: {count} unchanged**", symbol(Verdict::Pass));
        }
        return format!("**{} no image was measured**", symbol(Verdict::Warn));
    };
    let mut parts = match culprit.verdict {
        Verdict::Pass => passed(view),
        Verdict::Warn | Verdict::Fail | Verdict::Error => {
            let mut parts = vec![accusation(view, culprit)];
            // What could not be measured is worse than what is too large, and hides it from nobody.
            let second = view.targets.iter().find(|target| target.verdict == Verdict::Fail);
            let second = second.filter(|_| culprit.verdict == Verdict::Error);
            parts.extend(second.map(|target| accusation(view, target)));
            parts.extend(others(view, culprit.verdict));
            parts
        }
    };
    if let Some(first) = parts.first_mut() {
        *first = format!("**{} {first}**", symbol(culprit.verdict));
    }
    parts.join(" · ")
}

fn accusation(view: &View<'_>, target: &TargetReport) -> String {
    format!("{} {}", view.plain_name(target), reasons(target))
}

/// Everything is fine; what moved most is still worth a word.
fn passed(view: &View<'_>) -> Vec<String> {
    let first = match view.targets.as_slice() {
        [only] => format!("{} is within its budget", view.plain_name(only)),
        [_, _] => "both images are within budget".to_owned(),
        all => format!("all {} images are within budget", all.len()),
    };
    let moved = view.targets.iter().filter_map(|target| {
        let before = target.change.as_ref()?.size_before?;
        let now = target.size?;
        (before != now).then_some((before.0.abs_diff(now.0), *target, before, now))
    });
    let most = moved.max_by_key(|(difference, ..)| *difference);
    let most =
        most.map(|(_, target, before, now)| format!("{} {}", view.plain_name(target), change::delta(before, now)));
    std::iter::once(first).chain(most).collect()
}

/// `1 more fails`, `2 warn`, `2 of 5 pass`.
fn others(view: &View<'_>, worst: Verdict) -> Vec<String> {
    let all = view.targets.len();
    if all == 1 {
        return Vec::new();
    }
    let number = |verdict| view.targets.iter().filter(|target| target.verdict == verdict).count();
    let mut parts: Vec<String> = [
        (Verdict::Error, "could not be measured", "could not be measured"),
        (Verdict::Fail, "fails", "fail"),
        (Verdict::Warn, "warns", "warn"),
    ]
    .into_iter()
    .filter_map(|(verdict, one, many)| {
        let is_named = verdict == worst || verdict == Verdict::Fail;
        let (number, more) =
            if is_named { (number(verdict).saturating_sub(1), " more") } else { (number(verdict), "") };
        (number > 0).then(|| format!("{number}{more} {}", if number == 1 { one } else { many }))
    })
    .collect();
    parts.push(format!("{} of {all} pass", number(Verdict::Pass)));
    parts
}

/// `is 12.0 MB over its budget and ships build tools`.
fn reasons(target: &TargetReport) -> String {
    if target.verdict == Verdict::Error {
        return "could not be measured".to_owned();
    }
    let severity = if target.verdict == Verdict::Fail { Severity::Fail } else { Severity::Warn };
    let worst: Vec<&Finding> = target.findings.iter().filter(|finding| finding.severity == severity).collect();
    let rules: BTreeSet<Rule> = worst.iter().map(|finding| finding.rule).collect();
    let mut said: Vec<String> = rules.iter().filter_map(|rule| reason(*rule, severity, &worst)).collect();
    if said.len() > REASONS {
        let more = said.len() - (REASONS - 1);
        said.truncate(REASONS - 1);
        said.push(format!("breaks {more} more rules"));
    }
    match said.split_last() {
        None if severity == Severity::Fail => "breaks its budget".to_owned(),
        None => "has a warning".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
    }
}

fn reason(rule: Rule, severity: Severity, findings: &[&Finding]) -> Option<String> {
    let budget = if severity == Severity::Fail { "budget" } else { "warning limit" };
    let of_rule = || findings.iter().filter(|finding| finding.rule == rule);
    let over = of_rule().find_map(|finding| finding.over_by);
    let bytes = over.map_or_else(|| "some bytes".to_owned(), |over| unbroken(&over.to_string()));
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
        Rule::Growth => format!("grew by {bytes} too much"),
        Rule::OwnGrowth => format!("grew by {bytes} too much in its own layers"),
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
        Rule::BudgetChanged => "has a looser budget than before".to_owned(),
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
