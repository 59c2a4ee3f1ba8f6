//! Files that changed, rolled up into the directories that explain them.
//!
//! What is a hundredth of all these changes and more is a row: a file, or a directory with all below it that has no row of its own. A directory
//! that only one of the images has is never split. So there are some two hundred rows at most, whatever the images hold.

use super::slots::Slots;
use super::walk::{Directory, Leaf};
use super::{Pair, Totals, View, brought, bytes, state};
use crate::domain::{DifferenceRow, DifferenceState, DifferentThing};
use crate::image::node::NodeId;
use crate::memory::{List, Memory, OutOfMemory};

/// What part of all changes is a row of its own.
const PART: u64 = 100;

/// Files that changed and that nothing else tells.
#[derive(Debug)]
pub(super) struct Rolled(List<(u32, Leaf)>);

/// What changed in a directory.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    bytes: Pair<u64>,
    /// What came and what went, together.
    moved: u64,
    files: u64,
    /// One of the files.
    one: Option<Leaf>,
    layers: Pair<Layer>,
}

/// The layer that brought some files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Layer {
    /// There is no file.
    #[default]
    None,
    /// All are of one.
    One(u32),
    /// They are of several.
    Several,
}

impl Rolled {
    pub(super) fn new(memory: &Memory) -> Self {
        Self(List::new(memory))
    }

    /// Adds a file, or link, of the directory at a position.
    pub(super) fn add(&mut self, directory: u32, leaf: Leaf) -> Result<(), OutOfMemory> {
        self.0.push((directory, leaf))
    }

    /// The rows.
    ///
    /// # Errors
    /// There is no memory for it.
    pub(super) fn rows(
        self,
        directories: &[Directory],
        views: &Pair<&View<'_>>,
        totals: &Pair<Totals>,
        slots: &Slots<'_>,
    ) -> Result<Vec<DifferenceRow>, OutOfMemory> {
        let mut rows = Vec::new();
        if self.0.is_empty() {
            return Ok(rows);
        }
        let sum = |leaf: Leaf| Sum::of(leaf, bytes(totals, leaf), brought(views, leaf));
        let all = self.0.iter().fold(0_u64, |all, (_, leaf)| all.saturating_add(moved(bytes(totals, *leaf))));
        let least = (all / PART).max(1);
        let mut sums = List::new(&self.0.memory());
        sums.resize(directories.len(), Sum::default())?;
        let is_pure = |at: usize| directories.get(at).is_none_or(|it| it.nodes.old.is_none() || it.nodes.new.is_none());
        for (directory, leaf) in self.0.iter() {
            let (at, sum) = (*directory as usize, sum(*leaf));
            if sum.moved >= least && !is_pure(at) {
                rows.push(row(slots, file(views, *leaf), &sum));
            } else if let Some(of) = sums.get_mut(at) {
                of.add(&sum);
            }
        }
        for (at, directory) in directories.iter().enumerate().rev() {
            let Some(sum) = sums.get(at).copied().filter(|sum| sum.files > 0) else { continue };
            let parent = directory.parent as usize;
            let is_inside = is_pure(at) && is_pure(parent);
            if at > 0 && (is_inside || sum.moved < least) {
                if let Some(of) = sums.get_mut(parent) {
                    of.add(&sum);
                }
                continue;
            }
            let thing = if let Some(leaf) = sum.one.filter(|_| sum.files == 1 && !is_pure(at)) {
                file(views, leaf)
            } else {
                let state = state(directory.nodes.old.is_some(), directory.nodes.new.is_some());
                (DifferentThing::Directory { path: path(views, directory.nodes), files: sum.files }, state)
            };
            rows.push(row(slots, thing, &sum));
        }
        Ok(rows)
    }
}

fn row(slots: &Slots<'_>, (thing, state): (DifferentThing, DifferenceState), sum: &Sum) -> DifferenceRow {
    let layer = Pair { old: sum.layers.old.only(), new: sum.layers.new.only() };
    slots.row(thing, state, sum.bytes, layer)
}

fn file(views: &Pair<&View<'_>>, leaf: Leaf) -> (DifferentThing, DifferenceState) {
    let nodes = Pair { old: leaf.old, new: leaf.new };
    (DifferentThing::File { path: path(views, nodes) }, state(leaf.old.is_some(), leaf.new.is_some()))
}

fn path(views: &Pair<&View<'_>>, nodes: Pair<Option<NodeId>>) -> String {
    let new = nodes.new.map(|id| views.new.stack.path(id));
    let path = new.or_else(|| nodes.old.map(|id| views.old.stack.path(id))).unwrap_or_default();
    String::from_utf8_lossy(&path).into_owned()
}

fn moved(bytes: Pair<u64>) -> u64 {
    bytes.old.abs_diff(bytes.new)
}

impl Sum {
    fn of(leaf: Leaf, bytes: Pair<u64>, brought: Pair<Option<usize>>) -> Self {
        let layer = |of: Option<usize>| of.and_then(|of| u32::try_from(of).ok()).map_or(Layer::None, Layer::One);
        let layers = Pair { old: layer(brought.old), new: layer(brought.new) };
        Self { bytes, moved: moved(bytes), files: 1, one: Some(leaf), layers }
    }

    fn add(&mut self, more: &Self) {
        self.bytes = self.bytes.plus(more.bytes);
        self.moved = self.moved.saturating_add(more.moved);
        self.files = self.files.saturating_add(more.files);
        self.one = self.one.or(more.one);
        self.layers = Pair { old: self.layers.old.and(more.layers.old), new: self.layers.new.and(more.layers.new) };
    }
}

impl Layer {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, other) | (other, Self::None) => other,
            (Self::One(one), Self::One(other)) if one == other => self,
            _ => Self::Several,
        }
    }

    fn only(self) -> Option<usize> {
        match self {
            Self::One(layer) => Some(layer as usize),
            Self::None | Self::Several => None,
        }
    }
}
