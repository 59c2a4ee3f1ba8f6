//! Which of some directories each file is in: of those that are in one another, the innermost.

use crate::contents::view::View;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// The files of some directories.
#[derive(Debug)]
pub(super) struct Nearest(List<(u32, NodeId)>);

impl Nearest {
    /// What the final file system shows in `directories`.
    ///
    /// # Errors
    /// There is no memory for it.
    pub(super) fn new(view: &View<'_>, directories: impl IntoIterator<Item = NodeId>) -> Result<Self, OutOfMemory> {
        const NONE: u32 = u32::MAX;
        let stack = view.stack;
        let mut inside = List::new(stack.memory());
        inside.resize(stack.len(), NONE)?;
        for (directory, position) in directories.into_iter().zip(0..) {
            inside[directory.index()] = position;
        }
        let mut files = List::new(stack.memory());
        // A directory goes before what is in it.
        for (id, node) in stack.live() {
            if inside[id.index()] == NONE {
                inside[id.index()] = inside[node.parent.index()];
            }
            if inside[id.index()] != NONE && node.kind != NodeKind::Directory {
                files.push((inside[id.index()], id))?;
            }
        }
        files.sort_unstable();
        Ok(Self(files))
    }

    /// What is in the directory at a position.
    pub(super) fn of(&self, position: usize) -> impl Iterator<Item = NodeId> {
        let from = self.0.partition_point(|(directory, _)| (*directory as usize) < position);
        let rest = self.0.get(from..).unwrap_or_default();
        rest.iter().take_while(move |(directory, _)| *directory as usize == position).map(|(_, id)| *id)
    }
}
