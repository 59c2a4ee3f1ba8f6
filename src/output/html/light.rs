//! Which bytes of the map a cause is about.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Cause, CauseAt, Finding, Map, MapKind, Rule, TargetReport};

/// The bytes of a cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Light {
    /// Nodes of which all is meant that a process sees.
    pub(super) whole: BTreeSet<usize>,
    /// Nodes of which all is meant that a later layer hides.
    pub(super) wasted: BTreeSet<usize>,
    /// What is meant of nodes of which only a part is; 0 where it is not known how much.
    pub(super) parts: BTreeMap<usize, u64>,
    /// The layer all of which is meant, where no paths are known.
    pub(super) layer: Option<usize>,
    /// Whether all of the base image is meant, where no paths are known.
    pub(super) is_base: bool,
}

impl Light {
    /// Whether there is nothing to light.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Finds paths in a map.
pub(super) struct Finder<'a> {
    map: &'a Map,
    children: BTreeMap<(usize, &'a str), usize>,
    rests: BTreeMap<usize, usize>,
    files: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(map: &'a Map) -> Self {
        let (mut children, mut rests) = (BTreeMap::new(), BTreeMap::new());
        for (position, node) in map.nodes.iter().enumerate().skip(1) {
            if node.kind == MapKind::Rest {
                rests.insert(node.parent, position);
            } else {
                children.insert((node.parent, node.name.as_str()), position);
            }
        }
        let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, file) in map.files.iter().enumerate() {
            files.entry(&file.path).or_default().push(position);
        }
        Self { map, children, rests, files }
    }

    /// What a cause is about.
    pub(super) fn light(&self, cause: &Cause, target: &'a TargetReport) -> Light {
        let findings = || cause.findings.iter().filter_map(|index| target.findings.get(*index));
        let is_of_hidden = |rule| matches!(rule, Rule::Wasted | Rule::ShadowedTool);
        let of =
            |finding: &'a Finding| finding.paths.iter().map(move |path| (path.as_str(), is_of_hidden(finding.rule)));
        let paths: BTreeSet<(&str, bool)> = findings().flat_map(of).collect();
        let mut light = Light::default();
        if paths.is_empty() {
            match cause.at {
                CauseAt::Layer { index, .. } => light.layer = Some(index),
                CauseAt::Base { .. } => light.is_base = true,
                CauseAt::Stage | CauseAt::Setting { .. } | CauseAt::Image | CauseAt::Budget { .. } => {}
            }
            return light;
        }
        let mut within = BTreeSet::new();
        for (path, is_hidden) in paths {
            match self.find(path) {
                (node, true) if is_hidden => {
                    light.wasted.insert(node);
                }
                (node, true) => {
                    light.whole.insert(node);
                }
                (node, false) => {
                    light.parts.entry(node).or_default();
                    within.extend(self.files_at(path, is_hidden));
                }
            }
        }
        for file in within.into_iter().filter_map(|position| self.map.files.get(position)) {
            let bytes = light.parts.entry(file.node).or_default();
            *bytes = bytes.saturating_add(file.bytes.0);
        }
        light
    }

    /// The node at a path, or the one that it is a part of.
    fn find(&self, path: &str) -> (usize, bool) {
        let mut at = 0;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            match self.children.get(&(at, name)) {
                Some(child) => at = *child,
                None => return (self.rests.get(&at).copied().unwrap_or(at), false),
            }
        }
        (at, true)
    }

    /// The files at and below a path, as far as they are named.
    fn files_at<'s>(&'s self, path: &'s str, is_hidden: bool) -> impl Iterator<Item = usize> + 's {
        let below = self.files.range(path..).take_while(move |(other, _)| other.starts_with(path));
        let is_there =
            move |other: &str| other.get(path.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let positions = below.filter(move |(other, _)| is_there(other)).flat_map(|(_, positions)| positions).copied();
        positions.filter(move |position| self.map.files.get(*position).is_some_and(|file| file.is_hidden == is_hidden))
    }
}
