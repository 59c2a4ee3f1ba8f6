//! Layers that earlier runs read.

use super::{Claim, Reader};
use crate::domain::{Bytes, DiffId};
use crate::layer::{Evidence, IndexedLayer};

impl Reader {
    /// Takes from the cache what it has of a claim.
    pub(super) async fn recall(&self, claim: &mut Claim, least: Evidence) {
        let Some(cache) = self.cache.clone() else { return };
        let wanted: Vec<DiffId> = claim.mine().cloned().collect();
        if wanted.is_empty() {
            return;
        }
        let memory = self.limits.memory.clone();
        let look = move || -> Vec<_> { wanted.iter().filter_map(|layer| cache.layer(layer, least, &memory)).collect() };
        // A thread that failed found nothing.
        for (layer, evidence) in tokio::task::spawn_blocking(look).await.unwrap_or_default() {
            claim.put(&layer, evidence);
        }
    }

    /// Keeps layers for later runs. Nobody waits for it but the end of the run.
    pub(super) fn remember(&self, layers: Vec<(IndexedLayer, Evidence)>) {
        if let Some(cache) = self.cache.clone() {
            self.errands.spawn_blocking(move || {
                for (layer, evidence) in &layers {
                    cache.keep_layer(layer, *evidence);
                }
            });
        }
    }

    /// Keeps for later runs what a registry stores of layers.
    pub(super) fn remember_stored(&self, sizes: Vec<(DiffId, Bytes)>) {
        if let Some(cache) = self.cache.clone() {
            self.errands.spawn_blocking(move || {
                for (layer, size) in &sizes {
                    cache.keep_compressed(layer, *size);
                }
            });
        }
    }
}
