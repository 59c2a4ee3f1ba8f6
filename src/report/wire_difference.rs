//! What two images differ by, on the wire: in `imgbudget.report/1` since the baseline, and in `imgbudget.diff/1`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wire_place::Place;
use crate::domain::{DifferenceState, Ecosystem, Origin};

/// What became of an image. `rows` and `rest` together are exactly the difference of the sizes.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Difference {
    /// What changed, the most bytes first; each byte in one row.
    pub(super) rows: Vec<DifferenceRow>,
    /// Smaller rows that were left out.
    pub(super) rest: Rest,
    /// The directories that grew most, whatever rows tell it; none of them is in another.
    pub(super) grown: Vec<GrownDirectory>,
    /// Tools that came and went; `null` where that is not known of both images.
    pub(super) tools: Option<ToolChanges>,
    /// How many packages; `null` where that is not known of both images.
    pub(super) packages: Option<PackageCounts>,
    /// What could not be compared, and why.
    pub(super) unknown: Vec<String>,
}

/// One thing that changed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct DifferenceRow {
    /// What it is.
    pub(super) kind: RowKind,
    /// What became of it.
    pub(super) state: DifferenceState,
    /// Bytes before, of what no other row tells.
    pub(super) before: u64,
    /// Bytes after.
    pub(super) after: u64,
    /// Of a `layer` its instruction, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) created_by: Option<String>,
    /// Of a `layer` what of `after` ships and is not seen, because the layer deletes or replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hidden: Option<u64>,
    /// Of a `package` whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ecosystem: Option<Ecosystem>,
    /// Of a `package` its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Of a `package` its versions before, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) versions_before: Vec<String>,
    /// Of a `package` its versions after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) versions_after: Vec<String>,
    /// Of a `directory` or `file` its absolute path, not escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    /// Of a `directory` how many of its files came, went or changed their size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<u64>,
    /// The layer that had it, when it was one: a position from 0, in the earlier image.
    pub(super) layer_before: Option<usize>,
    /// The layer that brings it, when it is one: a position from 0, in the later image.
    pub(super) layer: Option<usize>,
    /// The line of the Dockerfile that made that layer.
    pub(super) dockerfile: Option<Place>,
    /// Who brought that layer.
    pub(super) origin: Origin,
}

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RowKind {
    /// A layer: what no package, directory or file tells.
    Layer,
    /// The base image: what no package, directory or file tells.
    Base,
    /// A package, all its copies.
    Package,
    /// A directory: all below it that no other row tells.
    Directory,
    /// A file or link.
    File,
}

/// Rows that are only counted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Rest {
    /// How many.
    pub(super) rows: u64,
    /// Their bytes before.
    pub(super) before: u64,
    /// Their bytes after.
    pub(super) after: u64,
}

/// A directory that grew.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct GrownDirectory {
    /// Absolute path, not escaped.
    pub(super) path: String,
    /// What the file system showed at and below it.
    pub(super) before: u64,
    /// What it shows now.
    pub(super) after: u64,
}

/// Tools by name.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ToolChanges {
    /// Only in the later image.
    pub(super) added: Vec<String>,
    /// Only in the earlier one.
    pub(super) removed: Vec<String>,
}

/// Packages by number: `before + added − removed` is `after`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct PackageCounts {
    /// Before.
    pub(super) before: u64,
    /// After.
    pub(super) after: u64,
    /// How many came.
    pub(super) added: u64,
    /// How many went.
    pub(super) removed: u64,
    /// How many have another version.
    pub(super) changed: u64,
}
