//! What there is to say of each node of a map: its bytes, and whose they are.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Grown;
use super::stored::Stored;
use super::tree::Tree;
use crate::contents::packages::Owners;
use crate::contents::view::View;
use crate::domain::{Bytes, MapNode, Origin};
use crate::memory::{Memory, OutOfMemory, Reserved};

/// The nodes of a map, measured.
pub(super) fn measured(
    view: &View<'_>,
    stored: &Stored,
    tree: Tree,
    owners: Option<&Owners>,
    grown: Option<Grown<'_>>,
) -> Result<Vec<MapNode>, OutOfMemory> {
    let memory = view.stack.memory();
    let (mut layers, mut packages) = (Shares::new(memory), Shares::new(memory));
    let Tree { mut nodes, within } = tree;
    for (id, node) in view.stack.since(0) {
        let bytes = stored.own(id);
        if bytes == 0 {
            continue;
        }
        let place = within.of_node(id);
        let layer = view.stack.node(node.content).layer;
        let is_base = view.layers.get(layer).is_some_and(|layer| layer.origin == Origin::Base);
        let part = |counts: bool| Bytes(if counts { bytes } else { 0 });
        if let Some(to) = nodes.get_mut(place) {
            to.bytes = to.bytes + Bytes(bytes);
            to.hidden = to.hidden + part(node.hidden.is_some());
            to.base = to.base + part(is_base);
            to.grown = to.grown + Bytes(grown.map_or(0, |grown| grown(id).min(bytes)));
            to.files = to.files.saturating_add(1);
        }
        layers.add(place, layer, bytes)?;
        if let Some(package) = owners.and_then(|owners| owners.of(id)) {
            packages.add(place, package, bytes)?;
        }
    }
    for position in (1..nodes.len()).rev() {
        let (above, below) = nodes.split_at_mut(position);
        let (Some(node), Some(parent)) = (below.first(), below.first().and_then(|node| above.get_mut(node.parent)))
        else {
            continue;
        };
        parent.bytes = parent.bytes + node.bytes;
        parent.hidden = parent.hidden + node.hidden;
        parent.base = parent.base + node.base;
        parent.grown = parent.grown + node.grown;
        parent.files = parent.files.saturating_add(node.files);
    }
    let (layers, packages) = (layers.up(&nodes)?, packages.up(&nodes)?);
    for ((place, layer), bytes) in layers {
        if let Some(node) = nodes.get_mut(place) {
            node.layers.push((layer, Bytes(bytes)));
        }
    }
    for ((place, package), bytes) in packages {
        if let Some(node) = nodes.get_mut(place).filter(|node| bytes > node.bytes.0 / 2) {
            node.package = Some(package);
        }
    }
    for node in &mut nodes {
        node.layers.sort_by_key(|(layer, bytes)| (Reverse(*bytes), *layer));
    }
    Ok(nodes)
}

/// Bytes by node of the map and by something else.
struct Shares {
    bytes: BTreeMap<(usize, usize), u64>,
    /// What comes one after the other is mostly in one place.
    last: Option<((usize, usize), u64)>,
    taken: Reserved,
}

impl Shares {
    fn new(memory: &Memory) -> Self {
        Self { bytes: BTreeMap::new(), last: None, taken: memory.reserve() }
    }

    fn add(&mut self, place: usize, of: usize, bytes: u64) -> Result<(), OutOfMemory> {
        let key = (place, of);
        match &mut self.last {
            Some((last, sum)) if *last == key => *sum = sum.saturating_add(bytes),
            other => {
                if let Some((last, sum)) = other.replace((key, bytes)) {
                    self.enter(last, sum)?;
                }
            }
        }
        Ok(())
    }

    fn enter(&mut self, key: (usize, usize), bytes: u64) -> Result<(), OutOfMemory> {
        // An entry of the tree, and of the list that is made of it.
        const EACH: usize = 3 * size_of::<((usize, usize), u64)>();
        match self.bytes.entry(key) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                *known = known.saturating_add(bytes);
            }
            Entry::Vacant(new) => {
                self.taken.grow(EACH)?;
                new.insert(bytes);
            }
        }
        Ok(())
    }

    /// The same for the directories above, too.
    fn up(mut self, nodes: &[MapNode]) -> Result<BTreeMap<(usize, usize), u64>, OutOfMemory> {
        if let Some((last, sum)) = self.last.take() {
            self.enter(last, sum)?;
        }
        let own: Vec<((usize, usize), u64)> = self.bytes.iter().map(|(key, bytes)| (*key, *bytes)).collect();
        for ((place, of), bytes) in own {
            let mut at = place;
            while at != 0 {
                at = nodes.get(at).map_or(0, |node| node.parent);
                self.enter((at, of), bytes)?;
            }
        }
        Ok(self.bytes)
    }
}
