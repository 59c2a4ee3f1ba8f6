//! What reading one image took.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::domain::{Bytes, DiffId, ReadFacts, Rung};

/// Counts while an image is read.
#[derive(Debug)]
pub(super) struct Cost {
    began: Instant,
    how: Rung,
    read: BTreeSet<DiffId>,
    bytes: u64,
    fallbacks: Vec<String>,
}

impl Cost {
    /// Nothing was read yet.
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), how: Rung::Cache, read: BTreeSet::new(), bytes: 0, fallbacks: Vec::new() }
    }

    /// Something was read in this way.
    pub(super) fn took(&mut self, how: Rung, bytes: u64) {
        self.how = self.how.max(how);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// A layer was read.
    pub(super) fn layer(&mut self, diff_id: &DiffId) {
        self.read.insert(diff_id.clone());
    }

    /// A way did not work: which, and why.
    pub(super) fn fell_back(&mut self, way: &str, why: &str) {
        self.fallbacks.push(format!("{way}: {why}"));
    }

    /// The sum where no layer was asked for: what all of them make was read, or what a manifest says of them.
    pub(super) fn without_layers(self) -> ReadFacts {
        self.of(&[])
    }

    /// The sum for an image of these layers.
    pub(super) fn of(self, diff_ids: &[DiffId]) -> ReadFacts {
        let all: BTreeSet<&DiffId> = diff_ids.iter().collect();
        let read = all.iter().filter(|diff_id| self.read.contains(**diff_id)).count() as u64;
        ReadFacts {
            how: self.how,
            layers_cached: (all.len() as u64).saturating_sub(read),
            layers_read: read,
            bytes: Bytes(self.bytes),
            milliseconds: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            fallbacks: self.fallbacks,
        }
    }
}
