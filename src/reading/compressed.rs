//! What the layers of an image take in a registry, where nothing that was read of the image says so.

use super::Reader;
use crate::domain::{Compressed, DiffId};

impl Reader {
    /// What earlier runs saw of these layers: somebody's blobs, and maybe not those of this image, so an estimate.
    pub async fn remembered_stored(&self, diff_ids: &[DiffId]) -> Option<Compressed> {
        let (cache, diff_ids) = (self.cache.clone()?, diff_ids.to_vec());
        let look = move || diff_ids.iter().map(|layer| cache.compressed(layer)).collect::<Option<Vec<_>>>();
        // A thread that failed found nothing.
        let layers = tokio::task::spawn_blocking(look).await.ok()??;
        Some(Compressed { layers, is_estimate: true })
    }
}
