//! Whether a name in an archive is the image that somebody asked for.

use crate::domain::{Digest, ImageRef};

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

/// Whether `name`, as an archive writes it, means `wanted`. Podman puts `localhost/` before names without a registry, and OCI
/// tools often write the tag alone.
pub(super) fn means(name: &str, wanted: &ImageRef) -> bool {
    let tag = wanted.tag.as_deref().unwrap_or("latest");
    if name == tag {
        return true;
    }
    let Ok(mut known) = name.parse::<ImageRef>() else { return false };
    if wanted.registry.is_none() && known.registry.as_deref() == Some("localhost") {
        known.registry = None;
    }
    full(&known) == full(wanted)
}

/// Whether `wanted` is one word, and `name` ends in it as its tag.
pub(super) fn ends_in(name: &str, wanted: &ImageRef) -> bool {
    let ImageRef { registry: None, repository: word, tag: None, digest: None } = wanted else { return false };
    !word.contains('/') && name.parse::<ImageRef>().is_ok_and(|known| known.tag.as_deref() == Some(word))
}

/// The digest that `wanted` states: after a name, or alone.
pub(super) fn digest(wanted: &ImageRef) -> Option<Digest> {
    let alone = || match wanted {
        ImageRef { registry: None, repository, tag: Some(hex), .. } => format!("{repository}:{hex}").parse().ok(),
        _ => None,
    };
    wanted.digest.clone().or_else(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_count_as_written() {
        let means = |name: &str, wanted: &str| means(name, &wanted.parse().expect(wanted));
        assert!(means("app:latest", "app"));
        assert!(means("docker.io/library/app:1", "app:1"));
        assert!(means("localhost/app:1", "app:1"));
        assert!(means("1.2", "acme/app:1.2"));
        assert!(means("r.example.com/a:1", "r.example.com/a:1"));
        assert!(!means("app:1", "app:2"));
        assert!(!means("acme/app:1", "app:1"));
        assert!(!means("r.example.com/app:1", "app:1"));
        assert!(!means("not a name", "app"));
    }

    #[test]
    fn a_tag_or_a_digest_alone() {
        let ends_in = |name: &str, wanted: &str| ends_in(name, &wanted.parse().expect(wanted));
        assert!(ends_in("acme/app:1.2", "1.2") && ends_in("r.example.com:5000/a:v1", "v1"));
        assert!(!ends_in("acme/app:1.2", "acme/app") && !ends_in("acme/app", "app") && !ends_in("acme/1.2:x", "1.2"));
        let hex = "ab".repeat(32);
        for wanted in [format!("sha256:{hex}"), format!("acme/app@sha256:{hex}")] {
            assert_eq!(
                digest(&wanted.parse().expect("valid")).map(|digest| digest.hex()),
                Some(hex.clone()),
                "{wanted}"
            );
        }
        assert_eq!(digest(&"app:1".parse().expect("valid")), None);
    }
}
