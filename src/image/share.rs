//! Which layer brought which part of a path, and which has it again.

use std::collections::BTreeMap;

use super::measurement::Share;
use super::node::NodeId;
use super::stack::Stack;
use crate::domain::Bytes;

/// Bytes of files by the layers that brought them.
#[derive(Debug, Default, Clone)]
pub(super) struct Shares {
    brought: BTreeMap<usize, u64>,
    /// By the layers that have them again.
    again: BTreeMap<usize, u64>,
}

impl Shares {
    /// What is at and below a node. The bytes of hard links are with their first name.
    pub(super) fn below(stack: &Stack<'_>, top: NodeId) -> Self {
        let mut shares = Self::default();
        for id in std::iter::once(top).chain(stack.below(top)) {
            if stack.node(id).content == id {
                shares.add(stack, id);
            }
        }
        shares
    }

    /// One file.
    pub(super) fn of_file(stack: &Stack<'_>, id: NodeId) -> Self {
        let mut shares = Self::default();
        shares.add(stack, id);
        shares
    }

    fn add(&mut self, stack: &Stack<'_>, id: NodeId) {
        let node = stack.node(id);
        if node.bytes() == 0 {
            return;
        }
        let brought = stack.brought_by(id);
        let count = |bytes: &mut u64| *bytes = bytes.saturating_add(node.bytes());
        count(self.brought.entry(brought).or_default());
        if brought != node.layer {
            count(self.again.entry(node.layer).or_default());
        }
    }

    /// The layer that brought most, of equals the highest.
    pub(super) fn most(&self) -> Option<usize> {
        self.brought.iter().max_by_key(|(_, bytes)| **bytes).map(|(layer, _)| *layer)
    }

    /// The layer that has most of it again.
    pub(super) fn again(&self) -> Option<usize> {
        self.again.iter().max_by_key(|(_, bytes)| **bytes).map(|(layer, _)| *layer)
    }

    /// What each layer brought, from the bottom.
    pub(super) fn into_parts(self) -> Vec<Share> {
        self.brought.into_iter().map(|(layer, bytes)| Share { layer, bytes: Bytes(bytes) }).collect()
    }
}
