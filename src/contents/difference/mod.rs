//! What two images differ by: every byte of the difference of their sizes in exactly one row.
//!
//! A byte of an image is seen, at the first name of its file, or it ships unseen, because a layer hides it. What is seen is compared path by
//! path, in one walk over both file systems; what is not, by the layer that hides it. A path of the same size in both is no change, whichever layers bring
//! it. What changed is told by the first of these that can:
//!
//! 1. the package that the file belongs to, where that came, went or has other versions;
//! 2. the layer, where that came or went as a whole, or where it hides the bytes;
//! 3. the directory or file.
//!
//! All of it takes time in proportion to the entries of both images, and what it holds is drawn from their memory.

mod groups;
mod grown;
mod rolled;
mod slots;
mod walk;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::domain::{Difference, DifferenceState, ToolChanges};
use crate::image::stack::Totals;
use crate::memory::OutOfMemory;

use super::packages::Found;
use super::view::View;

use groups::Groups;
use rolled::Rolled;
use slots::Slots;
use walk::Leaf;

pub use slots::of_layers;

/// One of the two images.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The image. Its layers are all there.
    pub view: &'a View<'a>,
    /// What its packages are; `None` where nobody looked.
    pub packages: Option<&'a Found>,
    /// The tools in it, sorted; `None` where that is not known.
    pub tools: Option<&'a [String]>,
}

/// What became of the first image in the second. Exchanged, they give the same rows with before and after exchanged.
///
/// # Errors
/// There is no memory for it.
pub fn difference(old: &Side<'_>, new: &Side<'_>) -> Result<Difference, OutOfMemory> {
    let totals = Pair { old: old.view.stack.totals()?, new: new.view.stack.totals()? };
    let views = Pair { old: old.view, new: new.view };
    let mut slots = Slots::of(old.view.layers, new.view.layers);
    let mut groups = Groups::of(old.packages, new.packages);
    let mut rolled = Rolled::new(old.view.stack.memory());
    let directories = walk::walk(&views, &totals, |directory, leaf| {
        let bytes = bytes(&totals, leaf);
        if groups.take(leaf, bytes) || bytes.old == bytes.new || slots.take(bytes, brought(&views, leaf)) {
            return Ok(());
        }
        rolled.add(directory, leaf)
    })?;
    slots.hide(&old.view.stack.hidden_by_layer(), &new.view.stack.hidden_by_layer());
    let mut difference = Difference { unknown: groups.unknown().into_iter().collect(), ..Difference::default() };
    difference.rows.extend(groups.rows(&slots));
    difference.rows.extend(rolled.rows(&directories, &views, &totals, &slots)?);
    difference.rows.extend(slots.rows());
    difference.grown = grown::grown(&views, &totals);
    difference.tools = old.tools.zip(new.tools).map(|(old, new)| tools(old, new));
    difference.packages = groups.counts();
    difference.sort();
    Ok(difference)
}

/// The same of both images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Pair<T> {
    old: T,
    new: T,
}

/// What is counted at a file or link.
fn bytes(totals: &Pair<Totals>, leaf: Leaf) -> Pair<u64> {
    Pair { old: leaf.old.map_or(0, |id| totals.old.of(id)), new: leaf.new.map_or(0, |id| totals.new.of(id)) }
}

/// The layers that brought it.
fn brought(views: &Pair<&View<'_>>, leaf: Leaf) -> Pair<Option<usize>> {
    Pair {
        old: leaf.old.map(|id| views.old.stack.brought_by(id)),
        new: leaf.new.map(|id| views.new.stack.brought_by(id)),
    }
}

/// New where nothing was, gone where nothing is.
fn state(was: bool, is: bool) -> DifferenceState {
    match (was, is) {
        (false, true) => DifferenceState::New,
        (true, false) => DifferenceState::Gone,
        _ => DifferenceState::Changed,
    }
}

fn tools(old: &[String], new: &[String]) -> ToolChanges {
    let lacking = |all: &[String], other: &[String]| {
        let other: BTreeSet<&String> = other.iter().collect();
        all.iter().filter(|name| !other.contains(name)).cloned().collect()
    };
    ToolChanges { added: lacking(new, old), removed: lacking(old, new) }
}

impl Pair<u64> {
    /// With more of both. Neither can be more than the size of its image, which was counted.
    fn plus(self, more: Self) -> Self {
        Self { old: self.old.saturating_add(more.old), new: self.new.saturating_add(more.new) }
    }
}
