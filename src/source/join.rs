//! The end of every way: a config and the layers that were found make an image, or the sentence that says what is missing.

use std::sync::Arc;

use super::described::{Described, From, Part};
use super::manifest::{Descriptor, Manifest};
use super::part::Layer;
use super::position::Position;
use super::{HINT_AGAIN, Missing, Wanted, config, unreadable};
use crate::domain::{Bytes, Compressed, Digest, ImageConfig, Platform};
use crate::error::Error;
use crate::layer::{Compression, LayerError};

/// A layer that was looked for: found, or not.
pub(super) type Found<'a> = Option<&'a Layer>;

/// Reads the config blob of digest `id`, which the caller has checked. `source` is what errors call where it is from.
///
/// # Errors
/// [`Class::Image`](crate::error::Class::Image) when it is not the config of an image.
pub fn read_config(id: Digest, json: &[u8], source: &str) -> Result<ImageConfig, Error> {
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
) -> Result<Described, Error> {
    check_platform(&config, wanted.platform.as_ref(), source)?;
    let of = config.diff_ids.len();
    if called.len() != of {
        let listed = called.len();
        return Err(unreadable(format!("{source}: the config has {of} layers, the manifest lists {listed}"))
            .with_hint(HINT_AGAIN));
    }
    let mut parts = Vec::with_capacity(of);
    for (number, (called, diff_id)) in called.iter().zip(&config.diff_ids).enumerate() {
        let position = Position { source, number: number + 1, of, called };
        let from = match found(number) {
            Some(Layer::Read(Ok(blob))) => {
                position.check(blob, diff_id)?;
                From::Blob(blob.clone())
            }
            Some(Layer::Read(Err(error))) => return Err(position.unread(error)),
            Some(Layer::Unread(place)) => From::Place(place.clone()),
            None => return Err(position.missing()),
        };
        parts.push(vec![Part { called: called.clone(), digest: None, from }]);
    }
    Ok(Described {
        config,
        config_json: Arc::default(),
        manifest: None,
        compressed: None,
        reference: None,
        beside: Vec::new(),
        source: source.to_owned(),
        parts,
    })
}

/// [`join`] for an image with a manifest, whose descriptors say digest and size of each blob.
pub(super) fn join_manifest<'a>(
    config: ImageConfig,
    manifest: &Manifest,
    found: impl Fn(&Digest) -> Found<'a>,
    wanted: &Wanted,
    source: &str,
) -> Result<Described, Error> {
    let called: Vec<String> = manifest.layers.iter().map(|layer| layer.digest.to_string()).collect();
    let look_up = |number: usize| manifest.layers.get(number).and_then(|layer| found(&layer.digest));
    let mut image = join(config, &called, look_up, wanted, source)?;
    let mut stored = Vec::with_capacity(called.len());
    let mut is_compressed = true;
    let parts = image.parts.iter_mut().flatten();
    for (number, (part, Descriptor { digest, size, .. })) in parts.zip(&manifest.layers).enumerate() {
        let position = Position { source, number: number + 1, of: called.len(), called: &called[number] };
        let (bytes, compression) = match &part.from {
            From::Blob(blob) if blob.digest != *digest => {
                return Err(position.unread(&LayerError::OtherDigest(blob.digest.clone())));
            }
            From::Blob(blob) => (blob.stored, blob.compression),
            From::Place(place) => (place.size, place.compression),
        };
        if bytes != *size {
            return Err(position
                .error(&format!("has {bytes} bytes, and its manifest says {size}"))
                .with_hint(HINT_AGAIN));
        }
        is_compressed &= compression != Compression::None;
        stored.push(Bytes(bytes));
        part.digest = Some(digest.clone());
    }
    image.compressed = is_compressed.then_some(Compressed { layers: stored, is_estimate: false });
    Ok(image)
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
