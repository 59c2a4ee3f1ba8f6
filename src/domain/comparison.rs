//! Two images beside one another.

use super::{Bytes, CompressedSize, Difference, Digest, LayerChange, Platform, Shares};

/// Two images, and what they differ by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The earlier one.
    pub old: ComparedImage,
    /// The later one.
    pub new: ComparedImage,
    /// What became of it.
    pub difference: Difference,
    /// Layers that came, went or changed their size, the largest difference first.
    pub layers: Vec<LayerChange>,
}

/// One of two images that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedImage {
    /// What it was called: a target, a reference, a file. The user's words, not escaped.
    pub name: String,
    /// What it was made for.
    pub platform: Platform,
    /// Digest of its config; `None` where a report does not say.
    pub id: Option<Digest>,
    /// Content size.
    pub size: Bytes,
    /// Content size of the layers that came with its base image; `None` where that cannot be told for certain.
    pub base: Option<Bytes>,
    /// Compressed size, where it is known or estimated.
    pub compressed: Option<CompressedSize>,
    /// How many layers it has.
    pub layers: usize,
}

impl Comparison {
    /// What the base image changed by, and the rest, each before and after; `None` where it is not known of both.
    #[must_use]
    pub fn shares(&self) -> Option<Shares> {
        let base = (self.old.base?, self.new.base?);
        let own = (self.old.size.0.checked_sub(base.0.0)?, self.new.size.0.checked_sub(base.1.0)?);
        Some(Shares { base, own: (Bytes(own.0), Bytes(own.1)) })
    }
}
