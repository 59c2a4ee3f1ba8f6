//! The largest files by name: what can be searched for.

use std::cmp::Reverse;

use super::stored::Stored;
use super::tree::Tree;
use crate::contents::packages::Owners;
use crate::contents::view::View;
use crate::domain::{Bytes, MapFile};
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

/// As many files are named, as long as their paths take no more than [`MOST_BYTES`].
const MOST: usize = 20_000;
/// What their paths may take together.
const MOST_BYTES: usize = 2 << 20;

/// The largest files, and how many more there are.
pub(super) fn largest(
    view: &View<'_>,
    stored: &Stored,
    tree: &Tree,
    owners: Option<&Owners>,
) -> Result<(Vec<MapFile>, u64), OutOfMemory> {
    let mut all: List<(Reverse<u64>, NodeId)> = List::new(view.stack.memory());
    for (id, _) in view.stack.since(0) {
        if stored.own(id) > 0 {
            all.push((Reverse(stored.own(id)), id))?;
        }
    }
    let count = all.len();
    if count > MOST {
        all.select_nth_unstable(MOST);
        all.truncate(MOST);
    }
    all.sort_unstable();
    let mut room = MOST_BYTES;
    let mut files = Vec::new();
    for (Reverse(bytes), id) in all.iter().copied() {
        let Some(left) = room.checked_sub(view.stack.path_length(id)) else { break };
        room = left;
        let node = view.stack.node(id);
        files.push(MapFile {
            node: tree.within.of_node(id),
            path: String::from_utf8_lossy(&view.stack.path(id)).into_owned(),
            bytes: Bytes(bytes),
            is_hidden: node.hidden.is_some(),
            layer: view.stack.node(node.content).layer,
            package: owners.and_then(|owners| owners.of(id)),
        });
    }
    let more = u64::try_from(count.saturating_sub(files.len())).unwrap_or(u64::MAX);
    Ok((files, more))
}
