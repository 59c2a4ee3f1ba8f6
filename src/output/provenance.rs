//! Where an image came from, in the words that all formats share.

use crate::domain::{Digest, ImageFrom, ImageIdentity, TargetReport};

/// The path of an archive that has none.
const STANDARD_INPUT: &str = "-";

/// The hexadecimal digits of a digest that people are shown.
const DIGITS: usize = 12;

/// What there is to say of an image, each part only where it is known. Not escaped.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Provenance {
    /// What it is called: `registry.example.com/api:1.4`, `app.tar`.
    pub(super) name: Option<String>,
    /// `from its registry`.
    pub(super) from: Option<Beside>,
    /// `sha256:9c2e77d41a06`.
    pub(super) digest: Option<String>,
    /// The day on which it was made, of a tag that may be another image tomorrow.
    pub(super) date: Option<String>,
}

impl Provenance {
    pub(super) fn of(image: &ImageIdentity) -> Self {
        if image.from == Some(ImageFrom::Archive) && image.reference.as_deref() == Some(STANDARD_INPUT) {
            return Self { from: Some(Beside::After("archive from standard input")), ..Self::default() };
        }
        let (name, pinned) = match image.reference.as_deref().map(|reference| (reference, pinned(reference))) {
            Some((reference, Some((name, digest)))) if is_reference(image) => (Some((reference, name)), Some(digest)),
            Some((reference, _)) => (Some((reference, reference)), None),
            None => (None, None),
        };
        let is_tag = is_reference(image) && name.is_some() && pinned.is_none();
        Self {
            name: name.map(|(_, name)| name.to_owned()),
            from: image.from.map(place),
            digest: image.digest.as_ref().map(short).or(pinned),
            date: image.created_on().filter(|_| is_tag),
        }
    }

    /// All of it, as parts of one sentence: `registry.example.com/api:1.4 from its registry`, `sha256:9c2e77d41a06`, `created 2026-11-03`.
    /// `name` puts the name into words.
    pub(super) fn parts(&self, name: impl Fn(&str) -> String) -> Vec<String> {
        let what = match (self.name.as_deref().map(name), self.from) {
            (Some(name), Some(Beside::After(from))) => Some(format!("{name} {from}")),
            (Some(name), Some(Beside::Before(from))) => Some(format!("{from} {name}")),
            (None, Some(Beside::After(from) | Beside::Before(from))) => Some(from.to_owned()),
            (name, None) => name,
        };
        let date = self.date.as_ref().map(|date| format!("created {date}"));
        what.into_iter().chain(self.digest.clone()).chain(date).collect()
    }
}

/// What there is to say of an image, whole, for formats that programs read. Not escaped.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// What it was called, as it was written.
    pub(super) reference: Option<String>,
    /// `registry`.
    pub(super) from: Option<String>,
    /// All of the digest.
    pub(super) digest: Option<String>,
    /// The day on which it was made, where it is called by a tag.
    pub(super) created: Option<String>,
}

impl Identity {
    pub(super) fn of(image: &ImageIdentity) -> Self {
        Self {
            reference: image.reference.clone(),
            from: image.from.map(|from| from.as_str().to_owned()),
            digest: image.digest.as_ref().map(ToString::to_string),
            created: Provenance::of(image).date,
        }
    }
}

/// Where it came from in words, and where they stand beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Before(&'static str),
    After(&'static str),
}

/// Whether it is called by a reference, and not by the path of a file.
fn is_reference(image: &ImageIdentity) -> bool {
    !matches!(image.from, Some(ImageFrom::Archive | ImageFrom::Layout))
}

/// A reference with a digest, without it, and the digest as it is shown.
fn pinned(reference: &str) -> Option<(&str, String)> {
    let (name, digest) = reference.split_once('@')?;
    Some((name, short(&digest.parse().ok()?)))
}

fn place(from: ImageFrom) -> Beside {
    match from {
        ImageFrom::Built => Beside::After("built in this run"),
        ImageFrom::Engine => Beside::After("from the engine"),
        ImageFrom::Registry => Beside::After("from its registry"),
        ImageFrom::Archive => Beside::Before("archive"),
        ImageFrom::Layout => Beside::Before("OCI layout"),
    }
}

/// `sha256:9c2e77d41a06`.
fn short(digest: &Digest) -> String {
    let hex = digest.hex();
    format!("sha256:{}", hex.get(..DIGITS).unwrap_or(&hex))
}

/// Whether nothing but manifest and config was read of a target because nobody asked for more.
pub(super) fn is_unread(target: &TargetReport) -> bool {
    target.image.is_some() && target.size.is_none() && target.error.is_none()
}

/// Why a target has no size although nothing is wrong with it.
pub(super) const UNREAD: &str = "manifest and config alone, which is all that its rules ask for";

#[cfg(test)]
mod tests {
    use super::*;

    fn image(reference: &str, from: ImageFrom, digest: Option<u8>, created: &str) -> ImageIdentity {
        ImageIdentity {
            id: Digest::from_sha256([9; 32]),
            reference: (!reference.is_empty()).then(|| reference.to_owned()),
            from: Some(from),
            digest: digest.map(|seed| Digest::from_sha256([seed; 32])),
            created: (!created.is_empty()).then(|| created.to_owned()),
        }
    }

    fn said(reference: &str, from: ImageFrom, digest: Option<u8>, created: &str) -> String {
        Provenance::of(&image(reference, from, digest, created)).parts(str::to_owned).join(", ")
    }

    #[test]
    fn a_tag_has_its_date_and_a_digest_has_none() {
        let made = "2026-11-03T23:30:00.123456789+00:00";
        for (said, words) in [
            (
                said("registry.example.com/api:1.4", ImageFrom::Registry, Some(0xab), made),
                "registry.example.com/api:1.4 from its registry, sha256:abababababab, created 2026-11-03",
            ),
            (
                said(&format!("a:1@sha256:{}", "cd".repeat(32)), ImageFrom::Registry, None, made),
                "a:1 from its registry, sha256:cdcdcdcdcdcd",
            ),
            (said("a:1", ImageFrom::Engine, None, ""), "a:1 from the engine"),
            (said("a:1", ImageFrom::Engine, None, "1970-01-01T00:00:00Z"), "a:1 from the engine"),
            (said("a:1", ImageFrom::Engine, None, "yesterday"), "a:1 from the engine"),
            (said("", ImageFrom::Built, None, made), "built in this run"),
            (said("out/app.tar", ImageFrom::Archive, None, made), "archive out/app.tar"),
            (said("-", ImageFrom::Archive, None, made), "archive from standard input"),
            (said("out@home", ImageFrom::Layout, Some(1), made), "OCI layout out@home, sha256:010101010101"),
        ] {
            assert_eq!(said, words);
        }
    }
}
