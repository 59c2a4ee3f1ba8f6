//! Image archives as one stream: docker-archive in all its generations, and OCI layouts in a tar.
//!
//! What says which member is what comes last, or anywhere, and names of layers are no diff ids everywhere. So one pass indexes every
//! member that begins like a layer and keeps every small JSON document; the image is put together at the end.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufReader, Cursor, IsTerminal as _, Read};
use std::path::Path;

use super::choose::{Candidate, choose, images_of};
use super::counting::Counting;
use super::join::{Found, join, join_manifest, no_config, read_config};
use super::manifest::{Descriptor, Manifest, Node, SavedImage};
use super::{HINT_AGAIN, HINT_FORMAT, ImageContent, LARGEST_JSON, Limits, Wanted, config, host, unreadable};
use crate::domain::Digest;
use crate::error::{Class, Error};
use crate::layer::blob::BUFFER;
use crate::layer::decompress::Decoder;
use crate::layer::path::normalise;
use crate::layer::tar::{Member, MemberKind, Members};
use crate::layer::{Allowance, Compression, Head, LayerBlob, LayerError, TarError, read_layer};
use crate::memory::{Memory, OutOfMemory, Reserved};
use crate::text;

/// The most that JSON documents and names of members may take together.
const MOST_KEPT: usize = 32 << 20;
/// The most that may follow the end of the outer tar. Writers pad it to some kilobytes; `/dev/zero` never ends.
const MOST_TRAILING: u64 = 64 << 20;
/// As many links may follow one another as on Linux.
const MOST_LINKS: usize = 40;

/// Reads the archive file at `path`. `progress` hears how many bytes were read so far.
///
/// # Errors
/// When the file cannot be read, and as [`read`].
pub fn open(
    path: &Path,
    wanted: &Wanted,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageContent, Error> {
    let name = path.display().to_string();
    let failed = |error| {
        Error::new(Class::Io, format!("cannot open the archive {name}"))
            .with_hint(
                "In budgets.toml `archive` is relative to that file, on the command line to the current directory.",
            )
            .caused_by(error)
    };
    if path.is_dir() {
        return Err(unreadable(format!("{name} is a directory, and an archive is a file"))
            .with_hint("For an OCI image layout use `layout` instead of `archive`."));
    }
    let file = File::open(path).map_err(failed)?;
    read(file, wanted, &name, limits, progress)
}

/// The path that means standard input on a command line, as for tar and docker.
pub const STANDARD_INPUT: &str = "-";

/// Reads the archive that is piped in; the path only says that it is. `progress` hears how many bytes were read so far.
///
/// # Errors
/// When nothing is piped in, and as [`read`].
pub fn standard_input(
    _: &Path,
    wanted: &Wanted,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageContent, Error> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Error::new(Class::Usage, "nothing is piped into standard input")
            .with_hint("Pipe an archive in, as in `docker save IMAGE | imgbudget check --archive NAME=-`."));
    }
    read(stdin.lock(), wanted, "standard input", limits, progress)
}

/// Reads an archive in one pass, gzip or zstd around it or not. `name` is what errors call it; `progress` hears how many bytes
/// were read so far.
///
/// # Errors
/// [`Class::Image`] when it is no archive, lacks a part of the wanted image, holds something else than it says, or goes beyond
/// `limits`.
pub fn read(
    reader: impl Read,
    wanted: &Wanted,
    name: &str,
    limits: &Limits,
    progress: &mut dyn FnMut(u64),
) -> Result<ImageContent, Error> {
    let mut stream = Counting::new(reader, progress);
    let head = Head::read(&mut stream).map_err(|error| broken(name, &TarError::Read(error)))?;
    let compression = head.compression();
    if compression == Compression::None && !head.begins_tar() {
        let what = if head.bytes().is_empty() { "is empty" } else { "is not an image archive" };
        return Err(unreadable(format!("{name} {what}")).with_hint(HINT_FORMAT));
    }
    let stored = BufReader::with_capacity(BUFFER, Cursor::new(head.bytes().to_vec()).chain(stream));
    let outer = Allowance::new(limits.read);
    let unpacked = outer.bound(Decoder::new(compression, stored, &limits.memory));
    let mut members = Members::new(BufReader::with_capacity(BUFFER, unpacked));
    let mut archive = Archive {
        name,
        files: HashMap::new(),
        links: HashMap::new(),
        kept: 0,
        memory: &limits.memory,
        reserved: limits.memory.reserve(),
        layers: Allowance::new(limits.read),
    };
    while let Some(member) = members.advance().map_err(|error| broken(name, &error))? {
        archive.take(member, &mut members)?;
    }
    // An engine that fails late, or a broken checksum, shows only at the very end.
    let left = crate::layer::tar::skip(&mut members.into_inner(), MOST_TRAILING);
    if left.map_err(|error| broken(name, &error.into()))? == 0 {
        let what = format!("more than {} MiB follow the end of its tar", MOST_TRAILING >> 20);
        return Err(unreadable(format!("{name} is not an image archive: {what}")).with_hint(HINT_FORMAT));
    }
    archive.image(wanted)
}

fn broken(name: &str, error: &TarError) -> Error {
    if let Some(hint) = error.hint() {
        return unreadable(format!("{name} cannot be read: {error}")).with_hint(hint);
    }
    match error {
        TarError::Truncated => unreadable(format!("{name} is truncated: {error}")).with_hint(HINT_AGAIN),
        TarError::Header(_) | TarError::Kind(_) => {
            unreadable(format!("{name} is not an image archive: {error}")).with_hint(HINT_FORMAT)
        }
        TarError::Extension(_) | TarError::SparseMap | TarError::Read(_) => {
            unreadable(format!("{name} cannot be read: {error}")).with_hint(HINT_AGAIN)
        }
    }
}

/// What a member turned out to be.
enum Kept {
    Json(Vec<u8>),
    Layer(Result<LayerBlob, LayerError>),
}

/// Everything that was seen and may matter, by path.
struct Archive<'a> {
    name: &'a str,
    files: HashMap<Vec<u8>, Kept>,
    links: HashMap<Vec<u8>, Vec<u8>>,
    kept: usize,
    memory: &'a Memory,
    reserved: Reserved,
    /// What may be read of its layers.
    layers: Allowance,
}

impl Archive<'_> {
    fn take<R: std::io::BufRead>(&mut self, member: Member, members: &mut Members<R>) -> Result<(), Error> {
        let mut path = Vec::new();
        normalise(members.path(), &mut path);
        match member.kind {
            MemberKind::Directory | MemberKind::Other => return Ok(()),
            MemberKind::Symlink | MemberKind::HardLink => {
                let mut target = Vec::new();
                if member.kind == MemberKind::Symlink && !members.link().starts_with(b"/") {
                    target.extend_from_slice(&path);
                    target.extend_from_slice(b"/../");
                }
                target.extend_from_slice(members.link());
                let mut resolved = Vec::new();
                normalise(&target, &mut resolved);
                self.spend(path.len() + resolved.len())?;
                self.files.remove(&path);
                self.links.insert(path, resolved);
                return Ok(());
            }
            MemberKind::File => {}
        }
        let failed = |error: std::io::Error| broken(self.name, &error.into());
        let head = Head::read(&mut members.content()).map_err(failed)?;
        let kept = if head.bytes().is_empty() || head.begins_layer() {
            Kept::Layer(
                read_layer(head, members.content(), self.memory, &self.layers)
                    .and_then(|blob| named_right(blob, &path)),
            )
        } else if begins_json(head.bytes()) && member.size <= LARGEST_JSON {
            let mut json = head.bytes().to_vec();
            members.content().read_to_end(&mut json).map_err(failed)?;
            Kept::Json(json)
        } else {
            Kept::Layer(Err(LayerError::NoLayer))
        };
        self.spend(path.len() + if let Kept::Json(json) = &kept { json.len() } else { 0 })?;
        self.links.remove(&path);
        self.files.insert(path, kept);
        Ok(())
    }

    /// Accounts for a member that is kept, so that a tar of a million small files is refused instead of remembered.
    fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        const EACH: usize = 512;
        let bytes = bytes.saturating_add(EACH);
        self.kept = self.kept.saturating_add(bytes);
        if self.kept <= MOST_KEPT {
            let failed =
                |error| unreadable(format!("{} cannot be read: {error}", self.name)).with_hint(OutOfMemory::HINT);
            return self.reserved.grow(bytes).map_err(failed);
        }
        Err(unreadable(format!("{} is not an image archive: it has more files than one holds", self.name))
            .with_hint(HINT_FORMAT))
    }

    /// The file at `path`, links followed.
    fn find(&self, path: &[u8]) -> Option<&Kept> {
        let mut path = path;
        for _ in 0..MOST_LINKS {
            match self.links.get(path) {
                Some(target) => path = target,
                None => break,
            }
        }
        self.files.get(path)
    }

    fn json(&self, path: &[u8]) -> Option<&[u8]> {
        match self.find(path) {
            Some(Kept::Json(json)) => Some(json),
            _ => None,
        }
    }

    fn layer(&self, path: &[u8]) -> Found<'_> {
        match self.find(path)? {
            Kept::Layer(layer) => Some(layer),
            Kept::Json(_) => None,
        }
    }

    /// The document at `path`; `None` when there is nothing.
    fn document(&self, path: &[u8]) -> Result<Option<&[u8]>, Error> {
        match self.find(path) {
            Some(Kept::Json(json)) => Ok(Some(json)),
            Some(Kept::Layer(_)) => {
                let path = text::line(&String::from_utf8_lossy(path));
                Err(unreadable(format!("{}: {path} is no JSON document, or has more than 4 MiB", self.name))
                    .with_hint(HINT_AGAIN))
            }
            None => Ok(None),
        }
    }

    /// The JSON blob of an OCI layout, verified against its digest.
    fn blob(&self, digest: &Digest) -> Result<Option<Vec<u8>>, Error> {
        match self.document(&blob_path(digest))? {
            Some(json) if Digest::of(json) == *digest => Ok(Some(json.to_vec())),
            Some(_) => {
                Err(unreadable(format!("{}: the blob {digest} has other content than its name says", self.name))
                    .with_hint(HINT_AGAIN))
            }
            None => Ok(None),
        }
    }

    fn parsed<T: serde::de::DeserializeOwned>(&self, json: &[u8], what: &str) -> Result<T, Error> {
        serde_json::from_slice(json).map_err(|error| {
            unreadable(format!("{}: its {what} cannot be read", self.name)).caused_by(error).with_hint(HINT_AGAIN)
        })
    }

    fn image(&self, wanted: &Wanted) -> Result<ImageContent, Error> {
        // Docker writes both from 25 on. The index knows platforms and blobs, so it goes first.
        if let Some(json) = self.json(b"index.json") {
            self.oci_image(json, wanted)
        } else if let Some(json) = self.json(b"manifest.json") {
            self.saved_image(json, wanted)
        } else {
            let what = "it has neither `manifest.json` nor `index.json`";
            Err(unreadable(format!("{} is not an image archive: {what}", self.name)).with_hint(HINT_FORMAT))
        }
    }

    fn oci_image(&self, json: &[u8], wanted: &Wanted) -> Result<ImageContent, Error> {
        let Ok(Some(Node::Index(entries))) = Node::parse(json) else {
            return Err(unreadable(format!("{}: its `index.json` is no index", self.name)).with_hint(HINT_AGAIN));
        };
        let platform_of = |config: &Descriptor| {
            let json = self.json(&blob_path(&config.digest))?;
            config::parse(config.digest.clone(), json).ok().map(|config| config.platform)
        };
        let candidates = images_of(entries, &|digest| self.blob(digest), &platform_of, self.name)?;
        let chosen: Candidate<Manifest> = choose(candidates, wanted, &host(), self.name)?;
        let (reference, beside) = (chosen.reference(wanted), chosen.beside);
        let Some(manifest) = chosen.image else { return Err(no_config("", self.name)) };
        let id = &manifest.config.digest;
        let json = self.blob(id)?.ok_or_else(|| no_config(&id.to_string(), self.name))?;
        let config = read_config(id.clone(), &json, self.name)?;
        let found = |digest: &Digest| self.layer(&blob_path(digest));
        let image = join_manifest(config, &manifest, found, wanted, self.name)?;
        Ok(ImageContent { reference, beside, ..image })
    }

    fn saved_image(&self, json: &[u8], wanted: &Wanted) -> Result<ImageContent, Error> {
        let mut candidates: Vec<Candidate<SavedImage>> = Vec::new();
        for image in self.parsed::<Vec<SavedImage>>(json, "`manifest.json`")? {
            let names: BTreeSet<String> = image.repo_tags.iter().flatten().cloned().collect();
            let (digests, platform) = match self.saved_config(&image.config) {
                Ok((id, json)) => (vec![id.clone()], config::parse(id, json).ok().map(|config| config.platform)),
                Err(_) => (Vec::new(), None),
            };
            match candidates.iter_mut().find(|known| !digests.is_empty() && known.digests == digests) {
                Some(known) => known.names.extend(names),
                None => candidates.push(Candidate { names, digests, platform, image: Some(image), beside: Vec::new() }),
            }
        }
        let chosen = choose(candidates, wanted, &host(), self.name)?;
        let (reference, beside) = (chosen.reference(wanted), chosen.beside);
        let Some(saved) = chosen.image else { return Err(no_config("", self.name)) };
        let (id, json) = self.saved_config(&saved.config)?;
        let config = read_config(id, json, self.name)?;
        let called = saved.layers.unwrap_or_default();
        let found = |number: usize| {
            let mut path = Vec::new();
            normalise(called.get(number)?.as_bytes(), &mut path);
            self.layer(&path)
        };
        let image = join(config, &called, found, wanted, self.name)?;
        Ok(ImageContent { reference, beside, ..image })
    }

    /// The config at a path of `manifest.json`, and its digest. Where the path states a digest, it must be the right one.
    fn saved_config(&self, called: &str) -> Result<(Digest, &[u8]), Error> {
        let mut path = Vec::new();
        normalise(called.as_bytes(), &mut path);
        let json = self.document(&path)?.ok_or_else(|| no_config(&text::line(called), self.name))?;
        let id = Digest::of(json);
        match stated_digest(&path) {
            Some(stated) if stated != id => Err(unreadable(format!(
                "{}: the image's config {stated} has other content than its name says",
                self.name
            ))
            .with_hint(HINT_AGAIN)),
            _ => Ok((id, json)),
        }
    }
}

/// Whether a document begins like this that says something of an image. SBOMs and provenance, which may be large and many,
/// are in-toto statements, and are not kept.
fn begins_json(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    matches!(head, [b'{' | b'[', ..]) && !head.starts_with(br#"{"_type":"https://in-toto.io/"#)
}

fn blob_path(digest: &Digest) -> Vec<u8> {
    format!("blobs/sha256/{}", digest.hex()).into_bytes()
}

/// The digest that a path's last component states: `sha256:HEX`, `HEX`, or `HEX.json`.
fn stated_digest(path: &[u8]) -> Option<Digest> {
    let name = std::str::from_utf8(path).ok()?.rsplit('/').next()?;
    let hex = name.strip_suffix(".json").unwrap_or(name);
    format!("sha256:{}", hex.strip_prefix("sha256:").unwrap_or(hex)).parse().ok()
}

/// A layer among the blobs of an OCI layout must be what its name says.
fn named_right(blob: LayerBlob, path: &[u8]) -> Result<LayerBlob, LayerError> {
    match path.starts_with(b"blobs/sha256/").then(|| stated_digest(path)).flatten() {
        Some(stated) if stated != blob.digest => Err(LayerError::OtherDigest(blob.digest)),
        _ => Ok(blob),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_in_names() {
        let hex = "ab".repeat(32);
        for path in [format!("{hex}.json"), format!("blobs/sha256/{hex}"), format!("sha256:{hex}")] {
            assert_eq!(stated_digest(path.as_bytes()).map(|digest| digest.hex()), Some(hex.clone()), "{path}");
        }
        assert_eq!(stated_digest(b"config.json"), None);
        assert_eq!(stated_digest(b"\xff"), None);
    }
}
