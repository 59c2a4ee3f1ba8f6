//! Base images that moved: what others made, told once for all images that stand on them.

use super::super::headroom;
use super::change::Signed;
use super::pick::{self, Standing};
use super::view::{View, plain_base, unbroken};
use crate::domain::{Bytes, Shares, TargetReport};
use crate::text;

/// Bases that have a line each; the rest is counted.
const BASES: usize = 5;
/// Targets that drifted and are named; the rest is counted.
const DRIFTED: usize = 3;

/// Images that changed with their base image and by nothing else.
pub(super) struct Moved<'a> {
    /// The base image, in a code span; `None` where its name is not fit for a first line.
    name: Option<String>,
    /// Whether the base image that is asked for may have been changed here, for all of them.
    here: bool,
    pub(super) targets: Vec<&'a TargetReport>,
}

/// One entry a base image, those with the most images first.
pub(super) fn groups<'a>(view: &View<'a>) -> Vec<Moved<'a>> {
    let mut groups: Vec<(&str, Moved<'a>)> = Vec::new();
    for target in view.targets.iter().copied().filter(|target| pick::is_base_alone(target)) {
        let reference = target.base.as_ref().map_or("", |base| base.reference.as_str());
        let from = target.base.as_ref().map(|base| &base.place);
        let here = target.inputs.as_ref().is_some_and(|inputs| inputs.may_change_base(from));
        match groups.iter_mut().find(|(same, _)| *same == reference) {
            Some((_, moved)) => {
                moved.here &= here;
                moved.targets.push(target);
            }
            None => groups.push((reference, Moved { name: plain_base(target), here, targets: vec![target] })),
        }
    }
    let mut groups: Vec<Moved<'a>> = groups.into_iter().map(|(_, moved)| moved).collect();
    groups.sort_by_key(|moved| std::cmp::Reverse(moved.targets.len()));
    groups
}

impl Moved<'_> {
    /// `node:20-slim moved: +28.4 MB in 6 images, your layers ±0`.
    pub(super) fn sentence(&self) -> String {
        let what = match (&self.name, self.here) {
            (Some(name), false) => format!("{name} moved"),
            (Some(name), true) => format!("base {name}"),
            (None, _) => "the base image moved".to_owned(),
        };
        let images = text::count(self.targets.len(), "image", "images");
        format!("{what}: {} in {images}, your layers {}", self.base(), self.own())
    }

    fn base(&self) -> String {
        self.range(|shares| shares.base)
    }

    fn own(&self) -> String {
        self.range(|shares| shares.own)
    }

    /// `+28.4 MB`, or `+20.1 MB to +28.4 MB` where it differs.
    fn range(&self, of: impl Fn(&Shares) -> (Bytes, Bytes)) -> String {
        let signed = |target: &&TargetReport| {
            Shares::of(target).map(|shares| {
                let (before, after) = of(&shares);
                Signed::between(before, after)
            })
        };
        let changes: Vec<Signed> = self.targets.iter().filter_map(signed).collect();
        match (changes.iter().min(), changes.iter().max()) {
            (Some(least), Some(most)) if least.to_string() != most.to_string() => format!("{least} to {most}"),
            (Some(same), _) => same.to_string(),
            (None, _) => "–".to_owned(),
        }
    }

    /// `6 images | +28.4 MB | ±0 | cart 3.1 MB`.
    fn row(&self, view: &View<'_>, with_name: bool) -> String {
        let images = match self.targets.as_slice() {
            [only] => view.name(only),
            several => text::count(several.len(), "image", "images"),
        };
        let whose = self.name.as_ref().filter(|_| with_name).map(|name| format!(" on {name}")).unwrap_or_default();
        let left = self.targets.iter().filter_map(|target| Some((headroom::left(target)?, *target)));
        let least = left.min_by_key(|(left, _)| *left);
        let least = least.map_or_else(
            || "–".to_owned(),
            |(left, target)| format!("{} {}", view.name(target), unbroken(&left.to_string())),
        );
        let cells = [format!("{images}{whose}"), self.base(), self.own(), least];
        format!("| {} |", cells.map(|cell| text::markdown_cell(&cell)).join(" | "))
    }
}

/// The table of a run in which nothing but bases moved: one row a base.
pub(super) fn table(view: &View<'_>) -> Option<String> {
    let groups = groups(view);
    if groups.is_empty() {
        return None;
    }
    let mut lines = vec!["| Images | Base | Yours | Least headroom |\n| :--- | ---: | ---: | ---: |".to_owned()];
    lines.extend(groups.iter().take(BASES).map(|moved| moved.row(view, groups.len() > 1)));
    Some(lines.join("\n"))
}

/// The same as lines, below a table of other things; and what drifted.
pub(super) fn lines(view: &View<'_>, with_bases: bool) -> Option<String> {
    let groups = if with_bases { groups(view) } else { Vec::new() };
    let mut lines: Vec<String> = groups.iter().take(BASES).map(Moved::sentence).collect();
    if groups.len() > BASES {
        lines.push(format!("and {}", text::count(groups.len() - BASES, "more base image", "more base images")));
    }
    lines.extend(drifted(view));
    (!lines.is_empty()).then(|| format!("- {}", lines.join("\n- ")))
}

/// ``drift: `api` +2.1 MB, `cart` −1.0 MB; nothing that they are made of changed here``.
fn drifted(view: &View<'_>) -> Option<String> {
    let drifted: Vec<&TargetReport> = view.standing_so(Standing::Drifted).collect();
    let mut said: Vec<String> = drifted.iter().take(DRIFTED).map(|target| drift(view, target)).collect();
    if drifted.len() > DRIFTED {
        said.push(format!("{} more", drifted.len() - DRIFTED));
    }
    (!said.is_empty()).then(|| format!("drift: {}; nothing they are made of changed here", said.join(", ")))
}

/// `` `api` +2.1 MB ``.
pub(super) fn drift(view: &View<'_>, target: &TargetReport) -> String {
    let before = target.change.as_ref().and_then(|change| change.size_before);
    let by = before.zip(target.size).map(|(before, now)| format!(" {}", Signed::between(before, now)));
    format!("{}{}", view.plain_name(target), by.unwrap_or_default())
}
