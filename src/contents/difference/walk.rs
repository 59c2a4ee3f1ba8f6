//! One walk over two file systems at once.

use super::{Pair, Totals, View};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// A directory of both file systems, or of one of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directory {
    /// Position of the one that it is in, smaller than its own; of the root its own.
    pub(super) parent: u32,
    /// The node in each.
    pub(super) nodes: Pair<Option<NodeId>>,
}

/// A file or link at a path of one directory: in both, or in one of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    pub(super) old: Option<NodeId>,
    pub(super) new: Option<NodeId>,
}

/// Shows every file and link with the position of its directory, and gives the directories.
///
/// # Errors
/// There is no memory for it, and those of `show`.
pub(super) fn walk(
    views: &Pair<&View<'_>>,
    totals: &Pair<Totals>,
    mut show: impl FnMut(u32, Leaf) -> Result<(), OutOfMemory>,
) -> Result<List<Directory>, OutOfMemory> {
    let mut directories = List::new(views.new.stack.memory());
    directories.push(Directory { parent: 0, nodes: Pair { old: Some(NodeId::ROOT), new: Some(NodeId::ROOT) } })?;
    let mut position = 0;
    while let Some(directory) = directories.get(position).copied() {
        let parent = u32::try_from(position).unwrap_or(u32::MAX);
        let Pair { old, new } = directory.nodes;
        let is_directory = |view: &View<'_>, id: NodeId| view.stack.node(id).kind == NodeKind::Directory;
        for id in new.into_iter().flat_map(|directory| views.new.stack.children(directory)) {
            let name = views.new.stack.node(id).name;
            let before = old.and_then(|old| views.old.stack.child(old, name));
            match (before.filter(|before| is_directory(views.old, *before)), is_directory(views.new, id)) {
                // Of a subtree in which nothing is counted nothing is told.
                (Some(before), true) => {
                    directories.push(Directory { parent, nodes: Pair { old: Some(before), new: Some(id) } })?;
                }
                (None, true) => {
                    if totals.new.of(id) > 0 {
                        directories.push(Directory { parent, nodes: Pair { old: None, new: Some(id) } })?;
                    }
                    if before.is_some() {
                        show(parent, Leaf { old: before, new: None })?;
                    }
                }
                (Some(gone), false) => {
                    if totals.old.of(gone) > 0 {
                        directories.push(Directory { parent, nodes: Pair { old: Some(gone), new: None } })?;
                    }
                    show(parent, Leaf { old: None, new: Some(id) })?;
                }
                (None, false) => show(parent, Leaf { old: before, new: Some(id) })?,
            }
        }
        for id in old.into_iter().flat_map(|directory| views.old.stack.children(directory)) {
            let name = views.old.stack.node(id).name;
            if new.and_then(|new| views.new.stack.child(new, name)).is_some() {
                continue;
            }
            if !is_directory(views.old, id) {
                show(parent, Leaf { old: Some(id), new: None })?;
            } else if totals.old.of(id) > 0 {
                directories.push(Directory { parent, nodes: Pair { old: Some(id), new: None } })?;
            }
        }
        position += 1;
    }
    Ok(directories)
}
