//! One bit for each node.

use super::node::NodeId;

/// A set of nodes.
#[derive(Debug)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// None of `length` nodes.
    pub(super) fn new(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64)])
    }

    /// Adds a node and says whether it was missing.
    pub(super) fn insert(&mut self, id: NodeId) -> bool {
        let bit = 1 << (id.0 % 64);
        let Some(word) = self.0.get_mut(id.index() / 64) else { return false };
        let missing = *word & bit == 0;
        *word |= bit;
        missing
    }

    /// Whether it has a node.
    pub(super) fn contains(&self, id: NodeId) -> bool {
        let word = self.0.get(id.index() / 64).copied().unwrap_or_default();
        word & 1 << (id.0 % 64) != 0
    }
}
