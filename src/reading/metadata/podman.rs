//! Podman's store (`containers/storage`): `DRIVER-layers/layers.json` says which layer has which diff id, and beside it lies each one's
//! tar-split; a config is in `DRIVER-images/ID`.
//!
//! Podman makes a directory that is to be bound and is not there. So only the two are bound that it makes itself whenever it opens
//! its store.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::members::{only, text, unreadable};
use super::{Fallback, Handed, LARGEST_DOCUMENT, Request};
use crate::domain::{DiffId, Digest};
use crate::engine::Container;
use crate::layer::{Allowance, Evidence, IndexedLayer, read_split};
use crate::source::stream;

/// The longest list of layers that is read: a store of 30,000.
const LARGEST_LIST: u64 = 16 << 20;

/// A layer of the store (`storage/layers.go`).
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Stored {
    id: String,
    diff_digest: Option<DiffId>,
    diff_size: Option<u64>,
}

pub(super) async fn read(request: &Request<'_>) -> Result<Handed, Fallback> {
    let (root, driver) = request.place()?;
    let container = request.container(&[format!("{root}/{driver}-layers"), format!("{root}/{driver}-images")]).await?;
    let mut handed = Handed::default();
    if request.want_config {
        let id = &request.image.id;
        // A name with a colon is kept in base64.
        let name = STANDARD.encode(id.to_string());
        let config = document(request, &container, &format!("1/{}/={name}", id.hex()), LARGEST_DOCUMENT).await?;
        if Digest::of(&config) != *id {
            return Err(Fallback("what the engine keeps as the image's config is another".to_owned()));
        }
        handed.config = Some(config);
    }
    if !request.lacking.is_empty() {
        let mut reserved = request.limits.memory.reserve();
        let list = document(request, &container, "0/layers.json", LARGEST_LIST).await?;
        reserved.grow(list.len().saturating_mul(2)).map_err(unreadable)?;
        let layers: Vec<Stored> = serde_json::from_slice(&list)
            .map_err(|_| Fallback("the engine's list of layers is not understood".to_owned()))?;
        let allowance = Arc::new(Allowance::new(request.limits.read));
        for diff_id in &request.lacking {
            // Equal layers on different ones below are equal here.
            let stored = layers.iter().find(|layer| layer.diff_digest.as_ref() == Some(diff_id));
            let stored = stored.ok_or_else(|| Fallback::of_layer(diff_id, "it is not in the engine's list"))?;
            let layer = layer(request, &container, diff_id, stored, &allowance).await?;
            handed.layers.push((layer, Evidence::EngineSaid));
        }
    }
    handed.bytes = request.progress.bytes();
    Ok(handed)
}

/// A small file below the container's binds.
async fn document(request: &Request<'_>, container: &Container, path: &str, most: u64) -> Result<Vec<u8>, Fallback> {
    let path = format!("{}/{path}", container.directory());
    let (progress, files) = (Arc::clone(&request.progress), container.archive(&path));
    stream::read_by(files, move |tar| Ok(only(tar, &path, &progress, |content| text(content, most)))).await?
}

/// The index of one layer.
async fn layer(
    request: &Request<'_>,
    container: &Container,
    diff_id: &DiffId,
    stored: &Stored,
    allowance: &Arc<Allowance>,
) -> Result<IndexedLayer, Fallback> {
    let wrong = |what: String| Fallback::of_layer(diff_id, what);
    if stored.id.len() != 64 || !stored.id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong("its name in the engine's list is not an id".to_owned()));
    }
    let path = format!("{}/0/{}.tar-split.gz", container.directory(), stored.id);
    let (progress, memory) = (Arc::clone(&request.progress), request.limits.memory.clone());
    let (allowance, files) = (Arc::clone(allowance), container.archive(&path));
    let split = stream::read_by(files, move |tar| {
        Ok(only(tar, &path, &progress, |content| read_split(content, &memory, &allowance).map_err(unreadable)))
    });
    let split = split.await?.map_err(|Fallback(why)| wrong(why))?;
    // The size of the whole tar, to the byte.
    if stored.diff_size != Some(split.bytes) {
        return Err(wrong(format!("its tar has {} bytes, and the engine's list says otherwise", split.bytes)));
    }
    let (index, files) = split.draft.finish(diff_id.clone()).map_err(|error| wrong(error.to_string()))?;
    Ok(IndexedLayer::new(index, files))
}
