//! A layer's index as bytes, to be kept and read again instead of the layer.
//!
//! All numbers are little-endian; *varint* is LEB128 of 64 bits.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 2 | [`LAYOUT`], the version of this table |
//! | 2 | [`READER`], the version of what is read out of a layer |
//! | 2 | the evidence: 1 as an engine said, 2 hashed |
//! | 2 | 1 where the tree has each entry as the tar writes it, else 0 |
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

mod decode;
pub mod files;
#[cfg(test)]
mod tests;

use std::hash::Hasher as _;
use std::io::{self, Write};

use twox_hash::XxHash64;

use super::evidence::Evidence;
use super::index::{LayerIndex, NodeKind, Record, Tag};

pub use decode::{DecodeError, decode};

/// The version of the form. Raised when the table above changes.
pub const LAYOUT: u16 = 2;

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

/// Writes an index, and how it is known.
///
/// # Errors
/// Those of `out`; [`io::ErrorKind::FileTooLarge`] where the names take 4 GB and more.
pub fn encode(index: &LayerIndex, evidence: Evidence, out: impl Write) -> io::Result<()> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    let mut out = Summing::new(out);
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
    out.write_all(&u16::from(index.is_as_written).to_le_bytes())?;
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
    out.end()
}

/// XXH64 of some bytes: what tells a file that is whole from one that is not. No signature.
pub fn checksum(bytes: &[u8]) -> u64 {
    XxHash64::oneshot(0, bytes)
}

fn number(evidence: Evidence) -> u16 {
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

/// A writer that sums up what went through it.
struct Summing<W> {
    out: W,
    sum: XxHash64,
}

impl<W: Write> Summing<W> {
    fn new(out: W) -> Self {
        Self { out, sum: XxHash64::with_seed(0) }
    }

    fn varint(&mut self, number: u64) -> io::Result<()> {
        self.write_all(&varint(number))
    }

    /// Writes the checksum of all that went before.
    fn end(mut self) -> io::Result<()> {
        let sum = self.sum.finish();
        self.out.write_all(&sum.to_le_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.write(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(10);
    loop {
        let part = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        bytes.push(part | if number > 0 { 0x80 } else { 0 });
        if number == 0 {
            return bytes;
        }
    }
}
