//! What to do about a place: one thing, in the imperative, that fits the instruction.

use super::Group;
use super::evidence::Evidence;
use crate::catalogue;
use crate::domain::{CauseAt, Finding, Rule};
use crate::policy::case::Case;
use crate::policy::{no_budget, places};

const COPY_WHAT_RUNS: &str = "build in an earlier stage and copy only what runs";

/// The fix for a place.
pub(super) fn of(case: &Case<'_>, evidence: &Evidence<'_>, group: &Group<'_>) -> String {
    match &group.at {
        CauseAt::Stage => "build the stage that the budget expects, or name the other in `target`".to_owned(),
        CauseAt::Base { .. } => of_base(evidence, group),
        CauseAt::Setting { .. } => "end the stage with USER 65532:65532".to_owned(),
        CauseAt::Image => of_image(group),
        CauseAt::Budget { .. } => of_budget(case, group),
        CauseAt::Layer { index, .. } => of_layer(case, evidence, group, *index),
    }
}

fn of_base(evidence: &Evidence<'_>, group: &Group<'_>) -> String {
    let names: Vec<&str> = group
        .findings()
        .filter_map(|(_, finding)| evidence.tools(finding))
        .flat_map(|tools| tools.names.clone())
        .collect();
    match names.as_slice() {
        [] => "start from a smaller base image".to_owned(),
        [one] => format!("use a base image without {one}"),
        [one, other] => format!("use a base image without {one} and {other}"),
        _ => "use a base image without them".to_owned(),
    }
}

fn of_image(group: &Group<'_>) -> String {
    if group.findings().all(|(_, finding)| finding.rule == Rule::Layers) {
        return "join RUN instructions that belong together, and COPY instructions with one destination".to_owned();
    }
    COPY_WHAT_RUNS.to_owned()
}

fn of_budget(case: &Case<'_>, group: &Group<'_>) -> String {
    if group.has(|finding| finding.rule == Rule::ExpiredAllow) {
        return "fix what it excuses and delete it, or give it a new date".to_owned();
    }
    match case.measured.size() {
        Some(size) => format!("set max-size = \"{}\"", no_budget::suggestion(size)),
        None => "set max-size".to_owned(),
    }
}

/// The fix for the finding that the most bytes are about.
fn of_layer(case: &Case<'_>, evidence: &Evidence<'_>, group: &Group<'_>, index: usize) -> String {
    let weight = |finding: &&Finding| places::bytes(evidence.paths(finding).iter().copied());
    let is_found = |finding: &&Finding| finding.limit.is_none() || finding.rule == Rule::Wasted;
    let found: Vec<&Finding> = group.findings().map(|(_, finding)| finding).filter(is_found).collect();
    // Of equals the first.
    let heaviest = found.into_iter().rev().max_by_key(weight);
    let instruction = case.instruction(index);
    match heaviest {
        Some(finding) if finding.rule == Rule::ForbiddenTool => of_tools(case, evidence, finding, &instruction, index),
        Some(finding) if finding.rule == Rule::ShadowedTool => "install and remove in one RUN".to_owned(),
        Some(finding) if finding.rule == Rule::ForbiddenPath => of_paths(case, &instruction, index).to_owned(),
        Some(_) => "change files in the instruction that makes them".to_owned(),
        None if case.is_copied(index) => "leave out what does not run".to_owned(),
        None => COPY_WHAT_RUNS.to_owned(),
    }
}

fn of_tools(case: &Case<'_>, evidence: &Evidence<'_>, finding: &Finding, instruction: &str, index: usize) -> String {
    let names = evidence.tools(finding).map_or(&[][..], |tools| &tools.names);
    let is_one_of =
        |set: &str| catalogue::group_members(set).is_some_and(|mut tools| tools.any(|tool| names.contains(&tool.name)));
    if is_one_of("node-dev") {
        "npm ci --omit=dev".to_owned()
    } else if finding.subject == "pip" {
        "make the virtual environment with `python3 -m venv --without-pip`".to_owned()
    } else if instruction.contains("apt") && instruction.contains(" install") {
        "install in an earlier stage and copy only what runs".to_owned()
    } else if case.is_copied(index) {
        "copy only what runs".to_owned()
    } else {
        COPY_WHAT_RUNS.to_owned()
    }
}

fn of_paths(case: &Case<'_>, instruction: &str, index: usize) -> &'static str {
    if instruction.starts_with("RUN ") {
        "remove it in the same RUN"
    } else if case.is_copied(index) {
        "add it to .dockerignore"
    } else {
        "remove it in the instruction that makes it"
    }
}
