//! An image whose documents were read, and its layers as far as somebody asks for them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::part::Place;
use super::position::Position;
use super::{ImageContent, Limits, together};
use crate::domain::{Compressed, DiffId, Digest, ImageConfig, Platform};
use crate::error::Error;
use crate::layer::indexed::apart;
use crate::layer::{IndexedLayer, LayerBlob, LayerError};

/// An image that its source holds: what is known of it before a layer is read. Every layer is there, with the size that its manifest
/// states.
#[derive(Debug)]
pub struct Described {
    /// Its config.
    pub config: ImageConfig,
    /// The config as it is stored.
    pub config_json: Arc<[u8]>,
    /// The digest of its manifest, where it has one.
    pub manifest: Option<Digest>,
    /// As [`ImageContent::compressed`].
    pub compressed: Option<Compressed>,
    /// The name under which the source knows it. Untrusted.
    pub reference: Option<String>,
    /// The platforms for which the source holds the image, too, where none was asked for. Untrusted.
    pub beside: Vec<Platform>,
    pub(super) source: String,
    /// For each of `config.diff_ids`, whatever has to be that layer.
    pub(super) parts: Vec<Vec<Part>>,
}

/// One blob that has to be a layer.
#[derive(Debug)]
pub(super) struct Part {
    /// What the source lists it as.
    pub(super) called: String,
    /// The digest that it must have as stored, where that is said.
    pub(super) digest: Option<Digest>,
    pub(super) from: From,
}

#[derive(Debug)]
pub(super) enum From {
    /// Read already, and right.
    Blob(LayerBlob),
    Place(Place),
}

impl Described {
    /// Reads layers, each once and several at a time, and gives them in the order of `diff_ids`, which are some of the config's.
    /// `progress` hears how many bytes were read so far.
    ///
    /// # Errors
    /// When a layer cannot be read, is not what the documents say, or goes beyond `limits`.
    pub fn layers(
        &self,
        diff_ids: &[&DiffId],
        limits: &Limits,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<LayerBlob>, Error> {
        let asked: HashSet<&DiffId> = diff_ids.iter().copied().collect();
        let is_asked =
            |(number, _): &(usize, &Part)| self.config.diff_ids.get(*number).is_some_and(|id| asked.contains(id));
        let mut places: Vec<&Place> = Vec::new();
        let mut numbers = HashMap::new();
        for (_, part) in self.all_parts().filter(is_asked) {
            if let From::Place(place) = &part.from {
                numbers.entry(place.key()).or_insert_with(|| {
                    places.push(place);
                    places.len() - 1
                });
            }
        }
        let read = if places.is_empty() { Vec::new() } else { together::read(&places, limits, progress) };
        let mut right: HashMap<&DiffId, &LayerBlob> = HashMap::new();
        for (number, part) in self.all_parts().filter(is_asked) {
            let blob = match &part.from {
                From::Blob(blob) => blob,
                From::Place(place) => {
                    let position = self.position(number, part);
                    let read = numbers.get(&place.key()).and_then(|number| read.get(*number));
                    check(read, part, &self.config.diff_ids[number], &position)?
                }
            };
            right.entry(&self.config.diff_ids[number]).or_insert(blob);
        }
        Ok(diff_ids.iter().filter_map(|id| right.get(id).copied().cloned()).collect())
    }

    /// The whole image: layers that `known` has are not read. Whoever answers for one must have seen all of its bytes.
    ///
    /// # Errors
    /// As [`Described::layers`].
    pub fn image(
        &self,
        known: &mut dyn FnMut(&DiffId) -> Option<IndexedLayer>,
        limits: &Limits,
        progress: &mut dyn FnMut(u64),
    ) -> Result<ImageContent, Error> {
        let mut layers: HashMap<&DiffId, Option<IndexedLayer>> = HashMap::new();
        for diff_id in &self.config.diff_ids {
            layers.entry(diff_id).or_insert_with(|| known(diff_id));
        }
        let missing: Vec<&DiffId> = layers.iter().filter(|(_, layer)| layer.is_none()).map(|(id, _)| *id).collect();
        let read = self.layers(&missing, limits, progress)?;
        let mut stored = HashMap::new();
        for (diff_id, blob) in missing.into_iter().zip(read) {
            stored.insert(diff_id, blob.compressed());
            layers.insert(diff_id, Some(blob.into_layer()));
        }
        let estimate = || {
            let sizes = self.config.diff_ids.iter().map(|id| stored.get(id).copied().flatten());
            Some(Compressed { layers: sizes.collect::<Option<_>>()?, is_estimate: true }).filter(|_| limits.squeeze)
        };
        let compressed = self.compressed.clone().or_else(estimate);
        let (layers, files) = apart(self.config.diff_ids.iter().filter_map(|id| layers.get(id).cloned().flatten()));
        Ok(ImageContent {
            config: self.config.clone(),
            config_json: Arc::clone(&self.config_json),
            layers,
            files,
            compressed,
            reference: self.reference.clone(),
            beside: self.beside.clone(),
        })
    }

    /// What must be the same layers as well.
    pub(super) fn also(&mut self, other: Self) {
        for (parts, more) in self.parts.iter_mut().zip(other.parts) {
            for part in more {
                let is_here = |known: &Part| match (&known.from, &part.from) {
                    (From::Place(known), From::Place(place)) => known.key() == place.key(),
                    (From::Blob(_), From::Blob(_)) => true,
                    _ => false,
                };
                if !parts.iter().any(is_here) {
                    parts.push(part);
                }
            }
        }
    }

    fn all_parts(&self) -> impl Iterator<Item = (usize, &Part)> {
        self.parts.iter().enumerate().flat_map(|(number, parts)| parts.iter().map(move |part| (number, part)))
    }

    fn position<'a>(&'a self, number: usize, part: &'a Part) -> Position<'a> {
        Position { source: &self.source, number: number + 1, of: self.parts.len(), called: &part.called }
    }
}

/// Holds what was read of a layer to what the documents say of it.
fn check<'a>(
    read: Option<&'a Result<LayerBlob, LayerError>>,
    part: &Part,
    diff_id: &DiffId,
    position: &Position<'_>,
) -> Result<&'a LayerBlob, Error> {
    match read {
        Some(Ok(blob)) => {
            if part.digest.as_ref().is_some_and(|digest| *digest != blob.digest) {
                return Err(position.unread(&LayerError::OtherDigest(blob.digest.clone())));
            }
            position.check(blob, diff_id).map(|()| blob)
        }
        Some(Err(error)) => Err(position.unread(error)),
        None => Err(position.missing()),
    }
}
