//! What members of a group weigh: a file that has another name elsewhere stays when its member goes.

use std::collections::BTreeMap;

use crate::contents::view::View;
use crate::domain::Bytes;
use crate::image::node::{NodeId, NodeKind};
use crate::image::{FoundPath, Share};
use crate::memory::{List, OutOfMemory};

/// Of each content how many names are shown, and how many of these are in members.
#[derive(Debug)]
pub(super) struct Weights(List<(u32, u32)>);

/// Bytes by the layers that brought them, and by the layers that have them again.
#[derive(Debug, Default)]
struct Parts {
    brought: BTreeMap<usize, u64>,
    again: BTreeMap<usize, u64>,
}

impl Parts {
    fn add(&mut self, view: &View<'_>, id: NodeId) {
        let node = view.stack.node(id);
        let brought = view.stack.brought_by(id);
        let count = |bytes: &mut u64| *bytes = bytes.saturating_add(node.bytes());
        count(self.brought.entry(brought).or_default());
        if brought != node.layer {
            count(self.again.entry(node.layer).or_default());
        }
    }

    fn bytes(&self) -> u64 {
        self.brought.values().fold(0, |sum, bytes| sum.saturating_add(*bytes))
    }

    /// The layer with the most bytes, of equals the highest.
    fn most(layers: &BTreeMap<usize, u64>) -> Option<usize> {
        layers.iter().max_by_key(|(_, bytes)| **bytes).map(|(layer, _)| *layer)
    }
}

impl Weights {
    pub(super) fn new(view: &View<'_>, members: &[NodeId]) -> Result<Self, OutOfMemory> {
        let stack = view.stack;
        let mut names = List::new(stack.memory());
        names.resize(stack.len(), (0_u32, 0_u32))?;
        for (_, node) in stack.live() {
            let (all, _) = &mut names[node.content.index()];
            *all = all.saturating_add(1);
        }
        for top in members {
            for id in std::iter::once(*top).chain(stack.below(*top)) {
                let (_, inside) = &mut names[stack.node(id).content.index()];
                *inside = inside.saturating_add(1);
            }
        }
        Ok(Self(names))
    }

    /// The bytes that go with a member.
    pub(super) fn bytes(&self, view: &View<'_>, top: NodeId) -> u64 {
        self.parts(view, top).bytes()
    }

    /// A member as rules see it.
    pub(super) fn found(&self, view: &View<'_>, top: NodeId) -> FoundPath {
        found(view, top, &self.parts(view, top))
    }

    /// What is at and below a member and goes with it. A file itself weighs what it has, whatever else it is called.
    fn parts(&self, view: &View<'_>, top: NodeId) -> Parts {
        let mut parts = Parts::default();
        let mut counted = std::collections::BTreeSet::new();
        for id in std::iter::once(top).chain(view.stack.below(top)) {
            let node = view.stack.node(id);
            let (all, inside) = self.0.get(node.content.index()).copied().unwrap_or_default();
            // Few files have several names.
            let is_first = all <= 1 || counted.insert(node.content);
            if node.bytes() > 0 && is_first && (inside >= all || id == top) {
                parts.add(view, id);
            }
        }
        parts
    }
}

/// A file that a later layer deleted or replaced. Its bytes are waste, and are told there.
pub(super) fn deleted(view: &View<'_>, id: NodeId) -> FoundPath {
    let mut parts = Parts::default();
    parts.add(view, id);
    FoundPath { shares: Vec::new(), ..found(view, id, &parts) }
}

fn found(view: &View<'_>, id: NodeId, parts: &Parts) -> FoundPath {
    let stack = view.stack;
    let path = stack.path(id);
    let content = match stack.node(id).kind {
        NodeKind::File { content, .. } if content != id => stack.path(content),
        _ => path.clone(),
    };
    let are_layers = !view.layers.is_empty();
    let shares = parts.brought.iter().map(|(layer, bytes)| Share { layer: *layer, bytes: Bytes(*bytes) });
    FoundPath {
        path,
        layer: are_layers.then(|| Parts::most(&parts.brought).unwrap_or_else(|| stack.brought_by(id))),
        touched_again: Parts::most(&parts.again).filter(|_| are_layers),
        size: Bytes(parts.bytes()),
        shares: if are_layers { shares.collect() } else { Vec::new() },
        content,
    }
}
