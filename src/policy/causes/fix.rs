//! What to do about a place: one thing, in the imperative, that fits the instruction.

use super::Group;
use super::evidence::Evidence;
use super::line_fix::{self, COPY_WHAT_RUNS};
use crate::catalogue;
use crate::domain::{CauseAt, Finding, Rule};
use crate::policy::case::Case;
use crate::policy::{no_budget, places};
use crate::text;

/// The fix for a place.
pub(super) fn of(case: &Case<'_>, evidence: &Evidence<'_>, group: &Group<'_>) -> String {
    match &group.at {
        CauseAt::Stage => "build the stage that the budget expects, or name this one as `target`".to_owned(),
        CauseAt::Base { .. } => of_base(evidence, group),
        CauseAt::Setting { .. } => "end the stage with USER 65532:65532".to_owned(),
        CauseAt::Image if group.findings().all(|(_, finding)| finding.rule == Rule::Layers) => {
            "join RUN instructions that belong together, and COPY instructions with one destination".to_owned()
        }
        CauseAt::Image if group.findings().all(|(_, finding)| finding.rule == Rule::OsPackages) => {
            "install fewer packages, or start from a smaller base image".to_owned()
        }
        CauseAt::Image => COPY_WHAT_RUNS.to_owned(),
        CauseAt::Budget { .. } => of_budget(case, group),
        CauseAt::Layer { index, .. } => match heaviest(evidence, group) {
            Some(finding) if finding.rule == Rule::Wasted => line_fix::of_waste(case, evidence, *index),
            Some(finding) => line_fix::of_found(case, evidence, finding, *index),
            None if group.findings().all(|(_, finding)| finding.rule == Rule::OsPackages) => {
                line_fix::of_packages(case, *index)
            }
            None => line_fix::of_limit(case, *index),
        },
    }
}

/// The finding of a layer that the most bytes are about; `None` where only limits were passed.
fn heaviest<'r>(evidence: &Evidence<'_>, group: &Group<'r>) -> Option<&'r Finding> {
    let weight = |finding: &&Finding| match evidence.culprit() {
        Some(culprit) if finding.rule == Rule::Wasted => culprit.bytes,
        _ => places::bytes(evidence.paths(finding).iter().copied()),
    };
    let is_found = |finding: &&Finding| finding.limit.is_none() || finding.rule == Rule::Wasted;
    let found: Vec<&Finding> = group.findings().map(|(_, finding)| finding).filter(is_found).collect();
    // Of equals the first.
    found.into_iter().rev().max_by_key(weight)
}

fn of_base(evidence: &Evidence<'_>, group: &Group<'_>) -> String {
    let reference = group.report.base.as_ref().map(|base| base.reference.as_str());
    if let Some(slim) = reference.and_then(catalogue::slim) {
        return format!("try {slim}");
    }
    let tools = group.findings().filter_map(|(_, finding)| evidence.tools(finding));
    match tools.flat_map(|tools| tools.names.clone()).collect::<Vec<_>>().as_slice() {
        [] => "start from a smaller base image".to_owned(),
        [one] => format!("use a base image without {}", text::line(one)),
        [one, other] => format!("use a base image without {} and {}", text::line(one), text::line(other)),
        _ => "use a base image without them".to_owned(),
    }
}

fn of_budget(case: &Case<'_>, group: &Group<'_>) -> String {
    if group.has(|finding| finding.rule == Rule::ExpiredAllow) {
        return "fix what it excuses and delete it, or give it a new date".to_owned();
    }
    if group.has(|finding| finding.rule == Rule::BudgetChanged) {
        return "take the change back, or say in review why it is right".to_owned();
    }
    match case.measured.size() {
        Some(size) => format!("set max-size = \"{}\"", no_budget::suggestion(size)),
        None => "set max-size".to_owned(),
    }
}
