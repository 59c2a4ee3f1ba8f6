//! The end of every way: a config and the layers that were found make an image, or the sentence that says what is missing.

use std::collections::HashMap;
use std::sync::Arc;

use super::manifest::{Descriptor, Manifest};
use super::{HINT_AGAIN, ImageContent, Missing, Wanted, config, unreadable};
use crate::domain::{Bytes, Compressed, DiffId, Digest, ImageConfig, Platform};
use crate::error::Error;
use crate::layer::{Compression, LayerBlob, LayerError, LayerIndex};

/// A layer that was looked for: found and read, found and broken, or not found.
pub(super) type Found<'a> = Option<&'a Result<LayerBlob, LayerError>>;

/// The parts of an error message that say where: source, which layer, and what it is called.
struct Position<'a> {
    source: &'a str,
    number: usize,
    of: usize,
    called: &'a str,
}

impl Position<'_> {
    fn error(&self, what: &str) -> Error {
        let Self { source, number, of, called } = self;
        unreadable(format!("{source}: layer {number} of {of} ({called}) {what}"))
    }
}

/// Reads the config blob of digest `id`.
pub(super) fn read_config(id: Digest, json: &[u8], source: &str) -> Result<ImageConfig, Error> {
    config::parse(id, json)
        .map_err(|error| unreadable(format!("{source}: the image's config cannot be read")).caused_by(error))
        .map_err(|error| error.with_hint(HINT_AGAIN))
}

/// The config is not in the source.
pub(super) fn no_config(called: &str, source: &str) -> Error {
    unreadable(format!("{source}: the image's config ({called}) is missing")).with_hint(HINT_AGAIN).caused_by(Missing)
}

/// Joins a config with its layers. `called` names the layers as the source lists them, `found` looks each up.
pub(super) fn join<'a>(
    config: ImageConfig,
    called: &[String],
    found: impl Fn(usize) -> Found<'a>,
    wanted: &Wanted,
    source: &str,
) -> Result<ImageContent, Error> {
    check_platform(&config, wanted.platform.as_ref(), source)?;
    let of = config.diff_ids.len();
    if called.len() != of {
        let listed = called.len();
        return Err(unreadable(format!("{source}: the config has {of} layers, the manifest lists {listed}"))
            .with_hint(HINT_AGAIN));
    }
    let mut known: HashMap<&DiffId, Arc<LayerIndex>> = HashMap::new();
    let mut layers = Vec::with_capacity(of);
    for (number, (called, diff_id)) in called.iter().zip(&config.diff_ids).enumerate() {
        let position = Position { source, number: number + 1, of, called };
        let blob = whole(found(number), &position)?;
        if blob.index.diff_id() != diff_id {
            let is = blob.index.diff_id();
            return Err(position
                .error(&format!("is not what the config says: its diff id is {is}, not {diff_id}"))
                .with_hint(HINT_AGAIN));
        }
        layers.push(Arc::clone(known.entry(diff_id).or_insert_with(|| Arc::clone(&blob.index))));
    }
    Ok(ImageContent { config, layers, compressed: None, reference: None, beside: Vec::new() })
}

/// [`join`] for an image with a manifest, whose descriptors say digest and size of each blob.
pub(super) fn join_manifest<'a>(
    config: ImageConfig,
    manifest: &Manifest,
    found: impl Fn(&Digest) -> Found<'a>,
    wanted: &Wanted,
    source: &str,
) -> Result<ImageContent, Error> {
    let called: Vec<String> = manifest.layers.iter().map(|layer| layer.digest.to_string()).collect();
    let look_up = |number: usize| manifest.layers.get(number).and_then(|layer| found(&layer.digest));
    let mut image = join(config, &called, look_up, wanted, source)?;
    let mut stored = Vec::with_capacity(called.len());
    let mut is_compressed = true;
    for (number, Descriptor { digest, size, .. }) in manifest.layers.iter().enumerate() {
        let position = Position { source, number: number + 1, of: called.len(), called: &called[number] };
        let blob = whole(found(digest), &position)?;
        if blob.stored != *size {
            let stored = blob.stored;
            return Err(position
                .error(&format!("has {stored} bytes, and its manifest says {size}"))
                .with_hint(HINT_AGAIN));
        }
        is_compressed &= blob.compression != Compression::None;
        stored.push(Bytes(blob.stored));
    }
    image.compressed = is_compressed.then_some(Compressed { layers: stored, is_estimate: false });
    Ok(image)
}

fn whole<'a>(found: Found<'a>, position: &Position<'_>) -> Result<&'a LayerBlob, Error> {
    match found {
        Some(Ok(blob)) => Ok(blob),
        Some(Err(error)) => {
            Err(position.error(&format!("cannot be read: {error}")).with_hint(error.hint().unwrap_or(HINT_AGAIN)))
        }
        None => Err(position
            .error("is missing")
            .with_hint(
                "Write it again; an engine with the containerd store leaves out layers that it never fetched, so pull the image anew.",
            )
            .caused_by(Missing)),
    }
}

pub(super) fn check_platform(config: &ImageConfig, wanted: Option<&Platform>, source: &str) -> Result<(), Error> {
    match wanted {
        Some(wanted) if !config.platform.satisfies(wanted) => {
            Err(unreadable(format!("{source} has no image for {wanted}"))
                .with_hint(format!("It has {}.", crate::text::line(&config.platform.to_string()))))
        }
        _ => Ok(()),
    }
}
