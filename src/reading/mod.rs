//! How an image is read: what is known of its layers already is taken from there, and the rest in the cheapest way that gives it.
//! Whatever a way cannot do, the next one does.

mod compare;
mod compressed;
mod cost;
mod documents;
pub mod export;
mod fallback;
pub mod fetch;
mod from_engine;
mod from_file;
mod from_registry;
mod inside;
mod known;
pub mod metadata;
mod saving;
mod shelf;
mod watcher;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

pub use fallback::Fallback;
pub use from_engine::Asked;
pub use from_registry::Pull;
pub use inside::Inside;
pub use saving::Joining;
pub use shelf::{Claim, Shelf};
pub use watcher::Watcher;

use crate::cache::LayerCache;
use crate::domain::{Compressed, Digest, ImageConfig, Platform, ReadFacts, ReadWay};
use crate::layer::{LayerFiles, LayerIndex};
use crate::source::Limits;

use documents::Documents;
use saving::Saver;

/// Layers that are fetched from registries at once: enough to keep a few cores busy, and polite.
const AT_ONCE: usize = 6;

/// An image, as far as it was read.
#[derive(Debug)]
pub struct Read {
    /// Its config.
    pub config: ImageConfig,
    /// The digest of its manifest, or of the index that was asked for, where that is known.
    pub digest: Option<Digest>,
    /// What is in it.
    pub content: Content,
    /// What was kept of the files of each layer, or of the final file system; none where nothing was.
    pub files: Vec<Arc<LayerFiles>>,
    /// What its layers take in a registry, where a manifest says so.
    pub compressed: Option<Compressed>,
    /// The platforms for which the source holds the image, too, where none was asked for. Untrusted.
    pub beside: Vec<Platform>,
    /// How it was read, and what that cost.
    pub facts: ReadFacts,
}

/// What was read of an image beside its config.
#[derive(Debug)]
pub enum Content {
    /// Its layers from the bottom up: one for each of the config's diff ids.
    Layers(Vec<Arc<LayerIndex>>),
    /// The final file system alone.
    Tree(Arc<LayerIndex>),
    /// Nothing.
    Nothing,
}

/// Reads the images of a run: each layer once.
#[derive(Debug)]
pub struct Reader {
    shelf: Shelf,
    documents: Documents,
    cache: Option<Arc<LayerCache>>,
    saver: Saver,
    /// Layers that are fetched at once.
    fetching: Semaphore,
    way: ReadWay,
    limits: Limits,
    /// What is written into the cache.
    errands: TaskTracker,
}

impl Reader {
    /// A reader of images that nobody has read yet. As many as `jobs` saves are under way at once.
    pub fn new(way: ReadWay, cache: Option<Arc<LayerCache>>, limits: &Limits, jobs: usize) -> Self {
        Self::with(
            Shelf::within([Some(&limits.memory), limits.keep.room()].into_iter().flatten()),
            way,
            cache,
            limits,
            jobs,
        )
    }

    /// The same, where `shelf` has what was read before in this run.
    pub fn with(shelf: Shelf, way: ReadWay, cache: Option<Arc<LayerCache>>, limits: &Limits, jobs: usize) -> Self {
        Self {
            shelf,
            documents: Documents::new(cache.clone()),
            cache,
            saver: Saver::new(limits.clone(), jobs),
            fetching: Semaphore::new(AT_ONCE),
            way,
            limits: limits.clone(),
            errands: TaskTracker::new(),
        }
    }

    /// The layers that this run knows.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Announces an image of an engine, which may turn out to need a `save`: one that is about to begin waits for it.
    pub fn join(&self) -> Joining {
        self.saver.join()
    }

    /// Waits until what was learned is in the cache.
    pub async fn finish(&self) {
        self.errands.close();
        self.errands.wait().await;
    }
}
