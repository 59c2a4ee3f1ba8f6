//! Parts of a stream, as they go from hand to hand.

/// Large enough that hashing runs at full speed, small enough that a run with several targets stays small.
pub const BUFFER: usize = 256 * 1024;

/// A part of a stream.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    pub(super) filled: usize,
}

impl Buffer {
    pub(super) fn filled(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }
}
