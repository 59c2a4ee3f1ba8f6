//! An image whose documents come one at a time, because each costs a request: from those that are known follows which is needed
//! next, until the image is chosen. How it is chosen is what archives and layouts have, too.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::choose::{Candidate, choose, images_of};
use super::manifest::{Descriptor, Manifest, Node};
use super::{Wanted, config, host, join, unreadable};
use crate::domain::{Bytes, Digest, ImageConfig, Platform};
use crate::error::{Class, Error};
use crate::text;

/// Documents by their digests, which were verified.
pub type Known = HashMap<Digest, Arc<[u8]>>;

/// What to do next.
#[derive(Debug, Clone)]
pub enum Next {
    /// Get this manifest or index.
    Manifest(Digest),
    /// Get this config.
    Config(Digest),
    /// Nothing: the image is chosen.
    Chosen(Box<Chosen>),
}

/// The image that is meant.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Digest of its manifest.
    pub manifest: Digest,
    /// Its config.
    pub config: ImageConfig,
    /// The config as it is stored.
    pub config_json: Arc<[u8]>,
    /// When it was made, as the config says, in the form of RFC 3339. Untrusted.
    pub created: Option<String>,
    /// Its layers from the bottom up: one for each of `config.diff_ids`, in their order.
    pub layers: Vec<StoredLayer>,
    /// The platforms that the reference has beside it, where none was asked for. Untrusted.
    pub beside: Vec<Platform>,
}

/// A layer as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLayer {
    /// Digest of its blob.
    pub digest: Digest,
    /// Size of its blob.
    pub size: Bytes,
    /// What the manifest calls it. Untrusted.
    pub media_type: String,
    /// Whether its owner lets nobody pass it on, so that the registry may lack it.
    pub kept_elsewhere: bool,
}

/// What follows from the documents that are `known` of the image with the digest `root`. `source` is what errors call it.
///
/// # Errors
/// [`Class::Image`] when the documents contradict themselves, are of something that is not an image, or have none for `platform`.
pub fn next(root: &Digest, known: &Known, platform: Option<&Platform>, source: &str) -> Result<Next, Error> {
    let Some(json) = known.get(root) else { return Ok(Next::Manifest(root.clone())) };
    check_root(root, json, source)?;
    // A config that tells what a manifest is for, where its index does not.
    let config_needed = RefCell::new(None);
    let platform_of = |config: &Descriptor| {
        let Some(json) = known.get(&config.digest) else {
            config_needed.borrow_mut().get_or_insert_with(|| config.digest.clone());
            return None;
        };
        config::parse(config.digest.clone(), json).ok().map(|config| config.platform)
    };
    let fetch = |digest: &Digest| Ok(known.get(digest).map(|json| json.to_vec()));
    let entries = vec![Descriptor::root(root.clone(), source)];
    let candidates = images_of(entries, &fetch, &platform_of, source)?;
    if candidates.is_empty() {
        return Err(unreadable(format!("{source} is an index without an image"))
            .with_hint("It lists other things, such as signatures or charts. Name an image."));
    }
    let unread = |candidate: &Candidate<Manifest>| candidate.image.is_none() && candidate.platform.is_none();
    if let Some(digest) = candidates.iter().find(|it| unread(it)).and_then(|candidate| candidate.digests.first()) {
        return Ok(Next::Manifest(digest.clone()));
    }
    if let (Some(digest), [_, _, ..]) = (config_needed.take(), candidates.as_slice()) {
        return Ok(Next::Config(digest));
    }
    let wanted = Wanted { image: None, platform: platform.cloned() };
    let hint = how_to_choose(&candidates);
    let chosen = choose(candidates.into_iter().map(held).collect(), &wanted, &host(), source)
        .map_err(|error| error.with_hint(hint))?;
    let Some(digest) = chosen.digests.first().cloned() else { return Err(join::no_config("", source)) };
    match chosen.image.flatten() {
        None => Ok(Next::Manifest(digest)),
        Some(manifest) => describe(digest, &manifest, known, &wanted, chosen.beside, source),
    }
}

/// The root has to be an image, or an index of them; what else it may be is said.
fn check_root(digest: &Digest, json: &[u8], source: &str) -> Result<(), Error> {
    let broken = || unreadable(format!("{source}: the manifest {digest} cannot be read"));
    match Node::parse(json).map_err(|error| broken().caused_by(error).with_hint(HINT_PUSH))? {
        Some(Node::Manifest(manifest)) if !manifest.config.is_image_config() => {
            Err(no_image(&manifest.config.media_type, source))
        }
        Some(_) => Ok(()),
        None if is_schema_1(json) => {
            Err(unreadable(format!("{source} is stored in the form that Docker wrote before 2016 (schema 1)"))
                .with_hint("Pull it with an engine and push it again."))
        }
        None => Err(unreadable(format!("{source} is neither an image nor an index")).with_hint(HINT_PUSH)),
    }
}

const HINT_PUSH: &str = "Push the image again.";

/// Docker's first form of manifests: it lists layers and says nothing of their sizes.
fn is_schema_1(json: &[u8]) -> bool {
    #[derive(Default, serde::Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Version {
        schema_version: u64,
    }
    super::go_json::parse::<Version>(json).is_ok_and(|version| version.schema_version == 1)
}

fn no_image(media_type: &str, source: &str) -> Error {
    let media_type: String = text::line(media_type).chars().take(100).collect();
    unreadable(format!("{source} is not an image but `{media_type}`"))
        .with_hint("A registry keeps other things beside images: charts, signatures, attestations. Name an image.")
}

/// In a registry nothing is held in part: what was not fetched is there, too.
fn held(candidate: Candidate<Manifest>) -> Candidate<Option<Manifest>> {
    let Candidate { names, digests, platform, image, beside } = candidate;
    Candidate { names, digests, platform, image: Some(image), beside }
}

fn how_to_choose(candidates: &[Candidate<Manifest>]) -> String {
    const SHOWN: usize = 20;
    let mut listed: Vec<String> = candidates
        .iter()
        .filter_map(|candidate| {
            let platform = candidate.platform.as_ref().map_or("unknown".to_owned(), |it| text::line(&it.to_string()));
            candidate.digests.first().map(|digest| format!("{platform} ({digest})"))
        })
        .take(SHOWN)
        .collect();
    listed.sort();
    match candidates.len().saturating_sub(SHOWN) {
        0 => {}
        more => listed.push(format!("{more} more")),
    }
    format!("It has {}: choose with `platforms`, with --platform, or by digest.", listed.join(", "))
}

/// The end of it: manifest and config have to fit each other.
fn describe(
    digest: Digest,
    manifest: &Manifest,
    known: &Known,
    wanted: &Wanted,
    beside: Vec<Platform>,
    source: &str,
) -> Result<Next, Error> {
    if let Some(other) = manifest.layers.iter().find(|layer| !layer.is_layer()) {
        return Err(no_image(&other.media_type, source));
    }
    let id = &manifest.config.digest;
    let Some(json) = known.get(id) else { return Ok(Next::Config(id.clone())) };
    if u64::try_from(json.len()).ok() != Some(manifest.config.size) {
        let (is, said) = (json.len(), manifest.config.size);
        return Err(Error::new(
            Class::Image,
            format!("{source}: the image's config has {is} bytes, and its manifest says {said}"),
        )
        .with_hint(HINT_PUSH));
    }
    let config = config::parse(id.clone(), json).map_err(|error| {
        unreadable(format!("{source}: the image's config cannot be read")).caused_by(error).with_hint(HINT_PUSH)
    })?;
    join::check_platform(&config, wanted.platform.as_ref(), source)?;
    let (of, listed) = (config.diff_ids.len(), manifest.layers.len());
    if of != listed {
        return Err(unreadable(format!("{source}: the config has {of} layers, the manifest lists {listed}"))
            .with_hint(HINT_PUSH));
    }
    let layers = manifest
        .layers
        .iter()
        .map(|layer| StoredLayer {
            digest: layer.digest.clone(),
            size: Bytes(layer.size),
            media_type: layer.media_type.clone(),
            kept_elsewhere: layer.is_kept_elsewhere(),
        })
        .collect();
    Ok(Next::Chosen(Box::new(Chosen {
        manifest: digest,
        created: config::created(json),
        config,
        config_json: Arc::clone(json),
        layers,
        beside,
    })))
}
