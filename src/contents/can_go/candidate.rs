//! Something that may be worth advice: which files it is about, and what to do.

use crate::domain::{CanGoKind, Place};
use crate::image::node::NodeId;
use crate::memory::{List, Memory, OutOfMemory};

/// Something that can go, before its bytes are counted.
#[derive(Debug)]
pub struct Candidate {
    /// What it is.
    pub kind: CanGoKind,
    /// The same for people: see [`crate::domain::CanGo::what`].
    pub what: String,
    /// What to do, in the imperative and without a full stop.
    pub fix: String,
    /// The files and directories that go. Without any it is a fact of which no bytes are promised.
    pub pieces: List<Piece>,
    /// The layer that it is about, where no bytes tell.
    pub layer: Option<usize>,
    /// Where it is, where no piece says so.
    pub named: Vec<NodeId>,
    /// The line of the Dockerfile that it is about, where no layer tells.
    pub line: Option<Place>,
    /// Whether it is told however small it is.
    pub is_always_told: bool,
}

/// A file, or a directory with all that is below it and [may go](super::Ground::may_go).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The file or directory.
    pub top: NodeId,
    /// What of it goes.
    pub frees: Frees,
}

/// How much of a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frees {
    /// All of it.
    All,
    /// As many of its bytes: it stays, and gets smaller.
    Part(u64),
}

impl Candidate {
    /// One without pieces.
    pub fn new(kind: CanGoKind, what: impl Into<String>, fix: impl Into<String>, memory: &Memory) -> Self {
        let (what, fix, pieces) = (what.into(), fix.into(), List::new(memory));
        Self { kind, what, fix, pieces, layer: None, named: Vec::new(), line: None, is_always_told: false }
    }

    /// One of which all pieces go.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn of(
        kind: CanGoKind,
        what: impl Into<String>,
        fix: impl Into<String>,
        memory: &Memory,
        tops: impl IntoIterator<Item = NodeId>,
    ) -> Result<Self, OutOfMemory> {
        let mut candidate = Self::new(kind, what, fix, memory);
        for top in tops {
            candidate.pieces.push(Piece { top, frees: Frees::All })?;
        }
        Ok(candidate)
    }
}
