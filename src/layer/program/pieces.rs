//! Ranges of a file that goes by once.

use std::ops::Range;

use object::ReadRef;

/// What was kept of a file. To a reader of ELF it is the file, most of which cannot be read.
#[derive(Debug)]
pub(super) struct Pieces {
    size: u64,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    range: Range<u64>,
    bytes: Vec<u8>,
}

impl Pieces {
    /// Nothing of a file of `size` bytes.
    pub(super) fn new(size: u64) -> Self {
        Self { size, pieces: Vec::new() }
    }

    /// Asks for a range, as far as the file goes.
    pub(super) fn want(&mut self, range: Range<u64>) {
        let range = range.start..range.end.min(self.size);
        if !range.is_empty() {
            self.pieces.push(Piece { range, bytes: Vec::new() });
        }
    }

    /// Takes what is wanted out of `bytes`, which begin at `position`. A range that began before that has all up to there.
    pub(super) fn absorb(&mut self, position: u64, bytes: &[u8]) {
        let end = position.saturating_add(bytes.len() as u64);
        for Piece { range, bytes: kept } in &mut self.pieces {
            let next = range.start.saturating_add(kept.len() as u64);
            let (from, to) = (next.max(position), range.end.min(end));
            if from == next && from < to {
                kept.extend_from_slice(slice(bytes, from - position..to - position));
            }
        }
    }

    /// Where each piece begins, and what is there of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.pieces.iter().map(|piece| (piece.range.start, piece.bytes.as_slice()))
    }

    /// How many bytes the file has.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The bytes from `start` on, as far as one piece has them.
    pub(super) fn from(&self, start: u64) -> Option<&[u8]> {
        let rests = self.iter().filter_map(|(begin, bytes)| {
            let skip = usize::try_from(start.checked_sub(begin)?).ok()?;
            bytes.get(skip..)
        });
        rests.max_by_key(|rest| rest.len()).filter(|rest| !rest.is_empty())
    }
}

impl<'a> ReadRef<'a> for &'a Pieces {
    fn len(self) -> Result<u64, ()> {
        Ok(self.size)
    }

    fn read_bytes_at(self, offset: u64, size: u64) -> Result<&'a [u8], ()> {
        if size == 0 {
            return Ok(&[]);
        }
        let size = usize::try_from(size).map_err(drop)?;
        self.from(offset).and_then(|bytes| bytes.get(..size)).ok_or(())
    }

    fn read_bytes_at_until(self, range: Range<u64>, delimiter: u8) -> Result<&'a [u8], ()> {
        let bytes = self.from(range.start).ok_or(())?;
        let most = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX).min(bytes.len());
        let length = memchr::memchr(delimiter, &bytes[..most]).ok_or(())?;
        Ok(&bytes[..length])
    }
}

/// A range that is known to be inside.
fn slice(bytes: &[u8], range: Range<u64>) -> &[u8] {
    let (Ok(start), Ok(end)) = (usize::try_from(range.start), usize::try_from(range.end)) else { return &[] };
    bytes.get(start..end).unwrap_or_default()
}
