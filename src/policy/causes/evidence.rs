//! What of the image a finding is about: the paths behind it, all of them, and not only those that are shown.

use crate::domain::{Finding, Rule, TargetReport};
use crate::image::FoundPath;
use crate::policy::case::Case;
use crate::policy::tools::{self, Group};
use crate::policy::{forbidden_path, places};

/// What a target's findings of tools and paths are about.
pub(super) struct Evidence<'a> {
    present: Vec<Group<'a>>,
    shadowed: Vec<Group<'a>>,
    /// By glob.
    paths: Vec<(&'a str, Vec<&'a FoundPath>)>,
}

impl<'a> Evidence<'a> {
    /// Asks the rules once more what they found.
    pub(super) fn new(case: &Case<'a>, report: &TargetReport) -> Self {
        let has = |rule: Rule| report.findings.iter().any(|finding| finding.rule == rule);
        let shown = case.measured.shown.as_ref();
        let stored = case.measured.stored.as_ref();
        let groups = |rule, found| tools::forbidden(case, rule, found).0;
        Self {
            present: shown
                .filter(|_| has(Rule::ForbiddenTool))
                .map_or_else(Vec::new, |shown| groups(Rule::ForbiddenTool, &shown.tools)),
            shadowed: stored
                .filter(|_| has(Rule::ShadowedTool))
                .map_or_else(Vec::new, |stored| groups(Rule::ShadowedTool, &stored.shadowed_tools)),
            paths: shown.filter(|_| has(Rule::ForbiddenPath)).map_or_else(Vec::new, |_| forbidden_path::left(case)),
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

    /// The paths behind a finding.
    pub(super) fn paths(&self, finding: &Finding) -> &[&'a FoundPath] {
        match finding.rule {
            Rule::ForbiddenPath => {
                let found = self.paths.iter().find(|(glob, _)| *glob == finding.subject);
                found.map_or(&[], |(_, paths)| paths)
            }
            _ => self.tools(finding).map_or(&[], |group| &group.paths),
        }
    }
}
