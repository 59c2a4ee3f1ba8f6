//! The entries of a tar become the tree that an engine's unpacking leaves, and an appended tar (`tar -r`) says a path twice.
//!
//! What is in the tree is what containerd has on its disk of this layer alone (`pkg/archive/tar.go`, `applyNaive` with
//! `OverlayConvertWhiteout`); tried on containerd 28 and the classic stores of Docker 28 and 20.10:
//! - An entry replaces what has its path, with all that is below; only a directory on a directory stays. Bytes live as long as one
//!   name of the file does: `a`, a hard link `b` to it, and `a` again, and `b` keeps the first bytes.
//! - Directories above an entry are made where they are missing. Links of this layer are followed, and where they lead is made.
//! - A whiteout is a thing at its path, until another entry takes its place: a directory of this layer then shows what the lower
//!   directory has. A marker above or below makes directories like any entry.
//! - Opaque is a quality of the directory, gone when it is replaced. At the root it means nothing.
//!
//! Where engines refuse a layer, or differ: an entry below a file and links in a circle are errors. A whiteout of what this very
//! layer has deletes nothing, a hard link to nothing is there without bytes, and replaces nothing: the larger reading.

use std::collections::BTreeMap;

use super::error::IndexError;
use super::files::LayerFiles;
use super::index::{LayerIndex, Record, Tag, Tree};
use super::take::Taken;
use crate::domain::{Bytes, DiffId};
use crate::memory::{List, Memory, Names};

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

/// Longer paths are left out of the tree, though their bytes count: no engine can unpack them (`PATH_MAX` is 4,096), and each could
/// cost thousands of directories.
pub const LONGEST_PATH: usize = 16 * 1024;

/// The same for targets of symbolic links.
pub const LONGEST_TARGET: usize = 4095;

/// Links that are followed for one path: `MAXSYMLINKS` of Linux.
const MOST_HOPS: usize = 40;

/// The parent of what is no longer in the tree.
const GONE: u32 = u32::MAX;

/// Collects the entries of one layer.
#[derive(Debug)]
pub struct LayerIndexBuilder {
    tree: Tree,
    names: Names,
    memory: Memory,
    /// Bytes of what is left out of the tree.
    left_out: u64,
    has_gone: bool,
    /// [`LayerIndex::is_as_written`], so far.
    is_as_written: bool,
    /// The directory of the last entry: a tar names a directory's files one after the other.
    recent: Option<Recent>,
    /// What was taken of files, by their positions.
    taken: BTreeMap<u32, Taken>,
}

/// A directory that was looked up.
#[derive(Debug)]
struct Recent {
    path: Vec<u8>,
    directory: u32,
    /// Whether its path in the tree is this one: no link led to it.
    is_direct: bool,
}

impl Default for LayerIndexBuilder {
    fn default() -> Self {
        Self::new(&Memory::default())
    }
}

impl LayerIndexBuilder {
    /// An empty layer, whose index draws from `memory`.
    pub fn new(memory: &Memory) -> Self {
        let tree = Tree { records: List::new(memory), text: List::new(memory), large: List::new(memory) };
        Self {
            tree,
            names: Names::new(memory),
            memory: memory.clone(),
            left_out: 0,
            has_gone: false,
            is_as_written: true,
            recent: None,
            taken: BTreeMap::new(),
        }
    }

    /// Adds an entry, as the next one of the tar.
    ///
    /// # Errors
    /// When no engine could unpack it, and when it takes too much memory.
    pub fn push(&mut self, entry: Entry<'_>) -> Result<(), IndexError> {
        self.place(entry).map(drop)
    }

    /// [`LayerIndexBuilder::push`], which says where in the tree the entry is, if it became a node.
    pub(super) fn place(&mut self, entry: Entry<'_>) -> Result<Option<u32>, IndexError> {
        let Entry { path, kind, mode } = entry;
        if self.tree.records.is_empty() {
            self.tree.records.push(Record::new(Tag::Implied, 0o755, 0))?;
        }
        let is_too_long = |target: &[u8]| target.len() > LONGEST_TARGET;
        if path.len() > LONGEST_PATH || matches!(kind, EntryKind::Symlink { target } if is_too_long(target)) {
            let bytes = match kind {
                EntryKind::File { size } => size,
                EntryKind::Symlink { target } => target.len() as u64,
                _ => 0,
            };
            self.left_out = self.left_out.checked_add(bytes).ok_or(IndexError::Size)?;
            self.is_as_written = false;
            return Ok(None);
        }
        // The root is there, whatever a tar says it is.
        if path.is_empty() {
            return Ok(None);
        }
        if kind == EntryKind::Opaque {
            let directory = self.directory(path)?;
            if directory != 0 {
                self.tree.records[directory as usize].value = 1;
            }
            return Ok(None);
        }
        let (above, name) = split_name(path);
        let parent = self.directory(above)?;
        let old = self.child(parent, name);
        // A directory comes twice without harm.
        let is_again = |old: u32| kind == EntryKind::Directory && self.record(old).is_directory();
        self.is_as_written &= old.is_none_or(is_again);
        let record = match kind {
            EntryKind::File { size } => {
                if let Ok(size) = u32::try_from(size) {
                    Record::new(Tag::File, mode, size)
                } else {
                    let position = narrow(self.tree.large.len())?;
                    self.tree.large.push(size)?;
                    Record::new(Tag::LargeFile, mode, position)
                }
            }
            EntryKind::Directory => {
                if let Some(old) = old
                    && self.record(old).is_directory()
                {
                    let record = &mut self.tree.records[old as usize];
                    *record = record.with(Tag::Directory, mode);
                    return Ok(None);
                }
                Record::new(Tag::Directory, mode, 0)
            }
            EntryKind::Symlink { target } => {
                let record = Record::new(Tag::Symlink, mode, narrow(target.len())?);
                return self.replace(old, parent, name, target, record);
            }
            EntryKind::HardLink { target } => return self.link(old, parent, name, target, mode),
            EntryKind::Other => Record::new(Tag::Other, mode, 0),
            EntryKind::Whiteout if old.is_some() => return Ok(None),
            EntryKind::Whiteout | EntryKind::Opaque => Record::new(Tag::Whiteout, mode, 0),
        };
        self.replace(old, parent, name, b"", record)
    }

    /// Writes into `path` where the tree has a node that was placed just now, as an entry of the path `said`.
    pub(super) fn path_of(&self, position: u32, said: &[u8], path: &mut Vec<u8>) {
        path.clear();
        let (above, _) = split_name(said);
        match &self.recent {
            Some(recent) if recent.is_direct && recent.path == above => path.extend_from_slice(said),
            _ => path.extend_from_slice(&self.tree.path(position as usize)),
        }
    }

    /// Keeps what was taken of the file at a position.
    pub(super) fn keep(&mut self, position: u32, taken: Taken) {
        self.taken.insert(position, taken);
    }

    /// The file that the node at a position is a further name of, and what was taken of it.
    pub(super) fn taken_of(&mut self, position: u32) -> Option<&mut Taken> {
        let owner = self.owner(position);
        let is_file = matches!(self.record(owner).tag(), Tag::File | Tag::LargeFile);
        is_file.then(|| self.taken.entry(owner).or_default())
    }

    /// The finished index.
    ///
    /// # Errors
    /// When sizes add up to more than can be counted, and when it takes too much memory.
    pub fn finish(self, diff_id: DiffId) -> Result<LayerIndex, IndexError> {
        self.finish_with_files(diff_id, &mut LayerFiles::default())
    }

    /// The finished index; what was taken of the files that are in it goes into `files`.
    ///
    /// # Errors
    /// As [`LayerIndexBuilder::finish`].
    pub(super) fn finish_with_files(
        mut self,
        diff_id: DiffId,
        files: &mut LayerFiles,
    ) -> Result<LayerIndex, IndexError> {
        self.names = Names::new(&self.memory);
        if self.tree.records.is_empty() {
            self.tree.records.push(Record::new(Tag::Implied, 0o755, 0))?;
        }
        if self.has_gone {
            self.clear_away()?;
        }
        let size = self.tree.size()?.checked_add(self.left_out).ok_or(IndexError::Size)?;
        let mut tree = self.tree;
        tree.records.fit();
        tree.text.fit();
        tree.large.fit();
        for (position, Taken { kept, sum }) in self.taken {
            let path = tree.path(position as usize);
            if let Some(sum) = sum {
                files.insert_sum(path.clone(), sum);
            }
            if let Some(kept) = kept {
                files.insert(path, kept);
            }
        }
        Ok(LayerIndex { diff_id, size: Bytes(size), is_as_written: self.is_as_written, tree })
    }

    fn record(&self, position: u32) -> Record {
        self.tree.records[position as usize]
    }

    fn child(&self, directory: u32, name: &[u8]) -> Option<u32> {
        self.names.find((directory, name), |position| (self.record(position).parent, self.tree.name(position)))
    }

    /// The file or link that a node is a name of: itself, where it is the first.
    fn owner(&self, position: u32) -> u32 {
        let record = self.record(position);
        if record.tag() == Tag::Name { record.value } else { position }
    }

    fn link(
        &mut self,
        old: Option<u32>,
        parent: u32,
        name: &[u8],
        target: &[u8],
        mode: u32,
    ) -> Result<Option<u32>, IndexError> {
        let (above, last) = split_name(target);
        let Walked { at, missing, .. } = self.walk(above)?;
        let found = if missing.is_empty() { self.child(at, last) } else { None };
        match found.filter(|found| !self.record(*found).is_directory()).map(|found| self.owner(found)) {
            // A second name of a whiteout is one, too: the engine has a device there.
            Some(owner) if self.record(owner).tag() == Tag::Whiteout => {
                self.is_as_written = false;
                self.replace(old, parent, name, b"", Record::new(Tag::Whiteout, mode, 0))
            }
            Some(owner) if old.is_some_and(|old| self.owner(old) == owner) => Ok(None),
            Some(owner) => {
                // Engines set the mode of every name, and it is one mode: what any of them lets run can run.
                let record = &mut self.tree.records[owner as usize];
                *record = record.with(record.tag(), u32::from(record.mode()) | mode & 0o111);
                self.replace(old, parent, name, b"", Record::new(Tag::Name, mode, owner))
            }
            None if old.is_some_and(|old| self.record(old).tag() != Tag::Whiteout) => Ok(None),
            None if target.len() > LONGEST_PATH => {
                self.replace(old, parent, name, b"", Record::new(Tag::Other, mode, 0))
            }
            None => {
                let record = Record::new(Tag::Link, mode, narrow(target.len())?);
                self.replace(old, parent, name, target, record)
            }
        }
    }

    /// Puts `record` under a name, in place of `old`.
    fn replace(
        &mut self,
        old: Option<u32>,
        parent: u32,
        name: &[u8],
        target: &[u8],
        record: Record,
    ) -> Result<Option<u32>, IndexError> {
        if let Some(old) = old {
            let Tree { records, .. } = &self.tree;
            let key_of = |position: u32| (records[position as usize].parent, self.tree.name(position));
            self.names.remove((parent, name), key_of);
            self.tree.records[old as usize].parent = GONE;
            self.has_gone = true;
            self.recent = None;
        }
        self.attach(parent, name, target, record).map(Some)
    }

    fn attach(&mut self, parent: u32, name: &[u8], target: &[u8], record: Record) -> Result<u32, IndexError> {
        let position = narrow(self.tree.records.len())?;
        let start = narrow(self.tree.text.len())?;
        let length = u16::try_from(name.len()).map_err(|_| IndexError::Names)?;
        self.tree.text.extend(name)?;
        self.tree.text.extend(target)?;
        self.tree.records.push(Record { start, parent, name: length, ..record })?;
        let Tree { records, .. } = &self.tree;
        self.names.insert(position, |position| (records[position as usize].parent, self.tree.name(position)))?;
        Ok(position)
    }

    /// The directory at `path`, made where it is missing.
    fn directory(&mut self, path: &[u8]) -> Result<u32, IndexError> {
        if let Some(recent) = &self.recent
            && recent.path == path
        {
            return Ok(recent.directory);
        }
        let Walked { mut at, missing, is_direct } = self.walk(path)?;
        let missing: Vec<Vec<u8>> = missing.into_iter().map(<[u8]>::to_vec).collect();
        self.is_as_written &= is_direct;
        for name in missing {
            at = match self.child(at, &name) {
                // A whiteout gives way to what lies below it, as it does to any entry.
                Some(old) if self.record(old).tag() == Tag::Whiteout => {
                    self.is_as_written = false;
                    let record = &mut self.tree.records[old as usize];
                    *record = record.with(Tag::Implied, 0o755);
                    old
                }
                Some(_) => return Err(IndexError::BelowFile(shown(path))),
                None => self.attach(at, &name, b"", Record::new(Tag::Implied, 0o755, 0))?,
            };
        }
        self.recent = Some(Recent { path: path.to_vec(), directory: at, is_direct });
        Ok(at)
    }

    /// Follows `path` through links of this layer as far as there are directories.
    fn walk<'w>(&'w self, path: &'w [u8]) -> Result<Walked<'w>, IndexError> {
        let mut at = 0;
        let mut missing: Vec<&[u8]> = Vec::new();
        // What is left to walk, the nearest last: a link's target goes before the rest of the path that led to it.
        let mut left = vec![path];
        let mut hops = 0;
        while let Some(text) = left.pop() {
            let (name, rest) = match text.iter().position(|byte| *byte == b'/') {
                Some(slash) => (&text[..slash], &text[slash + 1..]),
                None => (text, &text[text.len()..]),
            };
            if !rest.is_empty() {
                left.push(rest);
            }
            match name {
                b"" | b"." => {}
                b".." if missing.pop().is_some() => {}
                b".." => at = self.record(at).parent,
                name if !missing.is_empty() => missing.push(name),
                name => match self.child(at, name) {
                    None => missing.push(name),
                    Some(child) => {
                        let record = self.record(self.owner(child));
                        match record.tag() {
                            Tag::Directory | Tag::Implied => at = child,
                            Tag::Symlink => {
                                let target = self.tree.target(record);
                                hops += 1;
                                if hops > MOST_HOPS {
                                    return Err(IndexError::Circle(shown(path)));
                                }
                                if target.starts_with(b"/") {
                                    at = 0;
                                }
                                left.push(target);
                            }
                            // Not a directory yet, or never; `..` goes back from it all the same.
                            _ => missing.push(name),
                        }
                    }
                },
            }
        }
        Ok(Walked { at, missing, is_direct: hops == 0 })
    }

    /// Takes out of the tree what was replaced. Bytes that have another name go to the first one that is left.
    fn clear_away(&mut self) -> Result<(), IndexError> {
        let length = self.tree.records.len();
        let mut places = List::new(&self.memory);
        places.resize(length, GONE)?;
        for position in 1..length {
            let parent = self.tree.records[position].parent;
            if parent == GONE || self.tree.records[parent as usize].parent == GONE {
                self.tree.records[position].parent = GONE;
            }
        }
        for position in 1..length {
            let record = self.tree.records[position];
            let owner = record.value as usize;
            if record.parent == GONE || record.tag() != Tag::Name || self.tree.records[owner].parent != GONE {
                continue;
            }
            if places[owner] == GONE {
                places[owner] = narrow(position)?;
                self.inherit(position, owner)?;
            } else {
                self.tree.records[position].value = places[owner];
            }
        }
        // What was taken of a file goes with its bytes.
        let mut taken: Vec<(u32, Taken)> = std::mem::take(&mut self.taken).into_iter().collect();
        for (position, _) in &mut taken {
            let at = *position as usize;
            if self.tree.records[at].parent == GONE {
                *position = places[at];
            }
        }
        taken.retain(|(position, _)| *position != GONE);
        let mut kept = 0;
        for position in 0..length {
            let mut record = self.tree.records[position];
            if record.parent == GONE {
                continue;
            }
            places[position] = narrow(kept)?;
            record.parent = places[record.parent as usize];
            if record.tag() == Tag::Name {
                record.value = places[record.value as usize];
            }
            self.tree.records[kept] = record;
            kept += 1;
        }
        self.tree.records.truncate(kept);
        self.taken = taken.into_iter().map(|(position, taken)| (places[position as usize], taken)).collect();
        Ok(())
    }

    /// Makes a name the owner of what `gone` owned.
    fn inherit(&mut self, position: usize, gone: usize) -> Result<(), IndexError> {
        let (heir, owner) = (self.tree.records[position], self.tree.records[gone]);
        let mut record = Record { value: owner.value, ..heir.with(owner.tag(), u32::from(owner.mode())) };
        if owner.tag() == Tag::Symlink {
            let name = self.tree.name(narrow(position)?).to_vec();
            let target = self.tree.target(owner).to_vec();
            record.start = narrow(self.tree.text.len())?;
            self.tree.text.extend(&name)?;
            self.tree.text.extend(&target)?;
        }
        self.tree.records[position] = record;
        Ok(())
    }
}

/// How far a path could be followed.
struct Walked<'w> {
    /// The last directory.
    at: u32,
    /// What is not there, or is no directory.
    missing: Vec<&'w [u8]>,
    /// Whether no link was followed.
    is_direct: bool,
}

fn narrow(number: usize) -> Result<u32, IndexError> {
    u32::try_from(number).ok().filter(|number| *number != GONE).ok_or(IndexError::Names)
}

/// A path for a message, cut where it is endless.
fn shown(path: &[u8]) -> String {
    const MOST: usize = 200;
    let cut = if path.len() > MOST { "…" } else { "" };
    format!("{}{cut}", String::from_utf8_lossy(&path[..path.len().min(MOST)]))
}

/// Directory and file name.
fn split_name(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&[], path),
    }
}
