//! The layers by size: those of the target's own with a bar each, the base image as one row.

use super::rows::{self, GAP, Row, What};
use super::{Options, whom};
use crate::domain::{Bytes, LayerReport, Origin, TargetReport};
use crate::output::terminal::paint::Paint;
use crate::text;

/// How many are shown by default.
const MOST: usize = 6;
/// The longest instruction that is shown, in characters.
const LONGEST: usize = 400;
/// Cells of the longest bar: on a terminal of 80 columns, and on a wide one.
const BAR: std::ops::RangeInclusive<usize> = 10..=30;

pub(super) fn lines(target: &TargetReport, options: &Options, paint: Paint) -> Vec<String> {
    if target.size.is_none() || target.layers.is_empty() {
        return Vec::new();
    }
    // The base is one row where it is known which layers it brought.
    let folds_base = target.base_size.is_some() && (!options.all || options.own);
    let is_shown = |layer: &LayerReport| !(folds_base && layer.origin == Origin::Base);
    let mut shown: Vec<Sized<'_>> = target
        .layers
        .iter()
        .enumerate()
        .filter(|(_, layer)| is_shown(layer))
        .map(|(index, layer)| (index, layer.size.unwrap_or_default(), layer))
        .collect();
    // Of equals the upper one comes first: it is easier to change.
    shown.sort_by_key(|(index, size, _)| (std::cmp::Reverse(*size), std::cmp::Reverse(*index)));
    let (told, rest) = if options.all { (&shown[..], &[][..]) } else { split(&shown, MOST) };
    let largest = told.first().map_or(0, |(_, size, _)| size.0);
    let cells = bar_cells(options.width);
    let mut all: Vec<Row> =
        told.iter().map(|(index, size, layer)| row(*index, *size, layer, target, largest, cells)).collect();
    if !rest.is_empty() {
        let together: Bytes = rest.iter().map(|(_, size, _)| *size).sum();
        let what = format!("in {}", text::count(rest.len(), "smaller layer", "smaller layers"));
        all.push(Row { amount: together.to_string(), what: What::Text(what), aside: String::new() });
    }
    all.extend(base(target).filter(|_| folds_base));
    let heading = if folds_base && target.base_size > Some(Bytes::ZERO) { "Layers, yours" } else { "Layers" };
    let dockerfile = whom::dockerfile(target);
    let above = dockerfile.as_deref().map_or_else(|| "layer".to_owned(), |file| super::path::shorten(file, 24));
    rows::lines(heading, &above, &all, options.width, paint)
}

/// A layer with its position and size.
type Sized<'a> = (usize, Bytes, &'a LayerReport);

/// The first of the layers, and the rest where it is more than one. What has no bytes is not told.
fn split<'s, 'a>(all: &'s [Sized<'a>], most: usize) -> (&'s [Sized<'a>], &'s [Sized<'a>]) {
    let end = all.partition_point(|(_, size, _)| *size > Bytes::ZERO);
    let all = all.get(..end).unwrap_or_default();
    if all.len() <= most { (all, &[]) } else { all.split_at(most.saturating_sub(1)) }
}

fn row(index: usize, size: Bytes, layer: &LayerReport, target: &TargetReport, largest: u64, cells: usize) -> Row {
    let instruction = layer.created_by.as_deref().map(text::instruction).filter(|instruction| !instruction.is_empty());
    let instruction = instruction.map_or_else(|| "not known".to_owned(), |text| text::line_within(&text, LONGEST));
    let bar = bar(size.0, largest, cells);
    let place = whom::layer(index, target);
    let aside = if layer.origin == Origin::Base { "base".to_owned() } else { place };
    Row { amount: size.to_string(), what: What::Text(format!("{bar:cells$}{:GAP$}{instruction}", "")), aside }
}

fn base(target: &TargetReport) -> Option<Row> {
    let size = target.base_size?;
    let layers = target.layers.iter().filter(|layer| layer.origin == Origin::Base).count();
    let layers = text::count(layers, "layer", "layers");
    let (name, aside) = match &target.base {
        Some(base) => (format!(" {}", text::line_within(&base.reference, LONGEST)), format!(":{}", base.place.line)),
        None if size == Bytes::ZERO => return None,
        None => (String::new(), String::new()),
    };
    Some(Row { amount: size.to_string(), what: What::Text(format!("base{name}, {layers}")), aside })
}

pub(super) fn bar_cells(columns: Option<usize>) -> usize {
    columns.map_or(20, |columns| columns.saturating_sub(60).clamp(*BAR.start(), *BAR.end()))
}

/// A bar of so many cells for the largest; what has bytes has at least a sliver.
pub(super) fn bar(size: u64, largest: u64, cells: usize) -> String {
    const EIGHTHS: [&str; 7] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if size == 0 || largest == 0 {
        return String::new();
    }
    let eighths = (u128::from(size) * u128::try_from(cells).unwrap_or(0) * 8 / u128::from(largest)).max(1);
    let eighths = usize::try_from(eighths).unwrap_or(0).min(cells * 8);
    let rest = EIGHTHS.get((eighths % 8).wrapping_sub(1)).copied().unwrap_or_default();
    format!("{}{rest}", "█".repeat(eighths / 8))
}
