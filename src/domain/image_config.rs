//! The parts of an image config that imgbudget reads (OCI config.md; Docker's image specification v1.2 has the same fields).

use super::{DiffId, Digest, ImageRef, Platform};

/// An image config after parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageConfig {
    /// sha256 of the config blob: the image id.
    pub id: Digest,
    /// What the image was made for.
    pub platform: Platform,
    /// `created`, when it is set and not empty: RFC 3339, if whoever wrote it kept to the specification. Untrusted.
    pub created: Option<String>,
    /// `config.User`, when it is set and not empty. Untrusted.
    pub user: Option<String>,
    /// The image that it says it was built on. Untrusted.
    pub base: Option<ToldBase>,
    /// `rootfs.diff_ids`, from the bottom up.
    pub diff_ids: Vec<DiffId>,
    /// `history`, oldest first; may be absent or disagree with the layers.
    pub history: Vec<HistoryEntry>,
}

/// What an image says of its base image, by the labels `org.opencontainers.image.base.name` and `.digest` (OCI annotations.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldBase {
    /// Its reference.
    pub name: ImageRef,
    /// The digest of its manifest or index.
    pub digest: Option<Digest>,
}

impl ToldBase {
    /// The reference that cannot move where the digest is told.
    #[must_use]
    pub fn reference(&self) -> ImageRef {
        match &self.digest {
            Some(digest) => ImageRef { tag: None, digest: Some(digest.clone()), ..self.name.clone() },
            None => self.name.clone(),
        }
    }
}

/// One entry of an image's history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The instruction. Untrusted.
    pub created_by: Option<String>,
    /// Who built it: `buildkit.dockerfile.v0` for BuildKit.
    pub comment: Option<String>,
    /// Whether it made no layer.
    pub empty_layer: bool,
}

impl ImageConfig {
    /// The history entry that made each layer, from the bottom up; empty when history and layers do not have the same number,
    /// so that nothing is ever blamed on the wrong instruction.
    #[must_use]
    pub fn layer_history(&self) -> Vec<&HistoryEntry> {
        let made: Vec<_> = self.history.iter().filter(|entry| !entry.empty_layer).collect();
        if made.len() == self.diff_ids.len() { made } else { Vec::new() }
    }
}
