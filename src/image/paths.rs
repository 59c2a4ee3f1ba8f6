//! Which paths of the final file system a glob matches.

use std::collections::BTreeMap;

use super::measurement::{FoundPath, MatchedPaths};
use super::node::{NodeId, NodeKind};
use super::stack::{Stack, Totals};
use crate::domain::{Bytes, PathGlob};

/// How many paths of one glob are kept by name, as long as their names take no more than [`MOST_BYTES`]; the rest is counted.
pub const MOST_NAMED: usize = 100_000;
/// How much the names of one glob's paths may take together.
const MOST_BYTES: usize = 8 << 20;

/// What each glob matches, in the order of the globs. Below a directory that matched nothing is listed again.
pub fn match_paths(stack: &Stack<'_>, globs: &[&PathGlob]) -> Vec<MatchedPaths> {
    let mut matched: Vec<_> = globs.iter().map(|glob| MatchedPaths::new(glob.as_str())).collect();
    if globs.is_empty() {
        return matched;
    }
    let totals = stack.totals();
    let mut path = Vec::new();
    let mut room = vec![MOST_BYTES; globs.len()];
    // For each glob the length of the matched directory that the walk is inside of.
    let mut inside: Vec<Option<usize>> = vec![None; globs.len()];
    let mut open = vec![Visit { node: NodeId::ROOT, above: 0 }];
    while let Some(Visit { node, above }) = open.pop() {
        path.truncate(above);
        if node != NodeId::ROOT {
            path.push(b'/');
            path.extend_from_slice(stack.node(node).name);
        }
        for (((glob, inside), matched), room) in globs.iter().zip(&mut inside).zip(&mut matched).zip(&mut room) {
            if inside.is_some_and(|length| above < length) {
                *inside = None;
            }
            if inside.is_none() && node != NodeId::ROOT && glob.matches(&path) {
                *inside = Some(path.len());
                matched.count += 1;
                matched.bytes = matched.bytes + Bytes(totals.of(node));
                // A name is kept twice where a hard link leads elsewhere.
                if matched.paths.len() < MOST_NAMED && path.len() * 2 <= *room {
                    *room -= path.len() * 2;
                    matched.paths.push(found(stack, &totals, node, &path));
                }
            }
        }
        if stack.node(node).kind == NodeKind::Directory {
            let mut children: Vec<_> = stack.children(node).collect();
            children.sort_unstable_by(|a, b| stack.node(*b).name.cmp(stack.node(*a).name));
            open.extend(children.into_iter().map(|node| Visit { node, above: path.len() }));
        }
    }
    matched
}

/// A step of the walk: a node, and the length of its directory's path.
struct Visit {
    node: NodeId,
    above: usize,
}

fn found(stack: &Stack<'_>, totals: &Totals, id: NodeId, path: &[u8]) -> FoundPath {
    let content = match stack.node(id).kind {
        NodeKind::File { content, .. } if content != id => stack.path(content),
        _ => path.to_vec(),
    };
    FoundPath { path: path.to_vec(), layer: brought_by(stack, id), size: Bytes(totals.of(id)), content }
}

/// The layer that brought a path; of a directory the one that brought most of what is in it, whoever made the directory itself.
fn brought_by(stack: &Stack<'_>, id: NodeId) -> usize {
    let mut layers: BTreeMap<usize, u64> = BTreeMap::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        let node = stack.node(id);
        match node.kind {
            NodeKind::Directory => open.extend(stack.children(id)),
            NodeKind::File { size, content } if content == id => *layers.entry(node.layer).or_default() += size,
            NodeKind::Symlink { target } => *layers.entry(node.layer).or_default() += target.len() as u64,
            NodeKind::File { .. } | NodeKind::Other => {}
        }
    }
    let most = layers.into_iter().filter(|(_, bytes)| *bytes > 0).max_by_key(|(_, bytes)| *bytes);
    most.map_or(stack.node(id).layer, |(layer, _)| layer)
}

impl MatchedPaths {
    fn new(glob: &str) -> Self {
        Self { glob: glob.to_owned(), paths: Vec::new(), count: 0, bytes: Bytes::ZERO }
    }
}
