//! `@caches` and `@vcs`: directories, told by where they are and what is in them.

use super::marks::{Mark, Marks};
use crate::catalogue::paths::caches::{self, Cache};
use crate::catalogue::paths::vcs;
use crate::contents::view::View;
use crate::image::node::{NodeId, NodeKind};
use crate::image::stack::Totals;
use crate::memory::OutOfMemory;

/// Marks caches that have bytes.
pub(super) fn mark(view: &View<'_>, marks: &mut Marks) -> Result<(), OutOfMemory> {
    let totals = view.stack.totals()?;
    let mut loads_from_cache = None;
    for (id, node) in view.stack.live() {
        if node.kind != NodeKind::Directory || !caches::may_be_called(node.name) || totals.of(id) == 0 {
            continue;
        }
        let path = view.stack.path(id);
        let is_cache = caches::at(&path).any(|cache| {
            is_as_it_should(view, id, cache)
                // With Plug'n'Play a program loads its packages from there.
                && (!cache.at.ends_with("berry/cache") || !*loads_from_cache.get_or_insert_with(|| has_pnp(view)))
        });
        if is_cache {
            marks.set(id, Mark::Member);
        }
    }
    Ok(())
}

/// Marks repositories that have bytes.
pub(super) fn mark_repositories(view: &View<'_>, marks: &mut Marks) -> Result<(), OutOfMemory> {
    let totals: Totals = view.stack.totals()?;
    for (id, node) in view.stack.live() {
        if node.kind == NodeKind::Directory && vcs::is_repository(node.name) && totals.of(id) > 0 {
            marks.set(id, Mark::Member);
        }
    }
    Ok(())
}

/// Whether in and beside a directory there is what the cache should have.
fn is_as_it_should(view: &View<'_>, id: NodeId, cache: &Cache) -> bool {
    let has = |directory: NodeId, names: &[&str]| {
        names.is_empty() || names.iter().any(|name| view.stack.child(directory, name.as_bytes()).is_some())
    };
    has(id, cache.has) && has(view.stack.node(id).parent, cache.beside)
}

fn has_pnp(view: &View<'_>) -> bool {
    view.stack.live().any(|(_, node)| matches!(node.name, b".pnp.cjs" | b".pnp.js" | b".pnp.loader.mjs"))
}
