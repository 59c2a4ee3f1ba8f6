//! The forms in which images lie in archives and layouts.

use std::path::Path;

use serde_json::{Value, json};

use super::{Image, Layer, digest, hex};

/// What lies in an archive: members in their order, to be changed by a test before they are written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(pub(crate) Vec<(String, Member)>);

/// One member of an archive.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    /// A file.
    File(Vec<u8>),
    /// A symbolic link.
    Symlink(String),
}

impl Files {
    /// Adds a file unless it is there.
    pub(crate) fn add(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) {
        let path = path.into();
        if !self.0.iter().any(|(known, _)| *known == path) {
            self.0.push((path, Member::File(content.into())));
        }
    }

    /// Takes out the members whose path holds `part`.
    pub(crate) fn without(mut self, part: &str) -> Self {
        self.0.retain(|(path, _)| !path.contains(part));
        self
    }

    /// The members the other way round.
    pub(crate) fn reversed(mut self) -> Self {
        self.0.reverse();
        self
    }

    /// Changes the content of the members whose path holds `part`.
    pub(crate) fn change(mut self, part: &str, change: impl Fn(&mut Vec<u8>)) -> Self {
        for (path, member) in &mut self.0 {
            if let (true, Member::File(content)) = (path.contains(part), member) {
                change(content);
            }
        }
        self
    }

    /// As a tar.
    pub(crate) fn tar(&self) -> Vec<u8> {
        let layer = self.0.iter().fold(Layer::new(), |layer, (path, member)| match member {
            Member::File(content) => layer.file(path, 0o644, content),
            Member::Symlink(target) => layer.symlink(path, target),
        });
        layer.tar()
    }

    /// As files below `directory`.
    pub(crate) fn write_to(&self, directory: &Path) {
        for (path, member) in &self.0 {
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match member {
                Member::File(content) => std::fs::write(path, content).unwrap(),
                Member::Symlink(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            }
        }
    }
}

fn saved(images: &[Image], config: impl Fn(&Image) -> String, layer: impl Fn(&Image, usize) -> String) -> Vec<u8> {
    let images: Vec<Value> = images
        .iter()
        .map(|image| {
            let layers: Vec<String> = (0..image.layers.len()).map(|number| layer(image, number)).collect();
            json!({ "Config": config(image), "RepoTags": image.names, "Layers": layers })
        })
        .collect();
    json!(images).to_string().into_bytes()
}

/// As Docker up to 24 saves: `<v1 id>/layer.tar`, a layer that comes twice as a symlink to its first, `manifest.json` last.
pub(crate) fn legacy_files(images: &[Image]) -> Files {
    let v1_id = |image: &Image, number: usize| hex(format!("{} {number}", image.id()).as_bytes());
    let mut files = Files::default();
    let mut first: Vec<(String, String)> = Vec::new();
    for image in images {
        for (number, (tar, _)) in image.layers.iter().enumerate() {
            let (id, diff_id) = (v1_id(image, number), digest(tar));
            files.add(format!("{id}/VERSION"), "1.0");
            files.add(format!("{id}/json"), json!({ "id": id }).to_string());
            let path = format!("{id}/layer.tar");
            if let Some((_, id)) = first.iter().find(|(known, _)| *known == diff_id) {
                files.0.push((path, Member::Symlink(format!("../{id}/layer.tar"))));
            } else {
                files.add(path, tar.clone());
                first.push((diff_id, id));
            }
        }
        files.add(format!("{}.json", hex(&image.config())), image.config());
    }
    let layer = |image: &Image, number: usize| format!("{}/layer.tar", v1_id(image, number));
    let manifest = saved(images, |image| format!("{}.json", hex(&image.config())), layer);
    files.add("manifest.json", manifest);
    files.add("repositories", "{}");
    files
}

/// As Podman saves: `<diff id>.tar`, then the config, then symlinks with the old names, `manifest.json` last.
pub(crate) fn podman_files(images: &[Image]) -> Files {
    let mut files = Files::default();
    for image in images {
        for (tar, _) in &image.layers {
            files.add(format!("{}.tar", hex(tar)), tar.clone());
        }
        files.add(format!("{}.json", hex(&image.config())), image.config());
        for (tar, _) in &image.layers {
            let link = Member::Symlink(format!("../{}.tar", hex(tar)));
            files.0.push((format!("{}/layer.tar", hex(&[tar.as_slice(), b"v1"].concat())), link));
        }
    }
    let layer = |image: &Image, number: usize| format!("{}.tar", hex(&image.layers[number].0));
    files.add("manifest.json", saved(images, |image| format!("{}.json", hex(&image.config())), layer));
    files
}

/// An OCI layout: blobs, `oci-layout`, `index.json` last. Every image stands in `index.json` by its names.
pub(crate) fn oci_files(images: &[Image]) -> Files {
    let mut files = Files::default();
    let mut entries = Vec::new();
    for image in images {
        add_blobs(&mut files, image);
        entries.extend(named(&image.descriptor(), &image.names));
    }
    finish_layout(files, &entries)
}

/// An OCI layout with a nested index for several platforms, each with an attestation, as buildx writes it.
pub(crate) fn multi_platform_files(name: &str, images: &[Image]) -> Files {
    let mut files = Files::default();
    let mut entries = Vec::new();
    for image in images {
        add_blobs(&mut files, image);
        entries.push(image.descriptor());
    }
    for image in images {
        let statement = br#"{"_type":"https://in-toto.io/Statement/v0.1"}"#;
        files.add(blob_path(statement), *statement);
        let attested = Image::new().platform("unknown/unknown").user(&image.id());
        let mut manifest: Value = serde_json::from_slice(&attested.manifest()).unwrap();
        manifest["layers"] = json!([{ "mediaType": "application/vnd.in-toto+json", "digest": digest(statement), "size": statement.len() }]);
        let manifest = manifest.to_string();
        files.add(blob_path(&attested.config()), attested.config());
        files.add(blob_path(manifest.as_bytes()), manifest.clone());
        entries.push(json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest(manifest.as_bytes()),
            "size": manifest.len(),
            "platform": { "os": "unknown", "architecture": "unknown" },
            "annotations": { "vnd.docker.reference.type": "attestation-manifest" },
        }));
    }
    let index = index(&entries);
    files.add(blob_path(&index), index.clone());
    let descriptor = json!({ "mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(&index), "size": index.len() });
    finish_layout(files, &named(&descriptor, &[name.to_owned()]))
}

/// As Docker from 25 on saves: an OCI layout, and `manifest.json` that points into it.
pub(crate) fn docker_files(images: &[Image]) -> Files {
    let mut files = oci_files(images);
    let layer = |image: &Image, number: usize| blob_path(&image.layers[number].1);
    files.add("manifest.json", saved(images, |image| blob_path(&image.config()), layer));
    files
}

/// [`docker_files`] as a tar: what most tests want.
pub(crate) fn docker_archive(images: &[Image]) -> Vec<u8> {
    docker_files(images).tar()
}

fn add_blobs(files: &mut Files, image: &Image) {
    for (_, blob) in &image.layers {
        files.add(blob_path(blob), blob.clone());
    }
    files.add(blob_path(&image.config()), image.config());
    files.add(blob_path(&image.manifest()), image.manifest());
}

/// Where a blob lies in a layout.
pub(crate) fn blob_path(blob: &[u8]) -> String {
    format!("blobs/sha256/{}", hex(blob))
}

fn named(descriptor: &Value, names: &[String]) -> Vec<Value> {
    if names.is_empty() {
        return vec![descriptor.clone()];
    }
    let with_name = |name: &String| {
        let mut descriptor = descriptor.clone();
        descriptor["annotations"] = json!({ "io.containerd.image.name": name });
        descriptor
    };
    names.iter().map(with_name).collect()
}

fn index(entries: &[Value]) -> Vec<u8> {
    let media_type = "application/vnd.oci.image.index.v1+json";
    json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": entries }).to_string().into_bytes()
}

fn finish_layout(mut files: Files, entries: &[Value]) -> Files {
    files.add("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    files.add("index.json", index(entries));
    files
}
