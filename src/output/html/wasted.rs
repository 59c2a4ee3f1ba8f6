//! Where wasted bytes are: the directories that most of them are in, no deeper than it takes to say so.

use crate::domain::{Bytes, Map, MapKind};

/// The most places.
const MOST: usize = 12;

/// A place with wasted bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its absolute path.
    pub(super) path: String,
    /// What is wasted there.
    pub(super) hidden: Bytes,
    /// All that is there.
    pub(super) bytes: Bytes,
}

/// The places, the most wasted first. A directory stands for itself where all of it is wasted, or where it is spread over many.
pub(super) fn places(map: &Map) -> Vec<Place> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); map.nodes.len()];
    for (position, node) in map.nodes.iter().enumerate().skip(1).filter(|(_, node)| node.hidden > Bytes::ZERO) {
        if let Some(siblings) = children.get_mut(node.parent) {
            siblings.push(position);
        }
    }
    let hidden = |position: &usize| map.nodes.get(*position).map_or(Bytes::ZERO, |node| node.hidden);
    let mut open: Vec<usize> = (0..map.nodes.len().min(1)).filter(|root| hidden(root) > Bytes::ZERO).collect();
    let mut settled: Vec<usize> = Vec::new();
    while let Some(at) = open.iter().position(|one| hidden(one) == open.iter().map(hidden).max().unwrap_or_default()) {
        let position = open.swap_remove(at);
        let Some(node) = map.nodes.get(position) else { continue };
        let below = children.get(position).map_or(&[][..], Vec::as_slice);
        let largest = below.iter().map(hidden).max().unwrap_or_default();
        // Where nothing below stands out, or all of it is the place itself, it is named as one.
        let is_spread = largest.0 < node.hidden.0 / 4;
        let is_all = node.hidden == node.bytes && position != 0 && below.len() != 1;
        let is_full = open.len() + settled.len() + below.len() > MOST;
        let of_files = below.iter().filter_map(|child| map.nodes.get(*child)).any(|child| child.kind == MapKind::Rest);
        let is_last =
            below.is_empty() || position != 0 && (is_spread || is_all || is_full || of_files && below.len() == 1);
        if is_last { settled.push(position) } else { open.extend(below) }
    }
    settled.sort_by_key(|position| (std::cmp::Reverse(hidden(position)), *position));
    settled.truncate(MOST);
    let place = |position: usize| {
        let node = map.nodes.get(position)?;
        Some(Place { path: path(map, position), hidden: node.hidden, bytes: node.bytes })
    };
    settled.into_iter().filter_map(place).collect()
}

/// The path of a node; of what was merged that of its directory.
fn path(map: &Map, position: usize) -> String {
    let mut names = Vec::new();
    let mut at = position;
    while let Some(node) = map.nodes.get(at).filter(|_| at != 0) {
        if node.kind != MapKind::Rest {
            names.push(node.name.as_str());
        }
        at = node.parent;
    }
    names.reverse();
    format!("/{}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MapNode;

    #[test]
    fn the_deepest_directory_that_says_it_all_is_named() {
        let node = |parent, kind, name: &str, bytes, hidden| MapNode {
            bytes: Bytes(bytes),
            hidden: Bytes(hidden),
            ..MapNode::new(parent, kind, name.to_owned())
        };
        let nodes = vec![
            node(0, MapKind::Directory, "", 1000, 300),
            node(0, MapKind::Directory, "root", 200, 200),
            node(1, MapKind::Directory, ".npm", 200, 200),
            node(2, MapKind::File, "a", 120, 120),
            node(2, MapKind::Rest, "", 80, 80),
            node(0, MapKind::Directory, "app", 800, 100),
            node(5, MapKind::File, "data", 200, 100),
            node(5, MapKind::File, "other", 600, 0),
        ];
        let found = places(&Map { nodes, ..Map::default() });
        let shown: Vec<_> = found.iter().map(|place| (place.path.as_str(), place.hidden.0, place.bytes.0)).collect();
        assert_eq!(shown, [("/root/.npm", 200, 200), ("/app/data", 100, 200)]);
        assert_eq!(places(&Map::default()), []);
    }
}
