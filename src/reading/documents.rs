//! Manifests, indexes and configs by their digests: they never change, so what one run read says what an image is in the next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cache::LayerCache;
use crate::domain::{Bytes, Compressed, Digest, ImageConfig, Platform};
use crate::source;
use crate::source::remote::{Known, Next, StoredLayer, next};

/// Documents that are known, in this run or from earlier ones.
#[derive(Debug)]
pub(super) struct Documents {
    known: Mutex<HashMap<Digest, Arc<[u8]>>>,
    /// Images of this run, by what their engine knows them by.
    images: Mutex<HashMap<(Digest, Platform), Described>>,
    cache: Option<Arc<LayerCache>>,
}

/// What documents say of an image.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub(super) config: ImageConfig,
    /// By its manifest, where it lists compressed blobs.
    pub(super) compressed: Option<Compressed>,
}

impl Documents {
    pub(super) fn new(cache: Option<Arc<LayerCache>>) -> Self {
        Self { known: Mutex::default(), images: Mutex::default(), cache }
    }

    /// Keeps a document whose digest was checked.
    pub(super) fn keep(&self, digest: &Digest, bytes: impl Into<Arc<[u8]>>) {
        let bytes = bytes.into();
        if let Some(cache) = &self.cache {
            cache.keep_config(digest, &bytes);
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(digest.clone(), bytes);
    }

    /// What the image is that an engine knows by `id`: the digest of a config, or of a manifest or index where engines keep those.
    /// `None` where a document is lacking, or says something else.
    pub(super) fn describe(&self, id: &Digest, platform: &Platform) -> Option<Described> {
        let key = (id.clone(), platform.clone());
        let image = self.images.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        image.or_else(|| {
            let described = self.put_together(id, platform)?;
            self.learn(id, platform, described.clone());
            Some(described)
        })
    }

    /// Keeps for this run what an image is.
    pub(super) fn learn(&self, id: &Digest, platform: &Platform, described: Described) {
        let key = (id.clone(), platform.clone());
        self.images.lock().unwrap_or_else(PoisonError::into_inner).insert(key, described);
    }

    fn put_together(&self, id: &Digest, platform: &Platform) -> Option<Described> {
        let root = self.get(id)?;
        if let Ok(config) = source::read_config(id.clone(), &root, "the layer cache") {
            return Some(Described { config, compressed: None });
        }
        let mut known = Known::from([(id.clone(), root)]);
        loop {
            let lacking = match next(id, &known, Some(platform), "the layer cache").ok()? {
                Next::Chosen(chosen) => {
                    return Some(Described { compressed: compressed(&chosen.layers), config: chosen.config });
                }
                Next::Manifest(digest) | Next::Config(digest) => digest,
            };
            let document = self.get(&lacking)?;
            known.insert(lacking, document);
        }
    }

    fn get(&self, digest: &Digest) -> Option<Arc<[u8]>> {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(digest) {
            return Some(Arc::clone(known));
        }
        self.cache.as_ref()?.config(digest).map(Into::into)
    }
}

/// What a registry stores of layers: nothing is known of it where an engine keeps one of them as a plain tar.
fn compressed(layers: &[StoredLayer]) -> Option<Compressed> {
    let is_compressed = |layer: &StoredLayer| ["gzip", "zstd"].iter().any(|form| layer.media_type.ends_with(form));
    let sizes: Vec<Bytes> = layers.iter().map(|layer| layer.size).collect();
    layers.iter().all(is_compressed).then_some(Compressed { layers: sizes, is_estimate: false })
}
