//! What is recognised by its own bytes, because where it is stands at the end of the file.

use std::io::{self, Read};
use std::ops::Range;

use memchr::memmem::Finder;

use super::pieces::Pieces;
use crate::layer::fill::read_up_to;

/// How much of a file is read before anything else: the linkers that are in use put all headers of segments there.
pub(super) const HEAD: usize = 4 << 10;

/// Bytes that are read at a time.
const STEP: usize = 64 << 10;

/// Bytes that are still there when the next ones come: what goes before a needle.
const BEFORE: usize = 8 << 10;

/// Of one needle no more than so many places are kept.
const MOST_PLACES: usize = 16;

/// What Go's build information begins with (`cmd/link/internal/ld`, `buildinfo`).
pub(super) const GO: &[u8] = b"\xff Go buildinf:";

/// Something to look for.
struct Needle {
    finder: Finder<'static>,
    /// Bytes before it and from it on that are kept.
    around: (u64, u64),
    found: usize,
}

/// Reads the rest of a file that begins with `head`, and keeps what lies around the needles.
///
/// # Errors
/// Those of `content`.
pub(super) fn find(head: Vec<u8>, content: &mut impl Read, pieces: &mut Pieces) -> io::Result<()> {
    let needle = |bytes, around| Needle { finder: Finder::new(bytes), around, found: 0 };
    let mut needles = [
        needle(GO, (0, 256 << 10)),
        // The table of the names of sections names itself.
        needle(b"\0.shstrtab\0", (BEFORE as u64, BEFORE as u64)),
    ];
    let mut filled = head.len();
    let mut buffer = head;
    buffer.resize(BEFORE + STEP, 0);
    // Where the buffer begins in the file, and how much of it has been searched.
    let (mut position, mut searched) = (0_u64, 0);
    loop {
        for needle in &mut needles {
            for place in needle.places(&buffer, searched..filled) {
                let place = position.saturating_add(place as u64);
                let (before, after) = needle.around;
                pieces.want(place.saturating_sub(before).max(position)..place.saturating_add(after));
            }
        }
        pieces.absorb(position, &buffer[..filled]);
        let gone = filled.saturating_sub(BEFORE);
        buffer.copy_within(gone..filled, 0);
        position = position.saturating_add(gone as u64);
        filled -= gone;
        searched = filled;
        let read = read_up_to(content, &mut buffer[filled..])?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
    }
}

impl Needle {
    /// Where it ends in the part of the buffer that is new.
    fn places(&mut self, buffer: &[u8], new: Range<usize>) -> Vec<usize> {
        let from = new.start.saturating_sub(self.finder.needle().len().saturating_sub(1));
        let left = MOST_PLACES.saturating_sub(self.found);
        let places: Vec<usize> = match buffer.get(from..new.end).filter(|_| left > 0) {
            Some(part) => self.finder.find_iter(part).map(|place| from + place).take(left).collect(),
            None => Vec::new(),
        };
        self.found += places.len();
        places
    }
}
