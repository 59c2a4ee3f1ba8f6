//! The files of Debian's packages.
//!
//! `info/NAME.list` has a path in each line. Where another package diverts one, the file is under another name: dpkg-divert(1), whose
//! database has three lines for each, the path, where it went, and the package that has its own file there.

use super::child;
use super::record::{Kind, Record, Records};
use crate::contents::packages::Found;
use crate::contents::packages::places::Places;
use crate::contents::packages::tally::Tally;
use crate::contents::view::{Unread, View};
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

/// The end of the name of a list of files and their sums.
pub(super) const SUMS: &[u8] = b".md5sums";
const LIST: &[u8] = b".list";

/// The lists of files.
#[derive(Debug)]
pub(super) struct Files<'v, 'a> {
    view: &'v View<'a>,
    info: Option<NodeId>,
    singles: Option<NodeId>,
    diversions: List<Diversion<'a>>,
    places: Places<'v, 'a>,
    paths: List<NodeId>,
    missing: Tally,
    unread: Tally,
}

/// Where the file of every package but one went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Diversion<'a> {
    from: &'a [u8],
    to: &'a [u8],
    /// The package whose file stays; `:` for none.
    by: &'a [u8],
}

impl<'v, 'a> Files<'v, 'a> {
    pub(super) fn new(view: &'v View<'a>, admin: NodeId, found: &mut Found) -> Result<Self, OutOfMemory> {
        let memory = view.stack.memory();
        let mut diversions = List::new(memory);
        if let Some(file) = child(view, admin, b"diversions")
            && let Some(text) = found.bytes(view, file)
        {
            let mut lines = text.split(|byte| *byte == b'\n');
            while let (Some(from), Some(to), Some(by)) = (lines.next(), lines.next(), lines.next()) {
                diversions.push(Diversion { from, to, by })?;
            }
            diversions.sort_unstable();
        }
        Ok(Self {
            view,
            info: child(view, admin, b"info"),
            singles: child(view, admin, b"status.d"),
            diversions,
            places: Places::new(view),
            paths: List::new(memory),
            missing: Tally::default(),
            unread: Tally::default(),
        })
    }

    /// The files of a package that are there.
    pub(super) fn of(&mut self, record: &Record<'a>) -> Result<&[NodeId], OutOfMemory> {
        self.paths.truncate(0);
        let Some(list) = self.list(record) else {
            self.missing.add(record.name);
            return Ok(&self.paths);
        };
        let text = match self.view.bytes_of(list) {
            Ok(text) => text,
            Err(why) => {
                self.unread.add(record.name);
                self.unread.because(match why {
                    Unread::NotYet => "were not read".to_owned(),
                    Unread::Left(why) => format!("were not read: the first {why}"),
                    Unread::NoFile => "are not regular files".to_owned(),
                });
                return Ok(&self.paths);
            }
        };
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let path = match record.kind {
                Kind::Status => self.diverted(line, record.name),
                // A sum, two spaces, and the path from the root.
                Kind::Single { .. } => match line.iter().position(|byte| *byte == b' ') {
                    Some(space) => line[space..].trim_ascii_start(),
                    None => continue,
                },
            };
            if let Some(at) = self.places.at(path)? {
                self.paths.push(at)?;
            }
        }
        Ok(&self.paths)
    }

    /// The file that lists those of a package.
    fn list(&self, record: &Record<'_>) -> Option<NodeId> {
        let named =
            |directory: Option<NodeId>, name: &[u8], end: &[u8]| child(self.view, directory?, &[name, end].concat());
        match record.kind {
            Kind::Status => named(self.info, &[record.name, b":", record.architecture].concat(), LIST)
                .or_else(|| named(self.info, record.name, LIST)),
            Kind::Single { file, .. } => named(self.singles, self.view.stack.node(file).name, SUMS),
        }
    }

    /// Where a file of a package is that lists `path`.
    fn diverted(&self, path: &'a [u8], package: &[u8]) -> &'a [u8] {
        let first = self.diversions.partition_point(|diversion| diversion.from < path);
        let diversion = self.diversions.get(first).filter(|diversion| diversion.from == path);
        diversion.filter(|diversion| diversion.by != package).map_or(path, |diversion| diversion.to)
    }

    /// Says which lists were not there or not read.
    pub(super) fn tell(&self, found: &mut Found) {
        if self.missing.is_some() {
            let what = format!("the lists of files of {} are not there", self.missing);
            found.unread_at(self.view, self.info.or(self.singles), "/var/lib/dpkg/info", what);
        }
        if self.unread.is_some() {
            let what = format!("the lists of files of {} {}", self.unread, self.unread.why());
            found.unread_at(self.view, self.info.or(self.singles), "/var/lib/dpkg/info", what);
        }
    }

    /// Says of which lists there is no record: then the database has fewer than there were.
    pub(super) fn tell_orphans(&self, found: &mut Found, records: &Records<'_>) {
        let mut orphans = Tally::default();
        for list in self.info.into_iter().flat_map(|info| self.view.stack.children(info)) {
            let Some(name) = self.view.stack.node(list).name.strip_suffix(LIST) else { continue };
            let name = name.split(|byte| *byte == b':').next().unwrap_or_default();
            if !records.has(name) {
                orphans.add(name);
            }
        }
        if orphans.is_some() {
            let what = if records.is_empty() {
                format!("has no packages, but there are lists of files of {orphans}")
            } else {
                format!("does not have {orphans}, of which there are lists of files")
            };
            found.unread_at(self.view, None, "/var/lib/dpkg/status", what);
        }
    }
}
