//! What the layers of an image take in a registry, where nothing that was read of the image says so.

use super::{Asked, Reader};
use crate::domain::{Bytes, Compressed, DiffId};
use crate::error::Error;
use crate::progress::Event;
use crate::source::{Limits, Wanted, stream};

impl Reader {
    /// What earlier runs saw of these layers: somebody's blobs, and maybe not those of this image, so an estimate.
    pub async fn remembered_stored(&self, diff_ids: &[DiffId]) -> Option<Compressed> {
        let (cache, diff_ids) = (self.cache.clone()?, diff_ids.to_vec());
        let look = move || diff_ids.iter().map(|layer| cache.compressed(layer)).collect::<Option<Vec<_>>>();
        // A thread that failed found nothing.
        let layers = tokio::task::spawn_blocking(look).await.ok()??;
        Some(Compressed { layers, is_estimate: true })
    }

    /// About what the layers of an engine's image would take in a registry: the engine hands over all of them, and they are compressed
    /// here. That takes many times as long as anything else, so `watcher` hears of it first.
    ///
    /// # Errors
    /// The engine does not hand the image out.
    pub async fn squeezed_by_save(&self, asked: Asked<'_>) -> Result<Option<Compressed>, Error> {
        let Asked { engine, image, platform, name, watcher } = asked;
        let size = image.size.map(|size| format!(" of {}", Bytes(size))).unwrap_or_default();
        watcher.event(Event::Note(&format!(
            "no manifest says its compressed size, so all{size} is read and compressed to estimate it; a later run remembers it"
        )));
        let limits = Limits { squeeze: true, ..self.limits.clone() };
        let (stream, hears) = (engine.save(&[&image.handle], platform), watcher.clone());
        let progress = move |bytes| hears.event(Event::Reading { bytes });
        let scan = stream::scan_stream(stream, format!("image {name}"), limits, progress).await?;
        let content = scan.image(&Wanted { image: None, platform: Some(image.platform.clone()) })?;
        if let Some(estimate) = &content.compressed {
            let sizes = content.config.diff_ids.iter().cloned().zip(estimate.layers.iter().copied());
            self.remember_stored(sizes.collect());
        }
        Ok(content.compressed)
    }
}
