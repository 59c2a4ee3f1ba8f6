//! What a group of paths means in an image: `@caches` and its like are told by more than a path.

mod caches;
mod content;
mod development;
mod documents;
mod marks;
mod weight;

use crate::domain::{Bytes, PathGroup};
use crate::image::node::NodeId;
use crate::image::paths::MOST_NAMED;
use crate::image::{FoundPath, MatchedPaths};
use crate::memory::{List, OutOfMemory};

use super::packages::Found;
use super::view::View;
use marks::Marks;
use weight::Weights;

/// How much the names of one group's paths may take together.
const MOST_BYTES: usize = 8 << 20;

/// The members of a group in an image.
#[derive(Debug)]
pub struct Members {
    /// What the final file system shows, sorted by path: directories with all that is below them, and files.
    pub shown: List<NodeId>,
    /// What a later layer deleted or replaced, and what ships all the same.
    pub deleted: List<NodeId>,
    /// What may be a member and could not be read, each with the reason.
    pub unread: List<(NodeId, String)>,
}

/// Finds the members of a group. `found` says which files packages of the operating system own.
///
/// # Errors
/// There is no memory for it.
pub fn members(view: &View<'_>, found: &Found, group: PathGroup) -> Result<Members, OutOfMemory> {
    let mut marks = Marks::new(view)?;
    match group {
        PathGroup::Caches => caches::mark(view, &mut marks)?,
        PathGroup::Vcs => caches::mark_repositories(view, &mut marks)?,
        PathGroup::Secrets => content::mark_secrets(view, found, &mut marks)?,
        PathGroup::CoreDumps => content::mark_cores(view, found, &mut marks)?,
        PathGroup::Docs => documents::mark(view, &mut marks)?,
        PathGroup::SourceMaps => development::mark_source_maps(view, &mut marks),
        PathGroup::Headers => development::mark_headers(view, &mut marks)?,
        PathGroup::StaticLibs => development::mark_libraries(view, &mut marks),
    }
    marks.finish(view)
}

/// What each group matches, as rules see it.
///
/// # Errors
/// There is no memory for it.
pub fn matched(view: &View<'_>, found: &Found, groups: &[PathGroup]) -> Result<Vec<MatchedPaths>, OutOfMemory> {
    let mut all = Vec::new();
    let mut names = view.stack.memory().reserve();
    for group in groups {
        let members = members(view, found, *group)?;
        let weights = Weights::new(view, &members.shown)?;
        let mut matched = MatchedPaths { glob: group.as_str().to_owned(), ..MatchedPaths::default() };
        let mut room = MOST_BYTES;
        for id in members.shown.iter() {
            let size = weights.bytes(view, *id);
            // A store whose files are all linked elsewhere, as pnpm's may be, takes nothing.
            if size == 0 && *group == PathGroup::Caches {
                continue;
            }
            matched.count = matched.count.saturating_add(1);
            matched.bytes = matched.bytes + Bytes(size);
            let length = view.stack.path_length(*id).saturating_mul(2);
            if matched.paths.len() < MOST_NAMED && length <= room {
                room -= length;
                let found = weights.found(view, *id);
                names.grow(FoundPath::weight(length, found.shares.len()))?;
                matched.paths.push(found);
            }
        }
        for (id, why) in members.unread.iter().take(MOST_NAMED) {
            let length = view.stack.path_length(*id).saturating_mul(2);
            if length <= room || matched.unread.is_empty() {
                room = room.saturating_sub(length);
                matched.unread.push((weights.found(view, *id), why.clone()));
            }
        }
        for id in members.deleted.iter().take(MOST_NAMED) {
            let length = view.stack.path_length(*id).saturating_mul(2);
            if length <= room {
                room -= length;
                matched.deleted.push(weight::deleted(view, *id));
            }
        }
        all.push(matched);
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
