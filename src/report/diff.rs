//! `imgbudget.diff/1`: what two images differ by, written for programs.
//!
//! A later version of imgbudget may add fields. Whatever changes the meaning of a field, or takes one away, makes it `imgbudget.diff/2`.

use schemars::JsonSchema;
use serde::Serialize;

use super::wire;
use crate::domain::{self, Definition};

/// The format that this version writes.
pub const SCHEMA: &str = "imgbudget.diff/1";

/// What two images differ by.
#[derive(Debug, Serialize, JsonSchema)]
struct Diff {
    /// Name and version of this format: `imgbudget.diff/1`.
    #[schemars(regex(pattern = "^imgbudget\\.diff/1$"))]
    schema: String,
    /// The version of imgbudget that wrote it.
    imgbudget: String,
    /// What `size` means.
    #[schemars(regex(pattern = "^content/1$"))]
    definition: String,
    /// The earlier image.
    old: Image,
    /// The later image.
    new: Image,
    /// What became of it.
    difference: wire::Difference,
    /// Layers that came, went or changed their size, the largest difference first. They add up, too.
    layers: Vec<wire::LayerChange>,
}

/// One of the two images.
#[derive(Debug, Serialize, JsonSchema)]
struct Image {
    /// What it was called: a target, a reference, a file. Not escaped.
    name: String,
    /// What it was made for.
    platform: wire::Platform,
    /// Digest of its config, when it is known.
    id: Option<String>,
    /// Content size in bytes.
    size: u64,
    /// The part of it that came with the base image; `null` where that cannot be told for certain.
    base_size: Option<u64>,
    /// Bytes that a registry stores, where they are known or estimated.
    compressed_size: Option<u64>,
    /// Whether `compressed_size` is an estimate, which may be off by 3 %.
    compressed_size_is_estimate: bool,
    /// How many layers it has.
    layers: usize,
}

/// The document: indented, with a line break at its end, the same bytes for the same images.
#[must_use]
pub fn to_json(comparison: &domain::Comparison) -> String {
    let diff = Diff {
        schema: SCHEMA.to_owned(),
        imgbudget: env!("CARGO_PKG_VERSION").to_owned(),
        definition: Definition::default().as_str().to_owned(),
        old: Image::from(&comparison.old),
        new: Image::from(&comparison.new),
        difference: wire::Difference::from(&comparison.difference),
        layers: comparison.layers.iter().map(wire::LayerChange::from).collect(),
    };
    super::write::json(&diff)
}

/// The JSON Schema of the format, for `imgbudget schema diff`.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Diff).to_value()
}

impl From<&domain::ComparedImage> for Image {
    fn from(image: &domain::ComparedImage) -> Self {
        Self {
            name: image.name.clone(),
            platform: wire::Platform::from(&image.platform),
            id: image.id.as_ref().map(ToString::to_string),
            size: image.size.0,
            base_size: image.base.map(|size| size.0),
            compressed_size: image.compressed.map(|size| size.bytes.0),
            compressed_size_is_estimate: image.compressed.is_some_and(|size| size.is_estimate),
            layers: image.layers,
        }
    }
}
