//! The one table of `rpmdb.sqlite` that has headers, read from the bytes of the file.
//!
//! A file is pages of one size. A table is a tree of them: inner pages name their children, leaves have rows, and what of a row does
//! not fit goes on in a list of pages. Every page belongs to one place, so a page that is met twice is a lie, and reading ends in the
//! time that the file takes. Whatever does not hold up refuses the file: a row that SQLite would show otherwise is worse than none.
//!
//! <https://www.sqlite.org/fileformat2.html>

use super::Refused;
use super::bytes::{be16, be32};
use crate::memory::{List, Memory};

const MAGIC: &[u8] = b"SQLite format 3\0";
/// The header of the file, in front of the first page's own.
const HEADER: usize = 100;
const INNER: u8 = 5;
const LEAF: u8 = 13;

/// A database.
#[derive(Debug)]
pub(super) struct Database<'a> {
    bytes: &'a [u8],
    page_size: usize,
    /// What of a page SQLite makes use of.
    usable: usize,
    pages: usize,
}

/// A table's rows, or what is wrong.
type Outcome<T> = Result<T, Refused>;

impl<'a> Database<'a> {
    /// Reads the head of a file.
    pub(super) fn new(bytes: &'a [u8]) -> Outcome<Self> {
        let head = bytes.get(..HEADER).ok_or(Refused::Why("is cut short"))?;
        if !head.starts_with(MAGIC) {
            return Err(Refused::Why("is not a SQLite database"));
        }
        let page_size = match be16(head, 16) {
            Some(1) => 1 << 16,
            Some(size) if size >= 512 && size.is_power_of_two() => usize::from(size),
            _ => return Err(Refused::Why("has pages of a size that SQLite does not have")),
        };
        let usable = page_size - usize::from(head[20]);
        if usable < 480 || head[18] > 2 || head[19] > 2 || head[21..24] != [64, 32, 32] || be32(head, 56) != Some(1) {
            return Err(Refused::Why("is a SQLite database of a form that rpm does not write"));
        }
        // The number of pages counts where who wrote it also counted the change.
        let counted = be32(head, 28).filter(|count| *count != 0 && head[24..28] == head[92..96]);
        let pages = counted.map_or(bytes.len() / page_size, |count| count as usize);
        let length = pages.checked_mul(page_size).ok_or(Refused::Why("has more pages than bytes"))?;
        if bytes.len() < length || counted.is_none() && bytes.len() != length || pages == 0 {
            return Err(Refused::Why("is cut short"));
        }
        Ok(Self { bytes, page_size, usable, pages })
    }

    /// Calls `each` with the second column of every row of a table whose first column is the row's number: `hnum` and `blob`.
    pub(super) fn blobs(
        &self,
        table: &[u8],
        memory: &Memory,
        mut each: impl FnMut(&[u8]) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut seen = Seen::new(self.pages, memory)?;
        let mut root = None;
        self.rows(1, memory, &mut seen, &mut |row| {
            let [kind, name, _, page, _] = columns::<5>(row)?;
            if kind == Value::Text(b"table") && matches!(name, Value::Text(name) if name.eq_ignore_ascii_case(table)) {
                let Value::Integer(page) = page else { return Err(WRONG_CELL) };
                root = Some(usize::try_from(page).map_err(|_| WRONG_PAGE)?);
            }
            Ok(())
        })?;
        let root = root.ok_or(Refused::Why("has no table of packages"))?;
        self.rows(root, memory, &mut seen, &mut |row| match columns::<2>(row)? {
            [Value::Null, Value::Blob(blob)] => each(blob),
            _ => Err(Refused::Why("has a table of packages that rpm does not write")),
        })
    }

    /// Calls `each` with the record of every row below a page, in order.
    fn rows(
        &self,
        root: usize,
        memory: &Memory,
        seen: &mut Seen,
        each: &mut dyn FnMut(&[u8]) -> Outcome<()>,
    ) -> Outcome<()> {
        // What is left to walk, the next last.
        let mut left = List::new(memory);
        left.push(root)?;
        let mut last = None;
        let mut spilled = List::new(memory);
        while let Some(number) = left.pop() {
            let page = Page::new(self.page(number, seen)?, number)?;
            let mut taken = page.free()?;
            let first = left.len();
            for cell in 0..page.cells {
                let at = page.cell(cell)?;
                if page.is_leaf {
                    let (length, after) = varint(page.bytes, at).ok_or(WRONG_CELL)?;
                    let (row, after) = varint(page.bytes, after).ok_or(WRONG_CELL)?;
                    let row = row.cast_signed();
                    if last.is_some_and(|last| last >= row) {
                        return Err(Refused::Why("has rows out of order"));
                    }
                    last = Some(row);
                    let length = usize::try_from(length).map_err(|_| WRONG_CELL)?;
                    let (record, end) = self.payload(page.bytes, after, length, seen, &mut spilled)?;
                    // No cell takes less than a free block does.
                    taken = taken.saturating_add((end - at).max(4));
                    each(record)?;
                } else {
                    left.push(be32(page.bytes, at).ok_or(WRONG_CELL)? as usize)?;
                    let (_, end) = varint(page.bytes, at + 4).ok_or(WRONG_CELL)?;
                    taken = taken.saturating_add(end - at);
                }
            }
            if taken != page.bytes.len() {
                return Err(Refused::Why("has a page that has lost rows"));
            }
            if !page.is_leaf {
                left.push(be32(page.bytes, page.head + 8).ok_or(WRONG_PAGE)? as usize)?;
                left[first..].reverse();
                // No more pages can be left than there are, or one is left twice.
                if left.len() > self.pages {
                    return Err(TWICE);
                }
            } else if page.cells == 0 && number != root {
                return Err(Refused::Why("has a page that has lost rows"));
            }
        }
        Ok(())
    }

    /// A page, which nobody had before.
    fn page(&self, number: usize, seen: &mut Seen) -> Outcome<&'a [u8]> {
        if number == 0 || number > self.pages {
            return Err(Refused::Why("names a page that it does not have"));
        }
        if !seen.add(number) {
            return Err(TWICE);
        }
        let start = (number - 1) * self.page_size;
        self.bytes.get(start..start + self.usable).ok_or(WRONG_PAGE)
    }

    /// The record of a cell, gathered in `spilled` where it does not fit the page, and where the cell ends.
    fn payload<'s>(
        &self,
        page: &'s [u8],
        at: usize,
        length: usize,
        seen: &mut Seen,
        spilled: &'s mut List<u8>,
    ) -> Outcome<(&'s [u8], usize)> {
        let most = self.usable - 35;
        let local = if length <= most {
            length
        } else {
            let least = (self.usable - 12) * 32 / 255 - 23;
            let even = least + (length - least) % (self.usable - 4);
            if even <= most { even } else { least }
        };
        let here = page.get(at..at + local).ok_or(WRONG_CELL)?;
        if local == length {
            return Ok((here, at + local));
        }
        // More than all pages hold is a lie, and is found before anything is gathered.
        if length > self.bytes.len() {
            return Err(WRONG_CELL);
        }
        spilled.truncate(0);
        spilled.extend(here)?;
        let mut next = be32(page, at + local).ok_or(WRONG_CELL)? as usize;
        while spilled.len() < length {
            let page = self.page(next, seen)?;
            next = be32(page, 0).ok_or(WRONG_PAGE)? as usize;
            let rest = &page[4..];
            spilled.extend(&rest[..rest.len().min(length - spilled.len())])?;
        }
        if next != 0 {
            return Err(Refused::Why("has a row that does not end where it says"));
        }
        Ok((spilled, at + local + 4))
    }
}

const WRONG_PAGE: Refused = Refused::Why("has a page that is damaged");
const WRONG_CELL: Refused = Refused::Why("has a row that is damaged");
const TWICE: Refused = Refused::Why("has a page in two places");

/// A page of a tree.
struct Page<'a> {
    bytes: &'a [u8],
    /// Where its head is: behind that of the file in the first page.
    head: usize,
    is_leaf: bool,
    cells: usize,
}

impl<'a> Page<'a> {
    fn new(bytes: &'a [u8], number: usize) -> Outcome<Self> {
        let head = if number == 1 { HEADER } else { 0 };
        let is_leaf = match bytes.get(head) {
            Some(&LEAF) => true,
            Some(&INNER) => false,
            _ => return Err(WRONG_PAGE),
        };
        let cells = usize::from(be16(bytes, head + 3).ok_or(WRONG_PAGE)?);
        Ok(Self { bytes, head, is_leaf, cells })
    }

    /// Where the pointers to cells are.
    fn pointers(&self) -> usize {
        self.head + if self.is_leaf { 8 } else { 12 }
    }

    /// Where a cell is: not among the pointers.
    fn cell(&self, cell: usize) -> Outcome<usize> {
        let at = be16(self.bytes, self.pointers() + 2 * cell).map(usize::from).ok_or(WRONG_CELL)?;
        if at < self.pointers() + 2 * self.cells || at >= self.bytes.len() { Err(WRONG_CELL) } else { Ok(at) }
    }

    /// How many bytes are not those of cells: all others have to be, or a cell was lost. `PRAGMA integrity_check` counts so, too.
    fn free(&self) -> Outcome<usize> {
        let word = |at: usize| be16(self.bytes, at).map(usize::from).ok_or(WRONG_PAGE);
        let content = match word(self.head + 5)? {
            0 => 1 << 16,
            content => content,
        };
        let loose = self.bytes.get(self.head + 7).copied().map(usize::from).ok_or(WRONG_PAGE)?;
        let mut free = content.saturating_add(loose);
        let (mut at, mut before) = (word(self.head + 1)?, 0);
        while at != 0 {
            // They come in order, so there is an end.
            if at <= before {
                return Err(WRONG_PAGE);
            }
            free = free.saturating_add(word(at + 2)?);
            (before, at) = (at, word(at)?);
        }
        Ok(free)
    }
}

/// The pages that were met.
struct Seen(List<u64>);

impl Seen {
    fn new(pages: usize, memory: &Memory) -> Outcome<Self> {
        let mut bits = List::new(memory);
        bits.resize(pages / 64 + 1, 0_u64)?;
        Ok(Self(bits))
    }

    /// Whether it is new.
    fn add(&mut self, page: usize) -> bool {
        let Some(word) = self.0.get_mut(page / 64) else { return false };
        let bit = 1_u64 << (page % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

/// A column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value<'a> {
    Null,
    Integer(i64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
    /// A fraction.
    Other,
}

/// The columns of a record, which has just as many.
fn columns<const N: usize>(record: &[u8]) -> Outcome<[Value<'_>; N]> {
    let (head, mut at) = varint(record, 0).ok_or(WRONG_CELL)?;
    let head = usize::try_from(head).map_err(|_| WRONG_CELL)?;
    let mut values = [Value::Null; N];
    let mut body = head;
    for value in &mut values {
        let (kind, after) = varint(record, at).ok_or(WRONG_CELL)?;
        at = after;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return Err(WRONG_CELL),
            _ => (kind - 12) / 2,
        };
        let end = usize::try_from(length).ok().and_then(|length| body.checked_add(length)).ok_or(WRONG_CELL)?;
        let bytes = record.get(body..end).ok_or(WRONG_CELL)?;
        body = end;
        *value = match kind {
            0 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            7 => Value::Other,
            1..=6 => Value::Integer(integer(bytes)),
            _ if kind % 2 == 0 => Value::Blob(bytes),
            _ => Value::Text(bytes),
        };
    }
    if at == head && body == record.len() { Ok(values) } else { Err(WRONG_CELL) }
}

/// A big-endian number of two's complement.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes.first().is_some_and(|first| *first > 127) { -1 } else { 0 };
    bytes.iter().fold(sign, |sum: i64, byte| sum << 8 | i64::from(*byte))
}

/// A number in one to nine bytes, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0_u64;
    for (position, byte) in bytes.get(at..)?.iter().take(9).enumerate() {
        if position == 8 {
            return Some((number << 8 | u64::from(*byte), at + 9));
        }
        number = number << 7 | u64::from(byte & 127);
        if byte & 128 == 0 {
            return Some((number, at + position + 1));
        }
    }
    None
}
