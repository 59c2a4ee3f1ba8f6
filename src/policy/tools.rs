//! What both rules about tools share: which tools are forbidden, which are excused, and one group for each cause.

use std::collections::BTreeMap;

use super::case::Case;
use super::enforced;
use super::excuses::Excuses;
use crate::catalogue::{self, busybox};
use crate::domain::{AllowMatch, AppliedAllow, Forbidden, Place, Rule, Rules, Severity, ToolPattern, ToolRemoval};
use crate::image::{FoundPath, FoundTool};

/// Tools of one family that one layer brought: one cause.
pub(super) struct Group<'a> {
    /// `npm` for npm, npx and corepack.
    pub(super) family: &'a str,
    /// The layer that brought them, where that is known.
    pub(super) layer: Option<usize>,
    /// The worst severity that their entries of `forbid-tools` give; what is enforced already goes before what is not.
    pub(super) severity: Severity,
    /// The entry that gives it.
    pub(super) place: Option<&'a Place>,
    /// Their names, the family's first.
    pub(super) names: Vec<&'a str>,
    /// Their paths.
    pub(super) paths: Vec<&'a FoundPath>,
}

impl Group<'_> {
    /// The packages that they come with, each once.
    pub(super) fn packages<'p>(&self, case: &Case<'p>) -> Vec<&'p ToolRemoval> {
        let of = |path: &&FoundPath| case.tool_packages?.of(&path.content);
        let mut packages: Vec<&ToolRemoval> = self.paths.iter().filter_map(of).collect();
        packages.sort_by(|a, b| a.package.cmp(&b.package));
        packages.dedup_by(|a, b| a.package == b.package);
        packages
    }
}

/// The forbidden tools among `found` that no exception from `rule` excuses, and the exceptions that excuse the others.
pub(super) fn forbidden<'a>(
    case: &Case<'a>,
    rule: Rule,
    found: &'a [FoundTool],
) -> (Vec<Group<'a>>, Vec<AppliedAllow>) {
    let mut excuses = Excuses::new(case, rule);
    let mut groups: BTreeMap<(&str, Option<usize>, bool), Group<'a>> = BTreeMap::new();
    for tool in found {
        let Some(ban) = ban(case, tool) else { continue };
        for path in &tool.paths {
            if excuses.excuse(&tool.name, case.origin(path.layer), |what| excused(what, tool, &ban)) {
                continue;
            }
            // What is only worth knowing is not told as if it were forbidden.
            let key = (tool.family.as_str(), path.layer, ban.severity == Severity::Note);
            let group = groups.entry(key).or_insert_with(|| Group {
                family: &tool.family,
                layer: path.layer,
                severity: ban.severity,
                place: ban.place,
                names: Vec::new(),
                paths: Vec::new(),
            });
            let held = |severity, place| enforced::held(case, severity, place);
            if held(ban.severity, ban.place) > held(group.severity, group.place) {
                (group.severity, group.place) = (ban.severity, ban.place);
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

/// How serious a tool's presence is, and what says so.
struct Ban<'a> {
    severity: Severity,
    place: Option<&'a Place>,
    /// Whether the tool was forbidden by its name, not as one of a group.
    by_name: bool,
}

/// What `forbid-tools` says of a tool.
///
/// An applet is forbidden by its name, as any tool. A group that it is in forbids it only where BusyBox is forbidden, too, or
/// `busybox-applets` says so; it is worth knowing otherwise.
fn ban<'a>(case: &Case<'a>, tool: &FoundTool) -> Option<Ban<'a>> {
    let entries = || case.rules.forbid_tools.iter();
    if !tool.applet {
        return worst(case, entries().filter(|entry| means(&entry.what, &tool.name)));
    }
    let of_group = |entry: &&Forbidden<ToolPattern>| matches!(entry.what, ToolPattern::Group(_));
    let named = worst(case, entries().filter(|entry| !of_group(entry) && means(&entry.what, &tool.name)));
    let grouped = worst(case, entries().filter(|entry| of_group(entry) && means(&entry.what, &tool.name)));
    let grouped = grouped.and_then(|ban| {
        if let Some((level, place)) = &case.rules.busybox_applets {
            return level.severity().map(|severity| Ban { severity, place: place.as_ref(), ..ban });
        }
        let of_busybox = worst(case, entries().filter(|entry| means(&entry.what, busybox::NAME)));
        Some(of_busybox.map_or(Ban { severity: Severity::Note, ..ban }, |it| Ban { by_name: false, ..it }))
    });
    named.into_iter().chain(grouped).rev().max_by_key(|ban| enforced::held(case, ban.severity, ban.place))
}

/// The worst of some entries; the first of equals.
fn worst<'a>(case: &Case<'_>, entries: impl DoubleEndedIterator<Item = &'a Forbidden<ToolPattern>>) -> Option<Ban<'a>> {
    let entry = entries.rev().max_by_key(|entry| enforced::held(case, entry.severity, entry.place.as_ref()))?;
    let by_name = matches!(entry.what, ToolPattern::Name(_));
    Some(Ban { severity: entry.severity, place: entry.place.as_ref(), by_name })
}

/// The paths of the tools that a rule forbids, excused or not.
#[must_use]
pub fn may_be_forbidden<'a>(rules: &Rules, found: &'a [FoundTool]) -> Vec<&'a FoundPath> {
    let is_meant = |tool: &&FoundTool| rules.forbid_tools.iter().any(|entry| means(&entry.what, &tool.name));
    found.iter().filter(is_meant).flat_map(|tool| &tool.paths).collect()
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

/// Whether an exception is about a tool. One for BusyBox covers what comes with it, but for what is forbidden by name.
fn excused(what: &AllowMatch, tool: &FoundTool, ban: &Ban<'_>) -> bool {
    let speaks_of = |name: &str| match what {
        AllowMatch::Tool(pattern) => means(pattern, name),
        AllowMatch::Paths(_) => false,
        AllowMatch::Glob(glob) => glob.is_match(name),
    };
    speaks_of(&tool.name) || tool.applet && !ban.by_name && speaks_of(busybox::NAME)
}
