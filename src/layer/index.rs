//! What one layer holds, compactly: paths and link targets lie in one buffer, so that a million entries cost megabytes.

use crate::domain::{Bytes, DiffId};

/// Everything that later questions need of one layer. Immutable, named by its diff id.
#[derive(Debug, Clone)]
pub struct LayerIndex {
    diff_id: DiffId,
    size: Bytes,
    text: Vec<u8>,
    records: Vec<Record>,
}

/// One entry of a layer's tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Path below the root without a leading slash, `.` and `..` resolved; not necessarily UTF-8. Empty for the root itself.
    /// For whiteouts the path that is hidden, for opaque markers the directory.
    pub path: &'a [u8],
    /// What it is.
    pub kind: EntryKind<'a>,
    /// Permission bits, set-uid and its like included.
    pub mode: u32,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind<'a> {
    /// A regular file of so many bytes (apparent size).
    File {
        /// Bytes.
        size: u64,
    },
    /// A directory.
    Directory,
    /// A symbolic link; the target as written.
    Symlink {
        /// Target, relative to the link's directory or absolute.
        target: &'a [u8],
    },
    /// A hard link to another entry, path normalised like [`Entry::path`].
    HardLink {
        /// Path of the entry whose content it shares.
        target: &'a [u8],
    },
    /// A device, a pipe, a socket.
    Other,
    /// `.wh.NAME`: hides NAME of lower layers (OCI layer.md, "Whiteouts").
    Whiteout,
    /// `.wh..wh..opq`: hides all that lower layers put into the directory.
    Opaque,
}

#[derive(Debug, Clone, Copy)]
struct Record {
    start: u32,
    path: u32,
    link: u32,
    mode: u16,
    tag: Tag,
    size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag {
    File,
    Directory,
    Symlink,
    HardLink,
    Other,
    Whiteout,
    Opaque,
}

impl LayerIndex {
    /// Digest of the layer's uncompressed tar.
    pub fn diff_id(&self) -> &DiffId {
        &self.diff_id
    }

    /// Content size: regular-file bytes plus symlink-target lengths; hard links, directories and whiteouts 0.
    pub fn size(&self) -> Bytes {
        self.size
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Bytes of memory that it takes.
    pub fn footprint(&self) -> usize {
        self.text.len() + self.records.len() * size_of::<Record>()
    }

    /// The entries in the order of the tar.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.records.iter().map(|record| record.read(&self.text))
    }
}

impl Record {
    fn read<'a>(&self, text: &'a [u8]) -> Entry<'a> {
        let start = self.start as usize;
        let middle = start + self.path as usize;
        let target = text.get(middle..middle + self.link as usize).unwrap_or_default();
        let kind = match self.tag {
            Tag::File => EntryKind::File { size: self.size },
            Tag::Directory => EntryKind::Directory,
            Tag::Symlink => EntryKind::Symlink { target },
            Tag::HardLink => EntryKind::HardLink { target },
            Tag::Other => EntryKind::Other,
            Tag::Whiteout => EntryKind::Whiteout,
            Tag::Opaque => EntryKind::Opaque,
        };
        Entry { path: text.get(start..middle).unwrap_or_default(), kind, mode: u32::from(self.mode) }
    }
}

/// Collects the entries of one layer.
#[derive(Debug, Default)]
pub struct LayerIndexBuilder {
    text: Vec<u8>,
    records: Vec<Record>,
}

/// The most text of one layer: a million entries have some 100 MB.
const MOST_TEXT: usize = 512 << 20;
/// The most entries of one layer.
const MOST_ENTRIES: usize = 16 << 20;

/// The layer has more than an index holds: a bound on memory, far above any real layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has more than 16 million entries, or more than 512 MiB of file names")]
pub struct TooManyNames;

impl LayerIndexBuilder {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`TooManyNames`] when the names of the layer no longer fit.
    pub fn push(&mut self, entry: Entry<'_>) -> Result<(), TooManyNames> {
        let (tag, link, size): (_, &[u8], _) = match entry.kind {
            EntryKind::File { size } => (Tag::File, b"", size),
            EntryKind::Directory => (Tag::Directory, b"", 0),
            EntryKind::Symlink { target } => (Tag::Symlink, target, 0),
            EntryKind::HardLink { target } => (Tag::HardLink, target, 0),
            EntryKind::Other => (Tag::Other, b"", 0),
            EntryKind::Whiteout => (Tag::Whiteout, b"", 0),
            EntryKind::Opaque => (Tag::Opaque, b"", 0),
        };
        let narrow = |number: usize| u32::try_from(number).map_err(|_| TooManyNames);
        let record = Record {
            start: narrow(self.text.len())?,
            path: narrow(entry.path.len())?,
            link: narrow(link.len())?,
            mode: (entry.mode & 0o7777) as u16,
            tag,
            size,
        };
        if self.text.len() + entry.path.len() + link.len() > MOST_TEXT || self.records.len() >= MOST_ENTRIES {
            return Err(TooManyNames);
        }
        self.text.extend_from_slice(entry.path);
        self.text.extend_from_slice(link);
        self.records.push(record);
        Ok(())
    }

    /// The finished index. Where a layer has two entries of one path the later one is what an engine extracts, so the earlier
    /// file's bytes do not count and its entry is dropped.
    pub fn finish(mut self, diff_id: DiffId) -> LayerIndex {
        self.drop_replaced();
        let size = self
            .records
            .iter()
            .map(|record| match record.tag {
                Tag::File => Bytes(record.size),
                Tag::Symlink => Bytes(u64::from(record.link)),
                _ => Bytes::ZERO,
            })
            .sum();
        self.text.shrink_to_fit();
        self.records.shrink_to_fit();
        LayerIndex { diff_id, size, text: self.text, records: self.records }
    }

    /// Markers are not files: a whiteout of a path and a new entry at it may stand in one layer.
    fn drop_replaced(&mut self) {
        let key = |position: u32| {
            let record = &self.records[position as usize];
            let marker = matches!(record.tag, Tag::Whiteout | Tag::Opaque);
            (record.read(&self.text).path, marker.then_some(record.tag as u8))
        };
        let mut order: Vec<u32> = (0..u32::try_from(self.records.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by(|a, b| key(*a).cmp(&key(*b)).then(a.cmp(b)));
        let mut replaced: Vec<u32> =
            order.windows(2).filter(|pair| key(pair[0]) == key(pair[1])).map(|pair| pair[0]).collect();
        if replaced.is_empty() {
            return;
        }
        replaced.sort_unstable();
        let mut position = 0;
        self.records.retain(|_| {
            position += 1;
            replaced.binary_search(&(position - 1)).is_err()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(entries: &[(&str, EntryKind<'_>)]) -> LayerIndex {
        let mut builder = LayerIndexBuilder::default();
        for (path, kind) in entries {
            builder.push(Entry { path: path.as_bytes(), kind: *kind, mode: 0o644 }).expect("fits");
        }
        builder.finish(format!("sha256:{}", "0".repeat(64)).parse().expect("valid"))
    }

    #[test]
    fn size_is_files_and_link_targets() {
        let layer = index(&[
            ("d", EntryKind::Directory),
            ("d/a", EntryKind::File { size: 10 }),
            ("d/b", EntryKind::HardLink { target: b"d/a" }),
            ("c", EntryKind::Symlink { target: b"d/a" }),
            ("x", EntryKind::Whiteout),
        ]);
        assert_eq!(layer.size(), Bytes(13));
        let link = layer.entries().nth(2).expect("three entries");
        assert_eq!((link.path, link.kind), (&b"d/b"[..], EntryKind::HardLink { target: b"d/a" }));
    }

    #[test]
    fn the_later_of_two_entries_counts() {
        let layer = index(&[
            ("a", EntryKind::File { size: 10 }),
            ("a", EntryKind::Whiteout),
            ("b", EntryKind::File { size: 1 }),
            ("a", EntryKind::File { size: 3 }),
        ]);
        assert_eq!(layer.size(), Bytes(4));
        assert_eq!(layer.len(), 3);
    }
}
