//! What fixing a place frees at most.
//!
//! Only what is known to go is counted, and each byte once: the files that findings are about, as far as the place brought them, and the
//! wasted bytes that are put down to it. Of a limit that is passed only what grew since the baseline is known to be too much: that a layer
//! is the largest does not mean that it can go. A base image claims nothing, since nobody measured what would stand in its place. No
//! place frees more than its layers have.

use std::collections::{BTreeMap, BTreeSet};

use super::Group;
use super::evidence::Evidence;
use crate::domain::{Bytes, CauseAt, Finding, Origin, Rule, TargetReport, ToolPackages};
use crate::image::FoundPath;
use crate::policy::places;

/// What fixing each place frees, in the order of the groups, and what fixing all of them does; `None` where nothing is known that could go.
pub(super) fn of(evidence: &Evidence<'_>, groups: &[Group<'_>]) -> (Vec<Option<Bytes>>, Option<Bytes>) {
    let claims: Vec<Claim<'_>> = groups.iter().map(|group| Claim::of(evidence, group)).collect();
    let frees: Vec<Bytes> = claims.iter().map(|claim| claim.frees(&[])).collect();
    // What the image as a whole claims of a layer that has a place of its own is counted there.
    let (whole, placed): (Vec<&Claim<'_>>, Vec<&Claim<'_>>) = claims.iter().partition(|claim| claim.is_whole);
    let placed_layers: BTreeSet<usize> = placed.iter().flat_map(|claim| claim.layers.keys().copied()).collect();
    let left = whole.iter().map(|claim| claim.without(&placed_layers));
    let all: Bytes = placed.iter().map(|claim| claim.frees(&whole)).chain(left).sum();
    let (most, sum) = (frees.iter().copied().max().unwrap_or_default(), frees.iter().copied().sum::<Bytes>());
    let some = |bytes: Bytes| (bytes > Bytes::ZERO).then_some(bytes);
    (frees.into_iter().map(some).collect(), some(all.min(sum).max(most)))
}

/// Contents by the layer that brought them: their absolute paths, and the bytes that are the layer's.
type Files<'a> = BTreeMap<usize, Vec<(&'a [u8], Bytes)>>;

/// What one place claims.
struct Claim<'a> {
    /// Whether it is the image as a whole, whose layers may have places of their own.
    is_whole: bool,
    /// The layers that it may claim from, with their sizes.
    layers: BTreeMap<usize, Bytes>,
    /// Files that the image shows.
    shown: Files<'a>,
    /// Tools among them that come with no package that can go.
    loose_tools: Files<'a>,
    /// Packages that go with those of forbidden tools.
    gone: BTreeSet<usize>,
    /// What each of them brought.
    packages: Option<&'a ToolPackages>,
    /// Deleted tools.
    deleted: Files<'a>,
    /// Wasted bytes; deleted tools are among them.
    wasted: Bytes,
    /// What the place grew by, where it passed a limit.
    grown: Bytes,
}

impl<'a> Claim<'a> {
    fn of(evidence: &Evidence<'a>, group: &Group<'_>) -> Self {
        let layers = claimable(group);
        let files = |is_it: fn(&Finding) -> bool| {
            let findings = group.findings().filter(|(_, finding)| is_it(finding));
            by_layer(&layers, findings.flat_map(|(_, finding)| evidence.paths(finding).iter().copied()))
        };
        let (shown, deleted) =
            (files(|finding| finding.rule != Rule::ShadowedTool), files(|finding| finding.rule == Rule::ShadowedTool));
        let gone: BTreeSet<usize> = group.findings().flat_map(|(_, finding)| evidence.gone(finding)).collect();
        let packages = evidence.packages();
        let mut loose_tools = files(|finding| finding.rule == Rule::ForbiddenTool);
        let is_loose = |content: &[u8]| {
            packages.and_then(|packages| packages.of(content)).is_none_or(|removal| removal.goes.is_empty())
        };
        for files in loose_tools.values_mut() {
            files.retain(|(content, _)| is_loose(content));
        }
        let is_waste = group.has(|finding| finding.rule == Rule::Wasted);
        let is_layer = matches!(group.at, CauseAt::Layer { .. });
        // How many layers or packages there are has no bytes, and what is wasted is known by the byte.
        let has_no_bytes = |rule: Rule| matches!(rule, Rule::Wasted | Rule::Layers | Rule::OsPackages);
        let is_over = group.has(|finding| finding.limit.is_some() && !has_no_bytes(finding.rule));
        Self {
            is_whole: group.at == CauseAt::Image,
            layers,
            shown,
            loose_tools,
            gone,
            packages,
            deleted,
            wasted: evidence.culprit().filter(|_| is_waste).map(|culprit| culprit.bytes).unwrap_or_default(),
            grown: super::grew(group).filter(|_| is_layer && is_over).unwrap_or_default(),
        }
    }

    /// What it frees, together with what others claim of the same layers.
    fn frees(&self, others: &[&Self]) -> Bytes {
        if self.is_whole {
            return self.without(&BTreeSet::new());
        }
        let sum = |files: fn(&Self) -> &Files<'a>| -> Bytes {
            self.layers
                .keys()
                .map(|layer| union(*layer, std::iter::once(self).chain(others.iter().copied()).map(files)))
                .sum()
        };
        let hidden = sum(|claim| &claim.deleted).max(self.wasted);
        let all = || std::iter::once(self).chain(others.iter().copied());
        let shown: Bytes = self.layers.keys().map(|layer| Self::shown_in(*layer, all())).sum();
        let known = shown + hidden;
        known.max(self.grown).min(self.layers.values().copied().sum())
    }

    /// What several claim together of what the image shows of one layer. Of a path that is forbidden nobody knows whether it is in a package
    /// that goes, so the larger of both counts: the paths, or the packages with the tools that belong to none.
    fn shown_in<'c>(layer: usize, claims: impl Iterator<Item = &'c Self> + Clone) -> Bytes
    where
        'a: 'c,
    {
        let by_path = union(layer, claims.clone().map(|claim| &claim.shown));
        let Some(packages) = claims.clone().find_map(|claim| claim.packages) else { return by_path };
        let gone: BTreeSet<usize> = claims.clone().flat_map(|claim| claim.gone.iter().copied()).collect();
        let by_package = packages.in_layer(&gone, layer) + union(layer, claims.map(|claim| &claim.loose_tools));
        by_path.max(by_package)
    }

    /// What it claims of layers other than these.
    fn without(&self, layers: &BTreeSet<usize>) -> Bytes {
        let left = self.layers.iter().filter(|(layer, _)| !layers.contains(*layer));
        let of_layer =
            |layer: &usize| Self::shown_in(*layer, std::iter::once(self)) + union(*layer, [&self.deleted].into_iter());
        left.map(|(layer, size)| of_layer(layer).min(*size)).sum()
    }
}

/// The bytes of one layer in any of some files, each once.
fn union<'f, 'a: 'f>(layer: usize, files: impl Iterator<Item = &'f Files<'a>>) -> Bytes {
    places::union(files.filter_map(|files| files.get(&layer)).flatten().copied())
}

fn by_layer<'a>(layers: &BTreeMap<usize, Bytes>, found: impl Iterator<Item = &'a FoundPath>) -> Files<'a> {
    let mut files = Files::new();
    for found in found {
        for share in found.shares.iter().filter(|share| layers.contains_key(&share.layer)) {
            files.entry(share.layer).or_default().push((&found.content, share.bytes));
        }
    }
    files
}

/// The layers of a place that are not of the base image, with their sizes.
fn claimable(group: &Group<'_>) -> BTreeMap<usize, Bytes> {
    let TargetReport { layers, .. } = group.report;
    let of_place: Vec<usize> = if group.at == CauseAt::Image { (0..layers.len()).collect() } else { group.layers() };
    let sized = of_place.into_iter().filter_map(|index| {
        let layer = layers.get(index).filter(|layer| layer.origin != Origin::Base)?;
        Some((index, layer.size?))
    });
    sized.collect()
}
