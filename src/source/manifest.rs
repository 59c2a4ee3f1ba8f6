//! Manifests and indexes: OCI manifest.md and image-index.md, Docker's schema 2 with its own media types, and `manifest.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Error as _;

use super::go_json;
use crate::domain::{Digest, Platform};

/// Points at a blob (OCI descriptor.md).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    pub(super) media_type: String,
    pub(super) digest: Digest,
    pub(super) size: u64,
    #[serde(default)]
    platform: Option<RawPlatform>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct RawPlatform {
    os: String,
    architecture: String,
    variant: String,
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawNode {
    manifests: Vec<Descriptor>,
    config: Option<Descriptor>,
    layers: Vec<Descriptor>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawIndex {
    manifests: Vec<Descriptor>,
}

/// One image of `manifest.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct SavedImage {
    pub(super) config: String,
    pub(super) repo_tags: Vec<String>,
    pub(super) layers: Vec<String>,
}

impl Descriptor {
    /// The root of an image that is known by `name`, in place of an index that lists it alone.
    pub(super) fn root(digest: Digest, name: &str) -> Self {
        let annotations = BTreeMap::from([("io.containerd.image.name".to_owned(), name.to_owned())]);
        Self { media_type: String::new(), digest, size: 0, platform: None, annotations }
    }

    /// Whether it may be a layer of an image. Signatures, attestations and other artifacts have types of their own, and some of them
    /// an image's config.
    pub(super) fn is_layer(&self) -> bool {
        let known = ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."];
        self.media_type.is_empty() || known.iter().any(|prefix| self.media_type.starts_with(prefix))
    }

    /// Whether a registry need not have it: a layer that its owner lets nobody pass on (OCI layer.md, "Non-Distributable Layers").
    pub(super) fn is_kept_elsewhere(&self) -> bool {
        [".foreign.", ".nondistributable."].iter().any(|part| self.media_type.contains(part))
    }

    /// The platform that it states. Empty parts state nothing.
    pub(super) fn platform(&self) -> Option<Platform> {
        let raw = self.platform.as_ref().filter(|raw| !raw.os.is_empty() && !raw.architecture.is_empty())?;
        Some(Platform::new(&raw.os, &raw.architecture, Some(&raw.variant)))
    }

    /// The name that the image was saved under: containerd's annotation has it whole, OCI's often only the tag.
    pub(super) fn name(&self) -> Option<&str> {
        ["io.containerd.image.name", "org.opencontainers.image.ref.name"]
            .iter()
            .find_map(|key| self.annotations.get(*key))
            .map(String::as_str)
    }

    /// What one of its annotations says. Untrusted.
    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(String::as_str)
    }

    /// Whether it is for no machine at all: BuildKit stores provenance and SBOMs of an image so, beside it in one index. The
    /// annotation that it gives them is not asked: engines take the image of a real platform, whatever its annotations say.
    pub(super) fn is_for_no_machine(&self) -> bool {
        self.platform().is_some_and(|platform| platform.os == "unknown" && platform.architecture == "unknown")
    }

    /// Whether it may be an image's config. Signatures and other artifacts have their own media types.
    pub(super) fn is_image_config(&self) -> bool {
        matches!(
            self.media_type.as_str(),
            "" | "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
        )
    }
}

impl Node {
    /// Reads an index or a manifest: what it holds decides, as media types are optional. `None` when it is neither, and an error
    /// when it is both.
    pub(super) fn parse(json: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        let raw: RawNode = go_json::parse(json)?;
        let is_manifest = raw.config.is_some() || !raw.layers.is_empty();
        Ok(match raw.config {
            _ if is_manifest && !raw.manifests.is_empty() => {
                return Err(serde_json::Error::custom(
                    "it has `manifests` as an index, and `config` or `layers` as a manifest",
                ));
            }
            Some(config) => Some(Self::Manifest(Manifest { config, layers: raw.layers })),
            None if raw.manifests.is_empty() => None,
            None => Some(Self::Index(raw.manifests)),
        })
    }
}

/// Reads an `index.json`: what it lists, which may be nothing.
pub(super) fn parse_index(json: &[u8]) -> Result<Vec<Descriptor>, serde_json::Error> {
    go_json::parse::<RawIndex>(json).map(|index| index.manifests)
}

/// Reads a `manifest.json`.
pub(super) fn parse_saved(json: &[u8]) -> Result<Vec<SavedImage>, serde_json::Error> {
    go_json::parse(json)
}
