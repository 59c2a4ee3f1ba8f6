//! Where an image came from, how its layers were read, and what that cost.

use super::Bytes;

/// Where an image came from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ImageFrom {
    /// Built in this run.
    Built,
    /// The engine had it.
    Engine,
    /// A registry, without any engine.
    Registry,
    /// An archive, from a file or standard input.
    Archive,
    /// An OCI image layout.
    Layout,
}

impl ImageFrom {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Built => "built",
            Self::Engine => "engine",
            Self::Registry => "registry",
            Self::Archive => "archive",
            Self::Layout => "layout",
        }
    }
}

/// One way to learn what layers hold, the cheapest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// All of them were in the layer cache.
    Cache,
    /// The engine's own metadata of its layers.
    Metadata,
    /// The engine's `save`.
    Save,
    /// The engine's `export`, which shows the final file system and no layers.
    Export,
    /// Blobs of a registry; of an image whose rules need none, its manifest and config alone.
    Registry,
    /// An archive or a layout.
    File,
}

/// How an image was read, and what that cost. Differs from run to run, so nothing is ever judged or compared by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFacts {
    /// The way that gave the last of what was needed.
    pub how: Rung,
    /// Layers that the cache had.
    pub layers_cached: u64,
    /// Layers that were read.
    pub layers_read: u64,
    /// Bytes that were read or fetched for it. What several images share counts at the first of them.
    pub bytes: Bytes,
    /// Wall time in milliseconds.
    pub milliseconds: u64,
    /// Better ways that failed, in the order in which they were tried: which, and why, one fragment each. Untrusted.
    pub fallbacks: Vec<String>,
}
