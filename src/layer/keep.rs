//! What is kept of a layer's files while its bytes go by, and how much memory that may take.

use std::fmt;

use crate::domain::Bytes;
use crate::memory::{Memory, OutOfMemory, Reserved};

/// The most bytes of one layer that are kept: databases of the largest distributions fit in, and a layer full of nothing else does not
/// take the memory of the others.
pub const MOST_OF_A_LAYER: u64 = 64 << 20;

/// The most files of one layer that are kept: five times what the largest `node_modules` have.
pub const MOST_FILES: usize = 200_000;

/// Files of this size have a sum: see [`LayerFiles::sum`](super::LayerFiles::sum).
pub const SUMMED: u64 = 1 << 20;

/// The most sums of one layer.
pub const MOST_SUMS: usize = 100_000;

/// What a file takes beside its bytes: its path, and its place in tables.
pub const EACH: usize = 256;

/// Why a file is not there that could be: as a fragment.
pub const NO_ROOM: &str = "finds no room in memory (see --memory-limit)";

/// How many bytes a file may have to be kept; `None` where it is not.
type Bound = fn(&[u8]) -> Option<u64>;

/// Which files are kept whole, and the room that all of a run have together. Clones share it.
#[derive(Clone)]
pub struct Keep {
    bound: Option<Bound>,
    room: Option<Memory>,
}

impl Keep {
    /// Files of which `bound`, asked with a path below the root without a leading slash, says how many bytes they may have. Together they
    /// take a quarter of `memory` at most: what they leave is for the indexes, without which no image is measured.
    pub fn new(bound: Bound, memory: &Memory) -> Self {
        Self { bound: Some(bound), room: Some(Memory::new(Bytes(memory.limit().0 / 4))) }
    }

    /// No file, and no sum; what is read back of them has no room of its own.
    pub fn nothing() -> Self {
        Self { bound: None, room: None }
    }

    /// Whether nothing is kept.
    pub fn is_nothing(&self) -> bool {
        self.bound.is_none()
    }

    /// The most bytes of the file at `path` that are kept; `None` for a file that is not.
    pub fn bound(&self, path: &[u8]) -> Option<u64> {
        self.bound?(path)
    }

    /// The room of all kept files of a run.
    pub fn room(&self) -> Option<&Memory> {
        self.room.as_ref()
    }
}

impl Default for Keep {
    fn default() -> Self {
        Self::nothing()
    }
}

impl fmt::Debug for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keep").field("room", &self.room).finish_non_exhaustive()
    }
}

/// Room for files of one layer, given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    of_run: Reserved,
    of_files: Option<Reserved>,
}

impl Room {
    /// Nothing yet, to be drawn from `memory` and from what all kept files have together.
    pub fn new(keep: &Keep, memory: &Memory) -> Self {
        Self { of_run: memory.reserve(), of_files: keep.room().map(Memory::reserve) }
    }

    /// The same for what is small: from `memory` alone.
    pub fn of_run(memory: &Memory) -> Self {
        Self { of_run: memory.reserve(), of_files: None }
    }

    /// Draws from both budgets, or from neither.
    ///
    /// # Errors
    /// When one of them has less left.
    pub fn draw(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        let before = self.of_run.bytes();
        self.of_run.grow(bytes)?;
        let drawn = self.of_files.as_mut().map_or(Ok(()), |of_files| of_files.grow(bytes));
        drawn.inspect_err(|_| self.of_run.shrink_to(usize::try_from(before.0).unwrap_or(usize::MAX)))
    }
}
