//! One layer's uncompressed tar, entry by entry, into the draft of its index.

use std::io::BufRead;

use super::error::{LayerError, TarError};
use super::path::{Meaning, meaning, normalise};
use super::tar::{MemberKind, Members};
use super::{Entry, EntryKind, LayerIndexBuilder};
use crate::memory::Memory;

/// Reads `tar` up to its end marker. What follows the marker is the caller's to read: it counts for the diff id.
///
/// # Errors
/// When the tar is broken or truncated, or no engine could unpack it, or its index takes too much memory.
pub fn read(tar: impl BufRead, memory: &Memory) -> Result<LayerIndexBuilder, LayerError> {
    read_members(&mut Members::new(tar), memory, |_| Ok(()), |_| true)
}

/// Reads those entries of `tar` that are to be kept, up to an end marker, which it has to have: not every tar may just stop.
///
/// # Errors
/// As [`read`], and when there is no end marker.
pub fn read_whole(
    tar: impl BufRead,
    memory: &Memory,
    keep: impl FnMut(&Entry<'_>) -> bool,
) -> Result<LayerIndexBuilder, LayerError> {
    let mut members = Members::new(tar);
    let draft = read_members(&mut members, memory, |_| Ok(()), keep)?;
    if members.has_end() { Ok(draft) } else { Err(TarError::Truncated.into()) }
}

/// Reads all of `members`; `at_each` sees the walk where it is at one.
pub(super) fn read_members<R: BufRead>(
    members: &mut Members<R>,
    memory: &Memory,
    mut at_each: impl FnMut(&mut Members<R>) -> Result<(), TarError>,
    mut keep: impl FnMut(&Entry<'_>) -> bool,
) -> Result<LayerIndexBuilder, LayerError> {
    let mut draft = LayerIndexBuilder::new(memory);
    let (mut path, mut other) = (Vec::new(), Vec::new());
    while let Some(member) = members.advance()? {
        at_each(members)?;
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
        if keep(&entry) {
            draft.push(entry)?;
        }
    }
    Ok(draft)
}
