//! An image of a file or a directory, which holds all of it: its documents first, and then the layers that nobody knows yet.

use std::sync::Arc;

use super::cost::Cost;
use super::{Content, Read, Reader, Watcher};
use crate::domain::{Bytes, Compressed, DiffId, Rung};
use crate::error::{Class, Error};
use crate::layer::indexed::apart;
use crate::layer::{Evidence, IndexedLayer};
use crate::memory::Waiting;
use crate::progress::Event;
use crate::source::{Described, ImageContent, Limits};

impl Reader {
    /// Reads an image that `describe` finds in a file, or that `read` reads in one pass where it finds none. Both run on a thread where
    /// that may take its time. Layers that are not compressed are squeezed where somebody asks for the compressed size.
    ///
    /// # Errors
    /// Those of `describe`, of its layers, and of `read`.
    pub async fn file_image(
        &self,
        watcher: &Watcher,
        squeeze: bool,
        describe: impl FnOnce(&Limits) -> Result<Option<Described>, Error> + Send + 'static,
        read: impl FnOnce(&Limits, &mut dyn FnMut(u64)) -> Result<ImageContent, Error> + Send + 'static,
    ) -> Result<Read, Error> {
        let cost = Cost::begin();
        let limits = Limits { squeeze, ..self.limits.clone() };
        match on_a_thread(&limits, move |limits| describe(limits)).await? {
            Some(described) => {
                let image = Arc::new(described);
                let mut read = self.described(Arc::clone(&image), watcher, cost).await?;
                if squeeze && read.compressed.is_none() {
                    read.compressed = Some(self.squeezed(image, watcher, &limits).await?);
                }
                Ok(read)
            }
            None => self.streamed(read, watcher, &limits, cost).await,
        }
    }

    /// About what the layers of an image would take in a registry: as earlier runs saw them, else by compressing them.
    async fn squeezed(&self, image: Arc<Described>, watcher: &Watcher, limits: &Limits) -> Result<Compressed, Error> {
        if let Some(remembered) = self.remembered_stored(&image.config.diff_ids).await {
            return Ok(remembered);
        }
        let (watcher, source) = (watcher.clone(), Arc::clone(&image));
        let blobs = on_a_thread(limits, move |limits| {
            let all: Vec<&DiffId> = source.config.diff_ids.iter().collect();
            source.layers(&all, limits, &mut |bytes| watcher.event(Event::Reading { bytes }))
        });
        let sizes: Vec<Bytes> = blobs.await?.iter().map(|blob| blob.compressed().unwrap_or_default()).collect();
        self.remember_stored(image.config.diff_ids.iter().cloned().zip(sizes.iter().copied()).collect());
        Ok(Compressed { layers: sizes, is_estimate: true })
    }

    async fn described(&self, image: Arc<Described>, watcher: &Watcher, mut cost: Cost) -> Result<Read, Error> {
        let diff_ids = &image.config.diff_ids;
        cost.took(Rung::File, 0);
        loop {
            let mut changes = self.shelf.watch();
            let mut claim = self.shelf.claim(diff_ids, Evidence::Hashed, watcher.target());
            self.recall(&mut claim, Evidence::Hashed).await;
            if claim.is_empty() {
                if let Some(layers) = self.shelf.all(diff_ids, Evidence::Hashed) {
                    let (layers, files) = apart(layers);
                    return Ok(Read {
                        config: image.config.clone(),
                        digest: image.manifest.clone(),
                        content: Content::Layers(layers),
                        files,
                        compressed: image.compressed.clone(),
                        beside: image.beside.clone(),
                        facts: cost.of(diff_ids),
                    });
                }
                if let Some(target) = claim.elsewhere() {
                    watcher.event(Event::WaitingFor { target });
                    // It ends with the shelf, which is here.
                    let _ = changes.changed().await;
                }
                continue;
            }
            let lacking: Vec<DiffId> = claim.mine().cloned().collect();
            let (watcher, source) = (watcher.clone(), Arc::clone(&image));
            let blobs = on_a_thread(&self.limits, move |limits| {
                let lacking: Vec<&DiffId> = lacking.iter().collect();
                source.layers(&lacking, limits, &mut |bytes| watcher.event(Event::Reading { bytes }))
            });
            for blob in blobs.await? {
                cost.took(Rung::File, blob.stored);
                let layer = blob.into_layer();
                cost.layer(layer.diff_id());
                claim.put(&layer, Evidence::Hashed);
                self.remember(vec![(layer, Evidence::Hashed)]);
            }
        }
    }

    async fn streamed(
        &self,
        read: impl FnOnce(&Limits, &mut dyn FnMut(u64)) -> Result<ImageContent, Error> + Send + 'static,
        watcher: &Watcher,
        limits: &Limits,
        mut cost: Cost,
    ) -> Result<Read, Error> {
        let watcher = watcher.clone();
        let reading = on_a_thread(limits, move |limits| {
            let mut most = 0;
            let mut progress = |bytes| {
                most = bytes;
                watcher.event(Event::Reading { bytes });
            };
            read(limits, &mut progress).map(|content| (content, most))
        });
        let (content, bytes) = reading.await?;
        cost.took(Rung::File, bytes);
        Ok(self.whole(content, cost))
    }

    /// An image every byte of whose layers was read just now.
    pub(super) fn whole(&self, content: ImageContent, mut cost: Cost) -> Read {
        let ImageContent { config, config_json, layers, files, compressed, beside, .. } = content;
        self.documents.keep(&config.id, config_json);
        let whole = layers.iter().zip(&files);
        let whole: Vec<_> =
            whole.map(|(index, files)| IndexedLayer { index: Arc::clone(index), files: Arc::clone(files) }).collect();
        for layer in &whole {
            cost.layer(layer.diff_id());
            self.shelf.put(layer, Evidence::Hashed);
        }
        self.remember(whole.into_iter().map(|layer| (layer, Evidence::Hashed)).collect());
        let facts = cost.of(&config.diff_ids);
        Read { config, digest: None, content: Content::Layers(layers), files, compressed, beside, facts }
    }
}

/// Does work on a thread where it may take its time. It ends soon after nobody waits for it any more.
async fn on_a_thread<T: Send + 'static>(
    limits: &Limits,
    work: impl FnOnce(&Limits) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let gone = |error| Error::new(Class::Io, "a worker thread ended unexpectedly").caused_by(error);
    let waiting = Waiting::default();
    let limits = Limits { memory: limits.memory.until(&waiting.0), ..limits.clone() };
    tokio::task::spawn_blocking(move || work(&limits)).await.map_err(gone)?
}
