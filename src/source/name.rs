//! Whether a name in an archive is the image that somebody asked for.

use crate::domain::ImageRef;

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
}
