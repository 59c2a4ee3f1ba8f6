//! The images that both sides read: made here without a network, the same bytes on every machine, kept between runs.
//!
//! Half of what their files hold looks like text and half like what is compressed already; a few files are replaced and deleted by
//! later layers. The lowest layer is the machine's static busybox, which has a shell and `which`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use imgbudget::domain::Digest;
use serde_json::{Value, json};

use super::content::{Both, Content, Hashed};
use super::packages;

/// Part of the folder's name: a change of what is made here must not find yesterday's images.
const VERSION: &str = "1";

/// What an image shall be like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Recipe {
    pub(crate) name: &'static str,
    /// Bytes of files.
    bytes: u64,
    layers: usize,
    pub(crate) entries: u64,
}

/// Those of the table.
pub(crate) const SIZES: [Recipe; 3] = [
    Recipe { name: "small", bytes: 120_000_000, layers: 5, entries: 5_000 },
    Recipe { name: "medium", bytes: 500_000_000, layers: 7, entries: 20_000 },
    Recipe { name: "large", bytes: 1_200_000_000, layers: 9, entries: 50_000 },
];

/// So many entries, and nothing in them.
pub(crate) const ENTRIES: [Recipe; 4] = [
    Recipe { name: "entries-1k", bytes: 0, layers: 4, entries: 1_000 },
    Recipe { name: "entries-10k", bytes: 0, layers: 4, entries: 10_000 },
    Recipe { name: "entries-100k", bytes: 0, layers: 4, entries: 100_000 },
    Recipe { name: "entries-1M", bytes: 0, layers: 4, entries: 1_000_000 },
];

/// What images on one base have of their own.
const OWN: Recipe = Recipe { name: "own", bytes: 4_000_000, layers: 1, entries: 200 };

/// A layer, and where it lies.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) diff_id: String,
    pub(crate) tar: PathBuf,
    pub(crate) tar_bytes: u64,
    /// Of the gzip.
    pub(crate) digest: String,
    pub(crate) gzip: PathBuf,
    pub(crate) gzip_bytes: u64,
}

/// An image: its layers from the bottom up.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    pub(crate) name: String,
    pub(crate) layers: Vec<Layer>,
    pub(crate) config: Vec<u8>,
}

impl Image {
    /// `what` and the beginning of its config's digest: an engine that has it under this name has these bytes.
    pub(crate) fn tag(&self) -> String {
        format!("imgbudget-bench/{}:{}", self.name, &hex(&self.config)[..12])
    }

    /// Another image on top of this one.
    fn with(&self, name: String, own: Layer) -> Self {
        let layers: Vec<Layer> = self.layers.iter().cloned().chain([own]).collect();
        Self { name, config: config(&layers), layers }
    }

    /// Its OCI manifest, with the layers as gzip.
    pub(crate) fn manifest(&self) -> Vec<u8> {
        let layers: Vec<Value> = self
            .layers
            .iter()
            .map(|layer| {
                json!({
                    "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                    "digest": layer.digest,
                    "size": layer.gzip_bytes,
                })
            })
            .collect();
        let config = json!({
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": format!("sha256:{}", hex(&self.config)),
            "size": self.config.len(),
        });
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config,
            "layers": layers,
        });
        manifest.to_string().into_bytes()
    }
}

/// Makes an image, unless an earlier run did.
pub(crate) fn make(folder: &Path, recipe: Recipe) -> io::Result<Image> {
    let home = folder.join(format!("{}-{VERSION}", recipe.name));
    if !home.is_dir() {
        eprintln!("making the {} image, once", recipe.name);
    }
    fs::create_dir_all(&home)?;
    // The lowest is the largest, as in life: a quarter to a half of all.
    let weights: Vec<u64> = (0..recipe.layers).map(|number| [4, 2, 1][number.min(2)]).collect();
    let sum: u64 = weights.iter().sum();
    let share = |all: u64, number: usize| all * weights[number] / sum;
    let makers = (0..recipe.layers).map(|number| {
        let last = (number > 0 && number + 1 == recipe.layers).then(|| share(recipe.entries, 0) / 20);
        let plan = Plan {
            number: number as u64,
            files: share(recipe.entries, number),
            bytes: share(recipe.bytes, number),
            deletes: last.unwrap_or(0),
            busybox: number == 0,
            owned: Vec::new(),
        };
        let home = &home;
        move || plan.make(home)
    });
    let layers = at_once(makers.collect())?;
    Ok(Image { name: recipe.name.to_owned(), config: config(&layers), layers })
}

/// `count` images that have `base` in common and a layer of their own each.
pub(crate) fn on_one_base(folder: &Path, base: &Image, count: u64) -> io::Result<Vec<Image>> {
    let home = folder.join(format!("{}-{VERSION}", OWN.name));
    fs::create_dir_all(&home)?;
    let own = |number: u64| {
        let plan = Plan {
            number: 100 + number,
            files: OWN.entries,
            bytes: OWN.bytes,
            deletes: 0,
            busybox: false,
            owned: Vec::new(),
        }
        .make(&home)?;
        Ok(base.with(format!("{}-{number}", OWN.name), plan))
    };
    (0..count).map(own).collect()
}

/// An image with databases of packages that own what `base` has.
pub(crate) fn with_packages(folder: &Path, base: &Image) -> io::Result<Image> {
    let home = folder.join(format!("packages-{VERSION}"));
    fs::create_dir_all(&home)?;
    let owned = base.layers.iter().map(packages::files).collect::<io::Result<Vec<_>>>()?.concat();
    let plan = Plan { number: 200, files: OWN.entries, bytes: OWN.bytes, deletes: 0, busybox: false, owned };
    Ok(base.with("reference".to_owned(), plan.make(&home)?))
}

/// As many at once as there are cores.
fn at_once<T: Send>(makers: Vec<impl FnOnce() -> io::Result<T> + Send>) -> io::Result<Vec<T>> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (mut made, mut left) = (Vec::new(), makers.into_iter());
    loop {
        let some: Vec<_> = left.by_ref().take(cores).collect();
        if some.is_empty() {
            return Ok(made);
        }
        let results: Vec<io::Result<T>> = thread::scope(|scope| {
            let threads: Vec<_> = some.into_iter().map(|maker| scope.spawn(maker)).collect();
            threads.into_iter().map(|thread| thread.join().expect("does not panic")).collect()
        });
        for result in results {
            made.push(result?);
        }
    }
}

/// What one layer shall be like.
struct Plan {
    number: u64,
    files: u64,
    bytes: u64,
    /// Whiteouts of files of the lowest layer.
    deletes: u64,
    busybox: bool,
    /// Files of layers below that a database of packages has.
    owned: Vec<String>,
}

impl Plan {
    fn make(&self, home: &Path) -> io::Result<Layer> {
        let file = |ending: &str| home.join(format!("layer-{}.{ending}", self.number));
        let (tar, gzip, facts) = (file("tar"), file("tar.gz"), file("json"));
        if !facts.exists() {
            let gzip = GzEncoder::new(Hashed::new(File::create(&gzip)?), Compression::default());
            let both = Both(Hashed::new(File::create(&tar)?), gzip);
            let Both(plain, gzip) = self.write(both)?;
            let (plain, gzip) = (plain.finish()?, gzip.finish()?.finish()?);
            let text = json!({ "diff_id": plain.0, "tar": plain.1, "digest": gzip.0, "gzip": gzip.1 });
            // Last: a layer without it is made anew.
            fs::write(&facts, text.to_string())?;
        }
        let known: Value = serde_json::from_slice(&fs::read(&facts)?)?;
        let word = |key: &str| known[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| known[key].as_u64().unwrap_or_default();
        Ok(Layer {
            diff_id: word("diff_id"),
            tar,
            tar_bytes: number("tar"),
            digest: word("digest"),
            gzip,
            gzip_bytes: number("gzip"),
        })
    }

    fn write<W: Write>(&self, to: W) -> io::Result<W> {
        let mut tar = tar::Builder::new(to);
        if self.busybox {
            let shell = fs::read("/bin/busybox")?;
            entry(&mut tar, "bin/busybox", 0o755, shell.len() as u64, &shell[..])?;
            for applet in ["sh", "which", "true"] {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                tar.append_link(&mut header, format!("bin/{applet}"), "busybox")?;
            }
        }
        // Three small files, and a large one.
        let part = self.bytes / self.files.max(1) / 4;
        for file in 0..self.files {
            let bytes = if file % 4 == 3 { part * 13 } else { part };
            // Some replace what the lowest layer has.
            let owner = if self.number > 0 && file % 50 == 7 { 0 } else { self.number };
            entry(&mut tar, &path(owner, file), 0o644, bytes, Content::new(self.number << 32 | file).take(bytes))?;
        }
        if !self.owned.is_empty() {
            packages::write(&mut tar, &self.owned)?;
        }
        for file in 0..self.deletes {
            let path = path(0, file * 20 + 1);
            let (directory, name) = path.rsplit_once('/').expect("a path");
            entry(&mut tar, &format!("{directory}/.wh.{name}"), 0o644, 0, io::empty())?;
        }
        tar.into_inner()
    }
}

/// Fifty files to a directory.
fn path(layer: u64, file: u64) -> String {
    format!("usr/lib/part{layer}/package-{:04}/module_{file:06}.dat", file / 50)
}

pub(crate) fn entry<W: Write>(
    tar: &mut tar::Builder<W>,
    path: &str,
    mode: u32,
    bytes: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_size(bytes);
    tar.append_data(&mut header, path, content)
}

/// The hexadecimal digits of a sha256.
pub(crate) fn hex(bytes: &[u8]) -> String {
    Digest::of(bytes).hex()
}

fn config(layers: &[Layer]) -> Vec<u8> {
    let diff_ids: Vec<&str> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
    let history: Vec<Value> = diff_ids
        .iter()
        .map(|_| json!({ "created": "2026-01-01T00:00:00Z", "created_by": "made for measuring" }))
        .collect();
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let config = json!({
        "architecture": architecture, "os": "linux", "created": "2026-01-01T00:00:00Z",
        "config": { "Env": ["PATH=/bin"], "Cmd": ["true"] },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    });
    config.to_string().into_bytes()
}

/// Writes images as `docker save` does, with plain layers, each once.
pub(crate) fn docker_archive(images: &[Image], to: impl Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(to);
    let (mut written, mut manifest) = (Vec::new(), Vec::new());
    let name = |layer: &Layer| format!("{}.tar", layer.diff_id.trim_start_matches("sha256:"));
    for image in images {
        let config = format!("{}.json", hex(&image.config));
        entry(&mut tar, &config, 0o644, image.config.len() as u64, &image.config[..])?;
        for layer in &image.layers {
            if !written.contains(&layer.diff_id) {
                entry(&mut tar, &name(layer), 0o644, layer.tar_bytes, File::open(&layer.tar)?)?;
                written.push(layer.diff_id.clone());
            }
        }
        let layers: Vec<String> = image.layers.iter().map(name).collect();
        manifest.push(json!({ "Config": config, "RepoTags": [image.tag()], "Layers": layers }));
    }
    let manifest = Value::from(manifest).to_string();
    entry(&mut tar, "manifest.json", 0o644, manifest.len() as u64, manifest.as_bytes())?;
    tar.into_inner()?.flush()
}

/// [`docker_archive`] as a file, unless an earlier run wrote it.
pub(crate) fn archive_file(folder: &Path, image: &Image) -> io::Result<PathBuf> {
    let path = folder.join(format!("{}-{}.tar", image.name, &hex(&image.config)[..12]));
    if !path.exists() {
        let half = path.with_extension("half");
        docker_archive(std::slice::from_ref(image), BufWriter::with_capacity(1 << 20, File::create(&half)?))?;
        fs::rename(half, &path)?;
    }
    Ok(path)
}

/// Writes an image as an OCI layout in a tar, its layers as gzip: a store that keeps blobs as they come keeps these.
pub(crate) fn oci_archive(image: &Image, to: impl Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(to);
    let text = |tar: &mut tar::Builder<_>, path: &str, bytes: &[u8]| entry(tar, path, 0o644, bytes.len() as u64, bytes);
    let blob = |digest: &str| format!("blobs/sha256/{}", digest.trim_start_matches("sha256:"));
    for layer in &image.layers {
        entry(&mut tar, &blob(&layer.digest), 0o644, layer.gzip_bytes, File::open(&layer.gzip)?)?;
    }
    let (config, manifest) = (blob(&hex(&image.config)), image.manifest());
    text(&mut tar, &config, &image.config)?;
    text(&mut tar, &blob(&hex(&manifest)), &manifest)?;
    let tag = image.tag();
    let version = tag.rsplit(':').next();
    let annotations = json!({
        "io.containerd.image.name": format!("docker.io/{tag}"),
        "org.opencontainers.image.ref.name": version,
    });
    let described = json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": format!("sha256:{}", hex(&manifest)),
        "size": manifest.len(),
        "annotations": annotations,
    });
    let layers: Vec<String> = image.layers.iter().map(|layer| blob(&layer.digest)).collect();
    let saved = json!([{ "Config": config, "RepoTags": [tag], "Layers": layers }]);
    text(&mut tar, "manifest.json", saved.to_string().as_bytes())?;
    text(&mut tar, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    let index = json!({ "schemaVersion": 2, "manifests": [described] });
    text(&mut tar, "index.json", index.to_string().as_bytes())?;
    tar.into_inner()?.flush()
}
