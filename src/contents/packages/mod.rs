//! The packages of an image: one file for each way to keep them, each from a [`View`] into [`Found`].
//!
//! A database is believed about what is installed, and not about what is there: files count where the final file system shows them.

mod apk;
mod binary;
mod distro;
mod dpkg;
mod fillers;
#[cfg(test)]
mod fixture;
mod gem;
mod listed;
mod loose;
mod nearest;
mod node;
mod places;
pub mod project;
mod python;
mod rpm;
mod tally;
mod unreadable;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Bytes, Package, Packages, UnreadFile};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory, Reserved};

use super::view::{Unread, View};

/// Which package a file of the final file system belongs to.
#[derive(Debug)]
pub struct Owners(List<u32>);

/// No package.
const NOBODY: u32 = u32::MAX;

impl Owners {
    /// Position in [`Found::packages`] of the package that a node belongs to.
    pub fn of(&self, id: NodeId) -> Option<usize> {
        self.0.get(id.index()).copied().filter(|owner| *owner != NOBODY).map(|owner| owner as usize)
    }
}

/// What was found so far.
#[derive(Debug)]
pub struct Found {
    /// The packages, in the order in which they were found, and in the end in that of [`Package`].
    pub packages: Packages,
    /// Who owns what.
    pub owners: Owners,
    /// What could not be read.
    pub unread: Vec<UnreadFile>,
    /// What the above takes of the budget: a database makes more of few bytes than it has.
    held: Reserved,
}

impl Found {
    /// Nothing yet.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(view: &View<'_>) -> Result<Self, OutOfMemory> {
        let mut owners = List::new(view.stack.memory());
        owners.resize(view.stack.len(), NOBODY)?;
        let (packages, held) = (Packages::default(), view.stack.memory().reserve());
        Ok(Self { packages, owners: Owners(owners), unread: Vec::new(), held })
    }

    /// Takes `bytes` for what is about to be kept here beside a package that [`Found::add`] is given.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn hold(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        self.held.grow(bytes)
    }

    /// Adds a package, which owns those of `files` that are shown and that no other package owns. Directories are not owned. Returns its
    /// position, which holds until all packages are found.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn add(
        &mut self,
        view: &View<'_>,
        mut package: Package,
        files: impl IntoIterator<Item = NodeId>,
    ) -> Result<usize, OutOfMemory> {
        self.hold(weight(&package))?;
        let at = self.packages.list.len();
        let position = u32::try_from(at).unwrap_or(NOBODY);
        let mut brought = BTreeMap::<usize, u64>::new();
        // Owned as the content of another name, and not yet counted as a file.
        let mut contents = BTreeSet::new();
        for id in files {
            let node = view.stack.node(id);
            let is_taken = self.owners.of(id).is_some() && !contents.remove(&id);
            if is_taken || node.hidden.is_some() || node.kind == NodeKind::Directory {
                continue;
            }
            // The bytes of hard links are with the node that holds them.
            if self.owners.of(node.content).is_none() {
                package.bytes = Bytes(package.bytes.0.saturating_add(node.bytes()));
                let layer = brought.entry(view.stack.brought_by(id)).or_default();
                *layer = layer.saturating_add(node.bytes());
            }
            for (owned, is_name) in [(id, true), (node.content, false)] {
                if let Some(owner) = self.owners.0.get_mut(owned.index()).filter(|owner| **owner == NOBODY) {
                    *owner = position;
                    if !is_name {
                        contents.insert(owned);
                    }
                }
            }
            package.files = package.files.saturating_add(1);
        }
        package.brought = brought.into_iter().map(|(layer, bytes)| (layer, Bytes(bytes))).collect();
        package.brought.sort_by_key(|(layer, bytes)| (std::cmp::Reverse(*bytes), *layer));
        package.layer = package.brought.first().map(|(layer, _)| *layer);
        self.packages.list.push(package);
        Ok(at)
    }

    /// The bytes of a file, links not followed; says so where they are not known.
    pub fn bytes<'a>(&mut self, view: &View<'a>, id: NodeId) -> Option<&'a [u8]> {
        let why = match view.bytes_of(id) {
            Ok(bytes) => return Some(bytes),
            Err(Unread::NotYet) => "was not read".to_owned(),
            Err(Unread::Left(why)) => why,
            Err(Unread::NoFile) => "is not a regular file".to_owned(),
        };
        self.unread(view, id, why);
        None
    }

    /// Says what is not known of a directory or of a file that may not be there, which has `path` then.
    pub fn unread_at(&mut self, view: &View<'_>, id: Option<NodeId>, path: &str, why: impl Into<String>) {
        match id {
            Some(id) => self.unread(view, id, why),
            None => self.unread.push(UnreadFile { path: path.to_owned(), why: why.into() }),
        }
    }

    /// Whether a package of the operating system owns a file.
    pub fn is_of_os(&self, id: NodeId) -> bool {
        let owner = self.owners.of(id).and_then(|owner| self.packages.list.get(owner));
        owner.is_some_and(|package| package.ecosystem.is_of_os())
    }

    /// Says that a file was not read.
    pub fn unread(&mut self, view: &View<'_>, id: NodeId, why: impl Into<String>) {
        let path = String::from_utf8_lossy(&view.stack.path(id)).into_owned();
        self.unread.push(UnreadFile { path, why: why.into() });
    }
}

/// The packages of an image.
///
/// # Errors
/// There is no memory for it.
pub fn find(view: &View<'_>) -> Result<Found, OutOfMemory> {
    let mut found = Found::new(view)?;
    found.packages.distro = distro::read(view);
    dpkg::read(view, &mut found)?;
    apk::read(view, &mut found)?;
    rpm::read(view, &mut found)?;
    unreadable::tell(view, &mut found);
    node::find(view, &mut found)?;
    python::find(view, &mut found)?;
    gem::find(view, &mut found)?;
    binary::find(view, &mut found)?;
    found.sort()?;
    Ok(found)
}

impl Found {
    /// Puts the packages in the order of [`Package`], and owners with them.
    fn sort(&mut self) -> Result<(), OutOfMemory> {
        let list = std::mem::take(&mut self.packages.list);
        self.hold(list.len().saturating_mul(size_of::<(Package, u32)>()))?;
        let mut numbered: Vec<(Package, u32)> = list.into_iter().zip(0..).collect();
        numbered.sort_unstable();
        let mut places = vec![NOBODY; numbered.len()];
        for ((_, old), new) in numbered.iter().zip(0..) {
            if let Some(place) = places.get_mut(*old as usize) {
                *place = new;
            }
        }
        for owner in self.owners.0.iter_mut() {
            *owner = places.get(*owner as usize).copied().unwrap_or(NOBODY);
        }
        self.packages.list = numbered.into_iter().map(|(package, _)| package).collect();
        Ok(())
    }
}

/// What a package takes, itself included.
fn weight(package: &Package) -> usize {
    let words = [&package.version, &package.architecture, &package.source, &package.path];
    let words = words
        .into_iter()
        .flatten()
        .chain(&package.licences)
        .chain(package.needs.iter().chain(&package.wants).flatten());
    let lists = package.needs.len().saturating_add(package.wants.len()).saturating_mul(size_of::<String>());
    let texts =
        words.fold(package.name.len(), |sum, word| sum.saturating_add(word.len()).saturating_add(size_of::<String>()));
    size_of::<Package>().saturating_add(lists).saturating_add(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Ecosystem;
    use crate::domain::{DiffId, Digest};
    use crate::image::Stack;
    use crate::layer::{EntryKind, LayerIndexBuilder};

    #[test]
    fn a_file_counts_once_whatever_names_it_has_and_whoever_lists_it() {
        let mut layer = LayerIndexBuilder::default();
        let mut push = |path: &str, kind| layer.push(crate::layer::Entry { path: path.as_bytes(), kind, mode: 0o755 });
        push("bin/gzip", EntryKind::File { size: 10 }).expect("fits");
        push("bin/gunzip", EntryKind::HardLink { target: b"bin/gzip" }).expect("fits");
        push("bin/other", EntryKind::File { size: 5 }).expect("fits");
        let index = layer.finish(DiffId(Digest::from_sha256([1; 32]))).expect("can be counted");
        let mut stack = Stack::default();
        stack.push(&index).expect("fits");
        let view = View { stack: &stack, layers: &[], files: &[], told: crate::contents::told::Told::default() };
        let at = |path: &str| view.at(path.as_bytes()).expect("is there");
        let mut found = Found::new(&view).expect("memory");
        let files = ["/bin/gunzip", "/bin/gzip", "/bin/gzip", "/bin"].map(at);
        found.add(&view, Package::new(Ecosystem::Deb, "gzip"), files).expect("memory");
        found.add(&view, Package::new(Ecosystem::Deb, "a"), ["/bin/gzip", "/bin/other"].map(at)).expect("memory");
        found.sort().expect("memory");
        let said = |name: &str| {
            let package = found.packages.list.iter().find(|package| package.name == name).expect("was added");
            (package.files, package.bytes.0)
        };
        assert_eq!((said("gzip"), said("a")), ((2, 10), (1, 5)));
        let owner = |path| found.owners.of(at(path)).map(|owner| found.packages.list[owner].name.as_str());
        assert_eq!(
            ["/bin/gzip", "/bin/gunzip", "/bin/other", "/bin"].map(owner),
            [Some("gzip"), Some("gzip"), Some("a"), None]
        );
    }
}
