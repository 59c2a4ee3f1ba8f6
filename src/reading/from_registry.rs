//! An image of a registry: the layers that nobody knows yet, several at once, each hashed as it comes.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::cost::Cost;
use super::{Content, Read, Reader, Watcher};
use crate::domain::{DiffId, ReadFacts, Rung};
use crate::error::{Class, Error};
use crate::layer::indexed::apart;
use crate::layer::{Allowance, Evidence, Head, LayerBlob, LayerError, read_layer};
use crate::progress::Event;
use crate::registry::{Registries, RegistryImage};
use crate::source::stream::read_by;

/// An image that a registry has, and who wants it.
#[derive(Clone, Copy)]
pub struct Pull<'a> {
    /// Where it is.
    pub registries: &'a Registries,
    /// What the registry says of it.
    pub image: &'a RegistryImage,
    /// Whether its layers are needed.
    pub needs_layers: bool,
    /// Who watches.
    pub watcher: &'a Watcher,
}

impl Reader {
    /// Reads what is not known yet of an image of a registry.
    ///
    /// # Errors
    /// A layer that the registry does not give, or that is not what the image says.
    pub async fn registry_image(&self, pull: Pull<'_>) -> Result<Read, Error> {
        let Pull { image, watcher, .. } = pull;
        let config = &image.config;
        let mut cost = Cost::begin();
        let stored = image.compressed();
        self.remember_stored(config.diff_ids.iter().cloned().zip(stored.layers.iter().copied()).collect());
        self.documents.keep(&config.id, Arc::clone(&image.config_json));
        let done = |content, files, facts: ReadFacts| Read {
            config: config.clone(),
            digest: Some(image.digest.clone()),
            content,
            files,
            compressed: Some(stored.clone()),
            beside: image.beside.clone(),
            facts,
        };
        if !pull.needs_layers {
            cost.took(Rung::Registry, 0);
            return Ok(done(Content::Nothing, Vec::new(), cost.without_layers()));
        }
        let allowance = Arc::new(Allowance::new(self.limits.read));
        loop {
            let mut changes = self.shelf.watch();
            let mut claim = self.shelf.claim(&config.diff_ids, Evidence::Hashed, watcher.target());
            self.recall(&mut claim, Evidence::Hashed).await;
            if claim.is_empty() {
                if let Some(layers) = self.shelf.all(&config.diff_ids, Evidence::Hashed) {
                    let (layers, files) = apart(layers);
                    return Ok(done(Content::Layers(layers), files, cost.of(&config.diff_ids)));
                }
                if let Some(target) = claim.elsewhere() {
                    watcher.event(Event::WaitingFor { target });
                    // It ends with the shelf, which is here.
                    let _ = changes.changed().await;
                }
                continue;
            }
            let lacking: BTreeSet<&DiffId> = claim.mine().collect();
            let numbers: BTreeSet<usize> =
                lacking.iter().filter_map(|layer| position(&config.diff_ids, layer)).collect();
            let of = numbers.len();
            let mut coming =
                stream::iter(numbers).map(|number| self.fetch(pull, number, &allowance)).buffer_unordered(of);
            let (mut read, mut bytes) = (0, 0);
            watcher.event(Event::ReadingLayers { read, of, bytes });
            while let Some(blob) = coming.next().await {
                let blob = blob?;
                (read, bytes) = (read + 1, blob.stored.saturating_add(bytes));
                watcher.event(Event::ReadingLayers { read, of, bytes });
                cost.took(Rung::Registry, blob.stored);
                let layer = blob.into_layer();
                cost.layer(layer.diff_id());
                claim.put(&layer, Evidence::Hashed);
                self.remember(vec![(layer, Evidence::Hashed)]);
            }
        }
    }

    /// Fetches a layer, and makes sure that it is what the image says.
    async fn fetch(&self, pull: Pull<'_>, number: usize, allowance: &Arc<Allowance>) -> Result<LayerBlob, Error> {
        let Pull { registries, image, .. } = pull;
        // Nobody closes the semaphore.
        let _turn = self.fetching.acquire().await.ok();
        let (memory, allowance) = (self.limits.memory.clone(), Arc::clone(allowance));
        let keep = self.limits.keep.clone();
        let blob = read_by(registries.layer(image, number), move |mut chunks| {
            Ok(Head::read(&mut chunks)
                .map_err(|error| LayerError::Tar(error.into()))
                .and_then(|head| read_layer(head, chunks, &memory, &allowance, &keep)))
        });
        let blob = blob.await?;
        let wrong = |what: String| {
            let (of, called) = (image.layers.len(), &image.reference);
            Error::new(Class::Image, format!("image {called}: layer {} of {of} {what}", number + 1))
        };
        let blob = blob.map_err(|error| {
            let failed = wrong(format!("cannot be read: {error}"));
            error.hint().map_or(failed.clone(), |hint| failed.with_hint(hint))
        })?;
        let stored =
            image.layers.get(number).filter(|stored| stored.digest == blob.digest && stored.size.0 == blob.stored);
        if stored.is_none() {
            return Err(wrong(format!("is not what the manifest says: its digest is {}", blob.digest))
                .with_hint("The registry gave other bytes than it lists. Push the image again."));
        }
        match image.config.diff_ids.get(number) {
            Some(diff_id) if diff_id == blob.index.diff_id() => Ok(blob),
            _ => Err(wrong(format!("is not what the config says: its diff id is {}", blob.index.diff_id()))
                .with_hint("Whatever made the image put it together wrongly; engines refuse to pull it.")),
        }
    }
}

fn position(diff_ids: &[DiffId], layer: &DiffId) -> Option<usize> {
    diff_ids.iter().position(|known| known == layer)
}
