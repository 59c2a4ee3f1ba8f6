//! Which nodes are members of a group, gathered in whatever order, and told in that of a sorted walk.

use super::Members;
use crate::contents::view::View;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// What a node is to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mark {
    /// Nothing.
    #[default]
    None,
    /// A member, with all that is below it.
    Member,
    /// A directory that is as a whole a member when all files below it are.
    Region,
    /// It may be one, and could not be read.
    Unread,
}

/// The marks of all nodes.
#[derive(Debug)]
pub(super) struct Marks {
    of_node: List<Mark>,
    pub(super) deleted: List<NodeId>,
    unread: List<(NodeId, String)>,
}

impl Marks {
    pub(super) fn new(view: &View<'_>) -> Result<Self, OutOfMemory> {
        let memory = view.stack.memory();
        let mut marks = List::new(memory);
        marks.resize(view.stack.len(), Mark::None)?;
        Ok(Self { of_node: marks, deleted: List::new(memory), unread: List::new(memory) })
    }

    pub(super) fn set(&mut self, id: NodeId, mark: Mark) {
        if let Some(there) = self.of_node.get_mut(id.index()) {
            *there = mark;
        }
    }

    pub(super) fn of(&self, id: NodeId) -> Mark {
        self.of_node.get(id.index()).copied().unwrap_or_default()
    }

    pub(super) fn unread(&mut self, id: NodeId, why: String) -> Result<(), OutOfMemory> {
        self.set(id, Mark::Unread);
        self.unread.push((id, why))
    }

    /// The members, each that is below no other.
    pub(super) fn finish(mut self, view: &View<'_>) -> Result<Members, OutOfMemory> {
        let stack = view.stack;
        self.join(view)?;
        let mut shown = List::new(stack.memory());
        let mut open = List::new(stack.memory());
        open.push(NodeId::ROOT)?;
        while let Some(node) = open.pop() {
            if self.of(node) == Mark::Member {
                shown.push(node)?;
                continue;
            }
            if stack.node(node).kind == NodeKind::Directory {
                let start = open.len();
                for child in stack.children(node) {
                    open.push(child)?;
                }
                open[start..].sort_unstable_by(|a, b| stack.node(*b).name.cmp(stack.node(*a).name));
            }
        }
        Ok(Members { shown, deleted: self.deleted, unread: self.unread })
    }

    /// Makes one member of each directory of a region in which everything is one.
    fn join(&mut self, view: &View<'_>) -> Result<(), OutOfMemory> {
        let stack = view.stack;
        if !self.of_node.contains(&Mark::Region) {
            return Ok(());
        }
        // Whether something at or below a node is a member, and whether something is none.
        let mut has = List::new(stack.memory());
        has.resize(stack.len(), (false, false))?;
        for (id, node) in stack.live() {
            if node.kind != NodeKind::Directory {
                let is_member = self.of(id) == Mark::Member;
                // What is empty holds nobody up.
                has[id.index()] = (is_member, !is_member && node.bytes() > 0);
            }
        }
        // A parent has a smaller number than its children.
        let mut ids = List::new(stack.memory());
        for (id, _) in stack.live() {
            ids.push(id)?;
        }
        for id in ids.iter().rev() {
            let (member, other) = has[id.index()];
            let above = &mut has[stack.node(*id).parent.index()];
            *above = (above.0 || member, above.1 || other);
            if self.of(*id) == Mark::Region && (member, other) == (true, false) {
                self.set(*id, Mark::Member);
            }
        }
        Ok(())
    }
}
