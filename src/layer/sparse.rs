//! Sparse files: which parts of a file a tar holds, in the four forms that GNU tar has had, read as Go's `archive/tar` reads them.
//!
//! Source: GNU tar manual, "Storing Sparse Files", and Go's `reader.go` for what is refused and what is taken for a plain file.

use std::io::Read;
use std::ops::Range;

use super::error::TarError;
use super::fill::read_up_to;
use super::header::{BLOCK, Header, number};
use super::pax::{SparseRecords, decimal, some};

const WRONG: TarError = TarError::Header("a sparse file with a wrong map");

/// The longest map: Go reads no longer one either since 1.24.
const LONGEST_MAP: usize = 1 << 20;

/// Where the PAX forms keep the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// 0.0 and 0.1.
    InRecords,
    /// 1.0: in front of the content.
    InContent,
}

impl SparseRecords {
    /// The form of the file; `None` when it is not sparse. With a version that nobody knows it is a plain file, whatever else is said.
    pub(super) fn form(&self) -> Option<Form> {
        match (&self.major[..], &self.minor[..]) {
            (b"0", b"0" | b"1") => Some(Form::InRecords),
            (b"1", b"0") => Some(Form::InContent),
            (b"", b"") if !self.map.is_empty() => Some(Form::InRecords),
            _ => None,
        }
    }

    /// Size of the file with its holes; `stored` where no record says it.
    ///
    /// # Errors
    /// When it is not a number.
    pub(super) fn size_or(&self, stored: i64) -> Result<i64, TarError> {
        let stated = some(&self.size).or_else(|| some(&self.real_size));
        stated.map_or(Ok(stored), |size| decimal(size).ok_or(WRONG))
    }
}

/// What a tar holds of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Map {
    size: u64,
    held: u64,
    end: u64,
    parts: Vec<Range<u64>>,
}

impl Map {
    /// The map of the forms 0.0 and 0.1.
    ///
    /// # Errors
    /// When it has other than the stated number of parts, or they do not lie in the file, in order.
    pub(super) fn in_records(records: &SparseRecords, size: i64) -> Result<Self, TarError> {
        let mut map = Self::new(size)?;
        let stated = decimal(&records.blocks).and_then(|blocks| usize::try_from(blocks).ok()).ok_or(WRONG)?;
        let mut numbers = some(&records.map).into_iter().flat_map(|map| map.split(|byte| *byte == b','));
        let mut found = 0_usize;
        while let Some(offset) = numbers.next() {
            let length = numbers.next().ok_or(WRONG)?;
            map.push(decimal(offset).ok_or(WRONG)?, decimal(length).ok_or(WRONG)?)?;
            found += 1;
        }
        if found == stated { Ok(map) } else { Err(WRONG) }
    }

    /// The map of the form 1.0: a count and pairs of numbers, a line each, in whole blocks before the content.
    ///
    /// # Errors
    /// When it is not one, and as [`Self::in_records`].
    pub(super) fn in_content(content: impl Read, size: i64) -> Result<Self, TarError> {
        let mut map = Self::new(size)?;
        let mut lines = Lines { content, block: [0; BLOCK], at: BLOCK, read: 0 };
        let parts = lines.number()?;
        if !(0..=i64::MAX / 2).contains(&parts) {
            return Err(WRONG);
        }
        for _ in 0..parts {
            map.push(lines.number()?, lines.number()?)?;
        }
        Ok(map)
    }

    /// The map of an old GNU sparse file: four parts in the header, 21 in each block that follows it.
    ///
    /// # Errors
    /// When a number is not one, or the parts do not lie in the file, in order.
    pub(super) fn in_header(
        header: &Header,
        mut next: impl FnMut() -> Result<[u8; BLOCK], TarError>,
    ) -> Result<Self, TarError> {
        const PART: usize = 24;
        let (size, begin) = header.sparse()?;
        let mut map = Self::new(size)?;
        let mut parts = begin.to_vec();
        let mut read = 0;
        loop {
            let more = parts.len() / PART * PART;
            for part in parts[..more].chunks_exact(PART).take_while(|part| part[0] != 0) {
                map.push(number(&part[..12])?, number(&part[12..])?)?;
            }
            if parts[more] == 0 {
                return Ok(map);
            }
            read += BLOCK;
            if read > LONGEST_MAP {
                return Err(TarError::SparseMap);
            }
            parts = next()?.to_vec();
        }
    }

    /// Bytes of the file with its holes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Bytes that the tar holds of it.
    pub(super) fn held(&self) -> u64 {
        self.held
    }

    /// Until where the file goes on at `position` as it begins there, and whether that is in the tar or a hole. Nothing at the end.
    pub(super) fn run(&self, position: u64) -> (Range<u64>, bool) {
        let next = self.parts.partition_point(|part| part.end <= position);
        match self.parts.get(next) {
            Some(part) if part.contains(&position) => (position..part.end, true),
            Some(part) => (position..part.start, false),
            None => (position..self.size, false),
        }
    }

    fn new(size: i64) -> Result<Self, TarError> {
        Ok(Self { size: u64::try_from(size).map_err(|_| WRONG)?, held: 0, end: 0, parts: Vec::new() })
    }

    fn push(&mut self, offset: i64, length: i64) -> Result<(), TarError> {
        let (start, length) = u64::try_from(offset).ok().zip(u64::try_from(length).ok()).ok_or(WRONG)?;
        let end = start.checked_add(length).filter(|end| *end <= self.size && start >= self.end).ok_or(WRONG)?;
        self.end = end;
        if length > 0 {
            self.held += length;
            self.parts.push(start..end);
        }
        Ok(())
    }
}

/// The lines of a map that takes whole blocks.
struct Lines<R> {
    content: R,
    block: [u8; BLOCK],
    at: usize,
    read: usize,
}

impl<R: Read> Lines<R> {
    fn number(&mut self) -> Result<i64, TarError> {
        const LONGEST: usize = 32;
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return decimal(&line).ok_or(WRONG),
                _ if line.len() == LONGEST => return Err(WRONG),
                byte => line.push(byte),
            }
        }
    }

    fn byte(&mut self) -> Result<u8, TarError> {
        if self.at == BLOCK {
            self.read += BLOCK;
            if self.read > LONGEST_MAP {
                return Err(TarError::SparseMap);
            }
            if read_up_to(&mut self.content, &mut self.block)? < BLOCK {
                return Err(WRONG);
            }
            self.at = 0;
        }
        self.at += 1;
        Ok(self.block[self.at - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(size: i64, parts: &[(i64, i64)]) -> Option<Map> {
        let mut map = Map::new(size).ok()?;
        parts.iter().try_for_each(|(offset, length)| map.push(*offset, *length)).ok()?;
        Some(map)
    }

    #[test]
    fn parts_lie_in_the_file_in_order() {
        assert!(map(10, &[(0, 3), (3, 0), (3, 7)]).is_some());
        for wrong in [&[(0, 11)][..], &[(-1, 2)], &[(1, -1)], &[(4, 2), (5, 1)], &[(1, i64::MAX)]] {
            assert_eq!(map(10, wrong), None, "{wrong:?}");
        }
        assert_eq!(map(-1, &[]), None);
    }

    #[test]
    fn runs_of_bytes_and_holes() {
        let map = map(10, &[(2, 3), (5, 1), (7, 1)]).expect("valid");
        assert_eq!(map.held(), 5);
        let runs: Vec<_> = [0, 2, 4, 5, 6, 7, 8, 10].map(|at| map.run(at)).into();
        let expected = [
            (0..2, false),
            (2..5, true),
            (4..5, true),
            (5..6, true),
            (6..7, false),
            (7..8, true),
            (8..10, false),
            (10..10, false),
        ];
        assert_eq!(runs, expected);
    }

    #[test]
    fn a_map_before_the_content_takes_whole_blocks() {
        let mut text = b"2\n0\n1\n512\n+5\n".to_vec();
        text.resize(600, b'x');
        let mut rest = &text[..];
        let map = Map::in_content(&mut rest, 1000).expect("valid");
        assert_eq!((map.held(), rest.len()), (6, 88));
        assert!(Map::in_content(&b"0\n"[..], 0).is_err(), "a block is missing");
    }
}
