//! Paths in lists that strangers wrote.

use crate::contents::view::View;
use crate::image::node::{NodeId, NodeKind};

/// How many directories above one are looked at. Those of real installations are not as deep, and of a stranger's every file of a
/// million could be thousands deep.
const MOST_ABOVE: usize = 64;

/// What a list means by a path relative to a directory. No link is followed: those who write lists name files where they are, and a
/// stranger's links would make each of a million lines a long way.
pub(super) fn at(view: &View<'_>, directory: NodeId, path: &[u8]) -> Option<NodeId> {
    let stack = view.stack;
    let mut at = directory;
    for name in path.split(|byte| *byte == b'/') {
        let node = stack.node(at);
        at = match name {
            b"" | b"." => at,
            _ if node.kind != NodeKind::Directory => return None,
            b".." => node.parent,
            name => stack.child(at, name)?,
        };
    }
    Some(at)
}

/// The directories above a node, itself first.
pub(super) fn above<'a>(view: &'a View<'_>, id: NodeId) -> impl Iterator<Item = NodeId> + 'a {
    let stack = view.stack;
    std::iter::successors(Some(id), |at| (*at != NodeId::ROOT).then(|| stack.node(*at).parent)).take(MOST_ABOVE)
}
