//! Places in files on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place in a file of the user's.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Place {
    /// The file.
    pub(super) file: String,
    /// Line, from 1.
    #[schemars(range(min = 1))]
    pub(super) line: u32,
    /// Column in characters, from 1.
    #[schemars(range(min = 1))]
    pub(super) column: u32,
}

/// A place in a Dockerfile.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct DockerfilePlace {
    /// The Dockerfile.
    pub(super) path: String,
    /// Line, from 1.
    #[schemars(range(min = 1))]
    pub(super) line: u32,
    /// Column in characters, from 1.
    #[schemars(range(min = 1))]
    pub(super) column: u32,
}
