//! A layer's index as bytes, to be kept and read again instead of the layer.
//!
//! All numbers are little-endian; *varint* is LEB128 of 64 bits.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 2 | [`LAYOUT`], the version of this table |
//! | 2 | [`READER`], the version of what is read out of a layer |
//! | 4 | the evidence: 1 as an engine said, 2 hashed |
//! | 32 | the diff id |
//! | 8 | bytes that count though their paths are in no tree |
//! | 4 | how many nodes there are, the root not counted |
//! | 4 | how many bytes of text |
//! | … | the text: of each node the name and, of a link, the target |
//! | … | the nodes: tag and mode as two bytes; varints of the name's length, of how far back the directory is, and of the value |
//! | 8 | XXH64 of all that |
//!
//! The value is the size of a file, the length of a link's target, how far back the file of a further name is, and 1 for an opaque
//! directory; nothing else has one. The root is not written, it is always the same. The text comes first because it stays where it is:
//! the bytes that were read become the text of the tree.
//!
//! The checksum is against accidents: half a file, a bad disk. It is no signature, and so nothing that follows from it is believed:
//! whatever the bytes are, what comes out is a tree as [`LayerIndexBuilder`](super::LayerIndexBuilder) could have made it, or an error. It is
//! not compressed: names do not get much smaller, and to inflate them would take longer than all else together.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Write};

use twox_hash::XxHash64;

use super::evidence::Evidence;
use super::index::{LayerIndex, NodeKind, Record, Tag, Tree};
use super::unpack::{LONGEST_PATH, LONGEST_TARGET};
use crate::domain::{Bytes, DiffId};
use crate::memory::{List, Memory, OutOfMemory};

/// The version of the form. Raised when the table above changes.
pub const LAYOUT: u16 = 1;

/// The version of what is read out of a layer. Raised whenever a reader understands a tar otherwise than before or keeps more of it: what was
/// learned by then is not asked again.
pub const READER: u16 = 1;

/// What the bytes begin with.
pub const MAGIC: [u8; 8] = *b"imgbudL\n";

/// How many bytes all entries of one layer begin with: what comes before that says of which layer they are.
pub const OWN: usize = 48;

/// Bytes before the text.
const HEADER: usize = 64;

/// Bytes of the checksum.
const CHECKSUM: usize = 8;

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

/// Writes an index, and how it is known.
///
/// # Errors
/// Those of `out`; [`io::ErrorKind::FileTooLarge`] where the names take 4 GB and more.
pub fn encode(index: &LayerIndex, evidence: Evidence, out: impl Write) -> io::Result<()> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    let mut out = Summing { out, sum: XxHash64::with_seed(0) };
    let (mut text, mut shown) = (0, 0_u64);
    for position in 1..=index.len() {
        let node = index.node(position);
        text += node.name.len() + target(node.kind).len();
        shown = shown.saturating_add(node.kind.size());
    }
    let left_out = index.size.0.saturating_sub(shown);
    out.write_all(&MAGIC)?;
    out.write_all(&LAYOUT.to_le_bytes())?;
    out.write_all(&READER.to_le_bytes())?;
    out.write_all(&number(evidence).to_le_bytes())?;
    out.write_all(index.diff_id.0.as_bytes())?;
    out.write_all(&left_out.to_le_bytes())?;
    out.write_all(&u32::try_from(index.len()).map_err(|_| too_large())?.to_le_bytes())?;
    out.write_all(&u32::try_from(text).map_err(|_| too_large())?.to_le_bytes())?;
    for position in 1..=index.len() {
        let node = index.node(position);
        out.write_all(node.name)?;
        out.write_all(target(node.kind))?;
    }
    for position in 1..=index.len() {
        let node = index.node(position);
        let (tag, value) = match node.kind {
            NodeKind::File { size } => (Tag::File, Some(size)),
            NodeKind::Directory { stated, opaque } => {
                (if stated { Tag::Directory } else { Tag::Implied }, Some(u64::from(opaque)))
            }
            NodeKind::Symlink { target } => (Tag::Symlink, Some(target.len() as u64)),
            NodeKind::Name { of } => (Tag::Name, Some(position.saturating_sub(of) as u64)),
            NodeKind::Link { target } => (Tag::Link, Some(target.len() as u64)),
            NodeKind::Other => (Tag::Other, None),
            NodeKind::Whiteout => (Tag::Whiteout, None),
        };
        out.write_all(&Record::new(tag, u32::from(node.mode), 0).bits.to_le_bytes())?;
        out.varint(node.name.len() as u64)?;
        out.varint(position.saturating_sub(node.parent) as u64)?;
        if let Some(value) = value {
            out.varint(value)?;
        }
    }
    let sum = out.sum.finish();
    out.write_all(&sum.to_le_bytes())?;
    out.out.flush()
}

/// The index of the layer `diff_id` out of the bytes that [`encode`] wrote for it with this evidence. They become part of the index.
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
        && header.take(4)? == number(evidence).to_le_bytes()
        && header.take(32)? == diff_id.0.as_bytes();
    if !is_ours || XxHash64::oneshot(0, body) != u64::from_le_bytes(*sum) {
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
    Ok(LayerIndex { diff_id: diff_id.clone(), size: Bytes(size), tree: Tree { records, text, large } })
}

/// XXH64 of some bytes: what tells a file that is whole from one that is not. No signature.
pub fn checksum(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

fn number(evidence: Evidence) -> u32 {
    match evidence {
        Evidence::EngineSaid => 1,
        Evidence::Hashed => 2,
    }
}

fn target(kind: NodeKind<'_>) -> &[u8] {
    match kind {
        NodeKind::Symlink { target } | NodeKind::Link { target } => target,
        _ => b"",
    }
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

/// A writer that sums up what went through it.
struct Summing<W> {
    out: W,
    sum: XxHash64,
}

impl<W: Write> Summing<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.write(bytes);
        self.out.write_all(bytes)
    }

    fn varint(&mut self, mut number: u64) -> io::Result<()> {
        let mut bytes = [0; 10];
        let mut length = 0;
        for byte in &mut bytes {
            let part = number.to_le_bytes()[0] & 0x7f;
            number >>= 7;
            length += 1;
            *byte = part | if number > 0 { 0x80 } else { 0 };
            if number == 0 {
                break;
            }
        }
        self.write_all(bytes.get(..length).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Digest;
    use crate::layer::{Entry, EntryKind, LayerIndexBuilder};

    fn id() -> DiffId {
        DiffId(Digest::of("a layer"))
    }

    fn index<'a>(entries: impl IntoIterator<Item = (&'a str, EntryKind<'a>)>) -> LayerIndex {
        let mut draft = LayerIndexBuilder::default();
        for (path, kind) in entries {
            // What no engine unpacks is left out.
            let _ = draft.push(Entry { path: path.as_bytes(), kind, mode: 0o4755 });
        }
        draft.finish(id()).expect("room")
    }

    fn encoded(index: &LayerIndex, evidence: Evidence) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(index, evidence, &mut bytes).expect("a vector takes all");
        bytes
    }

    fn decoded(bytes: &[u8]) -> Result<LayerIndex, DecodeError> {
        let memory = Memory::default();
        let mut list = List::new(&memory);
        list.extend(bytes).expect("room");
        decode(list, &id(), Evidence::Hashed, &memory)
    }

    /// Makes the checksum right, as a forger would.
    fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
        let body = bytes.len() - CHECKSUM;
        let sum = checksum(&bytes[..body]);
        bytes[body..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// An entry out of texts and nodes, each as written.
    fn forged(text: &str, nodes: &[&[u8]]) -> Vec<u8> {
        let mut bytes = encoded(&index([]), Evidence::Hashed);
        bytes.truncate(HEADER);
        bytes[56..60].copy_from_slice(&u32::try_from(nodes.len()).expect("few").to_le_bytes());
        bytes[60..64].copy_from_slice(&u32::try_from(text.len()).expect("short").to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
        for node in nodes {
            bytes.extend_from_slice(node);
        }
        bytes.extend_from_slice(&[0; CHECKSUM]);
        sealed(bytes)
    }

    fn nodes(index: &LayerIndex) -> Vec<super::super::index::Node<'_>> {
        (0..=index.len()).map(|position| index.node(position)).collect()
    }

    fn sample() -> LayerIndex {
        let file = |size| EntryKind::File { size };
        let huge = "x".repeat(LONGEST_TARGET + 1);
        index([
            ("bin/sh", file(7)),
            ("bin/bash", EntryKind::HardLink { target: b"bin/sh" }),
            ("lib", EntryKind::Symlink { target: b"usr/lib" }),
            ("var/huge", file(1 << 40)),
            ("var/log", EntryKind::Directory),
            ("var/log", EntryKind::Opaque),
            ("var/old", EntryKind::Whiteout),
            ("dev/null", EntryKind::Other),
            ("opt/of-below", EntryKind::HardLink { target: b"elsewhere" }),
            ("too-long", EntryKind::Symlink { target: huge.as_bytes() }),
            ("bin/sh", file(9)),
        ])
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let index = sample();
        let bytes = encoded(&index, Evidence::Hashed);
        let read = decoded(&bytes).expect("whole");
        assert_eq!(nodes(&read), nodes(&index));
        assert_eq!((read.size(), read.diff_id()), (index.size(), index.diff_id()));
        assert_eq!(index.size().0, 7 + 9 + 7 + (1 << 40) + 4096);
        assert_eq!(encoded(&read, Evidence::Hashed), bytes);
    }

    #[test]
    fn a_form_that_changes_is_another_version() {
        let sum = checksum(&encoded(&sample(), Evidence::Hashed));
        // Where this fails, raise LAYOUT or READER: what earlier versions wrote must not be read as something else.
        assert_eq!((LAYOUT, READER, format!("{sum:016x}").as_str()), (1, 1, "3459e2d00838435e"));
    }

    #[test]
    fn it_answers_for_its_own_layer_and_evidence_alone() {
        let memory = Memory::default();
        let said = encoded(&sample(), Evidence::EngineSaid);
        let decoded = |diff_id: &DiffId, evidence| {
            let mut bytes = List::new(&memory);
            bytes.extend(&said).expect("room");
            decode(bytes, diff_id, evidence, &memory).map(|index| index.len())
        };
        assert_eq!(decoded(&id(), Evidence::EngineSaid), Ok(sample().len()));
        assert_eq!(decoded(&id(), Evidence::Hashed), Err(DecodeError::Damaged));
        assert_eq!(decoded(&DiffId(Digest::of("another")), Evidence::EngineSaid), Err(DecodeError::Damaged));
    }

    #[test]
    fn no_byte_can_change_and_none_be_missing() {
        let bytes = encoded(&sample(), Evidence::Hashed);
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            assert!(decoded(&changed).is_err(), "byte {position}");
            assert!(decoded(&bytes[..position]).is_err(), "{position} bytes");
        }
        let longer = [&bytes[..], b"\0"].concat();
        assert!(decoded(&longer).is_err());
    }

    #[test]
    fn a_tree_that_no_layer_has_is_refused_whatever_the_checksum_says() {
        const DIRECTORY: u8 = (Tag::Directory as u8) << 4;
        const SYMLINK: u8 = (Tag::Symlink as u8) << 4;
        const NAME: u8 = (Tag::Name as u8) << 4;
        const WHITEOUT: u8 = (Tag::Whiteout as u8) << 4;
        let directory = |name, back| [0, DIRECTORY, name, back, 0];
        assert!(decoded(&forged("ab", &[&directory(1, 1), &directory(1, 1)])).is_ok());
        let huge = [0, 0, 1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        let refused: [(&str, Vec<u8>); 17] = [
            ("its own parent", forged("a", &[&directory(1, 0)])),
            ("a parent before the root", forged("a", &[&directory(1, 2)])),
            ("a file as parent", forged("ab", &[&[0, 0, 1, 1, 0], &directory(1, 1)])),
            ("no name", forged("", &[&directory(0, 1)])),
            ("the directory itself", forged(".", &[&directory(1, 1)])),
            ("what is above", forged("..", &[&directory(2, 1)])),
            ("two names in one", forged("a/b", &[&directory(3, 1)])),
            ("a name twice", forged("aba", &[&directory(1, 1), &directory(1, 2), &directory(1, 3)])),
            ("an unknown tag", forged("a", &[&[0, 0xf0, 1, 1]])),
            ("a tag of the tree", forged("a", &[&[0, 0x10, 1, 1, 0]])),
            ("half opaque", forged("a", &[&[0, DIRECTORY, 1, 1, 2]])),
            ("a name of a directory", forged("ab", &[&directory(1, 1), &[0, NAME, 1, 2, 1]])),
            ("a name of a whiteout", forged("ab", &[&[0, WHITEOUT, 1, 1], &[0, NAME, 1, 2, 1]])),
            ("a name of a name", forged("abc", &[&[0, 0, 1, 1, 0], &[0, NAME, 1, 2, 1], &[0, NAME, 1, 3, 1]])),
            ("a target beyond the text", forged("ab", &[&[0, SYMLINK, 1, 1, 2]])),
            ("text of nobody", forged("ab", &[&directory(1, 1)])),
            ("more bytes than can be counted", forged("ab", &[&[0, 0, 1, 1, 1], &huge])),
        ];
        for (what, bytes) in refused {
            assert_eq!(decoded(&bytes).map(|index| index.len()), Err(DecodeError::Damaged), "{what}");
        }
    }

    #[test]
    fn what_it_claims_takes_no_memory() {
        let memory = Memory::new(Bytes(10_000));
        for (at, what) in [(56, "nodes"), (60, "text")] {
            let mut bytes = encoded(&sample(), Evidence::Hashed);
            bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
            let mut list = List::new(&memory);
            list.extend(&sealed(bytes)).expect("room");
            assert_eq!(decode(list, &id(), Evidence::Hashed, &memory).map(|_| ()), Err(DecodeError::Damaged), "{what}");
        }
        assert_eq!(memory.taken(), Bytes::ZERO);
        let small = Memory::new(Bytes(1000));
        let mut list = List::new(&small);
        list.extend(&encoded(&sample(), Evidence::Hashed)).expect("room");
        let index = decode(list, &id(), Evidence::Hashed, &small);
        assert!(matches!(index, Ok(_) | Err(DecodeError::Memory(_))));
    }

    fn entries() -> impl Strategy<Value = Vec<(String, u8, String, u64)>> {
        let name = prop::sample::select(vec!["a", "b", "c", "długie imię", ".wh", "..."]);
        let path = prop::collection::vec(name, 1..4).prop_map(|names| names.join("/"));
        let size = prop_oneof![0..300_u64, Just(u64::from(u32::MAX)), (1_u64 << 32)..(1 << 58)];
        prop::collection::vec((path.clone(), 0..7_u8, path, size), 0..30)
    }

    fn of(entries: &[(String, u8, String, u64)]) -> LayerIndex {
        index(entries.iter().map(|(path, kind, target, size)| {
            let target = target.as_bytes();
            let kind = match kind {
                0 => EntryKind::Directory,
                1 => EntryKind::Symlink { target },
                2 => EntryKind::HardLink { target },
                3 => EntryKind::Other,
                4 => EntryKind::Whiteout,
                5 => EntryKind::Opaque,
                _ => EntryKind::File { size: *size },
            };
            (path.as_str(), kind)
        }))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_index_comes_back(entries in entries()) {
            let index = of(&entries);
            let read = decoded(&encoded(&index, Evidence::Hashed)).expect("whole");
            prop_assert_eq!(nodes(&read), nodes(&index));
            prop_assert_eq!(read.size(), index.size());
        }

        #[test]
        fn any_forgery_is_a_tree_or_refused(
            entries in entries(),
            changes in prop::collection::vec((HEADER - 16..400_usize, any::<u8>()), 1..4),
        ) {
            let mut bytes = encoded(&of(&entries), Evidence::Hashed);
            let body = bytes.len() - CHECKSUM;
            for (at, byte) in changes {
                bytes[at.min(body - 1)] = byte;
            }
            if let Ok(index) = decoded(&sealed(bytes)) {
                for position in 1..=index.len() {
                    let node = index.node(position);
                    prop_assert!(node.parent < position && !node.name.is_empty() && !node.name.contains(&b'/'));
                    if let NodeKind::Name { of } = node.kind {
                        let is_name = matches!(index.node(of).kind, NodeKind::Name { .. });
                        prop_assert!(of < position && !is_name);
                    }
                }
                let mut stack = crate::image::Stack::default();
                prop_assert!(stack.push(&index).is_ok());
                let whiteouts = nodes(&index).iter().filter(|node| node.kind == NodeKind::Whiteout).count();
                prop_assert_eq!(stack.live().count(), index.len() - whiteouts);
            }
        }
    }
}
