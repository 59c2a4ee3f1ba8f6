//! What `docker buildx bake --metadata-file` says about the images it made.
//!
//! Format: a JSON object; each bake target is a key with an object of `containerimage.*` and `image.name` (buildx reference,
//! "bake --metadata-file"). Other keys, such as `buildx.build.warnings`, are no targets.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Digest, ImageRef, TargetName};
use crate::error::{Class, Error};
use crate::{files, text};

/// More than full provenance of a large bake needs.
const LARGEST: u64 = 32 << 20;

const HINT: &str = "Give --bake-metadata the file that `docker buildx bake --metadata-file FILE` has written.";

/// The images by bake target; `None` where bake built the target and left no image that can be named.
pub(crate) type Baked = BTreeMap<TargetName, Option<ImageRef>>;

/// What is read of one bake target.
#[derive(Deserialize)]
struct Entry {
    /// The tags, with commas between.
    #[serde(rename = "image.name")]
    names: Option<String>,
    /// The image id on the classic store.
    #[serde(rename = "containerimage.config.digest")]
    config: Option<Digest>,
    /// The image id on the containerd store.
    #[serde(rename = "containerimage.digest")]
    manifest: Option<Digest>,
}

/// Reads the file. Bake targets whose name no target of ours can have are left out.
///
/// # Errors
/// A file that cannot be read, is larger than 32 MiB, is no JSON of bake's, or names an image that cannot be.
pub(crate) fn read(path: &Path) -> Result<Baked, Error> {
    let shown = text::line(&path.display().to_string());
    let bytes = files::read_named(path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => Error::new(Class::Usage, format!("`{shown}` is larger than 32 MiB"))
            .with_hint("Set BUILDX_METADATA_PROVENANCE=min for bake; imgbudget reads names and digests only."),
        _ => Error::new(Class::Io, format!("cannot read `{shown}`")).with_hint(HINT).caused_by(error),
    })?;
    parse(&bytes).map_err(|error| {
        let hint = error.hint().unwrap_or(HINT).to_owned();
        Error::new(Class::Usage, format!("`{shown}` is not metadata of buildx bake")).with_hint(hint).caused_by(error)
    })
}

fn parse(bytes: &[u8]) -> Result<Baked, Error> {
    let wrong = |why: String| Error::new(Class::Usage, why);
    let all: BTreeMap<String, Value> = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    if all.keys().any(|key| key.starts_with("containerimage.")) {
        return Err(wrong("it describes one image and no targets, as `buildx build` writes it".to_owned())
            .with_hint("Use --image NAME=REF for an image of `buildx build`."));
    }
    let mut baked = Baked::new();
    for (key, value) in all {
        let Ok(name) = key.parse::<TargetName>() else { continue };
        if !value.is_object() || key.starts_with("buildx.") {
            continue;
        }
        let entry: Entry = serde_json::from_value(value).map_err(|error| wrong(format!("target `{name}`: {error}")))?;
        let image = entry.image().map_err(|error| wrong(format!("target `{name}`: {error}")))?;
        baked.insert(name, image);
    }
    Ok(baked)
}

impl Entry {
    /// The first tag: every engine knows an image it was given by that, whichever store it has. Without tags the image's id.
    fn image(&self) -> Result<Option<ImageRef>, crate::domain::ReferenceError> {
        let tag = self.names.iter().flat_map(|names| names.split(',')).map(str::trim).find(|name| !name.is_empty());
        match (tag, self.config.as_ref().or(self.manifest.as_ref())) {
            (Some(tag), _) => tag.parse().map(Some),
            (None, Some(id)) => id.to_string().parse().map(Some),
            (None, None) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(json: &str) -> Option<String> {
        let baked = parse(json.as_bytes()).expect("valid");
        baked.get(&"api".parse::<TargetName>().expect("valid")).expect("a target").as_ref().map(ImageRef::to_string)
    }

    #[test]
    fn the_first_tag_then_the_id() {
        let (config, manifest) = ("1".repeat(64), "2".repeat(64));
        let digests = format!(
            r#""containerimage.config.digest": "sha256:{config}", "containerimage.digest": "sha256:{manifest}""#
        );
        let tagged = format!(r#"{{"api": {{"image.name": "docker.io/acme/api:1,acme/api:2", {digests}}}}}"#);
        assert_eq!(image(&tagged).as_deref(), Some("docker.io/acme/api:1"));
        assert_eq!(image(&format!(r#"{{"api": {{{digests}}}}}"#)), Some(format!("sha256:{config}")));
        let pushed = format!(r#"{{"api": {{"image.name": "", "containerimage.digest": "sha256:{manifest}"}}}}"#);
        assert_eq!(image(&pushed), Some(format!("sha256:{manifest}")));
        assert_eq!(image(r#"{"api": {"buildx.build.ref": "b/b0/x"}}"#), None);
    }

    #[test]
    fn what_is_no_target_is_left_out() {
        let json =
            r#"{"buildx.build.warnings": [{"vertex": "x"}], "buildx.build.provenance": {}, "a/b": {}, "api": {}}"#;
        let names: Vec<_> = parse(json.as_bytes()).expect("valid").into_keys().map(|name| name.to_string()).collect();
        assert_eq!(names, ["api"]);
    }

    #[test]
    fn refusals_say_why() {
        let refused = |json: &str| parse(json.as_bytes()).expect_err(json).chain();
        for json in ["", "[]", "{", "null", r#"{"api": {"image.name": 1}}"#, r#"{"api": {"image.name": "A B"}}"#] {
            assert!(!refused(json).is_empty());
        }
        assert!(refused(r#"{"api": {"containerimage.digest": "sha256:12"}}"#).contains("target `api`"));
        assert!(refused(r#"{"containerimage.digest": "x"}"#).contains("as `buildx build` writes it"));
        assert!(!refused(&"[".repeat(1 << 20)).is_empty());
    }

    #[test]
    fn files_that_cannot_be_read() {
        let folder = tempfile::tempdir().expect("tempdir");
        assert!(read(&folder.path().join("missing")).is_err_and(|error| error.class() == Class::Io));
        let large = folder.path().join("large");
        std::fs::File::create(&large).and_then(|file| file.set_len(LARGEST + 1)).expect("a sparse file");
        assert!(read(&large).is_err_and(|error| error.chain().contains("32 MiB")));
    }
}
