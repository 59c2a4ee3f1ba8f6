//! An image config as JSON (OCI config.md), what imgbudget reads of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::Error as _;

use super::go_json;
use crate::domain::{DiffId, Digest, HistoryEntry, ImageConfig, Platform, ToldBase};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Raw {
    created: String,
    architecture: String,
    os: String,
    variant: String,
    config: RawRuntime,
    rootfs: Option<RawRootfs>,
    history: Vec<RawHistory>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawRuntime {
    #[serde(rename = "User")]
    user: String,
    #[serde(rename = "Labels")]
    labels: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawRootfs {
    // An image without layers has `null` here: Go writes an empty list so.
    diff_ids: Vec<DiffId>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawHistory {
    created_by: String,
    comment: String,
    empty_layer: bool,
}

/// Reads the config whose blob has the digest `id`.
pub(super) fn parse(id: Digest, json: &[u8]) -> Result<ImageConfig, serde_json::Error> {
    let raw: Raw = go_json::parse(json)?;
    let rootfs = raw.rootfs.ok_or_else(|| serde_json::Error::custom("it has no `rootfs`"))?;
    Ok(ImageConfig {
        id,
        platform: Platform::new(
            // Docker takes an image that names no system for a Linux one.
            if raw.os.is_empty() { "linux" } else { &raw.os },
            if raw.architecture.is_empty() { "unknown" } else { &raw.architecture },
            Some(&raw.variant),
        ),
        created: stated(raw.created),
        user: stated(raw.config.user),
        base: told_base(&raw.config.labels),
        diff_ids: rootfs.diff_ids,
        history: raw.history.into_iter().map(RawHistory::into_entry).collect(),
    })
}

/// The base image that labels name. A digest that is none says nothing, and neither does it without a name.
fn told_base(labels: &BTreeMap<String, String>) -> Option<ToldBase> {
    let label = |name: &str| labels.get(&format!("org.opencontainers.image.base.{name}"));
    let name = label("name")?.parse().ok()?;
    Some(ToldBase { name, digest: label("digest").and_then(|digest| digest.parse().ok()) })
}

/// When the image was made, as its config says: RFC 3339, and nothing else. Untrusted like all of it.
pub(super) fn created(json: &[u8]) -> Option<String> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Dated {
        created: String,
    }
    go_json::parse::<Dated>(json).ok().map(|dated| dated.created).filter(|created| is_time(created))
}

/// Whether a text has the form of RFC 3339 (5.6): `2026-11-21T17:00:00.123Z`.
fn is_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(19) else { return false };
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(is, of)| if of == b'0' { is.is_ascii_digit() } else { is == of })
    };
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(rest) => {
            let zone = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            if !(1..=9).contains(&(rest.len() - zone.len())) {
                return false;
            }
            zone
        }
    };
    shaped(date, "0000-00-00T00:00:00") && (zone == "Z" || shaped(zone, "+00:00") || shaped(zone, "-00:00"))
}

/// Empty text states nothing.
fn stated(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl RawHistory {
    fn into_entry(self) -> HistoryEntry {
        HistoryEntry {
            created_by: stated(self.created_by),
            comment: stated(self.comment),
            empty_layer: self.empty_layer,
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
    fn a_date_is_a_date_or_absent() {
        let date = |text: &str| created(format!(r#"{{"Created":{text}}}"#).as_bytes());
        for right in ["2026-11-21T17:00:00Z", "1970-01-01T00:00:00.000000001Z", "2026-11-21T17:00:00.5+02:00"] {
            assert_eq!(date(&format!("\"{right}\"")).as_deref(), Some(right));
        }
        for wrong in [
            "null",
            "0",
            "\"\"",
            "\"2026-11-21\"",
            "\"2026-11-21T17:00:00\"",
            "\"2026-11-21T17:00:00.Z\"",
            "\"2026-11-21T17:00:00.0123456789Z\"",
            "\"2026-11-21 17:00:00Z\"",
            "\"2026-11-21T17:00:00Z\\u001b[2J\"",
            "\"2026-11-21T17:00:0\u{e9}Z\"",
        ] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn types_are_strict() {
        for wrong in [
            "{}",
            "[]",
            r#"{"rootfs":null}"#,
            r#"{"rootfs":{"diff_ids":["x"]}}"#,
            r#"{"rootfs":{"diff_ids":[null]}}"#,
            r#"{"rootfs":{},"config":{"User":0}}"#,
            r#"{"rootfs":{},"config":{"User":"app","USER":"root"}}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
