//! Documents of an archive that say something twice, or to each other's contrary.

use serde_json::{Value, json};

use super::{BIG, Case, documents, tag, tool};
use crate::support::images::{Files, Image, Layer, Member, blob_path, digest, hex, podman_files};

fn image(name: &str) -> Image {
    Image::new().layer(tool(Layer::new(), "usr/bin/gcc")).named(&tag(name))
}

fn small(name: &str) -> Image {
    Image::new().layer(Layer::new().file("etc/conf", 0o644, "a")).named(&tag(name))
}

/// `text` with `old` replaced; it must be there.
fn replaced(text: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = std::str::from_utf8(text).expect("JSON");
    assert!(text.contains(old), "{old} in {text}");
    text.replacen(old, new, 1).into_bytes()
}

/// An archive of Podman's form whose config is `config`.
fn with_config(name: &'static str, change: impl FnOnce(&[u8]) -> Vec<u8>) -> Case {
    let image = image(name);
    let (old, files) = (image.config(), podman_files(&[image]));
    let new = change(&old);
    let (old_name, new_name) = (hex(&old), hex(&new));
    let mut files = files.change("manifest.json", |json| *json = replaced(json, &old_name, &new_name));
    for (path, member) in &mut files.0 {
        if path.starts_with(&old_name) {
            *path = path.replace(&old_name, &new_name);
            *member = Member::File(new.clone());
        }
    }
    Case { name, archive: files.tar(), honest: None }
}

fn case(name: &'static str, files: &Files) -> Case {
    Case { name, archive: files.tar(), honest: None }
}

/// The diff id of an empty layer, quoted.
fn no_layers() -> String {
    "{\"type\":\"layers\",\"diff_ids\":[]}".to_owned()
}

pub(super) fn cases() -> Vec<Case> {
    [configs(), manifests(), both()].into_iter().flatten().collect()
}

fn configs() -> Vec<Case> {
    let rootfs = |config: &[u8]| serde_json::from_slice::<Value>(config).expect("JSON")["rootfs"].to_string();
    vec![
        with_config("config-rootfs-twice", |config| replaced(config, "{", &format!("{{\"rootfs\":{},", no_layers()))),
        with_config("config-rootfs-folded-first", |config| {
            replaced(config, "{", &format!("{{\"RootFS\":{},", no_layers()))
        }),
        with_config("config-rootfs-folded-last", |config| {
            let real = rootfs(config);
            replaced(config, &format!("\"rootfs\":{real}"), &format!("\"rootfs\":{real},\"ROOTFS\":{}", no_layers()))
        }),
        with_config("config-rootfs-oddly-spelled", |config| replaced(config, "\"rootfs\"", "\"RootFs\"")),
        with_config("config-rootfs-long-s", |config| replaced(config, "\"rootfs\"", "\"rootf\u{17f}\"")),
        with_config("config-diff-ids-twice", |config| replaced(config, "\"diff_ids\"", "\"DIFF_IDS\":[],\"diff_ids\"")),
        with_config("config-null-behind", |config| {
            let real = rootfs(config);
            replaced(config, &format!("\"rootfs\":{real}"), &format!("\"rootfs\":{real},\"rootfs\":null"))
        }),
        with_config("config-with-bom", |config| [b"\xef\xbb\xbf", config].concat()),
        with_config("config-with-more-behind", |config| [config, b"{}"].concat()),
        with_config("config-with-white-space", |config| [b"\n ", config, b"\n\n"].concat()),
    ]
}

fn manifests() -> Vec<Case> {
    let with_manifest = |name: &'static str, change: &dyn Fn(&[u8]) -> Vec<u8>| {
        case(name, &podman_files(&[image(name)]).change("manifest.json", |json| *json = change(json)))
    };
    let twice = |name: &'static str, second: Vec<u8>| {
        let mut files = podman_files(&[image(name)]);
        files.0.push(("manifest.json".to_owned(), Member::File(second)));
        case(name, &files)
    };
    let of_small = |name: &str| {
        let files = podman_files(&[small(name)]);
        files.0.into_iter().find_map(|(path, member)| match member {
            Member::File(json) if path == "manifest.json" => Some(json),
            _ => None,
        })
    };
    vec![
        with_manifest("manifest-layers-folded", &|json| replaced(json, "\"Layers\"", "\"layers\":[],\"Layers\"")),
        with_manifest("manifest-layers-folded-last", &|json| replaced(json, "}]", ",\"LAYERS\":[]}]")),
        with_manifest("manifest-layers-oddly-spelled", &|json| replaced(json, "\"Layers\"", "\"lAYERS\"")),
        with_manifest("manifest-config-oddly-spelled", &|json| replaced(json, "\"Config\"", "\"config\"")),
        with_manifest("manifest-keys-unknown", &|json| replaced(json, "}]", ",\"Parent\":\"x\"}]")),
        {
            let name = "manifest-twice-other-image";
            let mut files = podman_files(&[image(name)]);
            let other = podman_files(&[small(name)]);
            files.0.extend(other.0);
            case(name, &files)
        },
        {
            let name = "manifest-twice-equal";
            let json = podman_files(&[image(name)]).0.into_iter().find_map(|(path, member)| match member {
                Member::File(json) if path == "manifest.json" => Some(json),
                _ => None,
            });
            twice(name, json.expect("a manifest"))
        },
        twice("manifest-twice-missing-layers", of_small("manifest-twice-missing-layers").expect("a manifest")),
        {
            let name = "manifest-twice-same-name-of-image";
            let files = podman_files(&[image(name), small(name)]);
            case(name, &files)
        },
    ]
}

fn both() -> Vec<Case> {
    let index_of = |files: &Files| {
        files.0.iter().find_map(|(path, member)| match member {
            Member::File(json) if path == "index.json" => Some(json.clone()),
            _ => None,
        })
    };
    let replace = |files: Files, path: &str, json: &[u8]| files.change(path, |old| *old = json.to_vec());
    vec![
        {
            let name = "both-index-of-another";
            let other = documents(small(name));
            let mut files = documents(image(name));
            files.0.extend(other.0.clone().into_iter().filter(|(path, _)| path.starts_with("blobs")));
            case(name, &replace(files, "index.json", &index_of(&other).expect("an index")))
        },
        {
            let name = "both-manifest-of-another";
            let other = documents(image(name));
            let mut files = documents(small(name));
            files.0.extend(other.0.clone().into_iter().filter(|(path, _)| path.starts_with("blobs")));
            case(name, &replace(files, "index.json", &index_of(&other).expect("an index")))
        },
        case(
            "both-index-null",
            &replace(documents(image("both-index-null")), "index.json", b"{\"schemaVersion\":2,\"manifests\":null}"),
        ),
        case(
            "both-index-empty",
            &replace(documents(image("both-index-empty")), "index.json", b"{\"schemaVersion\":2,\"manifests\":[]}"),
        ),
        {
            let name = "both-index-folded";
            let files = documents(image(name));
            let json =
                replaced(&index_of(&files).expect("an index"), "\"manifests\"", "\"Manifests\":[],\"manifests\"");
            case(name, &replace(files, "index.json", &json))
        },
        {
            let name = "both-oci-manifest-folded";
            let image = image(name);
            let old = image.manifest();
            let new = replaced(&old, "\"layers\"", "\"LAYERS\":[],\"layers\"");
            let mut files = documents(image).without(&hex(&old));
            files.add(blob_path(&new), new.clone());
            let files = files.change("index.json", |json| {
                *json = replaced(json, &digest(&old), &digest(&new));
                *json = replaced(json, &format!("\"size\":{}", old.len()), &format!("\"size\":{}", new.len()));
            });
            case(name, &files)
        },
        {
            let name = "both-blob-twice-other-bytes";
            let image = image(name);
            let layer = tool(Layer::new(), "usr/bin/gcc").tar();
            let mut files = documents(image);
            files.0.push((blob_path(&layer), Member::File(Layer::new().tar())));
            case(name, &files)
        },
        {
            let name = "both-annotated-as-attestation";
            let files = documents(image(name)).change("index.json", |json| {
                let mut index: Value = serde_json::from_slice(json).expect("JSON");
                index["manifests"][0]["annotations"]["vnd.docker.reference.type"] = json!("attestation-manifest");
                *json = index.to_string().into_bytes();
            });
            case(name, &files)
        },
        case("both-whole", &documents(image("both-whole"))).honest(BIG as u64),
    ]
}
