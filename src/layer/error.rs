//! Why a tar or a layer cannot be read.

use std::io;

use super::allowance::TooMuch;
use crate::domain::Digest;
use crate::memory::OutOfMemory;

/// Why a tar cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TarError {
    /// The stream ended within a member.
    #[error("it ends in the middle of an entry")]
    Truncated,
    /// A header that no tar writes.
    #[error("it is damaged: {0}")]
    Header(&'static str),
    /// An extension member too long to be read.
    #[error("an extension entry claims {0} bytes, and 1 MiB is the most there may be")]
    Extension(u64),
    /// A type that engines refuse.
    #[error("it has an entry of the type `{}`, which no engine knows", .0.escape_ascii())]
    Kind(u8),
    /// A sparse file in more pieces than are kept.
    #[error("a sparse file's map takes more than 1 MiB")]
    SparseMap,
    /// The stream failed.
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// Why a layer has no index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// It has more names than a run may hold.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// An entry lies below what this layer has as a file.
    #[error("it has something below `{0}`, which is a file: no engine unpacks that")]
    BelowFile(String),
    /// An entry lies below links that lead nowhere.
    #[error("it has something below `{0}`, whose links lead in a circle: no engine unpacks that")]
    Circle(String),
    /// The sizes of its files add up to 2⁶⁴ bytes and more.
    #[error("its files claim more bytes than can be counted")]
    Size,
    /// More entries, or longer names, than any memory could hold.
    #[error("it has more than 4 billion bytes of names")]
    Names,
}

/// Why a layer cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// Its tar is broken.
    #[error(transparent)]
    Tar(#[from] TarError),
    /// Its entries make no tree, or too large a one.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Its first bytes are those of no tar, gzip or zstd.
    #[error("it is neither a tar nor compressed with gzip or zstd")]
    NoLayer,
    /// It is stored under the name of another blob.
    #[error("it is not what its name says: its digest is {0}")]
    OtherDigest(Digest),
    /// Its archive has its path twice, and not the same bytes.
    #[error("it is there twice, with different content")]
    TwoContents,
}

impl LayerError {
    /// The flag that would let it be read, where a limit of the run is what kept it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Index(IndexError::Memory(_)) => Some(OutOfMemory::HINT),
            Self::Tar(error) => error.hint(),
            _ => None,
        }
    }
}

impl LayerError {
    /// Whether the memory of the run is what kept it from being read.
    pub fn is_out_of_memory(&self) -> bool {
        match self {
            Self::Index(IndexError::Memory(_)) => true,
            Self::Tar(TarError::Read(error)) => error.kind() == io::ErrorKind::OutOfMemory,
            _ => false,
        }
    }
}

impl TarError {
    /// The flag that would let it be read, where a limit of the run is what kept it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Read(error) if error.kind() == io::ErrorKind::OutOfMemory => Some(OutOfMemory::HINT),
            Self::Read(error) if error.kind() == io::ErrorKind::FileTooLarge => Some(TooMuch::HINT),
            _ => None,
        }
    }
}

impl From<io::Error> for LayerError {
    fn from(error: io::Error) -> Self {
        Self::Tar(TarError::Read(error))
    }
}
