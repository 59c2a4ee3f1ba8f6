//! Who brought a file, and who only has it again: `chown -R` and `chmod -R` write every file anew, and so does a second COPY.

use super::node::{NodeId, NodeKind};
use super::stack::Stack;
use crate::domain::Origin;

impl Stack<'_> {
    /// The layer that brought what a node shows: of layers that have the same file at the same path one after the other, the lowest.
    ///
    /// Sameness is told by path, kind and size, or target of a link. It ends where somebody else's layers begin: what one's own layer has again of the base image is
    /// one's own, since an exception for the base must not cover what anybody may have put there.
    pub fn brought_by(&self, id: NodeId) -> usize {
        let origin = |id: NodeId| self.origin(self.node(id).layer);
        let mut first = id;
        while let Some(before) = self.before(first).filter(|before| self.is_same(*before, first)) {
            if origin(before) != origin(id) {
                break;
            }
            first = before;
        }
        self.node(first).layer
    }

    /// Whether two nodes are a file of the same size, or a link to the same target.
    pub(super) fn is_same(&self, one: NodeId, other: NodeId) -> bool {
        match (self.node(one).kind, self.node(other).kind) {
            (NodeKind::File { size: one, .. }, NodeKind::File { size: other, .. }) => one == other,
            (NodeKind::Symlink { target: one }, NodeKind::Symlink { target: other }) => one == other,
            _ => false,
        }
    }

    fn origin(&self, layer: usize) -> Origin {
        self.origins().get(layer).copied().unwrap_or(Origin::Unknown)
    }
}
