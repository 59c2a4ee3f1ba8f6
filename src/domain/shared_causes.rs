//! Causes that several targets have in common: one thing to fix, told once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Bytes, Cause, CauseAt, Report, Rule, TargetReport};

/// One thing to fix, and every target that it is the matter with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedCause<'a> {
    /// Targets with their cause, in the order of the report; at least one. A target that was measured on two platforms may be here twice.
    pub members: Vec<(&'a TargetReport, &'a Cause)>,
}

impl<'a> SharedCause<'a> {
    /// The first target's cause: place, text and fix are the same for all, sizes may differ.
    #[must_use]
    pub fn first(&self) -> Option<(&'a TargetReport, &'a Cause)> {
        self.members.first().copied()
    }

    /// The most that fixing it frees in one target.
    #[must_use]
    pub fn frees(&self) -> Option<Bytes> {
        self.members.iter().filter_map(|(_, cause)| cause.frees).max()
    }

    /// Whether it is new for some target.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.members.iter().any(|(_, cause)| cause.is_new == Some(true))
    }
}

/// Every cause of a report, those that are the same thing to fix put together: what one base image brings, what one line of a Dockerfile
/// does. What is only about a target, such as its budget, is shared between its platforms alone.
///
/// The wrong stage comes first, then what is new, then what frees most, then what most targets have.
#[must_use]
pub fn shared_causes(report: &Report) -> Vec<SharedCause<'_>> {
    let mut shared: Vec<SharedCause<'_>> = Vec::new();
    let mut known: BTreeMap<Identity<'_>, usize> = BTreeMap::new();
    for target in &report.targets {
        for cause in &target.causes {
            let position = *known.entry(Identity::of(target, cause)).or_insert(shared.len());
            match shared.get_mut(position) {
                Some(it) => it.members.push((target, cause)),
                None => shared.push(SharedCause { members: vec![(target, cause)] }),
            }
        }
    }
    let is_stage = |it: &SharedCause<'_>| it.first().is_some_and(|(_, cause)| cause.at == CauseAt::Stage);
    shared.sort_by_key(|it| (!is_stage(it), !it.is_new(), Reverse(it.frees()), Reverse(it.members.len())));
    shared
}

/// What makes two causes the same thing to fix.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Identity<'a> {
    thing: Thing<'a>,
    /// What was found there.
    subjects: BTreeSet<(Rule, &'a str)>,
}

/// The place, as one that several targets may have.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing<'a> {
    /// A base image by its reference, wherever it is named.
    Base(&'a str),
    /// A line of a file.
    Line(&'a str, u32),
    /// Something of this target.
    Own(&'a str, &'a CauseAt),
}

impl<'a> Identity<'a> {
    fn of(target: &'a TargetReport, cause: &'a Cause) -> Self {
        let own = || Thing::Own(target.name.as_str(), &cause.at);
        let thing = match &cause.at {
            CauseAt::Base { .. } => target.base.as_ref().map_or_else(own, |base| Thing::Base(&base.reference)),
            CauseAt::Layer { line: Some(line), .. } | CauseAt::Setting { line: Some(line), .. } => {
                Thing::Line(&line.file, line.line)
            }
            _ => own(),
        };
        let findings = || cause.findings.iter().filter_map(|index| target.findings.get(*index));
        // Whether a limit is passed is each target's own matter; what was found at the place is the same for all.
        let subjects = findings().filter(|finding| finding.limit.is_none());
        let subjects = subjects.map(|finding| (finding.rule, finding.subject.as_str())).collect();
        Self { thing, subjects }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BaseImage, Finding, Place, Severity, Verdict};

    fn place(line: u32) -> Place {
        Place { file: "Dockerfile".to_owned(), line, column: 1 }
    }

    /// A target on `node:20` with one cause of these subjects.
    fn target(name: &str, at: CauseAt, subjects: &[&str], frees: Option<u64>) -> TargetReport {
        let finding = |subject: &&str| Finding::new(Rule::ForbiddenTool, Severity::Fail, *subject, "");
        let cause = Cause {
            at,
            severity: Severity::Fail,
            what: subjects.join(", "),
            frees: frees.map(Bytes),
            grew: None,
            is_new: None,
            findings: (0..subjects.len()).collect(),
            touched_again: None,
            fix: String::new(),
            allow: None,
        };
        TargetReport {
            base: Some(BaseImage { reference: "node:20".to_owned(), place: place(1) }),
            findings: subjects.iter().map(finding).collect(),
            causes: vec![cause],
            ..TargetReport::new(name.parse().expect("a name"), None, Verdict::Fail)
        }
    }

    fn shared(targets: Vec<TargetReport>) -> Vec<String> {
        let report = Report::new(targets, None, Vec::new());
        let names = |it: SharedCause<'_>| {
            it.members.iter().map(|(target, _)| target.name.to_string()).collect::<Vec<_>>().join("+")
        };
        shared_causes(&report).into_iter().map(names).collect()
    }

    #[test]
    fn what_one_base_image_brings_is_told_once() {
        let base = |line| CauseAt::Base { line: Some(place(line)) };
        let targets = vec![
            target("a", base(1), &["npm"], None),
            target("b", base(4), &["npm"], None),
            target("c", base(1), &["npm", "gcc"], None),
        ];
        assert_eq!(shared(targets), ["a+b", "c"]);
    }

    #[test]
    fn one_line_of_a_dockerfile_is_told_once_and_layers_without_one_are_not() {
        let layer = |index, line: Option<u32>| CauseAt::Layer { index, line: line.map(place) };
        let targets = vec![
            target("a", layer(2, Some(9)), &["gcc"], Some(5)),
            target("b", layer(3, Some(9)), &["gcc"], Some(7)),
            target("c", layer(2, None), &["gcc"], Some(9)),
            target("d", layer(2, None), &["gcc"], Some(1)),
            target("d", layer(2, None), &["gcc"], Some(1)),
            target("e", CauseAt::Image, &["gcc"], None),
            target("f", CauseAt::Image, &["gcc"], None),
        ];
        assert_eq!(shared(targets), ["c", "a+b", "d+d", "e", "f"]);
    }

    #[test]
    fn the_wrong_stage_and_what_is_new_come_first() {
        let mut new = target("new", CauseAt::Image, &["gcc"], None);
        new.causes[0].is_new = Some(true);
        let targets = vec![
            target("old", CauseAt::Image, &["gcc"], Some(9)),
            new,
            target("stage", CauseAt::Stage, &["stage"], None),
        ];
        assert_eq!(shared(targets), ["stage", "new", "old"]);
    }
}
