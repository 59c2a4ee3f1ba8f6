//! Whether a name in an archive is the image that somebody asked for.

use crate::domain::{Digest, ImageChoice, ImageRef};

/// A reference with Docker's defaults filled in.
fn full(image: &ImageRef) -> (String, String, String) {
    let registry = match image.registry_or_hub() {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        other => other,
    };
    let repository = match (registry, image.repository.contains('/')) {
        ("docker.io", false) => format!("library/{}", image.repository),
        _ => image.repository.clone(),
    };
    (registry.to_owned(), repository, image.tag.clone().unwrap_or_else(|| "latest".to_owned()))
}

/// How well a name in an archive fits what was asked for: the first fit that some image has counts, and the others do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is that name, or that digest.
    Same,
    /// It ends in the word that was asked for, as its tag.
    Tag,
    /// It is `latest` alone, which says nothing of a name.
    Unnamed,
}

/// How `name`, as an archive writes it, fits `wanted`; `None` where it does not.
pub(super) fn fit(name: &str, wanted: &ImageChoice) -> Option<Fit> {
    match wanted {
        ImageChoice::Named(image) => (name == tag(image) || is_same(name, image)).then_some(Fit::Same),
        ImageChoice::Word(word) => {
            let image = word.parse::<ImageRef>().ok();
            let known = || name.parse::<ImageRef>().ok();
            if name == word || image.as_ref().is_some_and(|image| is_same(name, image)) {
                Some(Fit::Same)
            } else if known().is_some_and(|known| known.tag.as_ref() == Some(word)) {
                Some(Fit::Tag)
            } else {
                image.filter(|image| name == tag(image)).map(|_| Fit::Unnamed)
            }
        }
    }
}

/// The tag, which OCI tools often write alone.
fn tag(image: &ImageRef) -> &str {
    image.tag.as_deref().unwrap_or("latest")
}

/// Whether both mean one image. Podman puts `localhost/` before names without a registry.
fn is_same(name: &str, wanted: &ImageRef) -> bool {
    let Ok(mut known) = name.parse::<ImageRef>() else { return false };
    if wanted.registry.is_none() && known.registry.as_deref() == Some("localhost") {
        known.registry = None;
    }
    full(&known) == full(wanted)
}

/// The digest that `wanted` states: after a name, or alone.
pub(super) fn digest(wanted: &ImageChoice) -> Option<Digest> {
    let ImageChoice::Named(image) = wanted else { return None };
    let alone = || match image {
        ImageRef { registry: None, repository, tag: Some(hex), .. } => format!("{repository}:{hex}").parse().ok(),
        _ => None,
    };
    image.digest.clone().or_else(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(name: &str, wanted: &str) -> Option<Fit> {
        fit(name, &wanted.parse().expect(wanted))
    }

    #[test]
    fn defaults_count_as_written() {
        for (name, wanted) in [
            ("app:latest", "app"),
            ("docker.io/library/app:1", "app:1"),
            ("localhost/app:1", "app:1"),
            ("1.2", "acme/app:1.2"),
            ("latest", "acme/app"),
            ("r.example.com/a:1", "r.example.com/a:1"),
        ] {
            assert_eq!(fits(name, wanted), Some(Fit::Same), "{name} {wanted}");
        }
        for (name, wanted) in [
            ("app:1", "app:2"),
            ("acme/app:1", "app:1"),
            ("r.example.com/app:1", "app:1"),
            ("not a name", "app"),
            ("acme/app:1.2", "acme/app"),
            ("acme/app", "app"),
            ("acme/1.2:x", "1.2"),
        ] {
            assert_eq!(fits(name, wanted), None, "{name} {wanted}");
        }
    }

    #[test]
    fn a_word_is_a_name_before_it_is_a_tag() {
        assert_eq!(fits("RC1", "RC1"), Some(Fit::Same));
        assert_eq!(fits("acme/app:RC1", "RC1"), Some(Fit::Tag));
        assert_eq!(fits("r.example.com:5000/a:v1", "v1"), Some(Fit::Tag));
        assert_eq!(fits("acme/app:rc1", "RC1"), None, "tags know upper and lower case");
        assert_eq!(fits("latest", "app"), Some(Fit::Unnamed));
        assert_eq!(fits("latest", "RC1"), None, "no image is called so");
        assert!(Fit::Same < Fit::Tag && Fit::Tag < Fit::Unnamed);
    }

    #[test]
    fn a_digest_after_a_name_or_alone() {
        let hex = "ab".repeat(32);
        let stated = |wanted: &str| digest(&wanted.parse().expect("valid")).map(|digest| digest.hex());
        for wanted in [format!("sha256:{hex}"), format!("acme/app@sha256:{hex}")] {
            assert_eq!(stated(&wanted), Some(hex.clone()), "{wanted}");
        }
        assert_eq!((stated("app:1"), stated("app")), (None, None));
    }
}
