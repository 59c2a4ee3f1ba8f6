//! The wanted image of an archive. `index.json` and `manifest.json` both say which images it holds; Docker writes both from 25 on,
//! and engines differ in which they read. So where there are both, they have to mean the same image.

use std::collections::BTreeSet;

use super::choose::{Candidate, MOST_ENTRIES, choose, images_of};
use super::described::Described;
use super::join::{join, join_manifest, no_config, read_config};
use super::manifest::{Descriptor, Manifest, SavedImage, parse_index, parse_saved};
use super::members::{Archive, Document, blob_path, stated_digest};
use super::{HINT_AGAIN, HINT_FORMAT, Wanted, config, host, unreadable};
use crate::domain::{Digest, ImageConfig};
use crate::error::Error;
use crate::layer::path::normalise;
use crate::text;

type Listed = Vec<Candidate<Manifest>>;
type Saved = Vec<Candidate<SavedImage>>;

/// Puts the wanted image together.
///
/// # Errors
/// When the archive does not hold it, or not whole, or when engines may read another one out of it.
pub(super) fn image(archive: Archive<'_>, wanted: &Wanted) -> Result<Described, Error> {
    let listed = archive.document(b"index.json")?.map(|index| listed(archive, index)).transpose()?;
    let saved = archive.document(b"manifest.json")?.map(|manifest| saved(archive, manifest)).transpose()?;
    match (listed, saved) {
        (None, None) => {
            let what = "it has neither `manifest.json` nor `index.json`";
            Err(unreadable(format!("{} is not an image archive: {what}", archive.name)).with_hint(HINT_FORMAT))
        }
        (Some(listed), None) => from_index(archive, listed, wanted),
        // An index that lists nothing says nothing.
        (listed, Some(saved)) if listed.as_ref().is_none_or(Vec::is_empty) => from_manifest(archive, saved, wanted),
        (Some(listed), Some(saved)) if is_only_saved(&listed, &saved, wanted) => from_manifest(archive, saved, wanted),
        (listed, Some(saved)) => from_both(archive, listed.unwrap_or_default(), saved, wanted),
    }
}

/// Whether the image is asked for by the digest of its config, and only the manifest lists it: Docker's classic store, asked for several
/// images by their ids, puts one of them into the index. A digest means one image, whoever lists it.
fn is_only_saved(listed: &Listed, saved: &Saved, wanted: &Wanted) -> bool {
    let Some(digest) = wanted.digest() else { return false };
    !listed.iter().any(|known| known.digests.contains(&digest))
        && saved.iter().any(|known| known.digests.contains(&digest))
}

fn listed(archive: Archive<'_>, index: &Document) -> Result<Listed, Error> {
    let entries = parse_index(&index.json).map_err(|error| unread(archive, "index.json", error))?;
    let platform_of = |config: &Descriptor| {
        let json = archive.blob(&config.digest).ok().flatten()?;
        config::parse(config.digest.clone(), json).ok().map(|config| config.platform)
    };
    let fetch = |digest: &Digest| archive.blob(digest).map(|blob| blob.map(<[u8]>::to_vec));
    images_of(entries, &fetch, &platform_of, archive.name)
}

fn saved(archive: Archive<'_>, manifest: &Document) -> Result<Saved, Error> {
    let images = parse_saved(&manifest.json).map_err(|error| unread(archive, "manifest.json", error))?;
    if images.len() > MOST_ENTRIES {
        return Err(unreadable(format!("{} lists more than {MOST_ENTRIES} images", archive.name)).with_hint(HINT_AGAIN));
    }
    let mut candidates: Saved = Vec::new();
    for image in images {
        let names: BTreeSet<String> = image.repo_tags.iter().cloned().collect();
        let config = saved_config(archive, &image).ok();
        let digests: Vec<Digest> = config.iter().map(|document| document.digest.clone()).collect();
        match candidates.iter_mut().find(|known| !digests.is_empty() && known.digests == digests) {
            // The same config is the same layers, or one of the two will not fit it.
            Some(known) if known.image.as_ref().is_some_and(|known| known.layers == image.layers) => {
                known.names.extend(names);
            }
            Some(_) => return Err(disagree(archive, "`manifest.json` lists one config with two lists of layers")),
            None => {
                let read = config.and_then(|document| config::parse(document.digest.clone(), &document.json).ok());
                let platform = read.map(|config| config.platform);
                candidates.push(Candidate { names, digests, platform, image: Some(image), beside: Vec::new() });
            }
        }
    }
    Ok(candidates)
}

fn from_index(archive: Archive<'_>, listed: Listed, wanted: &Wanted) -> Result<Described, Error> {
    let chosen = choose(listed, wanted, &host(), archive.name)?;
    let reference = chosen.reference(wanted);
    let (id_of_manifest, beside) = (chosen.digests.first().cloned(), chosen.beside);
    let Some(manifest) = chosen.image else { return Err(no_config("", archive.name)) };
    let id = &manifest.config.digest;
    let json = archive.blob(id)?.ok_or_else(|| no_config(&id.to_string(), archive.name))?;
    let config = read_config(id.clone(), json, archive.name)?;
    let found = |digest: &Digest| archive.layer(&blob_path(digest));
    let image = join_manifest(config, &manifest, found, wanted, archive.name)?;
    Ok(Described { config_json: json.into(), manifest: id_of_manifest, reference, beside, ..image })
}

fn from_manifest(archive: Archive<'_>, saved: Saved, wanted: &Wanted) -> Result<Described, Error> {
    let chosen = choose(saved, wanted, &host(), archive.name)?;
    let (reference, beside) = (chosen.reference(wanted), chosen.beside);
    let Some(saved) = chosen.image else { return Err(no_config("", archive.name)) };
    let document = saved_config(archive, &saved)?;
    let config = read_config(document.digest.clone(), &document.json, archive.name)?;
    let image = join_saved(archive, config, &saved, wanted)?;
    Ok(Described { config_json: document.json.as_slice().into(), reference, beside, ..image })
}

/// The index knows platforms and blobs, so it chooses. The manifest has to list what was chosen, and nothing else that could be meant;
/// it may leave out a platform or a name that was asked for, as containerd lists one platform of each image there.
fn from_both(archive: Archive<'_>, listed: Listed, saved: Saved, wanted: &Wanted) -> Result<Described, Error> {
    let reachable: BTreeSet<Digest> =
        listed.iter().filter_map(|known| known.image.as_ref()).map(|manifest| manifest.config.digest.clone()).collect();
    // Asked for by a digest, what else there is cannot be meant.
    let may_be_meant = |known: &&Candidate<SavedImage>| wanted.digest().is_none() || known.could_be(wanted);
    for image in saved.iter().filter(may_be_meant).filter_map(|known| known.image.as_ref()) {
        if !reachable.contains(&saved_config(archive, image)?.digest) {
            let config = text::line(&image.config);
            let what = format!("`manifest.json` names the config {config}, to which `index.json` does not lead");
            return Err(disagree(archive, &what));
        }
    }
    let mut image = from_index(archive, listed, wanted)?;
    let is_asked_for = wanted.image.is_some() || wanted.platform.is_some();
    let (same, others): (Saved, Saved) = saved.into_iter().partition(|known| known.digests.contains(&image.config.id));
    let is_meant = |known: &Candidate<SavedImage>| known.could_be(wanted);
    if others.iter().any(is_meant) || (same.is_empty() && !is_asked_for) {
        return Err(disagree(archive, "`index.json` and `manifest.json` mean different images"));
    }
    for saved in same.iter().filter_map(|known| known.image.as_ref()) {
        image.also(join_saved(archive, image.config.clone(), saved, wanted)?);
    }
    Ok(image)
}

fn join_saved(
    archive: Archive<'_>,
    config: ImageConfig,
    saved: &SavedImage,
    wanted: &Wanted,
) -> Result<Described, Error> {
    let found = |number: usize| {
        let mut path = Vec::new();
        normalise(saved.layers.get(number)?.as_bytes(), &mut path);
        archive.layer(&path)
    };
    join(config, &saved.layers, found, wanted, archive.name)
}

/// The config at a path of `manifest.json`. Where the path states a digest, it must be the right one.
fn saved_config<'a>(archive: Archive<'a>, image: &SavedImage) -> Result<&'a Document, Error> {
    let called = &image.config;
    let mut path = Vec::new();
    normalise(called.as_bytes(), &mut path);
    let document = archive.document(&path)?.ok_or_else(|| no_config(&text::line(called), archive.name))?;
    match stated_digest(&path) {
        Some(stated) if stated != document.digest => {
            let what = format!("the image's config {stated} has other content than its name says");
            Err(unreadable(format!("{}: {what}", archive.name)).with_hint(HINT_AGAIN))
        }
        _ => Ok(document),
    }
}

fn unread(archive: Archive<'_>, what: &str, error: serde_json::Error) -> Error {
    unreadable(format!("{}: its `{what}` cannot be read", archive.name)).caused_by(error).with_hint(HINT_AGAIN)
}

fn disagree(archive: Archive<'_>, what: &str) -> Error {
    unreadable(format!("{}: {what}", archive.name))
        .with_hint("Engines differ in which of the two they read. Write the archive again.")
}
