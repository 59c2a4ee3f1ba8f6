//! Manifests and indexes: OCI manifest.md and image-index.md, Docker's schema 2 with its own media types, and `manifest.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{Digest, Platform};

/// Points at a blob (OCI descriptor.md).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub(super) media_type: Option<String>,
    pub(super) digest: Digest,
    pub(super) size: u64,
    #[serde(default)]
    platform: Option<RawPlatform>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Deserialize)]
struct RawPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

/// The blob that a descriptor of an index points at.
pub(super) enum Node {
    /// More descriptors: one for each platform, or one for each image.
    Index(Vec<Descriptor>),
    /// An image, or something that is stored like one.
    Manifest(Manifest),
}

/// What one image is made of.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct RawNode {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

/// One image of `manifest.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SavedImage {
    pub(super) config: String,
    #[serde(default)]
    pub(super) repo_tags: Option<Vec<String>>,
    #[serde(default)]
    pub(super) layers: Option<Vec<String>>,
}

impl Descriptor {
    /// The platform that it states. Empty parts state nothing.
    pub(super) fn platform(&self) -> Option<Platform> {
        let raw = self.platform.as_ref().filter(|raw| !raw.os.is_empty() && !raw.architecture.is_empty())?;
        Some(Platform::new(&raw.os, &raw.architecture, raw.variant.as_deref()))
    }

    /// The name that the image was saved under: containerd's annotation has it whole, OCI's often only the tag.
    pub(super) fn name(&self) -> Option<&str> {
        let annotations = self.annotations.as_ref()?;
        ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
            .iter()
            .find_map(|key| annotations.get(*key))
            .map(String::as_str)
    }

    /// Whether it is a statement about an image rather than an image: BuildKit stores provenance and SBOMs so.
    pub(super) fn is_attestation(&self) -> bool {
        let marked =
            self.annotations.as_ref().is_some_and(|annotations| annotations.contains_key("vnd.docker.reference.type"));
        marked || self.platform().is_some_and(|platform| platform.os == "unknown" && platform.architecture == "unknown")
    }

    /// Whether it may be an image's config. Signatures and other artifacts have their own media types.
    pub(super) fn is_image_config(&self) -> bool {
        matches!(
            self.media_type.as_deref(),
            None | Some(
                "" | "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
            )
        )
    }
}

impl Node {
    /// Reads an index or a manifest: what it holds decides, as media types are optional. `None` when it is neither.
    pub(super) fn parse(json: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        let raw: RawNode = serde_json::from_slice(json)?;
        Ok(match (raw.manifests, raw.config) {
            (Some(manifests), _) => Some(Self::Index(manifests)),
            (None, Some(config)) => Some(Self::Manifest(Manifest { config, layers: raw.layers.unwrap_or_default() })),
            (None, None) => None,
        })
    }
}
