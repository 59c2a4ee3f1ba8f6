//! What one layer holds, compactly: a tree of names, so that a million entries cost megabytes.
//!
//! The tree is what containerd leaves on disk of this layer alone (see [`unpack`](super::unpack)): every path is there once.

use super::error::IndexError;
use crate::domain::{Bytes, DiffId};
use crate::memory::List;

/// Everything that later questions need of one layer. Immutable, named by its diff id.
#[derive(Debug)]
pub struct LayerIndex {
    pub(super) diff_id: DiffId,
    pub(super) size: Bytes,
    /// [`LayerIndex::is_as_written`].
    pub(super) is_as_written: bool,
    pub(super) tree: Tree,
}

/// A path of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node<'a> {
    /// Position of the directory that it is in; smaller than its own.
    pub parent: usize,
    /// The last part of its path, possibly not UTF-8; empty for the root alone.
    pub name: &'a [u8],
    /// Permission bits, set-uid and its like included.
    pub mode: u16,
    /// What it is.
    pub kind: NodeKind<'a>,
}

/// What a path of a layer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind<'a> {
    /// A regular file of so many bytes (apparent size).
    File {
        /// Bytes.
        size: u64,
    },
    /// A directory.
    Directory {
        /// Whether the tar has an entry for it; otherwise it is only there because something is in it.
        stated: bool,
        /// Whether it hides all that lower layers put into it (`.wh..wh..opq`; OCI layer.md, "Whiteouts").
        opaque: bool,
    },
    /// A symbolic link; the target as written.
    Symlink {
        /// Target, relative to the link's directory or absolute.
        target: &'a [u8],
    },
    /// One more name (hard link) of a file or link of this layer.
    Name {
        /// Position of that file or link; smaller than its own. Never a `Name` itself.
        of: usize,
    },
    /// A hard link to what this layer does not have, or has only later, or as a directory.
    Link {
        /// Path of the entry whose content it shares, normalised.
        target: &'a [u8],
    },
    /// A device, a pipe, a socket.
    Other,
    /// `.wh.NAME`: hides NAME of lower layers (OCI layer.md, "Whiteouts").
    Whiteout,
}

impl NodeKind<'_> {
    /// The bytes that it counts in the size of its layer.
    pub(super) fn size(self) -> u64 {
        match self {
            Self::File { size } => size,
            Self::Symlink { target } => target.len() as u64,
            _ => 0,
        }
    }
}

impl LayerIndex {
    /// Digest of the layer's uncompressed tar.
    pub fn diff_id(&self) -> &DiffId {
        &self.diff_id
    }

    /// Content size: regular-file bytes plus symlink-target lengths; further names, directories and whiteouts 0.
    pub fn size(&self) -> Bytes {
        self.size
    }

    /// Whether each entry of the tar is in the tree under the name that it has there: nothing came twice, was replaced, was left out, or went
    /// through a link of its own layer. So a reader that knows nothing of unpacking sees the same.
    pub fn is_as_written(&self) -> bool {
        self.is_as_written
    }

    /// How many paths it has: whiteouts and the directories above what it holds are some of them, the root is not.
    pub fn len(&self) -> usize {
        self.tree.records.len().saturating_sub(1)
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The path at a position from 0, which is the root, to [`LayerIndex::len`]. A directory goes before what is in it.
    pub fn node(&self, position: usize) -> Node<'_> {
        self.tree.node(position)
    }

    /// A node's path below the root, without a leading slash; empty for the root itself.
    pub fn path(&self, position: usize) -> Vec<u8> {
        self.tree.path(position)
    }
}

/// The nodes, and the text of their names and targets.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) records: List<Record>,
    pub(super) text: List<u8>,
    /// Sizes that do not fit into a record.
    pub(super) large: List<u64>,
}

/// A node in 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// Where its name begins in the text; the target of a link follows it.
    pub(super) start: u32,
    pub(super) parent: u32,
    /// By tag: a size, a position in `large`, the length of a target, the position of the file, or whether it is opaque.
    pub(super) value: u32,
    pub(super) name: u16,
    /// The mode in the lower twelve bits, the tag above.
    pub(super) bits: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(super) enum Tag {
    File,
    LargeFile,
    Directory,
    /// A directory without an entry.
    Implied,
    Symlink,
    Name,
    Link,
    Other,
    Whiteout,
}

const MODE: u16 = 0o7777;
const TAG: u32 = 12;

impl Record {
    pub(super) fn new(tag: Tag, mode: u32, value: u32) -> Self {
        Self { start: 0, parent: 0, value, name: 0, bits: 0 }.with(tag, mode)
    }

    /// The same with another tag and mode.
    pub(super) fn with(mut self, tag: Tag, mode: u32) -> Self {
        let mode = u16::try_from(mode & u32::from(MODE)).unwrap_or_default();
        self.bits = mode | ((tag as u16) << TAG);
        self
    }

    pub(super) fn mode(self) -> u16 {
        self.bits & MODE
    }

    pub(super) fn tag(self) -> Tag {
        self.known_tag().unwrap_or(Tag::Other)
    }

    /// The tag; none where the bits are not of a tree.
    pub(super) fn known_tag(self) -> Option<Tag> {
        const TAGS: [Tag; 9] = [
            Tag::File,
            Tag::LargeFile,
            Tag::Directory,
            Tag::Implied,
            Tag::Symlink,
            Tag::Name,
            Tag::Link,
            Tag::Other,
            Tag::Whiteout,
        ];
        TAGS.get(usize::from(self.bits >> TAG)).copied()
    }

    pub(super) fn is_directory(self) -> bool {
        matches!(self.tag(), Tag::Directory | Tag::Implied)
    }
}

impl Tree {
    pub(super) fn name(&self, position: u32) -> &[u8] {
        let record = self.records[position as usize];
        self.slice(record.start as usize, usize::from(record.name))
    }

    pub(super) fn target(&self, record: Record) -> &[u8] {
        self.slice(record.start as usize + usize::from(record.name), record.value as usize)
    }

    pub(super) fn node(&self, position: usize) -> Node<'_> {
        let record = self.records[position];
        let kind = match record.tag() {
            Tag::File => NodeKind::File { size: u64::from(record.value) },
            Tag::LargeFile => {
                NodeKind::File { size: self.large.get(record.value as usize).copied().unwrap_or(u64::MAX) }
            }
            tag @ (Tag::Directory | Tag::Implied) => {
                NodeKind::Directory { stated: tag == Tag::Directory, opaque: record.value != 0 }
            }
            Tag::Symlink => NodeKind::Symlink { target: self.target(record) },
            Tag::Name => NodeKind::Name { of: record.value as usize },
            Tag::Link => NodeKind::Link { target: self.target(record) },
            Tag::Other => NodeKind::Other,
            Tag::Whiteout => NodeKind::Whiteout,
        };
        let name = self.slice(record.start as usize, usize::from(record.name));
        Node { parent: record.parent as usize, name, mode: record.mode(), kind }
    }

    pub(super) fn path(&self, position: usize) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = position;
        while at != 0 {
            let node = self.node(at);
            names.push(node.name);
            at = node.parent;
        }
        names.reverse();
        names.join(&b'/')
    }

    /// Content size of all nodes.
    pub(super) fn size(&self) -> Result<u64, IndexError> {
        (0..self.records.len())
            .try_fold(0_u64, |sum, position| sum.checked_add(self.node(position).kind.size()).ok_or(IndexError::Size))
    }

    fn slice(&self, start: usize, length: usize) -> &[u8] {
        self.text.get(start..start.saturating_add(length)).unwrap_or_default()
    }
}
