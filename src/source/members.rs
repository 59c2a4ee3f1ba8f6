//! What an archive holds, by path: layers that were read, and the documents that say what they are.

use std::collections::HashMap;
use std::io::{BufRead, Read as _};
use std::sync::Arc;

use super::join::Found;
use super::part::Layer;
use super::{HINT_AGAIN, HINT_FORMAT, LARGEST_JSON, Limits, unreadable};
use crate::domain::Digest;
use crate::error::Error;
use crate::layer::path::normalise;
use crate::layer::tar::{Member, MemberKind, Members};
use crate::layer::{Allowance, Head, Keep, LayerBlob, LayerError, TarError, read_layer_and};
use crate::memory::{Memory, OutOfMemory, Reserved};
use crate::text;

/// The most that JSON documents and names of members may take together.
const MOST_KEPT: usize = 32 << 20;
/// As many links may follow one another as on Linux.
const MOST_LINKS: usize = 40;

/// What a tar that cannot be read means of the archive `name`.
pub(super) fn broken(name: &str, error: &TarError) -> Error {
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
#[derive(Debug)]
enum Kept {
    Json(Document),
    Layer(Layer),
}

impl Kept {
    fn broken(error: LayerError) -> Self {
        Self::Layer(Layer::Read(Err(error)))
    }
}

/// A JSON document, and the digest of its bytes.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) json: Vec<u8>,
    pub(super) digest: Digest,
}

/// Everything that was seen and may matter, by path.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) name: String,
    files: HashMap<Vec<u8>, Kept>,
    links: HashMap<Vec<u8>, Vec<u8>>,
    kept: usize,
    memory: Memory,
    reserved: Reserved,
    /// What may be read of its layers.
    layers: Arc<Allowance>,
    keep: Keep,
    pub(super) squeeze: bool,
    /// Whether it has a path twice whose layers were not read.
    pub(super) is_twofold: bool,
}

/// What an archive holds, and what errors call the archive.
#[derive(Clone, Copy)]
pub(super) struct Archive<'a> {
    pub(super) name: &'a str,
    held: &'a Held,
}

impl Held {
    /// An archive of which nothing was seen yet; `name` is what errors call it.
    pub(super) fn new(name: &str, limits: &Limits) -> Self {
        Self {
            name: name.to_owned(),
            files: HashMap::new(),
            links: HashMap::new(),
            kept: 0,
            memory: limits.memory.clone(),
            reserved: limits.memory.reserve(),
            layers: Arc::new(Allowance::new(limits.read)),
            keep: limits.keep.clone(),
            squeeze: limits.squeeze,
            is_twofold: false,
        }
    }

    /// Reads the next member, and keeps what may matter of it.
    pub(super) fn take<R: BufRead>(&mut self, member: Member, members: &mut Members<R>) -> Result<(), Error> {
        let (memory, layers, squeeze) = (self.memory.clone(), Arc::clone(&self.layers), self.squeeze);
        let keep = self.keep.clone();
        self.take_by(member, members, |head, members| {
            Ok(Layer::Read(read_layer_and(head, members.content(), &memory, &layers, &keep, squeeze)))
        })
    }

    /// The same with another way to deal with a layer.
    pub(super) fn take_by<R: BufRead>(
        &mut self,
        member: Member,
        members: &mut Members<R>,
        take_layer: impl FnOnce(Head, &mut Members<R>) -> std::io::Result<Layer>,
    ) -> Result<(), Error> {
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
                self.keep_link(path, resolved);
                return Ok(());
            }
            MemberKind::File => {}
        }
        let failed = |error: std::io::Error| broken(&self.name, &error.into());
        let head = Head::read(&mut members.content()).map_err(failed)?;
        let kept = if head.bytes().is_empty() || head.begins_layer() {
            Kept::Layer(match take_layer(head, members).map_err(failed)? {
                Layer::Read(read) => Layer::Read(read.and_then(|blob| named_right(blob, &path))),
                unread @ Layer::Unread(_) => unread,
            })
        } else if begins_json(head.bytes()) && member.size <= LARGEST_JSON {
            let mut json = head.bytes().to_vec();
            members.content().read_to_end(&mut json).map_err(failed)?;
            Kept::Json(Document { digest: Digest::of(&json), json })
        } else {
            Kept::broken(LayerError::NoLayer)
        };
        self.spend(path.len() + if let Kept::Json(document) = &kept { document.json.len() } else { 0 })?;
        self.keep_file(path, kept);
        Ok(())
    }

    /// A path that comes twice may say the same twice, as appended tars do. Of two different contents engines take the first or the
    /// last, so neither counts.
    fn keep_file(&mut self, path: Vec<u8>, kept: Kept) {
        let agree = match (self.links.remove(&path), self.files.remove(&path)) {
            (None, None) => true,
            // Whether they are equal only reading tells.
            (None, Some(Kept::Layer(Layer::Unread(_)))) => {
                self.is_twofold = true;
                false
            }
            (None, Some(Kept::Json(before))) => matches!(&kept, Kept::Json(now) if now.digest == before.digest),
            (None, Some(Kept::Layer(Layer::Read(Ok(before))))) => {
                matches!(&kept, Kept::Layer(Layer::Read(Ok(now))) if now.digest == before.digest)
            }
            _ => false,
        };
        self.files.insert(path, if agree { kept } else { Kept::broken(LayerError::TwoContents) });
    }

    fn keep_link(&mut self, path: Vec<u8>, target: Vec<u8>) {
        let agree = self.links.get(&path).is_none_or(|before| *before == target) && !self.files.contains_key(&path);
        if agree {
            self.links.insert(path, target);
        } else {
            self.links.remove(&path);
            self.files.insert(path, Kept::broken(LayerError::TwoContents));
        }
    }

    /// Refuses a member below the path of a link or a file: where it ends up depends on how an engine unpacks, and it may be another
    /// `manifest.json` there.
    pub(super) fn check_paths(&self) -> Result<(), Error> {
        let mut paths: Vec<&[u8]> = self.files.keys().chain(self.links.keys()).map(Vec::as_slice).collect();
        // With `/` before all else, what lies below a path follows it at once.
        let rank = |byte: &u8| if *byte == b'/' { 0 } else { u16::from(*byte) + 1 };
        paths.sort_by(|one, other| one.iter().map(rank).cmp(other.iter().map(rank)));
        let below = |pair: &&[&[u8]]| pair[1].strip_prefix(pair[0]).is_some_and(|rest| rest.starts_with(b"/"));
        let Some(pair) = paths.windows(2).find(below) else { return Ok(()) };
        let shown = |path: &[u8]| text::line(&String::from_utf8_lossy(path));
        Err(unreadable(format!(
            "{}: {} lies below {}, which is not a directory",
            self.name,
            shown(pair[1]),
            shown(pair[0])
        ))
        .with_hint(HINT_AGAIN))
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

    /// Every layer that was read whole.
    pub(super) fn layers(&self) -> impl Iterator<Item = &LayerBlob> {
        self.files.values().filter_map(|kept| match kept {
            Kept::Layer(Layer::Read(Ok(blob))) => Some(blob),
            Kept::Layer(_) | Kept::Json(_) => None,
        })
    }
}

impl<'a> Archive<'a> {
    /// What is `held`, under a name for errors.
    pub(super) fn new(held: &'a Held, name: &'a str) -> Self {
        Self { name, held }
    }

    /// The layer at `path`, if there is a member that may be one.
    pub(super) fn layer(self, path: &[u8]) -> Found<'a> {
        match self.held.find(path)? {
            Kept::Layer(layer) => Some(layer),
            Kept::Json(_) => None,
        }
    }

    /// The document at `path`; `None` when there is nothing.
    pub(super) fn document(self, path: &[u8]) -> Result<Option<&'a Document>, Error> {
        let what = match self.held.find(path) {
            Some(Kept::Json(document)) => return Ok(Some(document)),
            None => return Ok(None),
            Some(Kept::Layer(Layer::Read(Err(error @ LayerError::TwoContents)))) => error.to_string(),
            Some(Kept::Layer(_)) => "it is not a JSON document, or has more than 4 MiB".to_owned(),
        };
        let path = text::line(&String::from_utf8_lossy(path));
        Err(unreadable(format!("{}: {path} cannot be read: {what}", self.name)).with_hint(HINT_AGAIN))
    }

    /// The JSON blob of an OCI layout, verified against its digest.
    pub(super) fn blob(self, digest: &Digest) -> Result<Option<&'a [u8]>, Error> {
        match self.document(&blob_path(digest))? {
            Some(document) if document.digest == *digest => Ok(Some(&document.json)),
            Some(_) => {
                Err(unreadable(format!("{}: the blob {digest} has other content than its name says", self.name))
                    .with_hint(HINT_AGAIN))
            }
            None => Ok(None),
        }
    }
}

/// Whether a document begins like this that says something of an image. SBOMs and provenance, which may be large and many,
/// are in-toto statements, and are not kept.
fn begins_json(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    matches!(head, [b'{' | b'[', ..]) && !head.starts_with(br#"{"_type":"https://in-toto.io/"#)
}

/// Where an OCI layout keeps a blob.
pub(super) fn blob_path(digest: &Digest) -> Vec<u8> {
    format!("blobs/sha256/{}", digest.hex()).into_bytes()
}

/// The digest that a path's last component states: `sha256:HEX`, `HEX`, or `HEX.json`.
pub(super) fn stated_digest(path: &[u8]) -> Option<Digest> {
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
