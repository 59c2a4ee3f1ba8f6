//! Where the bytes are, to be drawn: every byte that ships as a tree of paths, with what is small merged, and the largest files by name.

mod files;
mod measured;
mod since;
mod stored;
mod tree;

#[cfg(test)]
mod tests;

pub use since::Since;

use super::packages::Owners;
use super::view::View;
use crate::domain::Map;
use crate::image::node::NodeId;
use crate::memory::OutOfMemory;

/// What of a node's own bytes the baseline does not have.
pub type Grown<'a> = &'a dyn Fn(NodeId) -> u64;

/// Draws the map of an image. `owners` says which package a file belongs to, `grown` what the baseline lacks, each where it is known.
///
/// # Errors
/// There is no memory for it.
pub fn draw(view: &View<'_>, owners: Option<&Owners>, grown: Option<Grown<'_>>) -> Result<Map, OutOfMemory> {
    let stored = stored::Stored::of(view.stack)?;
    let tree = tree::Tree::of(view.stack, &stored)?;
    let (files, more_files) = files::largest(view, &stored, &tree, owners)?;
    let nodes = measured::measured(view, &stored, tree, owners, grown)?;
    Ok(Map { nodes, files, more_files, is_compared: grown.is_some() })
}
