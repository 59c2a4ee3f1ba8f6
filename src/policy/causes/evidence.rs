//! What of the image a finding is about: the paths behind it, all of them, and not only those that are shown.

use crate::domain::{Finding, Rule, TargetReport, ToolPackages};
use crate::image::{FoundPath, FoundTool, Wasted};
use crate::policy::case::Case;
use crate::policy::tools::{self, Group};
use crate::policy::waste::{self, Culprit};
use crate::policy::{forbidden_path, places, words};

/// What a target's findings of tools and paths are about.
pub(super) struct Evidence<'a> {
    present: Vec<Group<'a>>,
    shadowed: Vec<Group<'a>>,
    /// By glob.
    paths: Vec<(&'a str, Vec<&'a FoundPath>)>,
    wasted: Option<(&'a Wasted, Culprit<'a>)>,
    packages: Option<&'a ToolPackages>,
}

impl<'a> Evidence<'a> {
    /// Asks the rules once more what they found.
    pub(super) fn new(case: &Case<'a>, report: &TargetReport) -> Self {
        let has = |rule: Rule| report.findings.iter().any(|finding| finding.rule == rule);
        let shown = case.measured.shown.as_ref();
        let stored = case.measured.stored.as_ref();
        let tools = |rule, found: Option<&'a [FoundTool]>| {
            found.filter(|_| has(rule)).map_or_else(Vec::new, |found| tools::forbidden(case, rule, found).0)
        };
        let wasted = stored.map(|stored| &stored.wasted).filter(|_| has(Rule::Wasted));
        Self {
            present: tools(Rule::ForbiddenTool, shown.map(|shown| shown.tools.as_slice())),
            shadowed: tools(Rule::ShadowedTool, stored.map(|stored| stored.shadowed_tools.as_slice())),
            paths: if has(Rule::ForbiddenPath) { forbidden_path::left(case) } else { Vec::new() },
            packages: case.tool_packages,
            wasted: wasted.and_then(|wasted| Some((wasted, waste::culprit(case, wasted)?))),
        }
    }

    /// The tools behind a finding.
    pub(super) fn tools(&self, finding: &Finding) -> Option<&Group<'a>> {
        let groups = match finding.rule {
            Rule::ForbiddenTool => &self.present,
            Rule::ShadowedTool => &self.shadowed,
            _ => return None,
        };
        groups.iter().find(|group| {
            group.family == finding.subject && places::shown(group.paths.iter().copied()).0 == finding.paths
        })
    }

    /// What goes with the packages of the tools behind a finding.
    pub(super) fn gone(&self, finding: &Finding) -> impl Iterator<Item = usize> + '_ {
        let packages = self.packages.zip(self.tools(finding).filter(|_| finding.rule == Rule::ForbiddenTool));
        let paths = packages
            .into_iter()
            .flat_map(|(packages, group)| group.paths.iter().filter_map(move |path| packages.of(&path.content)));
        paths.flat_map(|removal| removal.goes.iter().copied())
    }

    /// The packages behind tools.
    pub(super) fn packages(&self) -> Option<&'a ToolPackages> {
        self.packages
    }

    /// The paths behind a finding.
    pub(super) fn paths(&self, finding: &Finding) -> &[&'a FoundPath] {
        match finding.rule {
            Rule::ForbiddenPath => {
                let mut found = self.paths.iter().filter(|(glob, _)| *glob == finding.subject);
                let (first, second) = (found.next(), found.next());
                // Of a group what is there and what was deleted are two findings.
                let is_it =
                    |paths: &&(&str, Vec<&FoundPath>)| places::shown(paths.1.iter().copied()).0 == finding.paths;
                let found = if second.is_some() { second.filter(is_it).or(first) } else { first };
                found.map_or(&[], |(_, paths)| paths)
            }
            _ => self.tools(finding).map_or(&[], |group| &group.paths),
        }
    }

    /// The place that wasted bytes are put down to.
    pub(super) fn culprit(&self) -> Option<&Culprit<'a>> {
        self.wasted.as_ref().map(|(_, culprit)| culprit)
    }

    /// The directory that all wasted bytes of that place are in, or the largest of their paths. Not escaped.
    pub(super) fn wasted_path(&self) -> Option<String> {
        let (wasted, culprit) = self.wasted.as_ref()?;
        let paths: Vec<String> =
            culprit.paths(wasted).map(|path| String::from_utf8_lossy(&path.path).into_owned()).collect();
        let all: Vec<&str> = paths.iter().map(String::as_str).collect();
        match all.as_slice() {
            [] => None,
            [one] => Some((*one).to_owned()),
            [largest, ..] => Some(words::directory(&all).unwrap_or(largest).to_owned()),
        }
    }
}
