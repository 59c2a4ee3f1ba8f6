//! What fixing a place frees at most.
//!
//! Only what is known to go is counted: the files that findings are about, each once, and never more than the layer brought. A base
//! image claims nothing, since nobody measured what would stand in its place. A limit claims nothing either: that a layer is the
//! largest does not mean that it can go.

use super::Group;
use super::evidence::Evidence;
use crate::domain::{Amount, Bytes, CauseAt, Finding, Rule};
use crate::image::FoundPath;
use crate::policy::places;

/// What fixing one place frees at most; `None` where nothing is known that could go.
pub(super) fn of(evidence: &Evidence<'_>, group: &Group<'_>) -> Option<Bytes> {
    let layers = group.layers();
    let most: Bytes = match &group.at {
        CauseAt::Layer { .. } => layers.iter().filter_map(|index| group.report.layers.get(*index)?.size).sum(),
        CauseAt::Image => group.report.size?,
        _ => return None,
    };
    let found = group.findings().flat_map(|(_, finding)| evidence.paths(finding).iter().copied());
    let files: Vec<&FoundPath> =
        found.filter(|found| found.layer.is_none_or(|layer| belongs(group, &layers, layer))).collect();
    let files = places::bytes(files);
    let wasted = group.findings().map(|(_, finding)| wasted(finding)).sum::<Bytes>();
    let frees = (files + wasted).min(most);
    (frees > Bytes::ZERO).then_some(frees)
}

/// What fixing all of them frees at most; `None` where no place frees anything.
pub(super) fn together(evidence: &Evidence<'_>, groups: &[Group<'_>]) -> Option<Bytes> {
    let all: Bytes = groups.iter().filter_map(|group| of(evidence, group)).sum();
    (all > Bytes::ZERO).then_some(all)
}

/// Whether a path that a layer brought counts for a place.
fn belongs(group: &Group<'_>, layers: &[usize], layer: usize) -> bool {
    group.at == CauseAt::Image || layers.contains(&layer)
}

fn wasted(finding: &Finding) -> Bytes {
    match (finding.rule, finding.actual) {
        (Rule::Wasted, Some(Amount::Bytes(bytes))) => bytes,
        _ => Bytes::ZERO,
    }
}
