//! What became of the images since the baseline.

use super::Bytes;

/// What became of one target since the baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In a word.
    pub state: ChangeState,
    /// Content size in the baseline.
    pub size_before: Option<Bytes>,
    /// Content size of the base image in the baseline, where that was told.
    pub base_size_before: Option<Bytes>,
    /// Compressed size in the baseline.
    pub compressed_size_before: Option<Bytes>,
    /// Layers that came, went or changed their size, the largest difference first. Empty when the baseline has no layers (a lock file).
    pub layers: Vec<LayerChange>,
}

/// What became of a target, in a word.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeState {
    /// The same sizes.
    Same,
    /// Other sizes.
    Changed,
    /// The baseline does not have it.
    Extra,
}

/// What became of one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerChange {
    /// Its position in the target's layers now; `None` when it is gone.
    pub index: Option<usize>,
    /// The instruction that made it. Untrusted.
    pub created_by: Option<String>,
    /// Its size in the baseline; `None` when it is new.
    pub before: Option<Bytes>,
    /// Its size now; `None` when it is gone.
    pub after: Option<Bytes>,
}

impl LayerChange {
    /// How many bytes it differs by, in either direction.
    #[must_use]
    pub fn difference(&self) -> Bytes {
        let (before, after) = (self.before.unwrap_or_default(), self.after.unwrap_or_default());
        Bytes(before.0.abs_diff(after.0))
    }
}
