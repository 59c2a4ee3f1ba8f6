//! An image of an engine, down the ladder: what is known of its layers already, the engine's own metadata, and at last one `save`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::compare::compare;
use super::cost::Cost;
use super::documents::Described;
use super::saving::Wish;
use super::{Claim, Content, Joining, Read, Reader, Watcher, export, metadata};
use crate::domain::{Bytes, Compressed, DiffId, Digest, Platform, ReadWay, Rung};
use crate::engine::{Engine, EngineImage, LacksContent};
use crate::error::{Class, Error};
use crate::layer::indexed::apart;
use crate::layer::{Evidence, IndexedLayer};
use crate::progress::Event;
use crate::source;

/// An image that an engine has, and who wants it.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Where it is.
    pub engine: &'a Engine,
    /// What the engine says of it.
    pub image: &'a EngineImage,
    /// The platform that was asked for.
    pub platform: Option<&'a Platform>,
    /// What errors call it.
    pub name: &'a str,
    /// Who watches.
    pub watcher: &'a Watcher,
}

impl Reader {
    /// Reads what is not known yet of an image of an engine. `joining` is given back as soon as it is clear whether a `save` is needed.
    ///
    /// # Errors
    /// No way gave the image, or the engine says something else of it than was read.
    pub async fn engine_image(&self, asked: Asked<'_>, mut joining: Option<Joining>) -> Result<Read, Error> {
        let Asked { image, watcher, .. } = asked;
        let mut cost = Cost::begin();
        let mut may_look_up = self.way != ReadWay::Save;
        loop {
            let described = self.documents.describe(&image.id, &image.platform);
            let diff_ids = match &described {
                Some(described) if image.diff_ids.is_empty() => &described.config.diff_ids,
                _ => &image.diff_ids,
            };
            let mut changes = self.shelf.watch();
            let mut claim = self.shelf.claim(diff_ids, Evidence::EngineSaid, watcher.target());
            self.recall(&mut claim, Evidence::EngineSaid).await;
            if claim.is_empty()
                && let Some(described) = &described
            {
                if let Some(layers) = self.shelf.all(diff_ids, Evidence::EngineSaid) {
                    let indexes = layers.iter().map(|layer| layer.index.as_ref());
                    match compare(asked.name, &described.config.diff_ids, indexes, image) {
                        Ok(()) => return Ok(put_together(described, layers, cost)),
                        Err(error) if self.way == ReadWay::Metadata => return Err(error),
                        Err(error) => cost.fell_back("metadata", &error.to_string()),
                    }
                    drop(joining.take());
                    return self.save(asked, claim, cost).await;
                }
                if let Some(target) = claim.elsewhere() {
                    drop(joining.take());
                    watcher.event(Event::WaitingFor { target });
                    // It ends with the shelf, which is here.
                    let _ = changes.changed().await;
                }
                continue;
            }
            if may_look_up {
                may_look_up = self.look_up(asked, &mut claim, described.is_none(), &mut cost).await?;
                if may_look_up {
                    continue;
                }
            }
            drop(joining.take());
            return self.save(asked, claim, cost).await;
        }
    }

    /// Asks the engine for what it has written down of the layers of `claim`. Whether there is any sense in asking it once more.
    async fn look_up(
        &self,
        asked: Asked<'_>,
        claim: &mut Claim,
        wants_config: bool,
        cost: &mut Cost,
    ) -> Result<bool, Error> {
        let Asked { engine, image, name, watcher, .. } = asked;
        let lacking: Vec<DiffId> = claim.mine().cloned().collect();
        let (seen, of) = (watcher.clone(), lacking.len());
        let progress = move |bytes| seen.event(Event::ReadingLayers { read: 0, of, bytes });
        match metadata::read(engine, image, &lacking, wants_config, &self.limits, progress).await {
            Ok(handed) => {
                cost.took(Rung::Metadata, handed.bytes);
                let learned = handed.config.is_some() || !handed.layers.is_empty();
                for document in handed.manifests {
                    self.documents.keep(&Digest::of(&document), document);
                }
                if let Some(json) = handed.config {
                    let id = Digest::of(&json);
                    let config = source::read_config(id.clone(), &json, &format!("image {name}"))?;
                    let sizes: HashMap<&DiffId, Bytes> =
                        handed.compressed.iter().map(|(id, size)| (id, *size)).collect();
                    let stored =
                        config.diff_ids.iter().map(|id| sizes.get(id).copied()).collect::<Option<Vec<Bytes>>>();
                    // Engines that know nothing of blobs state none.
                    let stored = stored.filter(|layers| !layers.is_empty());
                    let compressed = stored.map(|layers| Compressed { layers, is_estimate: false });
                    self.documents.keep(&id, json);
                    self.documents.learn(&image.id, &image.platform, Described { config, compressed });
                }
                self.remember_stored(handed.compressed);
                for (layer, evidence) in &handed.layers {
                    cost.layer(layer.diff_id());
                    claim.put(layer, *evidence);
                }
                self.remember(handed.layers);
                Ok(learned)
            }
            Err(why) if self.way == ReadWay::Metadata => Err(Error::new(
                Class::Image,
                format!("image {name} cannot be read from the engine's layer metadata: {why}"),
            )
            .with_hint("--read auto reads it another way.")),
            Err(why) => {
                cost.fell_back("metadata", &why.to_string());
                Ok(false)
            }
        }
    }

    /// Has the engine save the image, and reads all of it. Where the engine does not hold all of it, its final file system is better than
    /// nothing.
    async fn save(&self, asked: Asked<'_>, claim: Claim, mut cost: Cost) -> Result<Read, Error> {
        let Asked { engine, image, platform, name, watcher } = asked;
        let saved = match self.saver.save(&Wish { engine, image, platform, name, watcher }).await {
            Ok(saved) => saved,
            Err(error) if LacksContent::is_behind(&error) => {
                drop(claim);
                cost.fell_back("save", &error.to_string());
                return self.export(asked, cost).await.ok_or(error);
            }
            Err(error) => return Err(error),
        };
        cost.took(Rung::Save, saved.bytes);
        let indexes = saved.content.layers.iter().map(AsRef::as_ref);
        compare(name, &saved.content.config.diff_ids, indexes, image)?;
        let read = self.whole(saved.content, cost);
        drop(claim);
        let described = Described { config: read.config.clone(), compressed: read.compressed.clone() };
        self.documents.learn(&image.id, &image.platform, described);
        Ok(read)
    }

    /// The final file system alone, where the engine has at least the image's config, and a container may be created for it.
    async fn export(&self, asked: Asked<'_>, mut cost: Cost) -> Option<Read> {
        let Asked { engine, image, watcher, .. } = asked;
        if self.way == ReadWay::Save {
            return None;
        }
        let described = if let Some(described) = self.documents.describe(&image.id, &image.platform) {
            described
        } else {
            let handed = metadata::read(engine, image, &[], true, &self.limits, |_| {}).await.ok()?;
            let json = handed.config?;
            let config = source::read_config(Digest::of(&json), &json, "the engine").ok()?;
            Described { config, compressed: None }
        };
        let (watcher, read) = (watcher.clone(), Arc::new(AtomicU64::new(0)));
        let counted = Arc::clone(&read);
        let progress = move |bytes| {
            counted.store(bytes, Ordering::Relaxed);
            watcher.event(Event::Reading { bytes });
        };
        let tree = export::read(engine, image, &self.limits, progress).await.ok()?;
        cost.took(Rung::Export, read.load(Ordering::Relaxed));
        Some(Read {
            facts: cost.without_layers(),
            config: described.config,
            digest: None,
            content: Content::Tree(tree.index),
            files: vec![tree.files],
            compressed: described.compressed,
            beside: Vec::new(),
        })
    }
}

fn put_together(described: &Described, layers: Vec<IndexedLayer>, cost: Cost) -> Read {
    let (layers, files) = apart(layers);
    Read {
        facts: cost.of(&described.config.diff_ids),
        config: described.config.clone(),
        digest: None,
        content: Content::Layers(layers),
        files,
        compressed: described.compressed.clone(),
        beside: Vec::new(),
    }
}
