//! What is known of the content of an image's files: from this run, from earlier ones, and from the engine that holds the image.

use std::sync::Arc;

use super::fetch::{self, Errand};
use super::{Reader, Watcher};
use crate::engine::{Engine, EngineImage};
use crate::layer::{Evidence, IndexedLayer, LayerFiles, LayerIndex};

/// What was fetched of an image.
#[derive(Debug, Default)]
pub struct Inside {
    /// What is known of the files of each layer, from the bottom.
    pub files: Vec<Arc<LayerFiles>>,
    /// Bytes that came over the connection.
    pub bytes: u64,
}

impl Reader {
    /// What is known of the files of these layers. What this run has not read comes from the layer cache.
    pub async fn files(&self, layers: &[Arc<LayerIndex>], files: &[Arc<LayerFiles>]) -> Vec<Arc<LayerFiles>> {
        let nothing: Arc<LayerFiles> = Arc::default();
        let known: Vec<IndexedLayer> = layers
            .iter()
            .zip(files.iter().chain(std::iter::repeat(&nothing)))
            .map(|(index, files)| IndexedLayer { index: Arc::clone(index), files: Arc::clone(files) })
            .collect();
        let (cache, shelf) = (self.cache.clone(), self.shelf.clone());
        let (keep, memory) = (self.limits.keep.clone(), self.limits.memory.clone());
        let before: Vec<Arc<LayerFiles>> = known.iter().map(|layer| Arc::clone(&layer.files)).collect();
        let look = move || -> Vec<Arc<LayerFiles>> {
            let of = |mut layer: IndexedLayer| {
                if layer.files.is_complete() {
                    return layer.files;
                }
                let is_better = |files: &Arc<LayerFiles>| {
                    !files.is_stored() && (files.is_complete() || files.len() > layer.files.len())
                };
                if let Some(better) = shelf.files(layer.diff_id()).filter(is_better) {
                    return better;
                }
                let stored = cache.as_ref().and_then(|cache| cache.files(&layer.index, &keep, &memory));
                let lost = layer.files.is_stored() && stored.is_none();
                let mut files = LayerFiles::clone(&layer.files);
                files.add(stored.unwrap_or_default());
                if lost {
                    files.set_overflow("cannot be read back from the layer cache");
                }
                layer.files = Arc::new(files);
                shelf.put_files(&layer);
                layer.files
            };
            known.into_iter().map(of).collect()
        };
        // A thread that failed found nothing.
        tokio::task::spawn_blocking(look).await.unwrap_or(before)
    }

    /// Fetches files from the engine that holds the image of these layers, and keeps them for later runs.
    pub async fn fetch_files(
        &self,
        engine: &Engine,
        image: &EngineImage,
        watcher: &Watcher,
        layers: &[Arc<LayerIndex>],
        files: Vec<Arc<LayerFiles>>,
        errand: Errand,
    ) -> Inside {
        let fetched = fetch::fetch(engine, image, &self.limits, watcher, errand).await;
        let mut all = files;
        let mut changed = Vec::new();
        for (number, more) in fetched.files {
            let Some((index, known)) = layers.get(number).zip(all.get_mut(number)) else { continue };
            let mut files = LayerFiles::clone(known);
            files.add(more);
            *known = Arc::new(files);
            let layer = IndexedLayer { index: Arc::clone(index), files: Arc::clone(known) };
            self.shelf.put_files(&layer);
            changed.push(layer);
        }
        if let Some(cache) = self.cache.clone().filter(|_| fetched.is_final) {
            self.errands.spawn_blocking(move || {
                for layer in &changed {
                    cache.keep_files(layer, Evidence::EngineSaid);
                }
            });
        }
        Inside { files: all, bytes: fetched.bytes }
    }
}
