//! Paths followed through links, as the kernel of a container would.

use super::node::{NodeId, NodeKind};
use super::stack::Stack;

/// Links that are followed for one path before it counts as a loop: `MAXSYMLINKS` of Linux.
const MOST_HOPS: usize = 40;

impl Stack<'_> {
    /// What `path` leads to from a directory, every link followed. Absolute paths start at the root, and `..` stays below it.
    /// `None` for what is not there and for loops.
    pub fn resolve(&self, directory: NodeId, path: &[u8]) -> Option<NodeId> {
        self.walk(directory, path, true)
    }

    /// [`Stack::resolve`], but a link at the very end is not followed.
    pub fn resolve_link(&self, directory: NodeId, path: &[u8]) -> Option<NodeId> {
        self.walk(directory, path, false)
    }

    /// Where a link ends; a node that is no link ends at itself.
    pub fn end(&self, id: NodeId) -> Option<NodeId> {
        match self.node(id).kind {
            NodeKind::Symlink { target } => self.resolve(self.node(id).parent, target),
            _ => Some(id),
        }
    }

    fn walk(&self, directory: NodeId, path: &[u8], to_the_end: bool) -> Option<NodeId> {
        let start = |path: &[u8], here| if path.starts_with(b"/") { NodeId::ROOT } else { here };
        let mut at = start(path, directory);
        // What is left to walk, the nearest last: a link's target goes before the rest of the path that led to it.
        let mut left = vec![path];
        let mut hops = 0;
        while let Some(text) = left.pop() {
            let (name, rest) = match text.iter().position(|byte| *byte == b'/') {
                Some(slash) => (&text[..slash], &text[slash + 1..]),
                None => (text, &text[text.len()..]),
            };
            if !rest.is_empty() {
                left.push(rest);
            }
            match name {
                b"" | b"." => {}
                b".." => {
                    let node = self.node(at);
                    at = (node.kind == NodeKind::Directory).then_some(node.parent)?;
                }
                _ => {
                    let next = self.child(at, name)?;
                    match self.node(next).kind {
                        NodeKind::Symlink { target } if to_the_end || !left.is_empty() => {
                            hops += 1;
                            if hops > MOST_HOPS || target.is_empty() {
                                return None;
                            }
                            at = start(target, at);
                            left.push(target);
                        }
                        _ => at = next,
                    }
                }
            }
        }
        Some(at)
    }
}
