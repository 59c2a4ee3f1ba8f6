//! One layer's uncompressed tar, entry by entry, into the draft of its index; what is to be kept of its files is taken on the way.

use std::io::BufRead;

use super::error::{IndexError, LayerError, TarError};
use super::files::LayerFiles;
use super::keep::Keep;
use super::path::{Meaning, meaning, normalise};
use super::take::{Taken, Taking};
use super::tar::{MemberKind, Members};
use super::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};
use crate::domain::DiffId;
use crate::memory::Memory;

/// Reads `tar` up to its end marker, and takes of its files what is to be kept. What follows the marker is the caller's to read: it counts
/// for the diff id.
///
/// # Errors
/// When the tar is broken or truncated, or no engine could unpack it, or its index takes too much memory.
pub fn read(tar: impl BufRead, memory: &Memory, keep: &Keep) -> Result<Draft, LayerError> {
    read_members(&mut Members::new(tar), Streamed(Taking::new(keep, memory)), memory, |_| true)
}

/// Reads those entries of `tar` that are `wanted`, up to an end marker, which it has to have: not every tar may just stop.
///
/// # Errors
/// As [`read`], and when there is no end marker.
pub fn read_whole(
    tar: impl BufRead,
    memory: &Memory,
    keep: &Keep,
    wanted: impl FnMut(&Entry<'_>) -> bool,
) -> Result<Draft, LayerError> {
    let mut members = Members::new(tar);
    let draft = read_members(&mut members, Streamed(Taking::new(keep, memory)), memory, wanted)?;
    if members.has_end() { Ok(draft) } else { Err(TarError::Truncated.into()) }
}

/// A layer that was read and has no diff id yet.
#[derive(Debug)]
pub struct Draft {
    index: LayerIndexBuilder,
    files: LayerFiles,
}

impl Draft {
    /// The finished index, and what was kept of the layer's files.
    ///
    /// # Errors
    /// As [`LayerIndexBuilder::finish`].
    pub fn finish(self, diff_id: DiffId) -> Result<(LayerIndex, LayerFiles), IndexError> {
        let mut files = self.files;
        let index = self.index.finish_with_files(diff_id, &mut files)?;
        Ok((index, files))
    }
}

/// Where the contents of a tar's files are.
pub(super) trait Contents<R> {
    /// The walk is at a member, whose content comes next.
    fn begin(&mut self, _: &mut Members<R>) -> Result<(), TarError> {
        Ok(())
    }

    /// What is taken of the current member, a file that the tree has at `path`.
    fn file(&mut self, members: &mut Members<R>, path: &[u8], mode: u32, size: u64) -> Taken;

    /// The current member is one more name, `path`, of a file of which `taken` was taken.
    fn name(&mut self, path: &[u8], taken: &mut Taken);

    /// All that there is to say of the files, but for the files.
    fn end(self) -> LayerFiles;
}

/// The contents are where they belong.
struct Streamed<'a>(Taking<'a>);

impl<R: BufRead> Contents<R> for Streamed<'_> {
    fn file(&mut self, members: &mut Members<R>, path: &[u8], mode: u32, size: u64) -> Taken {
        self.0.file(members, path, mode, size)
    }

    fn name(&mut self, path: &[u8], taken: &mut Taken) {
        if taken.kept.is_none() {
            taken.kept = self.0.name(path);
        }
    }

    fn end(self) -> LayerFiles {
        self.0.finish()
    }
}

/// Reads all of `members` that is `wanted`.
pub(super) fn read_members<R: BufRead>(
    members: &mut Members<R>,
    mut contents: impl Contents<R>,
    memory: &Memory,
    mut wanted: impl FnMut(&Entry<'_>) -> bool,
) -> Result<Draft, LayerError> {
    let mut index = LayerIndexBuilder::new(memory);
    let (mut path, mut other, mut place) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(member) = members.advance()? {
        contents.begin(members)?;
        path.clear();
        normalise(members.path(), &mut path);
        other.clear();
        let (path, kind) = match meaning(&path) {
            Meaning::Meta => continue,
            Meaning::Opaque(directory) => (directory, EntryKind::Opaque),
            Meaning::Whiteout(directory, name) => {
                other.extend_from_slice(directory);
                if !directory.is_empty() {
                    other.push(b'/');
                }
                other.extend_from_slice(name);
                (&other[..], EntryKind::Whiteout)
            }
            Meaning::Entry => {
                let kind = match member.kind {
                    MemberKind::File => EntryKind::File { size: member.size },
                    MemberKind::Directory => EntryKind::Directory,
                    MemberKind::Symlink => EntryKind::Symlink { target: members.link() },
                    MemberKind::HardLink => {
                        normalise(members.link(), &mut other);
                        EntryKind::HardLink { target: &other }
                    }
                    MemberKind::Other => EntryKind::Other,
                };
                (&path[..], kind)
            }
        };
        let entry = Entry { path, kind, mode: member.mode };
        if !wanted(&entry) {
            continue;
        }
        let Some(position) = index.place(entry)? else { continue };
        match kind {
            EntryKind::File { size } => {
                index.path_of(position, path, &mut place);
                let taken = contents.file(members, &place, member.mode, size);
                if taken.is_some() {
                    index.keep(position, taken);
                }
            }
            EntryKind::HardLink { .. } => {
                index.path_of(position, path, &mut place);
                if let Some(taken) = index.taken_of(position) {
                    contents.name(&place, taken);
                }
            }
            _ => {}
        }
    }
    Ok(Draft { index, files: contents.end() })
}
