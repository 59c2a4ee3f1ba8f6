//! An image config as JSON (OCI config.md), read leniently where engines differ and strictly in what is measured.

use serde::Deserialize;

use crate::domain::{DiffId, Digest, HistoryEntry, ImageConfig, Platform};

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    architecture: Option<String>,
    #[serde(default)]
    os: Option<String>,
    #[serde(default)]
    variant: Option<String>,
    #[serde(default)]
    config: Option<RawRuntime>,
    rootfs: RawRootfs,
    #[serde(default)]
    history: Option<Vec<RawHistory>>,
}

#[derive(Deserialize)]
struct RawRuntime {
    #[serde(default, rename = "User")]
    user: Option<String>,
}

#[derive(Deserialize)]
struct RawRootfs {
    // An image without layers has `null` here: Go writes an empty list so.
    #[serde(default)]
    diff_ids: Option<Vec<DiffId>>,
}

#[derive(Deserialize)]
struct RawHistory {
    #[serde(default)]
    created_by: Option<String>,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    empty_layer: Option<bool>,
}

/// Reads the config whose blob has the digest `id`.
pub(super) fn parse(id: Digest, json: &[u8]) -> Result<ImageConfig, serde_json::Error> {
    let raw: Raw = serde_json::from_slice(json)?;
    let or_unknown = |part: Option<String>, otherwise: &str| {
        part.filter(|part| !part.is_empty()).unwrap_or_else(|| otherwise.to_owned())
    };
    Ok(ImageConfig {
        id,
        platform: Platform::new(
            // Docker takes an image that names no system for a Linux one.
            &or_unknown(raw.os, "linux"),
            &or_unknown(raw.architecture, "unknown"),
            raw.variant.as_deref(),
        ),
        user: raw.config.and_then(|config| config.user).filter(|user| !user.is_empty()),
        diff_ids: raw.rootfs.diff_ids.unwrap_or_default(),
        history: raw.history.unwrap_or_default().into_iter().map(RawHistory::into_entry).collect(),
    })
}

impl RawHistory {
    fn into_entry(self) -> HistoryEntry {
        HistoryEntry {
            created_by: self.created_by,
            comment: self.comment,
            empty_layer: self.empty_layer.unwrap_or(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ImageConfig, serde_json::Error> {
        parse(Digest::from_sha256([1; 32]), json.as_bytes())
    }

    #[test]
    fn nulls_are_absent() {
        let config =
            read(r#"{"os":"","architecture":"amd64","config":null,"rootfs":{"diff_ids":null},"history":null}"#);
        let config = config.expect("valid");
        assert_eq!(config.platform.to_string(), "linux/amd64");
        assert_eq!((config.user, config.diff_ids.len(), config.history.len()), (None, 0, 0));
    }

    #[test]
    fn types_are_strict() {
        for wrong in ["{}", "[]", r#"{"rootfs":{"diff_ids":["x"]}}"#, r#"{"rootfs":{},"config":{"User":0}}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
