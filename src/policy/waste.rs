//! Whose wasted bytes are: the place that can be changed so that they do not ship.
//!
//! What one's own layer has again, as after `chown -R`, ships twice because of that layer: without it, its copy is not there. What is
//! deleted or replaced ships because of the layer that brought it: the later one has nothing that could go. The other of the two is named
//! beside. All layers of the base image are one place.

use std::collections::BTreeMap;

use super::case::Case;
use crate::domain::{Bytes, Origin};
use crate::image::{HiddenHow, Wasted, WastedPart, WastedPath};

/// A place, and the wasted bytes that are its own.
pub(super) struct Culprit<'a> {
    /// The layer that can be changed; of the base image the one with most of it.
    pub(super) layer: usize,
    /// How most of it came to be hidden.
    pub(super) how: HiddenHow,
    /// How much.
    pub(super) bytes: Bytes,
    /// Its parts.
    parts: Vec<&'a WastedPart>,
}

impl Culprit<'_> {
    /// The other layers that have a part in it, that with the largest first: those that brought what is there again, or those that
    /// hide it.
    pub(super) fn others(&self) -> Vec<usize> {
        let mut others: BTreeMap<usize, Bytes> = BTreeMap::new();
        for part in self.parts.iter().filter(|part| part.how == self.how) {
            let other = if part.how == HiddenHow::Again { part.brought } else { part.by };
            let bytes = others.entry(other).or_default();
            *bytes = *bytes + part.bytes;
        }
        let mut others: Vec<(usize, Bytes)> = others.into_iter().collect();
        others.sort_by_key(|(layer, bytes)| (std::cmp::Reverse(*bytes), *layer));
        others.into_iter().map(|(layer, _)| layer).collect()
    }

    /// Its paths, the largest first, as far as they are named.
    pub(super) fn paths<'w>(&self, wasted: &'w Wasted) -> impl Iterator<Item = &'w WastedPath> {
        let is_own = |path: &&WastedPath| {
            let is_part = |part: &WastedPart| part.how == HiddenHow::Again || part.brought == path.layer;
            self.parts.iter().any(|part| part.by == path.by && is_part(part))
        };
        wasted.paths.iter().filter(is_own)
    }
}

/// The place with the most wasted bytes, of equals the lowest.
pub(super) fn culprit<'a>(case: &Case<'_>, wasted: &'a Wasted) -> Option<Culprit<'a>> {
    let mut places: BTreeMap<Option<usize>, Vec<&WastedPart>> = BTreeMap::new();
    for part in &wasted.parts {
        let layer = own(part);
        let place = Some(layer).filter(|layer| case.origin(*layer) != Origin::Base);
        places.entry(place).or_default().push(part);
    }
    let sum = |parts: &[&WastedPart]| parts.iter().map(|part| part.bytes).sum::<Bytes>();
    let (_, parts) = places.into_iter().rev().max_by_key(|(_, parts)| sum(parts))?;
    let most_of =
        |is_it: &dyn Fn(&WastedPart) -> bool| parts.iter().filter(|part| is_it(part)).map(|part| part.bytes).sum();
    let how = [HiddenHow::Replaced, HiddenHow::Deleted, HiddenHow::Again];
    let how = how.into_iter().max_by_key(|how| -> Bytes { most_of(&|part| part.how == *how) })?;
    let layers = parts.iter().map(|part| own(part));
    let layer = layers.max_by_key(|layer| -> Bytes { most_of(&|part| own(part) == *layer) })?;
    Some(Culprit { layer, how, bytes: sum(&parts), parts })
}

/// The layer without which a part would not ship.
fn own(part: &WastedPart) -> usize {
    if part.how == HiddenHow::Again { part.by } else { part.brought }
}
