//! Where to look when something is too large and nothing in it stands out: what grew most, or else what is largest.

use super::paint::Paint;
use super::places::{instruction, number, show};
use super::rows::{self, Row};
use crate::domain::{
    Amount, Bytes, Cause, CauseAt, Finding, LayerChange, LayerReport, Origin, Rule, Severity, Shares, TargetReport,
};
use crate::output::packages;
use crate::text::{self, hang};

/// How many are shown.
const MOST: usize = 3;
/// The heading above what grew.
const GREW: &str = "grew";
/// The longest fix, in characters.
const LONGEST: usize = 1000;

/// Nothing where no limit of bytes is passed. `sizes` are the causes that say no more than that something is too large: what to do about
/// them stands beneath the row that they are about, or beneath all.
pub(super) fn lines(target: &TargetReport, sizes: &[&Cause], width: Option<usize>, paint: Paint) -> Vec<String> {
    let is_of_bytes = |amount: Option<Amount>| matches!(amount, Some(Amount::Bytes(_)));
    let over = target.findings.iter().any(|finding| finding.severity > Severity::Note && is_of_bytes(finding.limit));
    if !over {
        return Vec::new();
    }
    let grown = if is_news(target) { grown(target) } else { Vec::new() };
    let heading = if target.size.is_some() { "largest" } else { "compressed" };
    let (heading, mut places) = if grown.is_empty() { (heading, largest(target)) } else { (GREW, grown) };
    let mut of_all: Vec<String> = Vec::new();
    for cause in sizes {
        let about = |(at, _): &&mut (Option<usize>, Row)| match &cause.at {
            CauseAt::Layer { index, .. } => *at == Some(*index),
            CauseAt::Base { .. } => {
                at.is_none_or(|at| target.layers.get(at).is_some_and(|it| it.origin == Origin::Base))
            }
            _ => false,
        };
        match places.iter_mut().find(about) {
            Some((_, row)) if row.text.is_empty() => row.text = fix(cause),
            Some((_, row)) => row.text = format!("{} {}", row.text, fix(cause)),
            None => of_all.extend(Some(fix(cause)).filter(|fix| !of_all.contains(fix))),
        }
    }
    let rows: Vec<Row> = places.into_iter().map(|(_, row)| row).collect();
    let mut lines = if rows.is_empty() { Vec::new() } else { rows::lines(heading, &rows, width, paint) };
    let directories = if heading == GREW { packages::grown(target, text::line) } else { None };
    lines.extend(directories.iter().flat_map(|grown| hang("  in ", grown, width)));
    lines.extend(of_all.iter().flat_map(|fix| hang("  ", fix, width)));
    lines
}

/// Whether what is too large is so since the baseline. What was too large before has most to give where it is largest.
fn is_news(target: &TargetReport) -> bool {
    let is_growth = |rule| matches!(rule, Rule::Growth | Rule::OwnGrowth);
    let is_new = |finding: &Finding| finding.is_new == Some(true) || is_growth(finding.rule);
    target.findings.iter().any(|finding| finding.limit.is_some() && is_new(finding))
}

fn fix(cause: &Cause) -> String {
    format!("→ {}", text::line_within(&cause.fix, LONGEST))
}

/// The layers that grew most since the baseline.
fn grown(target: &TargetReport) -> Vec<(Option<usize>, Row)> {
    let changes = target.change.iter().flat_map(|change| &change.layers);
    let grown = changes.filter(|layer| layer.after > layer.before);
    // A base image that moved has other layers: what it grew by is the difference, told at the first of them.
    let mut base = Shares::of(target).map(|shares| shares.base);
    let has_base = base.is_some();
    grown
        .filter_map(|change: &LayerChange| {
            let (index, layer) = change.index.and_then(|index| Some((index, target.layers.get(index)?)))?;
            if has_base && layer.origin == Origin::Base {
                let (before, after) = base.take()?;
                let grew = after.0.checked_sub(before.0).filter(|grew| *grew > 0)?;
                let amount = format!("+{}", Bytes(grew));
                return Some((Some(index), Row { amount, head: head(index, layer, target), ..Row::default() }));
            }
            let edge = if change.before.is_none() { "new".to_owned() } else { String::new() };
            let new = packages::new_in(target, index, text::line).map(|new| format!("new: {new}"));
            let amount = format!("+{}", change.difference());
            let text = new.unwrap_or_default();
            Some((Some(index), Row { amount, head: head(index, layer, target), edge, text }))
        })
        .take(MOST)
        .collect()
}

/// The largest layers, those of the base image as one.
fn largest(target: &TargetReport) -> Vec<(Option<usize>, Row)> {
    let base = target.base_size.filter(|size| *size > Bytes::ZERO);
    let row = |size: Bytes, head| Row { amount: size.to_string(), head, ..Row::default() };
    let mut all: Vec<(Bytes, (Option<usize>, Row))> = Vec::new();
    for (index, layer) in target.layers.iter().enumerate() {
        let is_told = base.is_some() && layer.origin == Origin::Base;
        let size = if target.size.is_some() { layer.size } else { layer.compressed_size };
        let size = size.filter(|size| *size > Bytes::ZERO && !is_told);
        all.extend(size.map(|size| (size, (Some(index), row(size, head(index, layer, target))))));
    }
    all.extend(base.map(|size| {
        let layers = target.layers.iter().filter(|layer| layer.origin == Origin::Base).count();
        let layers = text::count(layers, "layer", "layers");
        let head = match &target.base {
            Some(base) => format!("{}  FROM {}, {layers}", show(&base.place), text::line(&base.reference)),
            None => format!("base image, {layers}"),
        };
        (size, (None, row(size, head)))
    }));
    // Of equals the lower one comes first.
    all.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    // What is less than a hundredth of the first is not worth a look.
    let least = all.first().map_or(0, |(size, _)| size.0 / 100);
    all.retain(|(size, _)| size.0 >= least);
    all.into_iter().take(MOST).map(|(_, place)| place).collect()
}

/// `Dockerfile:12  RUN npm ci`.
fn head(index: usize, layer: &LayerReport, target: &TargetReport) -> String {
    let place = layer.dockerfile.as_ref().map_or_else(|| number(index, target), show);
    let instruction = instruction(layer);
    let what = match (target.base_of(layer), layer.origin) {
        (Some(base), _) => {
            let instruction = instruction.map(|instruction| format!(": {instruction}")).unwrap_or_default();
            return format!("{}  FROM {}{instruction}", show(&base.place), text::line(&base.reference));
        }
        (None, Origin::Base) => ", of the base image",
        (None, Origin::Own | Origin::Unknown) => "",
    };
    let instruction = instruction.map(|instruction| format!("  {instruction}")).unwrap_or_default();
    format!("{place}{what}{instruction}")
}
