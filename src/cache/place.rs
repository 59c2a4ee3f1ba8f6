//! Which file holds what.

use std::path::{Path, PathBuf};

use crate::domain::Digest;
use crate::layer::{Evidence, codec};

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An index by diff id. What an engine said lies apart: so it never takes the place of what was hashed, whichever process is the last.
    Layer(Evidence),
    /// A config by its digest.
    Config,
    /// A compressed size by diff id.
    Compressed,
}

impl Kind {
    /// What its folder is called but for the version.
    fn name(self) -> &'static str {
        match self {
            Self::Layer(Evidence::Hashed) => "layers",
            Self::Layer(Evidence::EngineSaid) => "said",
            Self::Config => "configs",
            Self::Compressed => "compressed",
        }
    }

    /// Another version has another folder: programs of different age use one cache, and what no program asks for is let go in time.
    pub(super) fn folder(self) -> String {
        match self {
            Self::Layer(_) => format!("{}-{}.{}", self.name(), codec::LAYOUT, codec::READER),
            Self::Config | Self::Compressed => format!("{}-1", self.name()),
        }
    }

    /// The folder of a file, and the file's name: the first two digits, and the others, so that no folder gets too long.
    pub(super) fn file(self, cache: &Path, digest: &Digest) -> (PathBuf, String) {
        let hex = digest.hex();
        let (first, rest) = hex.split_at(2);
        (cache.join(self.folder()).join(first), rest.to_owned())
    }
}
