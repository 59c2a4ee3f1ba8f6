//! A path of an image as one layer brought it, and what became of it.

/// A node's position in its [`Stack`](super::stack::Stack). A parent's is smaller than its children's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The root directory.
    pub const ROOT: Self = Self(0);

    /// The node at a position.
    pub(crate) fn at(position: usize) -> Option<Self> {
        u32::try_from(position).ok().map(Self)
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A path as one layer brought it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node<'a> {
    /// The last part of its path; empty for the root.
    pub name: &'a [u8],
    /// The directory it is in; the root is its own.
    pub parent: NodeId,
    /// Position of the layer that brought it, from the bottom.
    pub layer: usize,
    /// Permission bits, set-uid and its like included.
    pub mode: u16,
    /// What it is.
    pub kind: NodeKind<'a>,
    /// Who hides it; `None` while the file system shows it.
    pub hidden: Option<Hidden>,
    /// The node whose bytes these are: itself, or the first name of a hard link, which may be hidden by now.
    pub content: NodeId,
}

impl Node<'_> {
    /// Bytes of a file or of a link's target: shared with every other node of the same content.
    pub fn bytes(&self) -> u64 {
        match self.kind {
            NodeKind::File { size, .. } => size,
            NodeKind::Symlink { target } => target.len() as u64,
            NodeKind::Directory | NodeKind::Other => 0,
        }
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind<'a> {
    /// A regular file.
    File {
        /// Bytes.
        size: u64,
        /// [`Node::content`].
        content: NodeId,
    },
    /// A directory.
    Directory,
    /// A symbolic link; the target as written.
    Symlink {
        /// Target, relative to the link's directory or absolute.
        target: &'a [u8],
    },
    /// A device, a pipe, a socket, a hard link to nothing.
    Other,
}

/// Who hid a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden {
    /// Position of the layer, from the bottom.
    pub by: usize,
    /// How it did so.
    pub how: Hiding,
}

/// How a layer hides what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hiding {
    /// It deleted the path or a directory above it.
    Whiteout,
    /// It emptied a directory above it.
    Opaque,
    /// It has something else at the path or above it.
    Replaced,
}
