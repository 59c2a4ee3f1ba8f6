//! Who brought something: a line of the Dockerfile, a layer by its number, or the base image.

use std::collections::BTreeMap;

use crate::domain::{Bytes, Origin, TargetReport};
use crate::text;

/// The most names in one cell.
const MOST: usize = 2;
/// Who brought less than this part of something is not named, in hundredths.
const LEAST: u128 = 10;

/// `:9` for line 9 of the Dockerfile, `#4` for the fourth layer where no line is known of it.
pub(super) fn layer(index: usize, target: &TargetReport) -> String {
    let line = target.layers.get(index).and_then(|layer| layer.dockerfile.as_ref()).map(|place| place.line);
    line.map_or_else(|| format!("#{}", index.saturating_add(1)), |line| format!(":{line}"))
}

/// The Dockerfile of a target; `None` where it is not known.
pub(super) fn dockerfile(target: &TargetReport) -> Option<String> {
    let places = target.layers.iter().filter_map(|layer| layer.dockerfile.as_ref());
    let place = places.chain(target.base.as_ref().map(|base| &base.place)).next()?;
    Some(text::line(&place.file))
}

/// Who brought these bytes, the most first: `base`, `:9`, `:9, base`.
pub(super) fn all(brought: &[(usize, Bytes)], target: &TargetReport) -> String {
    let mut by: BTreeMap<(Option<usize>, String), u64> = BTreeMap::new();
    let mut whole = 0_u64;
    for (index, bytes) in brought {
        let is_base = target.layers.get(*index).is_some_and(|layer| layer.origin == Origin::Base);
        let whom = if is_base { (None, "base".to_owned()) } else { (Some(*index), layer(*index, target)) };
        let sum = by.entry(whom).or_default();
        *sum = sum.saturating_add(bytes.0);
        whole = whole.saturating_add(bytes.0);
    }
    let mut by: Vec<(String, u64)> = by.into_iter().map(|((_, whom), bytes)| (whom, bytes)).collect();
    by.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let is_worth = |bytes: u64| u128::from(bytes) * 100 >= u128::from(whole) * LEAST;
    let named: Vec<String> = by.into_iter().filter(|(_, bytes)| is_worth(*bytes)).map(|(whom, _)| whom).collect();
    let more = named.len().saturating_sub(MOST);
    let shown = named.get(..named.len().min(MOST)).unwrap_or_default().join(", ");
    if more > 0 { format!("{shown} +{more}") } else { shown }
}
