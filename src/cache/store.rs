//! Files that several processes read, write and remove at once: each is there whole, or not at all.

use std::fs::{DirBuilder, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::place::Kind;
use crate::domain::Digest;
use crate::error::{Class, Error};
use crate::files;

/// How the names of files begin that are being written.
pub(super) const DRAFT: &str = ".draft-";

/// The folder of a cache.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        // The folder itself may be a link, nothing below it.
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        match std::fs::metadata(&folder) {
            Ok(there) if !there.is_dir() => {
                let what = format!("the layer cache `{}` is not a directory", folder.display());
                Err(Error::new(Class::Io, what))
            }
            _ => Ok(Self { folder }),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn has(&self, kind: Kind, digest: &Digest) -> bool {
        self.open_file(kind, digest).is_ok()
    }

    pub(super) fn open_file(&self, kind: Kind, digest: &Digest) -> io::Result<File> {
        let (folder, name) = kind.file(&self.folder, digest);
        self.is_inside(&folder)?;
        files::open_unlinked(&folder.join(name))
    }

    pub(super) fn remove(&self, kind: Kind, digest: &Digest) {
        let (folder, name) = kind.file(&self.folder, digest);
        if self.is_inside(&folder).is_ok() {
            // Somebody else may have been first; and where it cannot be removed, it is replaced.
            let _ = std::fs::remove_file(folder.join(name));
        }
    }

    /// Writes a file and puts it in the place of whatever was there.
    pub(super) fn write(
        &self,
        kind: Kind,
        digest: &Digest,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let (folder, name) = kind.file(&self.folder, digest);
        let draft = || {
            self.is_inside(&folder)?;
            tempfile::Builder::new().prefix(DRAFT).tempfile_in(&folder)
        };
        let draft = match draft() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
                draft()
            }
            draft => draft,
        }?;
        let mut out = BufWriter::with_capacity(64 * 1024, draft);
        write(&mut out)?;
        out.into_inner()?.persist(folder.join(name))?;
        Ok(())
    }

    /// Remembers that a file was of use. To the hour: to read is not to write.
    pub(super) fn touch(file: &File) {
        const OFTEN: Duration = Duration::from_secs(3600);
        let is_recent = file
            .metadata()
            .and_then(|there| there.modified())
            .is_ok_and(|time| time.elapsed().is_ok_and(|age| age < OFTEN));
        if !is_recent {
            let _ = file.set_modified(SystemTime::now());
        }
    }

    /// That the two folders above a file are folders, and no links that lead elsewhere.
    fn is_inside(&self, folder: &Path) -> io::Result<()> {
        for folder in folder.ancestors().take_while(|above| *above != self.folder) {
            if !std::fs::symlink_metadata(folder)?.is_dir() {
                return Err(io::Error::from(io::ErrorKind::NotADirectory));
            }
        }
        Ok(())
    }
}
