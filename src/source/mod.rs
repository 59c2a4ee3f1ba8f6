//! Where images come from: a stream or a file in the forms that engines and OCI tools write, or an OCI image layout.
//!
//! Whatever the form, one [`ImageContent`] comes out, and only when it is whole: every layer is there and is what the config says.

pub mod archive;
pub mod attestation;
mod choose;
mod config;
mod counting;
mod described;
mod go_json;
mod join;
pub mod layout;
mod manifest;
mod members;
mod name;
mod part;
mod position;
pub mod remote;
mod saved;
pub mod stream;
mod together;

use std::sync::Arc;

pub use described::Described;
pub use join::read_config;

use crate::domain::{Bytes, Compressed, Digest, ImageChoice, ImageConfig, Platform};
use crate::error::{Class, Error};
use crate::layer::{Keep, LayerFiles, LayerIndex};
use crate::memory::Memory;

/// One image, read and verified.
#[derive(Debug, Clone)]
pub struct ImageContent {
    /// Its config.
    pub config: ImageConfig,
    /// The config as it is stored.
    pub config_json: Arc<[u8]>,
    /// Its layers from the bottom up: one for each of `config.diff_ids`, in their order. Equal layers are one index.
    pub layers: Vec<Arc<LayerIndex>>,
    /// What was kept of the files of each.
    pub files: Vec<Arc<LayerFiles>>,
    /// The layers' blobs as a registry stores them. Exact only where a manifest lists compressed blobs: what `docker save` writes
    /// uncompressed says nothing about them.
    pub compressed: Option<Compressed>,
    /// The name under which the source knows it. Untrusted.
    pub reference: Option<String>,
    /// The platforms for which the source holds the image, too, where none was asked for. Untrusted.
    pub beside: Vec<Platform>,
}

/// Which image of several.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// By name or digest; without it the source must hold one image only.
    pub image: Option<ImageChoice>,
    /// By platform; without it the only one, or that of this machine's Linux.
    pub platform: Option<Platform>,
}

impl Wanted {
    /// The digest of an image, its manifest or its config that is asked for.
    fn digest(&self) -> Option<Digest> {
        self.image.as_ref().and_then(name::digest)
    }
}

/// What reading an image may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// What the indexes of its layers and the windows of decompressors draw from; shared with everything else that is read in the run.
    pub memory: Memory,
    /// Which files of layers are kept while their bytes go by.
    pub keep: Keep,
    /// How much may be read of it: of an archive when it is unpacked, and of its layers when they are.
    pub read: Bytes,
    /// Whether layers that are not compressed are squeezed, to know how large they would be. That takes many times as long.
    pub squeeze: bool,
}

impl Limits {
    /// The limit of what is read where nobody gave one: ten times what the largest images have.
    pub const READ: Bytes = Bytes(100_000_000_000);
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: Memory::default(), keep: Keep::nothing(), read: Self::READ, squeeze: false }
    }
}

/// The largest manifest, index or config that is read. Registries stop at 4 MiB, too.
pub const LARGEST_JSON: u64 = 4 << 20;

const HINT_FORMAT: &str = "An archive is what `docker save`, `podman save`, skopeo, or `docker buildx build --output type=oci` \
                           (or `type=docker`) writes.";
const HINT_AGAIN: &str = "Write it again: it is incomplete or was changed after it was written.";

/// The platform of images that run here: Linux, wherever imgbudget itself runs.
fn host() -> Platform {
    Platform::new("linux", std::env::consts::ARCH, None)
}

/// A part of an image is not in its source: the cause of the error that names the part.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("is missing")]
pub struct Missing;

fn unreadable(message: impl Into<String>) -> Error {
    Error::new(Class::Image, message)
}
