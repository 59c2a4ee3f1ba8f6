//! What an engine itself has written down of an image's layers, read through a container that is created and never started: some
//! megabytes in place of the whole image. Whoever may create containers may read it; nothing of the image runs.
//!
//! It is found out by trying, wherever the engine runs: it resolves its own paths. Whatever goes wrong is a [`Fallback`], never an
//! error: there are other ways to read an image. What engines keep where is nowhere promised, so all of it is checked: a config by
//! its digest, a layer by the sums that the engine keeps beside it, a blob by its diff id.

mod classic;
mod containerd;
mod members;
mod podman;
mod splits;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use super::Fallback;
use super::fallback::NOT_THERE;
use crate::domain::{Bytes, DiffId};
use crate::engine::{Container, ContainerRequest, Engine, EngineImage, Kind, NotCreated, Store};
use crate::layer::{Evidence, IndexedLayer};
use crate::source::Limits;

/// What was read: all that was asked for.
#[derive(Debug, Default)]
pub struct Handed {
    /// The config's bytes; their digest was checked.
    pub config: Option<Vec<u8>>,
    /// The documents that lead from the image's id to its config, where the id is not the config's own. Their digests were checked.
    pub manifests: Vec<Arc<[u8]>>,
    /// One index for each layer that was lacking, and how far it is proven.
    pub layers: Vec<(IndexedLayer, Evidence)>,
    /// Compressed sizes of layers, where the engine has a manifest that states them.
    pub compressed: Vec<(DiffId, Bytes)>,
    /// Bytes that came over the connection.
    pub bytes: u64,
}

/// The largest config or manifest that is read: as in archives.
const LARGEST_DOCUMENT: u64 = 4 << 20;

/// What is asked of an engine.
struct Request<'a> {
    engine: &'a Engine,
    image: &'a EngineImage,
    /// Each layer once.
    lacking: Vec<DiffId>,
    want_config: bool,
    limits: &'a Limits,
    progress: Arc<Progress>,
}

/// How many bytes came so far, and who hears of it.
struct Progress {
    bytes: AtomicU64,
    hears: Box<dyn Fn(u64) + Send + Sync>,
}

impl Progress {
    fn came(&self, bytes: u64) {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        (self.hears)(before.saturating_add(bytes));
    }

    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Reads the layers of `image` that are `lacking`, and its config where that is wanted. `progress` hears how many bytes came so far.
///
/// Dropping the future ends it; the container is removed all the same (see [`Engine::settle`]).
///
/// # Errors
/// Why it has to be read another way.
pub async fn read(
    engine: &Engine,
    image: &EngineImage,
    lacking: &[DiffId],
    want_config: bool,
    limits: &Limits,
    progress: impl Fn(u64) + Send + Sync + 'static,
) -> Result<Handed, Fallback> {
    let facts = engine.facts();
    if facts.is_desktop {
        return Err(Fallback("Docker Desktop keeps its files in a machine of its own".to_owned()));
    }
    if facts.has_authorization {
        return Err(Fallback("the engine has an authorisation plugin".to_owned()));
    }
    let mut once = Vec::new();
    for layer in lacking {
        if !once.contains(layer) {
            once.push(layer.clone());
        }
    }
    let progress = Arc::new(Progress { bytes: AtomicU64::new(0), hears: Box::new(progress) });
    let request = Request { engine, image, lacking: once, want_config, limits, progress };
    match (facts.kind, facts.store) {
        (Kind::Docker, Store::Classic) => classic::read(&request).await,
        (Kind::Docker, Store::Containerd) => Box::pin(containerd::read(&request)).await,
        (Kind::Podman, _) => podman::read(&request).await,
        (Kind::Docker, Store::Unknown) => Err(Fallback("it is not known how this engine keeps its layers".to_owned())),
    }
}

impl Request<'_> {
    /// A container of the image through which `binds` can be read.
    async fn container(&self, binds: &[String]) -> Result<Container, NotCreated> {
        let EngineImage { handle: image, platform, volumes, .. } = self.image;
        self.engine.create(&ContainerRequest { image, platform, volumes, binds }).await
    }

    /// Where the engine keeps everything, and what it calls its driver.
    fn place(&self) -> Result<(&str, &str), Fallback> {
        let facts = self.engine.facts();
        let root = facts.root.as_deref().and_then(|root| root.to_str()).filter(|root| root.starts_with('/'));
        let is_name = |driver: &&str| !driver.contains(['/', '\0']) && !driver.starts_with('.');
        root.zip(facts.driver.as_deref().filter(is_name))
            .ok_or_else(|| Fallback("the engine does not say where it keeps its layers".to_owned()))
    }
}

impl Fallback {
    /// What is wrong with what the engine keeps of a layer.
    fn of_layer(layer: &DiffId, what: impl fmt::Display) -> Self {
        Self(format!("what the engine keeps of layer {} cannot be used: {what}", layer.0.short()))
    }
}
