//! Bytes of a layer's files: of the few that say what else is in it, such as the databases of package managers.
//!
//! They are apart from the index, which is about all files and small. Which files are kept says [`crate::catalogue::kept`]; what was
//! not kept is absent, and may be read later by other means.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::program::Program;

/// The contents of some files of one layer, by path below the root without a leading slash.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayerFiles {
    files: BTreeMap<Vec<u8>, Kept>,
}

/// What is known of a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Whole(Arc<[u8]>),
    /// What [`program::look`](super::program::look) found out about it, and none of its bytes: an executable file.
    Program(Arc<Program>),
    /// Nothing, and it will not be read: why, as a fragment such as `has 3.0 GB, more than the 64.0 MB that are read`.
    Left(Arc<str>),
}

impl LayerFiles {
    /// The file at `path`; `None` where nobody looked at it.
    pub fn get(&self, path: &[u8]) -> Option<&Kept> {
        self.files.get(path)
    }

    /// Keeps a file, in place of what was known of it.
    pub fn insert(&mut self, path: impl Into<Vec<u8>>, kept: Kept) {
        self.files.insert(path.into(), kept);
    }

    /// Every file, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Kept)> {
        self.files.iter().map(|(path, kept)| (path.as_slice(), kept))
    }

    /// How many files it has.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}
