//! The directories that grew most.

use super::{Pair, Totals, View};
use crate::domain::{Bytes, GrownDirectory};
use crate::image::node::{NodeId, NodeKind};

/// How many are named.
const MOST: usize = 3;

/// A directory of the later image.
#[derive(Debug, Clone, Copy)]
struct Place {
    id: NodeId,
    /// The same in the earlier one.
    old: Option<NodeId>,
    before: u64,
    after: u64,
    /// Nothing below it says more.
    is_final: bool,
}

impl Place {
    fn grew(&self) -> u64 {
        self.after.saturating_sub(self.before)
    }
}

/// The few directories that explain most of what the file system shows more than before, the one that grew most first. A directory gives way to
/// those in it as long as they explain it: one that has most of its growth, or as many as there is room for.
pub(super) fn grown(views: &Pair<&View<'_>>, totals: &Pair<Totals>) -> Vec<GrownDirectory> {
    let root = Place {
        id: NodeId::ROOT,
        old: Some(NodeId::ROOT),
        before: totals.old.of(NodeId::ROOT),
        after: totals.new.of(NodeId::ROOT),
        is_final: false,
    };
    let mut places = vec![root];
    while let Some(at) = places.iter().position(|place| !place.is_final) {
        let place = places.swap_remove(at);
        let inside = inside(place, views, totals, MOST - places.len());
        let explained: u64 = inside.iter().map(Place::grew).fold(0, u64::saturating_add);
        let is_root = place.id == NodeId::ROOT;
        if is_root || is_part(explained, place.grew(), 4, 5) {
            places.extend(inside);
        } else {
            places.push(Place { is_final: true, ..place });
        }
        places.sort_by_key(|place| std::cmp::Reverse(place.grew()));
    }
    // What is less than a hundredth of the first is not worth a look.
    let least = places.first().map_or(0, |place| place.grew() / 100).max(1);
    places.retain(|place| place.grew() >= least);
    let shown = |place: Place| GrownDirectory {
        path: String::from_utf8_lossy(&views.new.stack.path(place.id)).into_owned(),
        before: Bytes(place.before),
        after: Bytes(place.after),
    };
    places.into_iter().map(shown).collect()
}

/// The directories in one that grew most, at most `room` of them; one alone where it has nearly all.
fn inside(place: Place, views: &Pair<&View<'_>>, totals: &Pair<Totals>, room: usize) -> Vec<Place> {
    let mut most: Vec<Place> = Vec::new();
    for id in views.new.stack.children(place.id) {
        let node = views.new.stack.node(id);
        if node.kind != NodeKind::Directory {
            continue;
        }
        let old = place.old.and_then(|old| views.old.stack.child(old, node.name));
        let old = old.filter(|old| views.old.stack.node(*old).kind == NodeKind::Directory);
        let before = old.map_or(0, |old| totals.old.of(old));
        let found = Place { id, old, before, after: totals.new.of(id), is_final: false };
        if found.grew() > 0 {
            most.push(found);
            most.sort_by_key(|place| std::cmp::Reverse(place.grew()));
            most.truncate(room.max(1));
        }
    }
    if most.first().is_some_and(|first| is_part(first.grew(), place.grew(), 9, 10)) {
        most.truncate(1);
    }
    most
}

/// Whether `bytes` are at least so much of `all`.
fn is_part(bytes: u64, all: u64, part: u128, of: u128) -> bool {
    u128::from(bytes) * of >= u128::from(all) * part && bytes > 0
}
