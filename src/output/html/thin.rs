//! A map of fewer nodes: what is less than so much goes into the rest of its directory.

use std::collections::BTreeMap;

use crate::domain::{Bytes, Map, MapKind, MapNode};

/// The nodes that are at least so large, and for each node of the map the one that it is, or is a part of, now.
pub(super) fn thinned(map: &Map, least: Bytes) -> (Vec<MapNode>, Vec<usize>) {
    let mut nodes: Vec<MapNode> = Vec::new();
    let mut now: Vec<usize> = Vec::new();
    // Of each directory that is kept its rest, and what was merged into another.
    let mut rests: BTreeMap<usize, usize> = BTreeMap::new();
    let mut is_merged = Vec::new();
    for (position, node) in map.nodes.iter().enumerate() {
        let parent = now.get(node.parent).copied().unwrap_or_default();
        if position > 0 && is_merged.get(node.parent).copied().unwrap_or(false) {
            now.push(parent);
            is_merged.push(true);
            continue;
        }
        let is_small = position > 0 && (node.kind == MapKind::Rest || node.bytes < least);
        is_merged.push(is_small);
        if !is_small {
            now.push(nodes.len());
            nodes.push(MapNode { parent, ..node.clone() });
            continue;
        }
        if let Some(rest) = rests.get(&parent) {
            now.push(*rest);
            if let Some(rest) = nodes.get_mut(*rest) {
                merge(rest, node);
            }
        } else {
            rests.insert(parent, nodes.len());
            now.push(nodes.len());
            let name = String::new();
            nodes.push(MapNode { parent, kind: MapKind::Rest, name, package: None, ..node.clone() });
        }
    }
    (nodes, now)
}

fn merge(into: &mut MapNode, node: &MapNode) {
    into.bytes = into.bytes + node.bytes;
    into.hidden = into.hidden + node.hidden;
    into.base = into.base + node.base;
    into.grown = into.grown + node.grown;
    into.files = into.files.saturating_add(node.files);
    for (layer, bytes) in &node.layers {
        match into.layers.iter_mut().find(|(known, _)| known == layer) {
            Some((_, sum)) => *sum = *sum + *bytes,
            None => into.layers.push((*layer, *bytes)),
        }
    }
    into.layers.sort_by_key(|(layer, bytes)| (std::cmp::Reverse(*bytes), *layer));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_when_small_nodes_go() {
        let node = |parent, kind, name: &str, bytes| MapNode {
            bytes: Bytes(bytes),
            files: 1,
            layers: vec![(0, Bytes(bytes))],
            ..MapNode::new(parent, kind, name.to_owned())
        };
        let nodes = vec![
            node(0, MapKind::Directory, "", 100),
            node(0, MapKind::Directory, "usr", 60),
            node(0, MapKind::Directory, "etc", 30),
            node(0, MapKind::File, "init", 10),
            node(2, MapKind::File, "a", 20),
            node(2, MapKind::Rest, "", 10),
        ];
        let map = Map { nodes, ..Map::default() };
        let (thin, now) = thinned(&map, Bytes(50));
        let shown: Vec<_> = thin.iter().map(|node| (node.parent, node.kind, node.bytes.0, node.files)).collect();
        assert_eq!(shown, [(0, MapKind::Directory, 100, 1), (0, MapKind::Directory, 60, 1), (0, MapKind::Rest, 40, 2)]);
        assert_eq!(now, [0, 1, 2, 2, 2, 2]);
        assert_eq!(thinned(&map, Bytes::ZERO).0, map.nodes);
    }
}
