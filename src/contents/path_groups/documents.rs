//! `@docs`: what is installed to be read. Licences stay.

use super::marks::{Mark, Marks};
use crate::catalogue::paths::documents::{holds_documents, is_licence, may_be_called};
use crate::contents::view::View;
use crate::image::node::NodeKind;
use crate::memory::{List, OutOfMemory};

/// Marks manuals and documentation.
pub(super) fn mark(view: &View<'_>, marks: &mut Marks) -> Result<(), OutOfMemory> {
    let stack = view.stack;
    // Whether a node is at or below a directory of documents. A parent comes before its children.
    let mut is_inside = List::new(stack.memory());
    is_inside.resize(stack.len(), false)?;
    for (id, node) in stack.live() {
        let above = is_inside.get(node.parent.index()).copied().unwrap_or_default();
        match node.kind {
            NodeKind::Directory => {
                let is_here = above || may_be_called(node.name) && holds_documents(&stack.path(id));
                if is_here {
                    is_inside[id.index()] = true;
                    marks.set(id, Mark::Region);
                }
            }
            NodeKind::File { size, .. } if above && size > 0 && !is_licence(node.name) => marks.set(id, Mark::Member),
            NodeKind::Symlink { .. } if above && !is_licence(node.name) => marks.set(id, Mark::Member),
            NodeKind::File { .. } | NodeKind::Symlink { .. } | NodeKind::Other => {}
        }
    }
    Ok(())
}
