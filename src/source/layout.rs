//! An OCI image layout directory (OCI image-layout.md): only the blobs of the wanted image are opened.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::choose::{Candidate, choose, images_of};
use super::described::Described;
use super::join::{join_manifest, no_config, read_config};
use super::manifest::{Descriptor, Manifest, parse_index};
use super::part::{Layer, Place};
use super::{HINT_AGAIN, ImageContent, LARGEST_JSON, Limits, Wanted, config, host, unreadable};
use crate::domain::Digest;
use crate::error::{Class, Error};
use crate::files;
use crate::layer::{Head, LayerError};

/// Reads the wanted image of the layout at `directory`. `progress` hears how many bytes of layers were read so far.
///
/// # Errors
/// As [`describe`], and [`Class::Image`] when a layer is not what its name says, and for what goes beyond `limits`.
pub fn read(
    directory: &Path,
    wanted: &Wanted,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageContent, Error> {
    describe(directory, wanted)?.image(&mut |_| None, limits, progress)
}

/// The wanted image of the layout at `directory`. Of its layers the first bytes are read, and that they are there, as long as the
/// manifest says.
///
/// # Errors
/// [`Class::Image`] when it is no layout, lacks a part of the wanted image, or a document is not what its name says; [`Class::Io`] when a
/// file cannot be read.
pub fn describe(directory: &Path, wanted: &Wanted) -> Result<Described, Error> {
    let layout = Layout { directory, name: directory.display().to_string() };
    let source = layout.name.as_str();
    let entries = layout.index()?;
    let platform_of = |config: &Descriptor| {
        let json = layout.json(&config.digest).ok()??;
        config::parse(config.digest.clone(), &json).ok().map(|config| config.platform)
    };
    let candidates = images_of(entries, &|digest| layout.json(digest), &platform_of, source)?;
    let chosen: Candidate<Manifest> = choose(candidates, wanted, &host(), source)?;
    let reference = chosen.reference(wanted);
    let (manifest_id, beside) = (chosen.digests.first().cloned(), chosen.beside);
    let Some(manifest) = chosen.image else { return Err(no_config("", source)) };
    let id = &manifest.config.digest;
    let json = layout.json(id)?.ok_or_else(|| no_config(&id.to_string(), source))?;
    let config = read_config(id.clone(), &json, source)?;
    let mut layers: HashMap<Digest, Layer> = HashMap::new();
    for Descriptor { digest, .. } in &manifest.layers {
        if layers.contains_key(digest) {
            continue;
        }
        if let Some(layer) = layout.layer(digest)? {
            layers.insert(digest.clone(), layer);
        }
    }
    let image = join_manifest(config, &manifest, |digest| layers.get(digest), wanted, source)?;
    Ok(Described { config_json: json.into(), manifest: manifest_id, reference, beside, ..image })
}

struct Layout<'a> {
    directory: &'a Path,
    name: String,
}

impl Layout<'_> {
    fn index(&self) -> Result<Vec<Descriptor>, Error> {
        let hint = "A layout is a directory with `oci-layout`, `index.json` and `blobs`, as \
                    `docker buildx build --output type=oci,tar=false` or skopeo write it.";
        if !self.directory.is_dir() {
            return Err(unreadable(format!("cannot read directory {}", self.name)).with_hint(hint));
        }
        for file in ["oci-layout", "index.json"] {
            let json = self.small_file(&self.directory.join(file))?;
            let json = json.ok_or_else(|| {
                unreadable(format!("{} is not an OCI image layout: it has no `{file}`", self.name)).with_hint(hint)
            })?;
            if file == "index.json" {
                return parse_index(&json).map_err(|error| {
                    unreadable(format!("{}: its `index.json` cannot be read", self.name))
                        .caused_by(error)
                        .with_hint(HINT_AGAIN)
                });
            }
        }
        Err(unreadable(format!("{} is not an OCI image layout", self.name)).with_hint(hint))
    }

    /// The digest was parsed, so its name holds nothing but hexadecimal digits.
    fn path(&self, digest: &Digest) -> PathBuf {
        self.directory.join("blobs").join("sha256").join(digest.hex())
    }

    fn json(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        match self.small_file(&self.path(digest))? {
            Some(json) if Digest::of(&json) != *digest => {
                Err(unreadable(format!("{}: the blob {digest} has other content than its name says", self.name))
                    .with_hint(HINT_AGAIN))
            }
            other => Ok(other),
        }
    }

    /// Where a layer is, if it begins like one.
    fn layer(&self, digest: &Digest) -> Result<Option<Layer>, Error> {
        let path = self.path(digest);
        let Some(mut file) = self.file(&path)? else { return Ok(None) };
        let head = Head::read(&mut file).and_then(|head| Ok((head, file.metadata()?.len())));
        let (head, size) = head.map_err(|error| cannot_read(&path, error))?;
        let begins_layer = head.bytes().is_empty() || head.begins_layer();
        Ok(Some(if begins_layer {
            Layer::Unread(Place::file(path, size, head.compression()))
        } else {
            Layer::Read(Err(LayerError::NoLayer))
        }))
    }

    fn small_file(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        self.found(path, files::read(path, LARGEST_JSON))
    }

    /// Opens a regular file, through symbolic links: some tools link blobs into a shared store. A pipe or a device is not opened,
    /// it might never end.
    fn file(&self, path: &Path) -> Result<Option<File>, Error> {
        self.found(path, files::open(path))
    }

    /// What became of reading a file; `None` where there is none.
    fn found<T>(&self, path: &Path, read: io::Result<T>) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
                io::ErrorKind::FileTooLarge => {
                    Err(unreadable(format!("{} is larger than a manifest or a config may be (4 MiB)", path.display()))
                        .with_hint(HINT_AGAIN))
                }
                io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => {
                    Err(unreadable(format!("{}: {} is not a regular file", self.name, path.display())))
                }
                _ => Err(cannot_read(path, error)),
            },
        }
    }
}

fn cannot_read(path: &Path, error: io::Error) -> Error {
    Error::new(Class::Io, format!("cannot read {}", path.display())).caused_by(error)
}
