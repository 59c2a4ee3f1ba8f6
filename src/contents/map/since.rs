//! What of an image an earlier one does not have, file by file.

use std::collections::BTreeSet;

use crate::contents::view::View;
use crate::domain::DiffId;
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

/// The bytes of each file that are new.
#[derive(Debug)]
pub struct Since(List<u64>);

impl Since {
    /// Compares two images path by path: what is seen by the sizes of a path, what a later layer hides by the layers that both have.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn of(view: &View<'_>, earlier: &View<'_>) -> Result<Self, OutOfMemory> {
        let stack = view.stack;
        let known: BTreeSet<&DiffId> = earlier.layers.iter().map(|layer| &layer.diff_id).collect();
        let mut grown = List::new(stack.memory());
        let mut before: List<Option<NodeId>> = List::new(stack.memory());
        grown.resize(stack.len(), 0_u64)?;
        before.resize(stack.len(), None)?;
        before[NodeId::ROOT.index()] = Some(NodeId::ROOT);
        for (id, node) in stack.since(0) {
            if node.hidden.is_some() {
                let is_known = view.layers.get(node.layer).is_some_and(|layer| known.contains(&layer.diff_id));
                grown[id.index()] = if is_known { 0 } else { node.bytes() };
                continue;
            }
            let there = before[node.parent.index()].and_then(|directory| earlier.stack.child(directory, node.name));
            before[id.index()] = there;
            let bytes = there.map_or(0, |there| earlier.stack.node(there).bytes());
            grown[id.index()] = node.bytes().saturating_sub(bytes);
        }
        Ok(Self(grown))
    }

    /// What is new of a node.
    pub fn of_node(&self, id: NodeId) -> u64 {
        self.0.get(id.index()).copied().unwrap_or_default()
    }
}
