//! The order in which dive walks over a layer: by name, what is in a directory before the directory. A whiteout goes by the name that its
//! entry has, `.wh.NAME`.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::layer::LayerIndex;
use crate::layer::index::NodeKind;
use crate::memory::{List, Memory, OutOfMemory};

/// Where a walk ends: at a leaf, and what goes before it.
pub(super) struct End {
    /// The leaf.
    pub(super) at: usize,
    /// By position whether it goes before.
    before: List<bool>,
}

impl End {
    /// Whether something that is not above the end goes before it.
    pub(super) fn goes_before(&self, position: usize) -> bool {
        self.before.get(position).copied().unwrap_or(false)
    }
}

/// The end of a walk that ends at the first of `leaves`; `None` where there are none.
pub(super) fn end(layer: &LayerIndex, leaves: &[u32], memory: &Memory) -> Result<Option<End>, OutOfMemory> {
    let path = first(layer, leaves, memory)?;
    let Some(at) = path.last().copied() else { return Ok(None) };
    let mut before = List::new(memory);
    before.resize(layer.len() + 1, false)?;
    for position in 1..=layer.len() {
        let parent = layer.node(position).parent;
        // Positions ascend on the way down. The root is above the first of them.
        let depth = if parent == 0 { Some(0) } else { path.binary_search(&parent).ok().map(|depth| depth + 1) };
        before[position] = match depth.and_then(|depth| path.get(depth)) {
            None => before[parent],
            Some(on_path) => name(layer, position).cmp(&name(layer, *on_path)) == Ordering::Less,
        };
    }
    Ok(Some(End { at, before }))
}

/// The way down to the first of some leaves, the root left out.
fn first(layer: &LayerIndex, leaves: &[u32], memory: &Memory) -> Result<Vec<usize>, OutOfMemory> {
    if leaves.is_empty() {
        return Ok(Vec::new());
    }
    // Of each directory the first child that leads to one of them; 0, which is nobody's child, where none does.
    let mut child = List::new(memory);
    child.resize(layer.len() + 1, 0_usize)?;
    let mut leaves = leaves.iter().rev().map(|leaf| *leaf as usize).peekable();
    for position in (1..=layer.len()).rev() {
        let is_leaf = leaves.next_if_eq(&position).is_some();
        if !is_leaf && child[position] == 0 {
            continue;
        }
        let parent = layer.node(position).parent;
        let known = child[parent];
        if known == 0 || name(layer, position) < name(layer, known) {
            child[parent] = position;
        }
    }
    let step = |at: &usize| child.get(*at).copied().filter(|next| *next != 0);
    Ok(std::iter::successors(step(&0), step).collect())
}

fn name(layer: &LayerIndex, position: usize) -> Cow<'_, [u8]> {
    let node = layer.node(position);
    if node.kind == NodeKind::Whiteout { [b".wh.", node.name].concat().into() } else { node.name.into() }
}
