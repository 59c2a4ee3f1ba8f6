//! The layers that this run knows, by diff id. Whoever lacks one claims it, so that each is read once, whoever asks for it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::domain::DiffId;
use crate::layer::{Evidence, IndexedLayer, LayerFiles};
use crate::memory::Memory;

/// What is known so far. Clones are the same shelf.
#[derive(Debug, Clone)]
pub struct Shelf(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    slots: Mutex<HashMap<DiffId, Slot>>,
    /// Moves whenever a slot does.
    version: watch::Sender<u64>,
}

#[derive(Debug)]
enum Slot {
    Here(IndexedLayer, Evidence),
    /// A target reads it. What was here with less evidence stays good for those who need no more.
    Claimed(Arc<str>, Option<(IndexedLayer, Evidence)>),
}

impl Slot {
    fn known(&self, least: Evidence) -> Option<&IndexedLayer> {
        match self {
            Self::Here(layer, evidence) | Self::Claimed(_, Some((layer, evidence))) => {
                layer.is_enough(*evidence, least).then_some(layer)
            }
            Self::Claimed(_, None) => None,
        }
    }
}

impl Default for Shelf {
    fn default() -> Self {
        Self(Arc::new(Inner { slots: Mutex::default(), version: watch::Sender::new(0) }))
    }
}

impl Shelf {
    /// An empty shelf that keeps what nobody uses for as long as all of `memory` have room.
    pub fn within<'m>(memory: impl IntoIterator<Item = &'m Memory>) -> Self {
        let shelf = Self::default();
        for memory in memory {
            let inner = Arc::downgrade(&shelf.0);
            memory.when_short(move || {
                if let Some(inner) = inner.upgrade() {
                    Self(inner).forget_unused();
                }
            });
        }
        shelf
    }

    /// The layer, where it is known so well.
    pub fn get(&self, diff_id: &DiffId, least: Evidence) -> Option<IndexedLayer> {
        self.with(|slots| slots.get(diff_id).and_then(|slot| slot.known(least)).cloned())
    }

    /// All of these layers in their order, if they are all known so well.
    pub fn all(&self, diff_ids: &[DiffId], least: Evidence) -> Option<Vec<IndexedLayer>> {
        diff_ids.iter().map(|diff_id| self.get(diff_id, least)).collect()
    }

    /// Puts a layer here that was read without being claimed. Less evidence never replaces more, nor do fewer files.
    pub fn put(&self, layer: &IndexedLayer, evidence: Evidence) {
        let is_more = |known: &IndexedLayer, is: Evidence| {
            (evidence, layer.files.is_complete()) > (is, known.files.is_complete())
        };
        self.with(|slots| match slots.get_mut(layer.diff_id()) {
            Some(Slot::Here(known, is)) if !is_more(known, *is) => {}
            // Who claimed it hears of it when it looks, and may put its own in its place.
            Some(Slot::Claimed(_, known)) => {
                if known.as_ref().is_none_or(|(known, is)| is_more(known, *is)) {
                    *known = Some((layer.clone(), evidence));
                }
            }
            _ => {
                slots.insert(layer.diff_id().clone(), Slot::Here(layer.clone(), evidence));
            }
        });
        self.moved();
    }

    /// What is known of the files of a layer.
    pub fn files(&self, diff_id: &DiffId) -> Option<Arc<LayerFiles>> {
        self.with(|slots| match slots.get(diff_id) {
            Some(Slot::Here(layer, _) | Slot::Claimed(_, Some((layer, _)))) => Some(Arc::clone(&layer.files)),
            _ => None,
        })
    }

    /// Adds what was learned of the files of a layer that is here. Those of who saw all of them stay.
    pub fn put_files(&self, layer: &IndexedLayer) {
        self.with(|slots| match slots.get_mut(layer.diff_id()) {
            Some(Slot::Here(known, _) | Slot::Claimed(_, Some((known, _)))) if !known.files.is_complete() => {
                known.files = Arc::clone(&layer.files);
            }
            _ => {}
        });
    }

    /// Claims for `target` those of `wanted` that are not known so well and that nobody else reads.
    pub fn claim(&self, wanted: &[DiffId], least: Evidence, target: &str) -> Claim {
        let (mut mine, mut elsewhere) = (BTreeSet::new(), None);
        self.with(|slots| {
            for diff_id in wanted {
                match slots.get_mut(diff_id) {
                    Some(slot) if slot.known(least).is_some() => {}
                    Some(Slot::Claimed(reader, _)) => {
                        if !mine.contains(diff_id) {
                            elsewhere = Some(Arc::clone(reader));
                        }
                    }
                    other => {
                        let weaker = match other {
                            Some(Slot::Here(layer, evidence)) => Some((layer.clone(), *evidence)),
                            _ => None,
                        };
                        slots.insert(diff_id.clone(), Slot::Claimed(target.into(), weaker));
                        mine.insert(diff_id.clone());
                    }
                }
            }
        });
        Claim { shelf: self.clone(), mine, elsewhere }
    }

    /// Sees every change from now on.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.version.subscribe()
    }

    /// Forgets the layers that nobody uses at the moment: they can be read again.
    fn forget_unused(&self) {
        self.with(|slots| {
            slots.retain(|_, slot| !matches!(slot, Slot::Here(layer, _) if Arc::strong_count(&layer.index) == 1));
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<DiffId, Slot>) -> T) -> T {
        act(&mut self.0.slots.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn moved(&self) {
        self.0.version.send_modify(|version| *version = version.wrapping_add(1));
    }
}

/// Layers that somebody has promised to read. What is left of them when it is dropped is free again.
#[derive(Debug)]
pub struct Claim {
    shelf: Shelf,
    mine: BTreeSet<DiffId>,
    elsewhere: Option<Arc<str>>,
}

impl Claim {
    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.mine.is_empty()
    }

    /// A target that reads some of what was wanted.
    pub fn elsewhere(&self) -> Option<&str> {
        self.elsewhere.as_deref()
    }

    /// What is still to be read.
    pub fn mine(&self) -> impl Iterator<Item = &DiffId> {
        self.mine.iter()
    }

    /// Keeps the promise for one layer.
    pub fn put(&mut self, layer: &IndexedLayer, evidence: Evidence) {
        if self.mine.remove(layer.diff_id()) {
            let here = Slot::Here(layer.clone(), evidence);
            self.shelf.with(|slots| slots.insert(layer.diff_id().clone(), here));
            self.shelf.moved();
        } else {
            self.shelf.put(layer, evidence);
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.mine.is_empty() {
            return;
        }
        self.shelf.with(|slots| {
            for diff_id in &self.mine {
                let left = match slots.remove(diff_id) {
                    Some(Slot::Claimed(_, known)) => known.map(|(layer, evidence)| Slot::Here(layer, evidence)),
                    other => other,
                };
                slots.extend(left.map(|slot| (diff_id.clone(), slot)));
            }
        });
        self.shelf.moved();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Digest;
    use crate::layer::LayerIndexBuilder;

    fn id(number: u8) -> DiffId {
        DiffId(Digest::from_sha256([number; 32]))
    }

    fn index(number: u8) -> IndexedLayer {
        let mut files = LayerFiles::default();
        files.set_complete();
        IndexedLayer::new(LayerIndexBuilder::default().finish(id(number)).expect("room"), files)
    }

    #[test]
    fn a_layer_is_claimed_once_and_free_again_when_nobody_read_it() {
        let shelf = Shelf::default();
        let first = shelf.claim(&[id(1), id(2), id(1)], Evidence::EngineSaid, "a");
        assert_eq!((first.mine().count(), first.elsewhere()), (2, None));
        let second = shelf.claim(&[id(2), id(3)], Evidence::EngineSaid, "b");
        assert_eq!((second.mine().collect::<Vec<_>>(), second.elsewhere()), (vec![&id(3)], Some("a")));
        drop(first);
        let third = shelf.claim(&[id(1), id(2), id(3)], Evidence::EngineSaid, "a");
        assert_eq!((third.mine().count(), third.elsewhere()), (2, Some("b")));
    }

    #[test]
    fn what_an_engine_said_is_not_enough_for_who_wants_proof() {
        let shelf = Shelf::default();
        shelf.claim(&[id(1)], Evidence::EngineSaid, "a").put(&index(1), Evidence::EngineSaid);
        assert!(shelf.claim(&[id(1)], Evidence::EngineSaid, "a").is_empty());
        let mut proof = shelf.claim(&[id(1)], Evidence::Hashed, "a");
        assert_eq!(proof.mine().count(), 1);
        // In the meantime it is still good for the others, and so it is when there is no proof.
        assert!(shelf.get(&id(1), Evidence::EngineSaid).is_some() && shelf.get(&id(1), Evidence::Hashed).is_none());
        drop(shelf.claim(&[id(1)], Evidence::Hashed, "a"));
        proof.put(&index(1), Evidence::Hashed);
        assert!(shelf.all(&[id(1), id(1)], Evidence::Hashed).is_some());
        shelf.put(&index(1), Evidence::EngineSaid);
        assert!(shelf.get(&id(1), Evidence::Hashed).is_some());
    }

    #[test]
    fn files_are_part_of_the_proof() {
        let shelf = Shelf::default();
        let without = IndexedLayer { files: Arc::default(), ..index(1) };
        shelf.put(&without, Evidence::Hashed);
        assert!(shelf.get(&id(1), Evidence::EngineSaid).is_some() && shelf.get(&id(1), Evidence::Hashed).is_none());
        shelf.put(&index(1), Evidence::Hashed);
        shelf.put(&without, Evidence::Hashed);
        assert!(shelf.get(&id(1), Evidence::Hashed).is_some());
    }

    #[test]
    fn a_broken_promise_leaves_what_was_known_before() {
        let shelf = Shelf::default();
        shelf.put(&index(1), Evidence::EngineSaid);
        drop(shelf.claim(&[id(1)], Evidence::Hashed, "a"));
        assert!(shelf.get(&id(1), Evidence::EngineSaid).is_some());
        assert_eq!(shelf.claim(&[id(1)], Evidence::Hashed, "a").mine().count(), 1);
    }

    #[test]
    fn only_what_nobody_uses_is_forgotten() {
        let shelf = Shelf::default();
        let used = index(1);
        shelf.put(&used, Evidence::Hashed);
        shelf.put(&index(2), Evidence::Hashed);
        shelf.forget_unused();
        assert!(shelf.get(&id(1), Evidence::Hashed).is_some() && shelf.get(&id(2), Evidence::Hashed).is_none());
    }

    #[tokio::test]
    async fn who_waits_hears_of_it() {
        let shelf = Shelf::default();
        let mut first = shelf.claim(&[id(1)], Evidence::Hashed, "a");
        let mut watch = shelf.watch();
        assert!(shelf.claim(&[id(1)], Evidence::Hashed, "a").elsewhere().is_some());
        first.put(&index(1), Evidence::Hashed);
        assert!(watch.changed().await.is_ok() && shelf.get(&id(1), Evidence::Hashed).is_some());
    }
}
