//! A layer that is known: what it holds, and what was kept of its files.

use std::sync::Arc;

use super::evidence::Evidence;
use super::files::LayerFiles;
use super::index::LayerIndex;
use crate::domain::DiffId;

/// A layer that was read. Clones are cheap.
#[derive(Debug, Clone)]
pub struct IndexedLayer {
    /// What it holds.
    pub index: Arc<LayerIndex>,
    /// What was kept of its files.
    pub files: Arc<LayerFiles>,
}

impl IndexedLayer {
    /// A layer that was read to its end.
    pub fn new(index: LayerIndex, files: LayerFiles) -> Self {
        Self { index: Arc::new(index), files: Arc::new(files) }
    }

    /// Its diff id.
    pub fn diff_id(&self) -> &DiffId {
        self.index.diff_id()
    }

    /// Whether what is known with this evidence is enough where `least` is asked for. Who asks for proof cannot be asked for files
    /// afterwards, as engines can: so their contents are part of it.
    pub fn is_enough(&self, evidence: Evidence, least: Evidence) -> bool {
        evidence >= least && (least < Evidence::Hashed || self.files.is_complete() || self.files.is_stored())
    }
}

/// The indexes and the files of layers, each in their order.
pub fn apart(layers: impl IntoIterator<Item = IndexedLayer>) -> (Vec<Arc<LayerIndex>>, Vec<Arc<LayerFiles>>) {
    layers.into_iter().map(|layer| (layer.index, layer.files)).unzip()
}
