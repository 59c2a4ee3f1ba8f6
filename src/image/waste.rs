//! Bytes that every node pulls and no process sees: of files and links that a later layer deleted, replaced or copied again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::measurement::{Wasted, WastedByLayer, WastedPath};
use super::node::{Hiding, NodeId, NodeKind};
use super::stack::Stack;
use crate::domain::Bytes;

/// As many paths are named one by one.
const FEW: usize = 5;
/// How many paths are kept by name.
pub const MOST_NAMED: usize = 20;

/// What is wasted in all layers together. With the bytes that the file system shows it makes up the whole content size.
pub fn wasted(stack: &Stack<'_>) -> Wasted {
    let mut seen = vec![false; stack.len()];
    for (_, node) in stack.live() {
        if let NodeKind::File { content, .. } = node.kind {
            seen[content.index()] = true;
        }
    }
    // What one layer hid at once, as a directory, counts at the directory.
    let mut top: Vec<NodeId> = vec![NodeId::ROOT; stack.len()];
    let mut at_top = vec![0u64; stack.len()];
    let mut by_layer = vec![WastedByLayer::default(); stack.layers()];
    for (id, node) in stack.since(0) {
        let Some(hidden) = node.hidden else { continue };
        let with_parent = stack.node(node.parent).hidden.is_some_and(|above| above == hidden);
        top[id.index()] = if with_parent { top[node.parent.index()] } else { id };
        let bytes = match node.kind {
            // Its bytes stay as long as another name of it is shown, and are counted once however many names are not.
            NodeKind::File { size, content } if !std::mem::replace(&mut seen[content.index()], true) => size,
            NodeKind::Symlink { target } => target.len() as u64,
            _ => 0,
        };
        at_top[top[id.index()].index()] += bytes;
        let layer = &mut by_layer[hidden.by];
        match hidden.how {
            Hiding::Whiteout | Hiding::Opaque => layer.deleted = layer.deleted + Bytes(bytes),
            Hiding::Replaced => layer.replaced = layer.replaced + Bytes(bytes),
        }
    }
    let tops = stack.since(0).map(|(id, node)| (at_top[id.index()], id, node));
    let paths = tops.filter(|(bytes, ..)| *bytes > 0).filter_map(|(bytes, id, node)| {
        Some(WastedPath { path: stack.path(id), layer: node.layer, by: node.hidden?.by, size: Bytes(bytes) })
    });
    let (paths, more_paths) = largest(paths.collect());
    Wasted { bytes: by_layer.iter().map(WastedByLayer::bytes).sum(), by_layer, paths, more_paths }
}

/// The largest paths, and how many more there are. Where they are many, what one layer hides below a directory is one of them: a
/// `chown -R` names the directory and not a thousand files.
fn largest(mut paths: Vec<WastedPath>) -> (Vec<WastedPath>, u64) {
    if paths.len() > FEW {
        let mut together: BTreeMap<(usize, Vec<u8>), WastedPath> = BTreeMap::new();
        for path in paths {
            let first = path.path.split(|byte| *byte == b'/').nth(1).unwrap_or_default().to_vec();
            match together.entry((path.by, first)) {
                Entry::Vacant(place) => drop(place.insert(path)),
                Entry::Occupied(mut place) => {
                    let known = place.get_mut();
                    known.size = known.size + path.size;
                    let common = common_directory(&known.path, &path.path);
                    known.path.truncate(common);
                }
            }
        }
        paths = together.into_values().collect();
    }
    paths.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    let more = u64::try_from(paths.len().saturating_sub(MOST_NAMED)).unwrap_or(u64::MAX);
    paths.truncate(MOST_NAMED);
    (paths, more)
}

/// How much of `known` names a directory that both are in or below.
fn common_directory(known: &[u8], path: &[u8]) -> usize {
    let same = known.iter().zip(path).take_while(|(a, b)| a == b).count();
    let ends = |length: usize, whole: &[u8]| whole.get(length).is_none_or(|byte| *byte == b'/');
    if ends(same, known) && ends(same, path) {
        return same;
    }
    known[..same].iter().rposition(|byte| *byte == b'/').unwrap_or(0)
}
