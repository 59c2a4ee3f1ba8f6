//! Files that several processes read, write and remove at once: each is there whole, or not at all.

use std::fs::{DirBuilder, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::folder;
use super::place::{DRAFT, Kind};
use crate::domain::Digest;
use crate::error::Error;
use crate::files;

/// How often a folder is made anew that is gone by the time it is written to.
const MOST_TRIES: usize = 10;

/// The folder of a cache.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Bytes that this run has added, as [`room`] counts them.
    written: AtomicU64,
}

impl Store {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { folder: folder::checked(path)?, written: AtomicU64::new(0) })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    pub(super) fn has(&self, kind: Kind, digest: &Digest) -> bool {
        self.open_file(kind, digest).is_ok()
    }

    /// Opens a file. Neither it nor a folder above it may be a link, which could lead out of the cache.
    pub(super) fn open_file(&self, kind: Kind, digest: &Digest) -> io::Result<File> {
        let (folder, name) = kind.file(&self.folder, digest);
        self.is_inside(&folder)?;
        files::open_unlinked(&folder.join(name))
    }

    pub(super) fn remove(&self, kind: Kind, digest: &Digest) {
        let (folder, name) = kind.file(&self.folder, digest);
        if self.is_inside(&folder).is_ok() {
            // Somebody else may have been first; and where it cannot be removed, it is found damaged again.
            let _ = std::fs::remove_file(folder.join(name));
        }
    }

    /// Writes a file and puts it in the place of whatever was there. It need not survive a power failure: half of it is seen to be half.
    pub(super) fn write(
        &self,
        kind: Kind,
        digest: &Digest,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let (folder, name) = kind.file(&self.folder, digest);
        let mut tries = 0;
        let draft = loop {
            let draft =
                self.is_inside(&folder).and_then(|()| tempfile::Builder::new().prefix(DRAFT).tempfile_in(&folder));
            match draft {
                // It is not there yet; or no more, where another run clears the cache.
                Err(error) if error.kind() == io::ErrorKind::NotFound && tries < MOST_TRIES => {
                    tries += 1;
                    folder::make(&self.folder)?;
                    match DirBuilder::new().recursive(true).mode(0o700).create(&folder) {
                        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                        made => made?,
                    }
                }
                draft => break draft?,
            }
        };
        let mut out = BufWriter::with_capacity(64 * 1024, draft);
        write(&mut out)?;
        let file = match out.into_inner()?.persist(folder.join(name)) {
            // Another run cleared the cache, and the draft went with it.
            Err(gone) if gone.error.kind() == io::ErrorKind::NotFound => return Ok(()),
            kept => kept?,
        };
        self.written.fetch_add(room(file.metadata()?.len()), Ordering::Relaxed);
        Ok(())
    }

    /// Remembers that a file was of use. To the hour: reading is not writing.
    pub(super) fn touch(file: &File) {
        const OFTEN: Duration = Duration::from_secs(3600);
        let age = file.metadata().and_then(|there| there.modified()).map(|time| time.elapsed().unwrap_or_default());
        if !age.is_ok_and(|age| age < OFTEN) {
            // Where it may not be touched it may not be removed, either.
            let _ = file.set_modified(SystemTime::now());
        }
    }

    /// That the folders above a file are folders, and no links.
    fn is_inside(&self, folder: &Path) -> io::Result<()> {
        for folder in folder.ancestors().take_while(|above| *above != self.folder) {
            if !std::fs::symlink_metadata(folder)?.is_dir() {
                return Err(io::Error::from(io::ErrorKind::NotADirectory));
            }
        }
        Ok(())
    }
}

/// What a file of so many bytes takes of a disk: whole blocks, and one for its name and place.
pub(super) fn room(bytes: u64) -> u64 {
    const BLOCK: u64 = 4096;
    bytes.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX).max(BLOCK)
}
