//! Bytes that may be anything become a tree as a layer has it, or an error.

use std::hash::{BuildHasher as _, RandomState};

use twox_hash::XxHash64;

use super::{CHECKSUM, HEADER, LAYOUT, MAGIC, READER, checksum, number};
use crate::domain::{Bytes, DiffId};
use crate::layer::evidence::Evidence;
use crate::layer::index::{LayerIndex, Record, Tag, Tree};
use crate::layer::unpack::{LONGEST_PATH, LONGEST_TARGET};
use crate::memory::{List, Memory, OutOfMemory};

/// Why bytes are not an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They are no index, of another version, of another layer, cut short, or changed.
    #[error("it is damaged, or of another version")]
    Damaged,
    /// They may be one, and the run has no memory for it.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
}

/// The index of the layer `diff_id` out of the bytes that [`encode`](super::encode) wrote for it with this evidence. They become part of the index.
///
/// # Errors
/// Whatever else the bytes are.
pub fn decode(
    bytes: List<u8>,
    diff_id: &DiffId,
    evidence: Evidence,
    memory: &Memory,
) -> Result<LayerIndex, DecodeError> {
    use DecodeError::Damaged;
    let (body, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(Damaged)?;
    let mut header = Input(body);
    let is_ours = header.take(8)? == MAGIC
        && header.take(2)? == LAYOUT.to_le_bytes()
        && header.take(2)? == READER.to_le_bytes()
        && header.take(2)? == number(evidence).to_le_bytes();
    let is_as_written = header.u16()?;
    let is_ours = is_ours && is_as_written < 2 && header.take(32)? == diff_id.0.as_bytes();
    if !is_ours || checksum(body) != u64::from_le_bytes(*sum) {
        return Err(Damaged);
    }
    let left_out = header.u64()?;
    let (nodes, text) = (header.u32()?, header.u32()?);
    let end = HEADER.checked_add(text as usize).ok_or(Damaged)?;
    u32::try_from(end).map_err(|_| Damaged)?;
    let input = Input(body.get(end..).ok_or(Damaged)?);
    // A node takes four bytes and more: what is claimed is paid for.
    if input.0.len() / 4 < nodes as usize {
        return Err(Damaged);
    }
    let seed = RandomState::new().hash_one(());
    let mut reading = Reading { text: &body[..end], at: HEADER, sum: left_out, seed, tree: Nodes::new(memory) };
    reading.all(input, nodes)?;
    let Reading { sum: size, tree: Nodes { records, mut large }, .. } = reading;
    large.fit();
    let mut text = bytes;
    text.truncate(end);
    text.fit();
    Ok(LayerIndex {
        diff_id: diff_id.clone(),
        size: Bytes(size),
        is_as_written: is_as_written == 1,
        tree: Tree { records, text, large },
    })
}

struct Nodes {
    records: List<Record>,
    large: List<u64>,
}

impl Nodes {
    fn new(memory: &Memory) -> Self {
        Self { records: List::new(memory), large: List::new(memory) }
    }
}

/// Nodes that are read one after the other, each checked against those before it.
struct Reading<'a> {
    /// The header and the text.
    text: &'a [u8],
    /// Where the text of the next node begins.
    at: usize,
    /// Content size so far.
    sum: u64,
    /// Of the hashes of this reading: nobody can give a layer names that have one hash.
    seed: u64,
    tree: Nodes,
}

impl<'a> Reading<'a> {
    fn all(&mut self, mut input: Input<'_>, nodes: u32) -> Result<(), DecodeError> {
        let memory = self.tree.records.memory();
        self.tree.records.make_room(nodes as usize + 1)?;
        self.tree.records.push(Record::new(Tag::Implied, 0o755, 0))?;
        // What distinguishes a path: names that are there twice below one directory have one hash twice.
        let mut paths = List::new(&memory);
        paths.make_room(nodes as usize)?;
        for position in 1..=nodes {
            let path = self.node(&mut input, position)?;
            paths.push(path)?;
        }
        paths.sort_unstable();
        let is_twice = paths.windows(2).any(|pair| pair[0] == pair[1]);
        if is_twice || self.at != self.text.len() || !input.0.is_empty() {
            return Err(DecodeError::Damaged);
        }
        Ok(())
    }

    /// Reads a node; gives a hash of its directory and name.
    fn node(&mut self, input: &mut Input<'_>, position: u32) -> Result<u64, DecodeError> {
        use DecodeError::Damaged;
        let bits = u16::from_le_bytes(input.array()?);
        let length = u16::try_from(input.varint()?).map_err(|_| Damaged)?;
        let parent = back(position, input.varint()?)?;
        let start = u32::try_from(self.at).map_err(|_| Damaged)?;
        let name = self.text(usize::from(length))?;
        if matches!(name, b"" | b"." | b"..") || name.contains(&b'/') || !self.record(parent)?.is_directory() {
            return Err(Damaged);
        }
        let path = XxHash64::oneshot(self.seed ^ u64::from(parent), name);
        let mut record = Record { start, parent, value: 0, name: length, bits };
        record.value = match record.known_tag().ok_or(Damaged)? {
            Tag::File => {
                let size = input.varint()?;
                self.sum = self.sum.checked_add(size).ok_or(Damaged)?;
                if let Ok(size) = u32::try_from(size) {
                    size
                } else {
                    record = record.with(Tag::LargeFile, u32::from(record.mode()));
                    self.tree.large.push(size)?;
                    u32::try_from(self.tree.large.len() - 1).map_err(|_| Damaged)?
                }
            }
            // Of the tree alone: written is the size.
            Tag::LargeFile => return Err(Damaged),
            Tag::Directory | Tag::Implied => {
                u32::try_from(input.varint()?).ok().filter(|opaque| *opaque < 2).ok_or(Damaged)?
            }
            tag @ (Tag::Symlink | Tag::Link) => {
                let most = if tag == Tag::Symlink { LONGEST_TARGET } else { LONGEST_PATH };
                let length = usize::try_from(input.varint()?).ok().filter(|length| *length <= most).ok_or(Damaged)?;
                self.text(length)?;
                if tag == Tag::Symlink {
                    self.sum = self.sum.checked_add(length as u64).ok_or(Damaged)?;
                }
                u32::try_from(length).map_err(|_| Damaged)?
            }
            Tag::Name => {
                let of = back(position, input.varint()?)?;
                match self.record(of)?.tag() {
                    Tag::File | Tag::LargeFile | Tag::Symlink | Tag::Link | Tag::Other => of,
                    Tag::Directory | Tag::Implied | Tag::Name | Tag::Whiteout => return Err(Damaged),
                }
            }
            Tag::Other | Tag::Whiteout => 0,
        };
        self.tree.records.push(record)?;
        Ok(path)
    }

    /// The next bytes of the text.
    fn text(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.at.checked_add(length).ok_or(DecodeError::Damaged)?;
        let text: &'a [u8] = self.text.get(self.at..end).ok_or(DecodeError::Damaged)?;
        self.at = end;
        Ok(text)
    }

    fn record(&self, position: u32) -> Result<Record, DecodeError> {
        self.tree.records.get(position as usize).copied().ok_or(DecodeError::Damaged)
    }
}

/// The position that is so many before this one.
fn back(position: u32, by: u64) -> Result<u32, DecodeError> {
    u32::try_from(by).ok().filter(|by| *by > 0).and_then(|by| position.checked_sub(by)).ok_or(DecodeError::Damaged)
}

/// Bytes that are read from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(DecodeError::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_le_bytes)
    }

    fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.array()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                break;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                // A number is written in one way.
                return if byte == 0 && shift > 0 { Err(DecodeError::Damaged) } else { Ok(number) };
            }
        }
        Err(DecodeError::Damaged)
    }
}
