//! containerd's content store: every blob of an image as it came, by its digest. They are the image itself, so nothing here is
//! believed: documents are checked by digest, layers by the diff id of what they unpack to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use futures_util::future::try_join_all;

use super::members::{only, text, unreadable};
use super::{Fallback, Handed, LARGEST_DOCUMENT, NOT_THERE, Request};
use crate::domain::{DiffId, Digest};
use crate::engine::{Container, NotCreated};
use crate::layer::{Allowance, Compression, Evidence, Head, LayerBlob, read_layer};
use crate::source::remote::{self, Chosen, Known, Next, StoredLayer};
use crate::source::stream;

/// containerd's name for the folder (`plugins/content/local/store.go`).
const STORE: &str = "io.containerd.content.v1.content/blobs/sha256";
/// Manifests and indexes of one image.
const MOST_DOCUMENTS: usize = 100;
/// An engine hands out one file of a container at a time, so that several cores need several containers.
const MOST_CONTAINERS: usize = 4;

pub(super) async fn read(request: &Request<'_>) -> Result<Handed, Fallback> {
    let (root, _) = request.place()?;
    // The engine's own containerd, or that of its machine.
    let places = [format!("{root}/containerd/daemon/{STORE}"), format!("/var/lib/containerd/{STORE}")];
    let mut found = Err(Fallback(NOT_THERE.to_owned()));
    for place in places {
        match request.container(std::slice::from_ref(&place)).await {
            Ok(container) => found = chosen(request, &container).await.map(|documents| (documents, container, place)),
            Err(NotCreated::NoSource) => continue,
            Err(why) => return Err(why.into()),
        }
        if found.is_ok() {
            break;
        }
    }
    let ((chosen, known), container, place) = found?;
    if chosen.config.diff_ids != request.image.diff_ids {
        return Err(Fallback("the engine names other layers of the image than its config".to_owned()));
    }
    let stored: HashMap<&DiffId, &StoredLayer> = chosen.config.diff_ids.iter().zip(&chosen.layers).collect();
    let mut wanted = Vec::with_capacity(request.lacking.len());
    for layer in &request.lacking {
        let blob = stored.get(layer).ok_or_else(|| Fallback::of_layer(layer, "the image does not have it"))?;
        wanted.push((layer.clone(), (*blob).clone()));
    }
    // The largest last, which is where the queue begins: it decides how long all of it takes.
    wanted.sort_by_key(|(_, blob)| blob.size);
    let cores = thread::available_parallelism().map_or(1, usize::from).min(MOST_CONTAINERS).min(wanted.len());
    let queue = Queue { wanted: Mutex::new(wanted), allowance: Arc::new(Allowance::new(request.limits.read)) };
    let others = (1..cores).map(async |_| match request.container(std::slice::from_ref(&place)).await {
        Ok(container) => queue.work(request, container).await,
        // The first one does all of it, then.
        Err(_) => Ok(Vec::new()),
    });
    let (first, others) = futures_util::try_join!(queue.work(request, container), try_join_all(others))?;
    let blobs: Vec<(DiffId, LayerBlob)> = others.into_iter().flatten().chain(first).collect();
    let was_read: HashMap<&DiffId, Compression> = blobs.iter().map(|(layer, blob)| (layer, blob.compression)).collect();
    let is_compressed = |layer: &DiffId, stored: &StoredLayer| match was_read.get(layer) {
        Some(compression) => *compression != Compression::None,
        None => stored.media_type.ends_with("gzip") || stored.media_type.ends_with("zstd"),
    };
    let compressed = stored
        .iter()
        .filter(|(layer, stored)| is_compressed(layer, stored))
        .map(|(layer, stored)| ((*layer).clone(), stored.size))
        .collect();
    Ok(Handed {
        config: request.want_config.then(|| chosen.config_json.to_vec()),
        manifests: known.into_values().collect(),
        compressed,
        layers: blobs.into_iter().map(|(_, blob)| (blob.into_layer(), Evidence::Hashed)).collect(),
        bytes: request.progress.bytes(),
    })
}

/// The image's manifest and config, found from its id, which may be an index's, and all documents on the way.
async fn chosen(request: &Request<'_>, container: &Container) -> Result<(Chosen, Known), Fallback> {
    let mut known = Known::new();
    while known.len() < MOST_DOCUMENTS {
        let next = remote::next(&request.image.id, &known, Some(&request.image.platform), "the image")?;
        let digest = match next {
            Next::Chosen(chosen) => return Ok((*chosen, known)),
            Next::Manifest(digest) | Next::Config(digest) => digest,
        };
        let path = format!("{}/{}", container.bind(0), digest.hex());
        let (progress, files) = (Arc::clone(&request.progress), container.archive(&path));
        let document = stream::read_by(files, move |tar| {
            Ok(only(tar, &path, &progress, |content| text(content, LARGEST_DOCUMENT)))
        });
        let document = document.await??;
        if Digest::of(&document) != digest || known.insert(digest, document.into()).is_some() {
            return Err(Fallback("the engine keeps other documents of the image than its id says".to_owned()));
        }
    }
    Err(Fallback("the image has too many manifests".to_owned()))
}

/// Layers that nobody reads yet.
struct Queue {
    wanted: Mutex<Vec<(DiffId, StoredLayer)>>,
    allowance: Arc<Allowance>,
}

impl Queue {
    /// Reads layers through `container` until none is left.
    async fn work(&self, request: &Request<'_>, container: Container) -> Result<Vec<(DiffId, LayerBlob)>, Fallback> {
        let mut read = Vec::new();
        while let Some((layer, stored)) = self.next() {
            let path = format!("{}/{}", container.bind(0), stored.digest.hex());
            let (allowance, memory) = (Arc::clone(&self.allowance), request.limits.memory.clone());
            let keep = request.limits.keep.clone();
            let (progress, files) = (Arc::clone(&request.progress), container.archive(&path));
            let blob = stream::read_by(files, move |tar| {
                Ok(only(tar, &path, &progress, |mut content| {
                    let head = Head::read(&mut content).map_err(unreadable)?;
                    read_layer(head, content, &memory, &allowance, &keep).map_err(unreadable)
                }))
            });
            let blob = blob.await??;
            if *blob.index.diff_id() != layer || blob.digest != stored.digest {
                return Err(Fallback::of_layer(&layer, "it is another layer"));
            }
            read.push((layer, blob));
        }
        Ok(read)
    }

    fn next(&self) -> Option<(DiffId, StoredLayer)> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}
