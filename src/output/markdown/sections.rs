//! What stands below one heading: findings that the same platforms of one target have. So what several of them share is said once.

use std::collections::HashMap;

use super::item::{Told, item};
use super::view::View;
use crate::domain::{Finding, Severity, TargetReport, Verdict};

/// Findings, and the targets that have them: platforms of one target, at least one.
pub(super) struct Section<'a> {
    /// Positions among the targets of the view.
    places: Vec<usize>,
    /// The platforms.
    pub(super) targets: Vec<&'a TargetReport>,
    /// The findings; none where the target could not be measured.
    pub(super) findings: Vec<&'a Finding>,
}

/// The findings of targets in trouble, in the order of the targets. Notes change no verdict and are none of them.
pub(super) fn open<'a>(view: &View<'a>) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
    for single in singles(view, |target, finding| target.verdict != Verdict::Pass && is_open(finding)) {
        let place = *known.entry(single.places.clone()).or_insert(sections.len());
        match sections.get_mut(place) {
            Some(section) => section.findings.extend(single.findings),
            None => sections.push(single),
        }
    }
    sections
}

/// What is folded however much room there is: notes, and what a target that passes has.
pub(super) fn folded<'a>(view: &View<'a>) -> Vec<Section<'a>> {
    let folded = singles(view, |target, finding| target.verdict == Verdict::Pass || !is_open(finding));
    folded.into_iter().filter(|single| !single.findings.is_empty()).collect()
}

fn is_open(finding: &Finding) -> bool {
    finding.severity != Severity::Note
}

/// A section for each finding that is wanted. A target in trouble that has none is a section all the same.
fn singles<'a>(view: &View<'a>, wanted: impl Fn(&TargetReport, &Finding) -> bool) -> Vec<Section<'a>> {
    let mut singles: Vec<Section<'_>> = Vec::new();
    let mut known: HashMap<(&str, String), usize> = HashMap::new();
    for (place, target) in view.targets.iter().copied().enumerate() {
        let mut findings = target.findings.iter().filter(|finding| wanted(target, finding)).peekable();
        if findings.peek().is_none() && target.verdict != Verdict::Pass {
            singles.push(Section { places: vec![place], targets: vec![target], findings: Vec::new() });
        }
        for finding in findings {
            // The same finding is one that reads the same.
            let words = item(view, target, finding, &mut Told::default());
            let known = *known.entry((target.name.as_str(), words)).or_insert(singles.len());
            match singles.get_mut(known) {
                Some(single) if single.places.last() != Some(&place) => {
                    single.places.push(place);
                    single.targets.push(target);
                }
                Some(_) | None => {
                    singles.push(Section { places: vec![place], targets: vec![target], findings: vec![finding] });
                }
            }
        }
    }
    singles
}
