//! A measured number and what it counts.

use super::Bytes;

/// A measured number with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Amount {
    /// Bytes.
    Bytes(Bytes),
    /// A count of layers or packages.
    Count(u64),
}

impl Amount {
    /// The number alone, as JSON holds it.
    #[must_use]
    pub fn value(self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.0,
            Self::Count(count) => count,
        }
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => bytes.fmt(f),
            Self::Count(count) => f.pad(&count.to_string()),
        }
    }
}
