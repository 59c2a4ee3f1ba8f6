//! All files of a cache, of every version, and nothing else that somebody may have put there.

use std::ffi::OsStr;
use std::fs::{DirEntry, ReadDir};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::place::{Kind, is_draft, is_entry, is_shelf};

/// A file of a cache.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    /// Whether this version of the program would read it.
    pub(super) is_current: bool,
    /// A run that was killed left it half written; or one that is under way is at it, where it is young.
    pub(super) is_draft: bool,
    pub(super) bytes: u64,
    /// When it was last of use.
    used: SystemTime,
}

impl Found {
    /// How long ago it was of use; nothing at all, where that is yet to come.
    pub(super) fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.used).unwrap_or_default()
    }
}

/// The files of the cache in `folder`, in no order. What cannot be listed is left out: it cannot be removed, either.
pub(super) fn files(folder: &Path) -> impl Iterator<Item = Found> {
    let kinds = folders(list(folder), Kind::of_folder);
    let shelves = kinds.flat_map(|(path, kind)| folders(list(&path), move |name| is_shelf(name).then_some(kind)));
    shelves.flat_map(|(path, (kind, is_current))| {
        entries(list(&path)).filter_map(move |entry| found(&entry, kind, is_current))
    })
}

/// The folders of a cache, those below others first.
pub(super) fn all_folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let kinds = folders(list(folder), Kind::of_folder);
    kinds.flat_map(|(kind, _)| {
        let shelves = folders(list(&kind), |name| is_shelf(name).then_some(()));
        shelves.map(|(shelf, ())| shelf).chain([kind]).collect::<Vec<_>>()
    })
}

fn list(folder: &Path) -> Option<ReadDir> {
    std::fs::read_dir(folder).ok()
}

fn entries(list: Option<ReadDir>) -> impl Iterator<Item = DirEntry> {
    list.into_iter().flatten().flatten()
}

/// Folders of a list that are no links, with what their names mean.
fn folders<T>(list: Option<ReadDir>, meaning: impl Fn(&OsStr) -> Option<T>) -> impl Iterator<Item = (PathBuf, T)> {
    entries(list).filter_map(move |entry| {
        let meaning = meaning(&entry.file_name())?;
        entry.file_type().is_ok_and(|kind| kind.is_dir()).then(|| (entry.path(), meaning))
    })
}

fn found(entry: &DirEntry, kind: Kind, is_current: bool) -> Option<Found> {
    let name = entry.file_name();
    let is_draft = is_draft(&name);
    // Of the entry itself, whatever a link leads to.
    let there = entry.metadata().ok().filter(|there| there.is_file() && (is_draft || is_entry(&name)))?;
    let used = there.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Some(Found { path: entry.path(), kind, is_current, is_draft, bytes: there.len(), used })
}
