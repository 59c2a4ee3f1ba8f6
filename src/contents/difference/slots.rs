//! Layers of both images that stand for one another, and what only they can tell.

use super::{Pair, state};
use crate::domain::{Bytes, Difference, DifferenceRow, DifferenceState, DifferentThing, LayerKey, LayerPairs, Origin};
use crate::image::MeasuredLayer;
use crate::text;

/// The layers of both images, as far as they belong together.
#[derive(Debug)]
pub(super) struct Slots<'a> {
    layers: Pair<&'a [MeasuredLayer]>,
    list: Vec<Slot>,
    /// Of each layer its slot.
    of: Pair<Vec<usize>>,
}

/// A layer before and after; all layers of base images that differ are one.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    is_base: bool,
    layer: Pair<Option<usize>>,
    /// What is seen of it and told by it.
    seen: Pair<u64>,
    /// What it hides.
    hidden: Pair<u64>,
}

impl<'a> Slots<'a> {
    pub(super) fn of(old: &'a [MeasuredLayer], new: &'a [MeasuredLayer]) -> Self {
        let has_base = |layers: &[MeasuredLayer]| layers.iter().any(|layer| layer.origin == Origin::Base);
        // Base images are compared as wholes: somebody else wrote their instructions.
        let is_whole = has_base(old) && has_base(new);
        let keys = |layers: &'a [MeasuredLayer]| layers.iter().map(|layer| key(layer, is_whole)).collect::<Vec<_>>();
        let LayerPairs { same, again, gone, new: came } = LayerPairs::of(&keys(old), &keys(new));
        let nowhere = usize::MAX;
        let mut slots = Self {
            layers: Pair { old, new },
            list: Vec::new(),
            of: Pair { old: vec![nowhere; old.len()], new: vec![nowhere; new.len()] },
        };
        for (before, after) in same.into_iter().chain(again) {
            slots.add(Pair { old: Some(before), new: Some(after) });
        }
        let base = slots.list.len();
        if is_whole {
            slots.list.push(Slot { is_base: true, ..Slot::default() });
        }
        let is_base = |layers: &[MeasuredLayer], at: usize| is_whole && layers[at].origin == Origin::Base;
        for at in gone {
            if is_base(old, at) { slots.of.old[at] = base } else { slots.add(Pair { old: Some(at), new: None }) }
        }
        for at in came {
            if is_base(new, at) { slots.of.new[at] = base } else { slots.add(Pair { old: None, new: Some(at) }) }
        }
        slots
    }

    fn add(&mut self, layer: Pair<Option<usize>>) {
        let slot = self.list.len();
        for (of, at) in [(&mut self.of.old, layer.old), (&mut self.of.new, layer.new)] {
            if let Some(of) = at.and_then(|at| of.get_mut(at)) {
                *of = slot;
            }
        }
        self.list.push(Slot { layer, ..Slot::default() });
    }

    /// Tells of a path that only one of the images has, where its layer is not in the other at all.
    pub(super) fn take(&mut self, bytes: Pair<u64>, brought: Pair<Option<usize>>) -> bool {
        let at = match (brought.old, brought.new) {
            (None, Some(layer)) => self.of.new.get(layer),
            (Some(layer), None) => self.of.old.get(layer),
            _ => None,
        };
        let slot = at.and_then(|at| self.list.get_mut(*at)).filter(|slot| slot.is_alone());
        if let Some(slot) = slot {
            slot.seen = slot.seen.plus(bytes);
            return true;
        }
        false
    }

    /// Enters what each layer hides.
    pub(super) fn hide(&mut self, old: &[Bytes], new: &[Bytes]) {
        for (of, hidden) in self.of.old.iter().zip(old) {
            if let Some(slot) = self.list.get_mut(*of) {
                slot.hidden = slot.hidden.plus(Pair { old: hidden.0, new: 0 });
            }
        }
        for (of, hidden) in self.of.new.iter().zip(new) {
            if let Some(slot) = self.list.get_mut(*of) {
                slot.hidden = slot.hidden.plus(Pair { old: 0, new: hidden.0 });
            }
        }
    }

    /// A row of a layer each, where it has something to tell.
    pub(super) fn rows(&self) -> impl Iterator<Item = DifferenceRow> {
        let told = self.list.iter().filter(|slot| {
            let Pair { old, new } = slot.seen.plus(slot.hidden);
            old != new
        });
        told.map(|slot| {
            let what = if slot.is_base {
                DifferentThing::Base
            } else {
                let layer = self.layer(slot.layer);
                let created_by = layer.and_then(|layer| layer.created_by.clone());
                DifferentThing::Layer { created_by, hidden: Bytes(slot.hidden.new) }
            };
            let state = if slot.is_base {
                DifferenceState::Changed
            } else {
                state(slot.layer.old.is_some(), slot.layer.new.is_some())
            };
            let Pair { old, new } = slot.seen.plus(slot.hidden);
            let row = self.row(what, state, Pair { old, new }, slot.layer);
            if slot.is_base { DifferenceRow { origin: Origin::Base, ..row } } else { row }
        })
    }

    /// A row about what layers brought.
    pub(super) fn row(
        &self,
        what: DifferentThing,
        state: DifferenceState,
        bytes: Pair<u64>,
        layer: Pair<Option<usize>>,
    ) -> DifferenceRow {
        let of = self.layer(layer);
        DifferenceRow {
            what,
            state,
            before: Bytes(bytes.old),
            after: Bytes(bytes.new),
            old_layer: layer.old,
            new_layer: layer.new,
            line: of.and_then(|layer| layer.dockerfile.clone()),
            origin: of.map_or(Origin::Unknown, |layer| layer.origin),
        }
    }

    /// The layer of the later image, else that of the earlier one.
    fn layer(&self, layer: Pair<Option<usize>>) -> Option<&'a MeasuredLayer> {
        let new = layer.new.and_then(|at| self.layers.new.get(at));
        new.or_else(|| layer.old.and_then(|at| self.layers.old.get(at)))
    }
}

impl Slot {
    /// Whether it is in one image only.
    fn is_alone(&self) -> bool {
        !self.is_base && self.layer.old.is_some() != self.layer.new.is_some()
    }
}

fn key(layer: &MeasuredLayer, is_whole: bool) -> LayerKey<'_> {
    let is_own = !(is_whole && layer.origin == Origin::Base);
    let MeasuredLayer { diff_id, created_by, dockerfile, .. } = layer;
    LayerKey {
        diff_id,
        instruction: created_by.as_deref().filter(|_| is_own).map(text::instruction_again),
        line: dockerfile.as_ref().filter(|_| is_own).map(ToString::to_string),
    }
}

/// What two images differ by, as far as the sizes of their layers tell; `None` where one of these is not known.
#[must_use]
pub fn of_layers(old: &[MeasuredLayer], new: &[MeasuredLayer]) -> Option<Difference> {
    let mut slots = Slots::of(old, new);
    let sizes = |layers: &[MeasuredLayer]| layers.iter().map(|layer| layer.size).collect::<Option<Vec<Bytes>>>();
    let (before, after) = (sizes(old)?, sizes(new)?);
    slots.hide(&before, &after);
    let mut difference = Difference::default();
    // Nothing is known of what they hide.
    difference.rows.extend(slots.rows().map(|row| match row.what {
        DifferentThing::Layer { created_by, .. } => {
            DifferenceRow { what: DifferentThing::Layer { created_by, hidden: Bytes::ZERO }, ..row }
        }
        _ => row,
    }));
    difference.sort();
    Some(difference)
}
