//! Images that have a smaller variant.

/// The smaller variant of an image of Docker Hub that has one by this name: `node:20-slim` for `node:20`.
///
/// Only tags that are a version or a Debian release have it under that name.
#[must_use]
pub fn slim(reference: &str) -> Option<String> {
    const WITH_SLIM: [&str; 5] = ["debian", "node", "perl", "python", "ruby"];
    let (image, tag) = reference.split_once(':').unwrap_or((reference, "latest"));
    let name = ["docker.io/library/", "docker.io/", "library/"].into_iter().find_map(|home| image.strip_prefix(home));
    let is_version = !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if !WITH_SLIM.contains(&name.unwrap_or(image)) {
        return None;
    }
    match tag {
        "latest" if name.unwrap_or(image) != "debian" => Some(format!("{image}:slim")),
        _ if is_version => Some(format!("{image}:{tag}-slim")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::slim;

    #[test]
    fn smaller_variants_that_are_there() {
        for (reference, wanted) in [
            ("node:20", Some("node:20-slim")),
            ("docker.io/library/python:3.12.1", Some("docker.io/library/python:3.12.1-slim")),
            ("node", Some("node:slim")),
            ("debian:12", Some("debian:12-slim")),
            ("node:20-slim", None),
            ("node:20-bookworm", None),
            ("debian", None),
            ("golang:1.23", None),
            ("registry.example.com/node:20", None),
            ("node:20@sha256:ab", None),
            ("node:", None),
        ] {
            assert_eq!(slim(reference).as_deref(), wanted, "{reference}");
        }
    }
}
