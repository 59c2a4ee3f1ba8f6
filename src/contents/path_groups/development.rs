//! `@source-maps`, `@headers`, `@static-libs`: what only debuggers, compilers and linkers read.

use super::marks::{Mark, Marks};
use crate::catalogue::paths::development::{is_header, is_of_headers, is_source_map, is_static_library};
use crate::contents::view::View;
use crate::image::node::NodeKind;
use crate::memory::{List, OutOfMemory};

/// Marks maps of scripts.
pub(super) fn mark_source_maps(view: &View<'_>, marks: &mut Marks) {
    by_name(view, marks, is_source_map);
}

/// Marks archives of objects.
pub(super) fn mark_libraries(view: &View<'_>, marks: &mut Marks) {
    by_name(view, marks, is_static_library);
}

fn by_name(view: &View<'_>, marks: &mut Marks, is_it: fn(&[u8]) -> bool) {
    for (id, node) in view.stack.live() {
        if matches!(node.kind, NodeKind::File { size, .. } if size > 0) && is_it(node.name) {
            marks.set(id, Mark::Member);
        }
    }
}

/// Where a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Where {
    #[default]
    Elsewhere,
    /// Below a directory called `include`.
    Include,
    /// Below one of the directories that have headers alone.
    Headers,
}

/// Marks headers.
pub(super) fn mark_headers(view: &View<'_>, marks: &mut Marks) -> Result<(), OutOfMemory> {
    let stack = view.stack;
    let mut places = List::new(stack.memory());
    places.resize(stack.len(), Where::Elsewhere)?;
    for (id, node) in stack.live() {
        let above = places.get(node.parent.index()).copied().unwrap_or_default();
        match node.kind {
            NodeKind::Directory => {
                let place = match above {
                    Where::Headers => Where::Headers,
                    _ if node.name == b"include" && is_of_headers(&stack.path(id)) => Where::Headers,
                    _ if node.name == b"include" => Where::Include,
                    above => above,
                };
                places[id.index()] = place;
                if place != Where::Elsewhere {
                    marks.set(id, Mark::Region);
                }
            }
            NodeKind::File { size, .. } if size > 0 => {
                if above == Where::Headers || above == Where::Include && is_header(node.name) {
                    marks.set(id, Mark::Member);
                }
            }
            NodeKind::Symlink { .. } if above == Where::Headers => marks.set(id, Mark::Member),
            NodeKind::File { .. } | NodeKind::Symlink { .. } | NodeKind::Other => {}
        }
    }
    Ok(())
}
