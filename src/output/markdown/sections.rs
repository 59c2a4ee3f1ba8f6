//! What stands below one heading: what the same targets have. So what several of them share is said once.

use std::collections::{BTreeMap, HashMap};

use super::item::{Told, item};
use super::pick;
use super::shared::{self, Whose};
use super::view::View;
use crate::domain::{Cause, Finding, TargetReport};

/// What there is to say, and the targets that it is said of: at least one.
#[derive(Default)]
pub(super) struct Section<'a> {
    /// The targets.
    pub(super) targets: Vec<&'a TargetReport>,
    /// What can be changed, each with the targets that share it.
    pub(super) causes: Vec<Vec<Whose<'a>>>,
    /// Findings that stand under no cause.
    pub(super) findings: Vec<&'a Finding>,
}

impl Section<'_> {
    /// How many things it says.
    pub(super) fn len(&self) -> usize {
        self.causes.len() + self.findings.len()
    }
}

/// What is new about the listed targets, in their order; what several share comes after what is the first one's alone. A target that could
/// not be measured, and one for which something was accepted, has a section even if nothing else is to be said.
pub(super) fn open<'a>(view: &View<'a>) -> Vec<Section<'a>> {
    let listed: Vec<&TargetReport> = view.listed().collect();
    let place = |target: &TargetReport| listed.iter().position(|listed| std::ptr::eq(*listed, target)).unwrap_or(0);
    // Sorted by the place of the first target, then by how many there are.
    let mut sections: BTreeMap<(usize, usize, Vec<usize>), Section<'a>> = BTreeMap::new();
    let mut section = |targets: Vec<&'a TargetReport>, add: &mut dyn FnMut(&mut Section<'a>)| {
        let mut places: Vec<usize> = targets.iter().map(|target| place(target)).collect();
        places.dedup();
        let key = (places.first().copied().unwrap_or(0), places.len(), places);
        add(sections.entry(key).or_insert_with(|| Section { targets, ..Section::default() }));
    };
    for target in listed.iter().filter(|target| target.error.is_some() || !target.accepted.is_empty()) {
        section(vec![target], &mut |_| ());
    }
    let is_open = |target: &TargetReport, cause: &Cause| view.is_listed(target) && pick::is_open(target, cause);
    for mut group in shared::together(view.report, is_open) {
        group.sort_by_key(|(target, _)| place(target));
        let targets = group.iter().map(|(target, _)| *target).collect();
        section(targets, &mut |section| section.causes.push(group.clone()));
    }
    for (targets, finding) in loose(view, &listed) {
        section(targets, &mut |section| section.findings.push(finding));
    }
    sections.into_values().collect()
}

/// Findings that stand under no cause, with the targets that have the same: one that reads the same.
fn loose<'a>(view: &View<'_>, listed: &[&'a TargetReport]) -> Vec<(Vec<&'a TargetReport>, &'a Finding)> {
    let mut groups: Vec<(Vec<&TargetReport>, &Finding)> = Vec::new();
    let mut known: HashMap<(&str, String), usize> = HashMap::new();
    for target in listed.iter().copied() {
        for finding in pick::loose(target).filter(|finding| pick::is_news(finding)) {
            let words = item(view, target, finding, &mut Told::default());
            let group = *known.entry((target.name.as_str(), words)).or_insert(groups.len());
            match groups.get_mut(group) {
                Some((targets, _)) if !targets.last().is_some_and(|last| std::ptr::eq(*last, target)) => {
                    targets.push(target);
                }
                Some(_) | None => groups.push((vec![target], finding)),
            }
        }
    }
    groups
}
