//! Bytes that every node pulls and no process sees: of files and links that a later layer deleted, replaced or copied again.

use super::measurement::{Wasted, WastedByLayer, WastedPath};
use super::node::{Hiding, Node, NodeId, NodeKind};
use super::stack::Stack;
use crate::domain::Bytes;

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
    let bytes = by_layer.iter().map(WastedByLayer::bytes).sum();
    let mut largest: Vec<(u64, NodeId, &Node<'_>)> =
        stack.since(0).map(|(id, node)| (at_top[id.index()], id, node)).filter(|(bytes, ..)| *bytes > 0).collect();
    largest.sort_by_key(|(bytes, id, _)| (std::cmp::Reverse(*bytes), *id));
    let path = |(bytes, id, node): &(u64, NodeId, &Node<'_>)| {
        Some(WastedPath { path: stack.path(*id), layer: node.layer, by: node.hidden?.by, size: Bytes(*bytes) })
    };
    let more_paths = u64::try_from(largest.len().saturating_sub(MOST_NAMED)).unwrap_or(u64::MAX);
    Wasted { bytes, by_layer, paths: largest.iter().take(MOST_NAMED).filter_map(path).collect(), more_paths }
}
