//! All that fails today as exceptions, one for each cause: what fifteen images take from one base is one decision and not fifteen.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Found, found};
use crate::domain::{Budgets, EasedBy, Finding, NewAllow, Place, Report, Rule, Severity, TargetReport, UpTo};

/// What all of the exceptions say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: time::Date,
}

/// What an exception is about, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    found: Found,
    /// Targets in the order of the report, each once.
    targets: Vec<String>,
    /// The place that brought it in each: what one instruction brought is told together.
    causes: Vec<String>,
}

/// The exceptions that let what fails in `report` pass. Exceptions of `budgets` count where they hold on the day that `terms` name: what
/// expired and is given a new date is not excused twice.
#[must_use]
pub fn existing(report: &Report, budgets: &Budgets, terms: &Terms) -> Vec<NewAllow> {
    let mut groups: Vec<Group> = Vec::new();
    for target in report.targets.iter().filter(|target| target.error.is_none()) {
        for finding in target.findings.iter().filter(|finding| fails(finding)) {
            let Some(found) = found(target, finding) else { continue };
            let Some(left) = beside_extended(&found, target, budgets) else { continue };
            add(&mut groups, left, target, cause(target, finding));
        }
    }
    let groups = keep_largest(groups);
    let mut told: Vec<Group> = Vec::new();
    for group in groups {
        let together = told.iter_mut().find(|told| are_one(told, &group));
        match together {
            Some(told) => {
                told.found.names.extend(group.found.names);
                let mut seen = BTreeSet::new();
                told.found.names.retain(|name| seen.insert(name.clone()));
            }
            None => told.push(group),
        }
    }
    told.into_iter()
        .map(|group| NewAllow {
            targets: group.targets,
            rule: group.found.rule,
            matches: group.found.names,
            of_base: group.found.of_base,
            up_to: group.found.up_to,
            reason: terms.reason.clone(),
            until: Some(terms.until),
        })
        .collect()
}

/// Whether it fails, here or wherever nothing eases it. What is enforced from a later day on has its time already.
fn fails(finding: &Finding) -> bool {
    let eased = finding.eased.as_ref();
    finding.severity == Severity::Fail
        || eased.is_some_and(|eased| eased.from == Severity::Fail && !matches!(eased.why, EasedBy::NotYet { .. }))
}

/// What is left of a finding once the exceptions that expired hold again.
fn beside_extended(found: &Found, target: &TargetReport, budgets: &Budgets) -> Option<Found> {
    let dated = budgets.allows.iter().filter(|allow| allow.until.is_some() && allow.covers(target.name.as_str()));
    dated.filter(|allow| is_expired(&allow.place, target)).try_fold(found.clone(), |left, allow| left.beside(allow))
}

/// Whether the report says that the exception there expired.
fn is_expired(place: &Place, target: &TargetReport) -> bool {
    target.findings.iter().any(|finding| {
        finding.rule == Rule::ExpiredAllow
            && finding.severity == Severity::Fail
            && finding.budget.as_ref() == Some(place)
    })
}

fn cause(target: &TargetReport, finding: &Finding) -> String {
    let layer = finding.layer.as_ref().and_then(|layer| target.layers.get(layer.index));
    layer.map_or_else(String::new, |layer| match &layer.dockerfile {
        Some(place) => place.to_string(),
        None => layer.diff_id.to_string(),
    })
}

fn add(groups: &mut Vec<Group>, found: Found, target: &TargetReport, cause: String) {
    let name = target.name.to_string();
    match groups.iter_mut().find(|group| group.found == found) {
        Some(group) => {
            if !group.targets.contains(&name) {
                group.targets.push(name);
            }
            if !group.causes.contains(&cause) {
                group.causes.push(cause);
            }
        }
        None => groups.push(Group { found, targets: vec![name], causes: vec![cause] }),
    }
}

/// Of several limits of one rule and target, as of two platforms or layers, the highest alone.
fn keep_largest(groups: Vec<Group>) -> Vec<Group> {
    let mut largest: BTreeMap<(String, &'static str), UpTo> = BTreeMap::new();
    for group in &groups {
        let Some(up_to) = group.found.up_to else { continue };
        for target in &group.targets {
            let there = largest.entry((target.clone(), group.found.rule.code())).or_insert(up_to);
            if super::found::is_within(*there, up_to) {
                *there = up_to;
            }
        }
    }
    groups
        .into_iter()
        .filter_map(|mut group| {
            if let Some(up_to) = group.found.up_to {
                let code = group.found.rule.code();
                group.targets.retain(|target| largest.get(&(target.clone(), code)) == Some(&up_to));
            }
            (!group.targets.is_empty()).then_some(group)
        })
        .collect()
}

/// Whether two groups are one decision: of the same images, from the same place.
fn are_one(one: &Group, other: &Group) -> bool {
    one.found.rule == other.found.rule
        && one.found.of_base == other.found.of_base
        && one.found.up_to.is_none()
        && other.found.up_to.is_none()
        && one.targets == other.targets
        && (one.found.of_base || one.causes == other.causes)
}
