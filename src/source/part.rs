//! A layer as its source keeps it: read already, as out of a stream, or at a place where it can be read as often as wanted.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files;
use crate::layer::{Compression, LayerBlob, LayerError};

/// What became of a layer so far.
#[derive(Debug)]
pub(super) enum Layer {
    /// It was read, or could not be.
    Read(Result<LayerBlob, LayerError>),
    /// It was seen.
    Unread(Place),
}

/// Where a layer can be read.
#[derive(Debug, Clone)]
pub(super) struct Place {
    at: At,
    /// Bytes of the blob as stored.
    pub(super) size: u64,
    /// How it is stored, as its first bytes say.
    pub(super) compression: Compression,
}

#[derive(Debug, Clone)]
enum At {
    /// A file of its own.
    File(PathBuf),
    /// A part of a larger one.
    Within { file: Arc<File>, offset: u64 },
}

impl Place {
    /// The whole of the file at `path`.
    pub(super) fn file(path: PathBuf, size: u64, compression: Compression) -> Self {
        Self { at: At::File(path), size, compression }
    }

    /// `size` bytes from `offset` on.
    pub(super) fn within(file: &Arc<File>, offset: u64, size: u64, compression: Compression) -> Self {
        Self { at: At::Within { file: Arc::clone(file), offset }, size, compression }
    }

    /// What tells it from the other places of one source.
    pub(super) fn key(&self) -> (Option<&Path>, u64) {
        match &self.at {
            At::File(path) => (Some(path), 0),
            At::Within { offset, .. } => (None, *offset),
        }
    }

    /// A reader of the blob, from its beginning.
    ///
    /// # Errors
    /// When it is not there any more.
    pub(super) fn open(&self) -> io::Result<Opened> {
        Ok(match &self.at {
            At::File(path) => Opened::File(files::open(path)?),
            At::Within { file, offset } => {
                Opened::Within(Section { file: Arc::clone(file), offset: *offset, left: self.size })
            }
        })
    }
}

/// A layer that is being read.
#[derive(Debug)]
pub(super) enum Opened {
    File(File),
    Within(Section),
}

/// A part of a file; several of one file are read side by side.
#[derive(Debug)]
pub(super) struct Section {
    file: Arc<File>,
    offset: u64,
    left: u64,
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Within(section) => section.read(buffer),
        }
    }
}

impl Read for Section {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read_at(&mut buffer[..most], self.offset)?;
        self.offset = self.offset.saturating_add(read as u64);
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}
