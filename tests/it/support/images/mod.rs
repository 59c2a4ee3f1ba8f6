//! Makes images in code, in every form that engines and tools write, whole or broken on purpose.
//!
//! ```ignore
//! let base = Layer::new().dir("usr/bin").file("usr/bin/gcc", 0o755, b"elf");
//! let image = Image::new().layer(base).layer(Layer::new().whiteout("usr/bin/gcc")).user("app").named("acme/app:1");
//! std::fs::write(path, docker_archive(&[image])).unwrap();
//! ```

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod archives;

use std::io::Write as _;

use serde_json::{Value, json};

pub(crate) use archives::{
    Files, Member, blob_path, docker_archive, docker_files, legacy_files, multi_platform_files, oci_files, podman_files,
};

/// `sha256:HEX` of some bytes.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

/// The hexadecimal digits of the sha256.
pub(crate) fn hex(bytes: &[u8]) -> String {
    imgbudget::domain::Digest::of(bytes).hex()
}

/// A tar that is written member by member; nothing is checked, so that it may be as wrong as a test wants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    tar: Vec<u8>,
    tail: Option<Vec<u8>>,
}

impl Layer {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A regular file.
    pub(crate) fn file(self, path: impl AsRef<[u8]>, mode: u32, content: impl AsRef<[u8]>) -> Self {
        self.entry(path.as_ref(), b'0', mode, b"", content.as_ref())
    }

    /// A regular file of so many zeros.
    pub(crate) fn zeros(self, path: &str, mode: u32, size: usize) -> Self {
        self.file(path, mode, vec![0; size])
    }

    /// A directory.
    pub(crate) fn dir(self, path: impl AsRef<[u8]>) -> Self {
        let path = [path.as_ref(), b"/"].concat();
        self.entry(&path, b'5', 0o755, b"", b"")
    }

    /// A symbolic link.
    pub(crate) fn symlink(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry(path.as_ref(), b'2', 0o777, target.as_ref(), b"")
    }

    /// A hard link.
    pub(crate) fn hard_link(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry(path.as_ref(), b'1', 0o644, target.as_ref(), b"")
    }

    /// A character device.
    pub(crate) fn device(self, path: &str) -> Self {
        self.entry(path.as_bytes(), b'3', 0o600, b"", b"")
    }

    /// `.wh.NAME` beside `path`'s last component.
    pub(crate) fn whiteout(self, path: &str) -> Self {
        let (directory, name) = path.rsplit_once('/').map_or(("", path), |(directory, name)| (directory, name));
        let mark = if directory.is_empty() { format!(".wh.{name}") } else { format!("{directory}/.wh.{name}") };
        self.file(mark, 0o644, b"")
    }

    /// The opaque marker of a directory.
    pub(crate) fn opaque(self, directory: &str) -> Self {
        self.file(format!("{directory}/.wh..wh..opq"), 0o644, b"")
    }

    /// Any member. Names that do not fit a header go into GNU members in front of it.
    pub(crate) fn entry(mut self, path: &[u8], kind: u8, mode: u32, link: &[u8], content: &[u8]) -> Self {
        for (name, kind) in [(path, b'L'), (link, b'K')] {
            if name.len() > 100 {
                self = self
                    .raw(&header(b"././@LongLink", kind, 0o644, b"", name.len() as u64 + 1), &[name, b"\0"].concat());
            }
        }
        let header =
            header(&path[..path.len().min(100)], kind, mode, &link[..link.len().min(100)], content.len() as u64);
        self.raw(&header, content)
    }

    /// A PAX member for the next entry: `pax(&[("path", b"a")])`.
    pub(crate) fn pax(self, records: &[(&str, &[u8])]) -> Self {
        let mut text = Vec::new();
        for (key, value) in records {
            let rest = 1 + key.len() + 1 + value.len() + 1;
            let length = (1..9).find(|digits| (rest + digits).to_string().len() == *digits).unwrap() + rest;
            text.extend_from_slice(format!("{length} {key}=").as_bytes());
            text.extend_from_slice(value);
            text.push(b'\n');
        }
        self.raw(&header(b"PaxHeaders/x", b'x', 0o644, b"", text.len() as u64), &text)
    }

    /// A header as given, then content, padded.
    pub(crate) fn raw(mut self, header: &[u8; 512], content: &[u8]) -> Self {
        self.tar.extend_from_slice(header);
        self.tar.extend_from_slice(content);
        self.tar.resize(self.tar.len().next_multiple_of(512), 0);
        self
    }

    /// These bytes instead of the two blocks of zeros at the end.
    pub(crate) fn ending(mut self, tail: impl Into<Vec<u8>>) -> Self {
        self.tail = Some(tail.into());
        self
    }

    /// The tar.
    pub(crate) fn tar(mut self) -> Vec<u8> {
        self.tar.extend_from_slice(self.tail.as_deref().unwrap_or(&[0; 1024]));
        self.tar
    }
}

/// One GNU tar header with a right checksum. A size above octal is written in base 256.
pub(crate) fn header(path: &[u8], kind: u8, mode: u32, link: &[u8], size: u64) -> [u8; 512] {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    let old = header.as_old_mut();
    old.name[..path.len()].copy_from_slice(path);
    old.linkname[..link.len()].copy_from_slice(link);
    old.linkflag = [kind];
    header.set_cksum();
    *header.as_bytes()
}

/// How a layer lies in an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// As a tar.
    Plain,
    /// gzip.
    Gzip,
    /// gzip in two members, as parallel compressors write it.
    GzipMembers,
    /// Zstandard.
    Zstd,
    /// Two Zstandard frames with a skippable one in front and one between.
    ZstdFrames,
}

/// Compresses as `stored` says.
pub(crate) fn pack(bytes: &[u8], stored: Stored) -> Vec<u8> {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = |bytes: &[u8]| ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest);
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    match stored {
        Stored::Plain => bytes.to_vec(),
        Stored::Gzip => gzip(bytes),
        Stored::GzipMembers => [gzip(first), gzip(second)].concat(),
        Stored::Zstd => zstd(bytes),
        Stored::ZstdFrames => [skippable.clone(), zstd(first), skippable, zstd(second)].concat(),
    }
}

/// An image: layers, and what its config says.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    layers: Vec<(Vec<u8>, Vec<u8>)>,
    names: Vec<String>,
    platform: (String, String, Option<String>),
    user: Option<String>,
    labels: Vec<(String, String)>,
    history: Vec<Value>,
    stored: Stored,
    diff_ids: Vec<String>,
}

impl Default for Image {
    fn default() -> Self {
        Self::new()
    }
}

impl Image {
    /// An image without layers for linux/amd64.
    pub(crate) fn new() -> Self {
        Self {
            layers: Vec::new(),
            names: Vec::new(),
            platform: ("linux".to_owned(), "amd64".to_owned(), None),
            user: None,
            labels: Vec::new(),
            history: Vec::new(),
            stored: Stored::Plain,
            diff_ids: Vec::new(),
        }
    }

    /// How the layers that follow are stored, where the form of archive leaves a choice.
    pub(crate) fn stored(mut self, stored: Stored) -> Self {
        self.stored = stored;
        self
    }

    /// One more layer, on top.
    pub(crate) fn layer(self, layer: Layer) -> Self {
        let made = format!("COPY {} /", self.layers.len());
        self.layer_by(layer, &made)
    }

    /// One more layer, and the instruction that made it.
    pub(crate) fn layer_by(mut self, layer: Layer, created_by: &str) -> Self {
        let tar = layer.tar();
        self.diff_ids.push(digest(&tar));
        let blob = pack(&tar, self.stored);
        self.layers.push((tar, blob));
        self.history.push(json!({ "created_by": created_by, "comment": "buildkit.dockerfile.v0" }));
        self
    }

    /// An instruction that made no layer.
    pub(crate) fn empty_layer(mut self, created_by: &str) -> Self {
        self.history
            .push(json!({ "created_by": created_by, "empty_layer": true, "comment": "buildkit.dockerfile.v0" }));
        self
    }

    /// The user it runs as.
    pub(crate) fn user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// A label.
    pub(crate) fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A name that it is saved under.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.names.push(name.to_owned());
        self
    }

    /// `linux/arm/v7`.
    pub(crate) fn platform(mut self, platform: &str) -> Self {
        let mut parts = platform.split('/').map(str::to_owned);
        self.platform = (parts.next().unwrap(), parts.next().unwrap(), parts.next());
        self
    }

    /// Lets the config lie about a layer.
    pub(crate) fn lying_diff_id(mut self, layer: usize) -> Self {
        self.diff_ids[layer] = digest(b"something else");
        self
    }

    /// Other bytes for the blob of a layer; its digest follows them, the diff id does not.
    pub(crate) fn blob(mut self, layer: usize, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        change(&mut self.layers[layer].1);
        self
    }

    /// The config as JSON.
    pub(crate) fn config(&self) -> Vec<u8> {
        let (os, architecture, variant) = &self.platform;
        let mut config = json!({
            "os": os,
            "architecture": architecture,
            "config": { "User": self.user.clone().unwrap_or_default() },
            "rootfs": { "type": "layers", "diff_ids": if self.diff_ids.is_empty() { Value::Null } else { json!(self.diff_ids) } },
            "history": self.history,
        });
        if let Some(variant) = variant {
            config["variant"] = json!(variant);
        }
        if !self.labels.is_empty() {
            let labels = self.labels.iter().map(|(name, value)| (name.clone(), json!(value)));
            config["config"]["Labels"] = labels.collect::<serde_json::Map<_, _>>().into();
        }
        config.to_string().into_bytes()
    }

    /// The image id.
    pub(crate) fn id(&self) -> String {
        digest(&self.config())
    }

    /// Sum of the blobs as stored.
    pub(crate) fn stored_size(&self) -> u64 {
        self.layers.iter().map(|(_, blob)| blob.len() as u64).sum()
    }

    /// The blobs of the layers as stored.
    pub(crate) fn blobs(&self) -> impl Iterator<Item = Vec<u8>> {
        self.layers.iter().map(|(_, blob)| blob.clone())
    }

    /// The OCI manifest as JSON.
    pub(crate) fn manifest(&self) -> Vec<u8> {
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|(_, blob)| {
                let packing = match blob.first_chunk() {
                    Some([0x1f, 0x8b]) => "+gzip",
                    Some([0x28 | 0x50, _]) => "+zstd",
                    _ => "",
                };
                let media_type = format!("application/vnd.oci.image.layer.v1.tar{packing}");
                json!({ "mediaType": media_type, "digest": digest(blob), "size": blob.len() })
            })
            .collect();
        let config = self.config();
        json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(&config), "size": config.len() },
            "layers": layers,
        })
        .to_string()
        .into_bytes()
    }

    /// What an index says of it.
    pub(crate) fn descriptor(&self) -> Value {
        let manifest = self.manifest();
        let (os, architecture, variant) = &self.platform;
        let mut platform = json!({ "os": os, "architecture": architecture });
        if let Some(variant) = variant {
            platform["variant"] = json!(variant);
        }
        json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest(&manifest),
            "size": manifest.len(),
            "platform": platform,
        })
    }
}
