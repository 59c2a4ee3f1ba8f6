//! Which node stores which bytes: every byte of every layer once, at the path where people look for it.

use crate::image::Stack;
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

/// The bytes of each node of a stack.
pub(super) struct Stored {
    own: List<u64>,
    all: List<u64>,
    /// Of each node where its children begin in `children`.
    starts: List<u32>,
    children: List<NodeId>,
}

impl Stored {
    /// Adds up a stack. A file with several names is at the first that is shown; one that nobody sees is where its layer put it.
    pub(super) fn of(stack: &Stack<'_>) -> Result<Self, OutOfMemory> {
        let memory = stack.memory();
        let (mut own, mut all, mut parents) = (List::new(memory), List::new(memory), List::new(memory));
        let mut is_counted = List::new(memory);
        own.resize(stack.len(), 0_u64)?;
        is_counted.resize(stack.len(), false)?;
        for (id, node) in stack.live() {
            let is_counted = &mut is_counted[node.content.index()];
            own[id.index()] = if *is_counted { 0 } else { node.bytes() };
            *is_counted = true;
        }
        parents.resize(stack.len(), 0_usize)?;
        for (id, node) in stack.since(0) {
            parents[id.index()] = node.parent.index();
            if node.hidden.is_some() && node.content == id && !is_counted[id.index()] {
                own[id.index()] = node.bytes();
            }
        }
        all.extend(&own)?;
        for index in (1..all.len()).rev() {
            all[parents[index]] = all[parents[index]].saturating_add(all[index]);
        }
        let (starts, children) = children(stack, &all, &parents)?;
        Ok(Self { own, all, starts, children })
    }

    /// What is at a node, and not below it.
    pub(super) fn own(&self, id: NodeId) -> u64 {
        self.own.get(id.index()).copied().unwrap_or_default()
    }

    /// What is at and below a node, as its layers put it there.
    pub(super) fn all(&self, id: NodeId) -> u64 {
        self.all.get(id.index()).copied().unwrap_or_default()
    }

    /// What is in a directory and has bytes, hidden or not.
    pub(super) fn children(&self, id: NodeId) -> &[NodeId] {
        let at = |index: usize| self.starts.get(index).map_or(self.children.len(), |start| *start as usize);
        self.children.get(at(id.index())..at(id.index().saturating_add(1))).unwrap_or_default()
    }
}

/// All that has bytes, by the directory that it is in, and where each directory's begin.
fn children(stack: &Stack<'_>, all: &[u64], parents: &[usize]) -> Result<(List<u32>, List<NodeId>), OutOfMemory> {
    let mut starts = List::new(stack.memory());
    starts.resize(all.len().saturating_add(1), 0_u32)?;
    for (bytes, parent) in all.iter().zip(parents).skip(1) {
        if *bytes > 0 {
            starts[parent + 1] += 1;
        }
    }
    for index in 1..starts.len() {
        starts[index] += starts[index - 1];
    }
    let mut next = List::new(stack.memory());
    next.extend(&starts)?;
    let mut children = List::new(stack.memory());
    children.resize(starts.last().map_or(0, |end| *end as usize), NodeId::ROOT)?;
    for (id, node) in stack.since(0).filter(|(id, _)| all[id.index()] > 0) {
        let place = &mut next[node.parent.index()];
        children[*place as usize] = id;
        *place += 1;
    }
    Ok((starts, children))
}
