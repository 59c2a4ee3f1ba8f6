//! What both rules about tools share: which tools are forbidden, which are excused, and one group for each cause.

use std::collections::BTreeMap;

use super::case::Case;
use super::excuses::Excuses;
use crate::catalogue;
use crate::domain::{AllowMatch, AppliedAllow, Forbidden, Place, Rule, Severity, ToolPattern};
use crate::image::{FoundPath, FoundTool};

/// Tools of one family that one layer brought: one cause.
pub(super) struct Group<'a> {
    /// `npm` for npm, npx and corepack.
    pub(super) family: &'a str,
    /// The layer that brought them.
    pub(super) layer: usize,
    /// The worst severity that their entries of `forbid-tools` give.
    pub(super) severity: Severity,
    /// The entry that gives it.
    pub(super) place: Option<&'a Place>,
    /// Their names, the family's first.
    pub(super) names: Vec<&'a str>,
    /// Their paths.
    pub(super) paths: Vec<&'a FoundPath>,
}

/// The forbidden tools among `found` that no exception from `rule` excuses, and the exceptions that excuse the others.
pub(super) fn forbidden<'a>(
    case: &Case<'a>,
    rule: Rule,
    found: &'a [FoundTool],
) -> (Vec<Group<'a>>, Vec<AppliedAllow>) {
    let mut excuses = Excuses::new(case, rule);
    let mut groups: BTreeMap<(&str, usize), Group<'a>> = BTreeMap::new();
    for tool in found {
        let Some(entry) = entry(case, &tool.name) else { continue };
        for path in &tool.paths {
            if excuses.excuse(&tool.name, case.origin(path.layer), |what| excused(what, &tool.name)) {
                continue;
            }
            let group = groups.entry((&tool.family, path.layer)).or_insert_with(|| Group {
                family: &tool.family,
                layer: path.layer,
                severity: entry.severity,
                place: entry.place.as_ref(),
                names: Vec::new(),
                paths: Vec::new(),
            });
            if entry.severity > group.severity {
                (group.severity, group.place) = (entry.severity, entry.place.as_ref());
            }
            group.names.push(&tool.name);
            group.paths.push(path);
        }
    }
    let groups = groups.into_values().map(|mut group| {
        group.names.sort_by_key(|name| (*name != group.family, *name));
        group.names.dedup();
        group
    });
    (groups.collect(), excuses.applied())
}

/// The worst of the entries of `forbid-tools` that mean the tool; the first of equals.
fn entry<'a>(case: &Case<'a>, tool: &str) -> Option<&'a Forbidden<ToolPattern>> {
    let meant = case.rules.forbid_tools.iter().filter(|entry| means(&entry.what, tool));
    meant.rev().max_by_key(|entry| entry.severity)
}

/// Whether a pattern means the tool of this name.
fn means(pattern: &ToolPattern, tool: &str) -> bool {
    match pattern {
        ToolPattern::Group(group) => {
            catalogue::group_members(group).is_some_and(|mut members| members.any(|member| member.name == tool))
        }
        // `pip3` is one of the names of the catalogue's `pip`.
        ToolPattern::Name(name) => {
            name == tool || catalogue::identify(name.as_bytes()).is_some_and(|known| known.name == tool)
        }
    }
}

fn excused(what: &AllowMatch, tool: &str) -> bool {
    match what {
        AllowMatch::Tool(pattern) => means(pattern, tool),
        AllowMatch::Glob(glob) => glob.is_match(tool),
    }
}
