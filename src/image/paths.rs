//! Which paths of the final file system a glob matches.

use super::measurement::{FoundPath, MatchedPaths};
use super::node::{NodeId, NodeKind};
use super::stack::{Stack, Totals};
use crate::domain::{Bytes, PathGlob};

/// How many paths of one glob are kept by name; the rest is counted.
pub const MOST_NAMED: usize = 1000;

/// What each glob matches, in the order of the globs. Below a directory that matched nothing is listed again.
pub fn match_paths(stack: &Stack<'_>, globs: &[&PathGlob]) -> Vec<MatchedPaths> {
    let mut matched: Vec<_> = globs.iter().map(|glob| MatchedPaths::new(glob.as_str())).collect();
    if globs.is_empty() {
        return matched;
    }
    let totals = stack.totals();
    let mut path = Vec::new();
    // For each glob the length of the matched directory that the walk is inside of.
    let mut inside: Vec<Option<usize>> = vec![None; globs.len()];
    let mut open = vec![Visit { node: NodeId::ROOT, above: 0 }];
    while let Some(Visit { node, above }) = open.pop() {
        path.truncate(above);
        if node != NodeId::ROOT {
            path.push(b'/');
            path.extend_from_slice(stack.node(node).name);
        }
        for ((glob, inside), matched) in globs.iter().zip(&mut inside).zip(&mut matched) {
            if inside.is_some_and(|length| above < length) {
                *inside = None;
            }
            if inside.is_none() && node != NodeId::ROOT && glob.matches(&path) {
                *inside = Some(path.len());
                matched.add(|| found(stack, &totals, node, &path), Bytes(totals.of(node)));
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
    FoundPath { path: path.to_vec(), layer: stack.node(id).layer, size: Bytes(totals.of(id)), content }
}

impl MatchedPaths {
    fn new(glob: &str) -> Self {
        Self { glob: glob.to_owned(), paths: Vec::new(), count: 0, bytes: Bytes::ZERO }
    }

    fn add(&mut self, found: impl FnOnce() -> FoundPath, bytes: Bytes) {
        self.count += 1;
        self.bytes = self.bytes + bytes;
        if self.paths.len() < MOST_NAMED {
            self.paths.push(found());
        }
    }
}
