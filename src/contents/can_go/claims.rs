//! Which bytes go, each counted once: a file goes when all names of it do, and what several want to go goes once.

use std::collections::BTreeMap;

use super::candidate::{Frees, Piece};
use super::ground::Ground;
use crate::contents::view::View;
use crate::domain::Bytes;
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

/// A name of some content that goes, or a part of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    content: NodeId,
    name: NodeId,
    /// `None` for all of it.
    part: Option<u64>,
}

/// What goes.
#[derive(Debug)]
pub(super) struct Claims(List<Claim>);

impl Claims {
    /// Nothing.
    pub(super) fn new(view: &View<'_>) -> Self {
        Self(List::new(view.stack.memory()))
    }

    /// Adds a piece: what of it may go, or what of it is hidden and ships all the same.
    pub(super) fn add(&mut self, ground: &Ground<'_>, piece: Piece) -> Result<(), OutOfMemory> {
        let stack = ground.view.stack;
        let part = match piece.frees {
            Frees::All => None,
            Frees::Part(bytes) => Some(bytes),
        };
        let top = stack.node(piece.top);
        for name in std::iter::once(piece.top).chain(stack.below(piece.top)) {
            let node = stack.node(name);
            let goes = match node.hidden {
                None => ground.may_go(name),
                hidden => {
                    hidden == top.hidden && ground.is_own(node.layer) && ground.is_own(stack.node(node.content).layer)
                }
            };
            if goes && node.bytes() > 0 {
                self.0.push(Claim { content: node.content, name, part })?;
            }
        }
        Ok(())
    }

    /// Adds all of another.
    pub(super) fn append(&mut self, other: &Self) -> Result<(), OutOfMemory> {
        self.0.extend(&other.0)
    }

    /// How many bytes go, and the layer that brought most of them.
    pub(super) fn weigh(&mut self, ground: &Ground<'_>) -> (Bytes, Option<usize>) {
        let stack = ground.view.stack;
        let mut layers = BTreeMap::<usize, u64>::new();
        self.0.sort_unstable();
        for claims in self.0.chunk_by(|a, b| a.content == b.content) {
            let Some(first) = claims.first() else { continue };
            let whole = claims.iter().filter(|claim| claim.part.is_none());
            // Sorted, so that a name that is claimed twice stands beside itself.
            let mut gone = 0_u32;
            let mut last = None;
            for claim in whole.clone() {
                let is_shown = stack.node(claim.name).hidden.is_none();
                if is_shown && last != Some(claim.name) {
                    gone = gone.saturating_add(1);
                }
                last = Some(claim.name);
            }
            let size = stack.node(first.content).bytes();
            let goes = whole.count() > 0 && gone == ground.names_of(first.content);
            let part = claims.iter().filter_map(|claim| claim.part).max().unwrap_or_default();
            let bytes = if goes { size } else { part.min(size) };
            if bytes > 0 {
                let sum = layers.entry(stack.brought_by(first.name)).or_default();
                *sum = sum.saturating_add(bytes);
            }
        }
        let bytes = layers.values().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
        // Of equals the lowest.
        let most = layers.into_iter().rev().max_by_key(|(_, bytes)| *bytes);
        (Bytes(bytes), most.map(|(layer, _)| layer))
    }
}
