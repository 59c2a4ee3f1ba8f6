//! What a build says of itself: the provenance that BuildKit keeps beside an image in its index (buildkit, "Attestation storage"; in-toto
//! statement v0.1, SLSA provenance v0.2 and v1). It is a stranger's word: whoever reads it holds the image to it.

use serde::Deserialize;

use super::manifest::{Descriptor, Node};
use crate::domain::{Digest, ImageRef, ToldBase};

/// Materials that are looked at; a build of a hundred images is none.
const MOST_LOOKED_AT: usize = 1000;

/// Images that are kept of them.
const MOST: usize = 16;

/// The manifest of the attestations of the image `manifest`, by the index that lists both.
#[must_use]
pub fn listed(index: &[u8], manifest: &Digest) -> Option<Digest> {
    let Node::Index(entries) = Node::parse(index).ok()?? else { return None };
    of(&entries, manifest)
}

/// The same, of the entries of an index.
pub(super) fn of(entries: &[Descriptor], manifest: &Digest) -> Option<Digest> {
    let is_its = |entry: &&Descriptor| {
        entry.annotation("vnd.docker.reference.type") == Some("attestation-manifest")
            && entry.annotation("vnd.docker.reference.digest") == Some(manifest.to_string().as_str())
    };
    entries.iter().find(is_its).map(|entry| entry.digest.clone())
}

/// The blob of an attestation manifest that is the provenance.
#[must_use]
pub fn provenance(manifest: &[u8]) -> Option<Digest> {
    let Node::Manifest(manifest) = Node::parse(manifest).ok()?? else { return None };
    let is_provenance = |layer: &&Descriptor| {
        layer
            .annotation("in-toto.io/predicate-type")
            .is_some_and(|kind| kind.starts_with("https://slsa.dev/provenance/"))
    };
    manifest.layers.iter().find(is_provenance).map(|layer| layer.digest.clone())
}

#[derive(Deserialize)]
struct Statement {
    predicate: Predicate,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Predicate {
    /// v0.2.
    materials: Vec<Material>,
    /// v1.
    build_definition: BuildDefinition,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct BuildDefinition {
    resolved_dependencies: Vec<Material>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Material {
    uri: String,
    digest: Sha256,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sha256 {
    sha256: String,
}

/// The images that a build took, each with the digest it had then; frontends are none. Nothing when it cannot be read.
#[must_use]
pub fn images(statement: &[u8]) -> Vec<ToldBase> {
    let Ok(Statement { predicate }) = serde_json::from_slice(statement) else { return Vec::new() };
    let Predicate { materials, build_definition } = predicate;
    let all = materials.iter().chain(&build_definition.resolved_dependencies).take(MOST_LOOKED_AT);
    let mut images: Vec<ToldBase> = Vec::new();
    for image in all.filter_map(image) {
        if !images.contains(&image) && images.len() < MOST {
            images.push(image);
        }
    }
    images
}

/// `pkg:docker/node@20-slim?platform=linux%2Famd64` (purl specification, type docker) with its digest.
fn image(material: &Material) -> Option<ToldBase> {
    let purl = material.uri.strip_prefix("pkg:docker/")?;
    let purl = purl.split_once('?').map_or(purl, |(path, _)| path);
    let (name, version) = purl.rsplit_once('@').unwrap_or((purl, ""));
    let (name, version) = (decoded(name)?, decoded(version)?);
    // BuildKit takes what reads a Dockerfile for a material, too.
    if name.trim_start_matches("docker.io/").starts_with("docker/dockerfile") {
        return None;
    }
    let separator = if version.starts_with("sha256:") { "@" } else { ":" };
    let text = if version.is_empty() { name } else { format!("{name}{separator}{version}") };
    let digest: Digest = format!("sha256:{}", material.digest.sha256).parse().ok()?;
    Some(ToldBase { name: text.parse::<ImageRef>().ok()?, digest: Some(digest) })
}

/// Percent-encoding undone; `None` where it is none, or not text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits =
            std::str::from_utf8(more.get(..2)?).ok().filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = more.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(uri: &str) -> Option<String> {
        let json = format!(
            r#"{{"predicate":{{"materials":[{{"uri":"{uri}","digest":{{"sha256":"{}"}}}}]}}}}"#,
            "ab".repeat(32)
        );
        images(json.as_bytes()).first().map(|told| told.name.to_string())
    }

    #[test]
    fn images_are_told_by_their_purl() {
        for (uri, name) in [
            ("pkg:docker/node@20-slim?platform=linux%2Famd64", "node:20-slim"),
            ("pkg:docker/node", "node"),
            ("pkg:docker/r.example.com%3A5000/acme/base@1", "r.example.com:5000/acme/base:1"),
            ("pkg:docker/r.example.com/acme/base@1?digest=sha256:00", "r.example.com/acme/base:1"),
        ] {
            assert_eq!(told(uri).as_deref(), Some(name), "{uri}");
        }
        for uri in [
            "pkg:docker/docker/dockerfile@1",
            "pkg:docker/docker.io/docker/dockerfile@1",
            "pkg:npm/node@20",
            "https://example.com/x",
            "pkg:docker/%zz",
            "pkg:docker/%",
            "pkg:docker/UPPER",
            "pkg:docker/",
            "",
        ] {
            assert_eq!(told(uri), None, "{uri}");
        }
    }

    #[test]
    fn both_forms_are_read_and_what_is_neither_says_nothing() {
        let material = format!(r#"[{{"uri":"pkg:docker/a@1","digest":{{"sha256":"{}"}}}}]"#, "cd".repeat(32));
        let new = format!(r#"{{"predicate":{{"buildDefinition":{{"resolvedDependencies":{material}}}}}}}"#);
        assert_eq!(images(new.as_bytes()).len(), 1);
        let twice = format!(
            r#"{{"predicate":{{"materials":{material},"buildDefinition":{{"resolvedDependencies":{material}}}}}}}"#
        );
        assert_eq!(images(twice.as_bytes()).len(), 1);
        for wrong in [
            "",
            "{}",
            "[]",
            r#"{"predicate":null}"#,
            r#"{"predicate":{"materials":[1]}}"#,
            r#"{"predicate":{"materials":[{"uri":"pkg:docker/a"}]}}"#,
        ] {
            assert!(images(wrong.as_bytes()).is_empty(), "{wrong}");
        }
        let many = vec![format!(r#"{{"uri":"pkg:docker/a@N","digest":{{"sha256":"{}"}}}}"#, "cd".repeat(32)); 5000];
        let many: Vec<String> = many.iter().enumerate().map(|(n, one)| one.replace('N', &n.to_string())).collect();
        let json = format!(r#"{{"predicate":{{"materials":[{}]}}}}"#, many.join(","));
        assert_eq!(images(json.as_bytes()).len(), MOST);
        assert!(images("[".repeat(100_000).as_bytes()).is_empty());
    }

    #[test]
    fn the_attestation_of_an_image_is_the_one_that_names_it() {
        let digest = |seed: u8| Digest::from_sha256([seed; 32]);
        let entry = |own: u8, of: u8| {
            format!(
                r#"{{"digest":"{}","size":1,"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{}"}}}}"#,
                digest(own),
                digest(of)
            )
        };
        let index = format!(r#"{{"manifests":[{},{}]}}"#, entry(8, 1), entry(9, 2));
        assert_eq!(listed(index.as_bytes(), &digest(2)), Some(digest(9)));
        assert_eq!(listed(index.as_bytes(), &digest(3)), None);
        assert_eq!(listed(b"{}", &digest(3)), None);
    }
}
