//! What was learned of layers and images, kept from run to run: a layer never changes, so it is read once in its life.
//!
//! One file for each thing, named by its digest, below a folder for each kind and version. Whoever can write there can lie about what
//! layers hold, so the folder is the user's own; what is read back is checked against accidents, and never trusted for memory, time or
//! form. A cache fails no run: what is wrong with it is said once, and the layer is read.

mod folder;
mod place;
mod store;
mod trim;
mod walk;

use std::fmt;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::domain::{Bytes, DiffId, Digest};
use crate::error::{Class, Error};
use crate::layer::codec::{self, DecodeError};
use crate::layer::{Evidence, IndexedLayer, Keep, LayerFiles, LayerIndex};
use crate::memory::{List, Memory};

use place::Kind;
use store::Store;

/// How much a cache may take of the disk: a layer of 100,000 entries takes some 3 MB, one of a hundred some 4 kB.
pub const LIMIT: Bytes = Bytes(500_000_000);

/// The largest config that is kept: registries take no larger one.
const LARGEST_CONFIG: u64 = 4 << 20;

/// A folder of what earlier runs learned, shared by all processes that use it.
pub struct LayerCache {
    store: Store,
    limit: Bytes,
    /// What went wrong first.
    problem: Mutex<Option<String>>,
}

/// What a cache holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// Layers whose content is known.
    pub layers: usize,
    /// All that it takes of the disk, in whole blocks.
    pub bytes: Bytes,
    /// Of that, what only other versions of imgbudget read.
    pub other_versions: Bytes,
}

impl LayerCache {
    /// The cache in `folder`, which is made when something is kept.
    ///
    /// # Errors
    /// Something other than a cache is there, or everybody can write to it, or it belongs to another user.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Ok(Self { store: Store::open(folder)?, limit: LIMIT, problem: Mutex::default() })
    }

    /// The same with another limit.
    #[must_use]
    pub fn limited(self, limit: Bytes) -> Self {
        Self { limit, ..self }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.store.folder()
    }

    /// What is known of a layer with at least this evidence. Its files are not read yet: [`LayerCache::files`] reads them.
    pub fn layer(&self, diff_id: &DiffId, least: Evidence, memory: &Memory) -> Option<(IndexedLayer, Evidence)> {
        // Without its files a layer is no proof: they are looked for first, which is cheap.
        let hashed = || {
            let has_files = self.store.has(Kind::Files(Evidence::Hashed), &diff_id.0);
            if least == Evidence::Hashed && !has_files {
                return None;
            }
            let index = self.index(diff_id, Evidence::Hashed, memory)?;
            let files = if has_files { LayerFiles::stored() } else { LayerFiles::default() };
            Some((IndexedLayer::new(index, files), Evidence::Hashed))
        };
        hashed().or_else(|| {
            let said = (least == Evidence::EngineSaid).then(|| self.index(diff_id, Evidence::EngineSaid, memory));
            said.flatten().map(|index| (IndexedLayer::new(index, LayerFiles::default()), Evidence::EngineSaid))
        })
    }

    /// What is known of the files of a layer with this index, with the best evidence that there is.
    pub fn files(&self, index: &LayerIndex, keep: &Keep, memory: &Memory) -> Option<LayerFiles> {
        let with = |evidence| {
            let read = |file: &mut std::fs::File, length: u64| {
                // Where the run has no memory for it, it is not the file's fault.
                let Some(bytes) = whole(file, length, memory)? else { return Ok(Some(None)) };
                Ok(match codec::files::decode(&bytes, index, evidence, keep, memory) {
                    Ok(files) => Some(Some(files)),
                    Err(DecodeError::Memory(_)) => Some(None),
                    Err(DecodeError::Damaged) => None,
                })
            };
            self.get(Kind::Files(evidence), &index.diff_id().0, read).flatten()
        };
        with(Evidence::Hashed).or_else(|| with(Evidence::EngineSaid))
    }

    /// Keeps what a layer holds, and what was kept of its files. What is known with better evidence stays.
    pub fn keep_layer(&self, layer: &IndexedLayer, evidence: Evidence) {
        let digest = &layer.diff_id().0;
        let (hashed, said) = (Kind::Layer(Evidence::Hashed), Kind::Layer(Evidence::EngineSaid));
        self.keep_files(layer, evidence);
        if evidence == Evidence::EngineSaid && self.store.has(hashed, digest) {
            return;
        }
        self.keep(Kind::Layer(evidence), digest, |out| codec::encode(&layer.index, evidence, out));
        if evidence == Evidence::Hashed {
            self.store.remove(said, digest);
        }
    }

    /// Keeps what was kept of a layer's files. Only all of them are proof; where memory is why one is not there, a later run reads the layer
    /// again.
    pub fn keep_files(&self, layer: &IndexedLayer, evidence: Evidence) {
        let digest = &layer.diff_id().0;
        let evidence = if layer.files.is_complete() { evidence } else { Evidence::EngineSaid };
        let is_nothing = layer.files.is_empty() && layer.files.sums().next().is_none();
        if layer.files.is_short() || layer.files.is_stored() || is_nothing && evidence == Evidence::EngineSaid {
            return;
        }
        if evidence == Evidence::EngineSaid && self.store.has(Kind::Files(Evidence::Hashed), digest) {
            return;
        }
        self.keep(Kind::Files(evidence), digest, |out| codec::files::encode(layer, evidence, out));
        if evidence == Evidence::Hashed {
            self.store.remove(Kind::Files(Evidence::EngineSaid), digest);
        }
    }

    /// The config with this digest.
    pub fn config(&self, digest: &Digest) -> Option<Vec<u8>> {
        let read = |file: &mut std::fs::File, length: u64| {
            let mut bytes = Vec::new();
            if length <= LARGEST_CONFIG {
                file.take(LARGEST_CONFIG).read_to_end(&mut bytes)?;
            }
            Ok(Some(bytes).filter(|bytes| Digest::of(bytes) == *digest))
        };
        self.get(Kind::Config, digest, read)
    }

    /// Keeps a config. One that does not have this digest is not kept.
    pub fn keep_config(&self, digest: &Digest, config: &[u8]) {
        if config.len() as u64 <= LARGEST_CONFIG && Digest::of(config) == *digest {
            self.keep(Kind::Config, digest, |out| out.write_all(config));
        }
    }

    /// What a registry was seen to store of a layer: the bytes of its compressed blob.
    pub fn compressed(&self, diff_id: &DiffId) -> Option<Bytes> {
        let read = |file: &mut std::fs::File, length: u64| {
            let mut bytes = [0; Compressed::LENGTH];
            if length != Compressed::LENGTH as u64 {
                return Ok(None);
            }
            file.read_exact(&mut bytes)?;
            Ok(Compressed(bytes).of(diff_id))
        };
        self.get(Kind::Compressed, &diff_id.0, read)
    }

    /// Keeps the bytes of a layer's compressed blob.
    pub fn keep_compressed(&self, diff_id: &DiffId, bytes: Bytes) {
        self.keep(Kind::Compressed, &diff_id.0, |out| out.write_all(&Compressed::new(diff_id, bytes).0));
    }

    /// What is wrong with the cache: one sentence for the run, if anything.
    pub fn notes(&self) -> Vec<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone().into_iter().collect()
    }

    /// Lets the least recently used go where there is more than the limit. To be called once, at the end of a run.
    pub fn trim(&self) {
        if self.store.written() > 0 {
            trim::trim(self.folder(), self.store.written(), self.limit.0);
        }
    }

    /// How much it may take of the disk.
    pub fn limit(&self) -> Bytes {
        self.limit
    }

    /// What it holds. Looks at every file.
    pub fn contents(&self) -> Contents {
        let mut contents = Contents::default();
        for file in walk::files(self.folder()) {
            contents.count(&file);
        }
        contents
    }

    /// Removes what it holds, and nothing that it did not make. Says what that was.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn clear(&self) -> Result<Contents, Error> {
        let mut removed = Contents::default();
        for file in walk::files(self.folder()) {
            match std::fs::remove_file(&file.path) {
                Ok(()) => removed.count(&file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let what = format!("cannot remove `{}`", file.path.display());
                    return Err(Error::new(Class::Io, what).caused_by(error));
                }
            }
        }
        for folder in walk::all_folders(self.folder()) {
            // One that is not empty holds what another run has just written, or what is not the cache's own.
            let _ = std::fs::remove_dir(folder);
        }
        trim::forget(self.folder());
        Ok(removed)
    }

    fn index(&self, diff_id: &DiffId, evidence: Evidence, memory: &Memory) -> Option<LayerIndex> {
        let read = |file: &mut std::fs::File, length: u64| {
            // Where the run has no memory for it, it is not the file's fault.
            let Some(bytes) = whole(file, length, memory)? else { return Ok(Some(None)) };
            Ok(match codec::decode(bytes, diff_id, evidence, memory) {
                Ok(index) => Some(Some(index)),
                Err(DecodeError::Memory(_)) => Some(None),
                Err(DecodeError::Damaged) => None,
            })
        };
        self.get(Kind::Layer(evidence), &diff_id.0, read).flatten()
    }

    /// Reads a file, and drops one that is not what it should be.
    fn get<T>(
        &self,
        kind: Kind,
        digest: &Digest,
        read: impl FnOnce(&mut std::fs::File, u64) -> io::Result<Option<T>>,
    ) -> Option<T> {
        let found = self.store.open_file(kind, digest).and_then(|mut file| {
            let length = file.metadata()?.len();
            let found = read(&mut file, length)?;
            if found.is_some() {
                Store::touch(&file);
            }
            Ok(found)
        });
        match found {
            Ok(Some(found)) => return Some(found),
            Ok(None) => self.store.remove(kind, digest),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.tell("read", &error),
        }
        None
    }

    fn keep(&self, kind: Kind, digest: &Digest, write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) {
        if let Err(error) = self.store.write(kind, digest, write) {
            self.tell("write to", &error);
        }
    }

    fn tell(&self, what: &str, error: &io::Error) {
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        // tempfile adds the name of the draft, which means nothing to anybody.
        let said = error.to_string();
        let cause = said.split_once(" at path ").map_or(said.as_str(), |(cause, _)| cause);
        problem.get_or_insert_with(|| format!("cannot {what} the layer cache `{}`: {cause}", self.folder().display()));
    }
}

/// All of a file; `None` where there is no memory for it.
fn whole(file: &mut std::fs::File, length: u64, memory: &Memory) -> io::Result<Option<List<u8>>> {
    let mut bytes = List::new(memory);
    let Ok(()) = usize::try_from(length).map_or(Ok(()), |length| bytes.resize(length, 0)) else { return Ok(None) };
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

impl Contents {
    fn count(&mut self, file: &walk::Found) {
        let room = Bytes(store::room(file.bytes));
        self.bytes = Bytes(self.bytes.0.saturating_add(room.0));
        if file.is_current {
            self.layers += usize::from(matches!(file.kind, Kind::Layer(_)) && !file.is_draft);
        } else {
            self.other_versions = Bytes(self.other_versions.0.saturating_add(room.0));
        }
    }
}

impl fmt::Debug for LayerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LayerCache({})", self.folder().display())
    }
}

/// A compressed size as it is kept: the diff id, the bytes, and a checksum of both.
struct Compressed([u8; Self::LENGTH]);

impl Compressed {
    const LENGTH: usize = 48;

    fn new(diff_id: &DiffId, bytes: Bytes) -> Self {
        let mut all = [0; Self::LENGTH];
        all[..32].copy_from_slice(diff_id.0.as_bytes());
        all[32..40].copy_from_slice(&bytes.0.to_le_bytes());
        let sum = codec::checksum(&all[..40]);
        all[40..].copy_from_slice(&sum.to_le_bytes());
        Self(all)
    }

    /// The bytes, where it is of this layer and whole.
    fn of(&self, diff_id: &DiffId) -> Option<Bytes> {
        let bytes = u64::from_le_bytes(*self.0[32..].first_chunk()?);
        (Self::new(diff_id, Bytes(bytes)).0 == self.0).then_some(Bytes(bytes))
    }
}

#[cfg(test)]
mod tests;
