//! The packages of an image: one file for each way to keep them, each from a [`View`] into [`Found`].
//!
//! A database is believed about what is installed, and not about what is there: files count where the final file system shows them.

use crate::domain::{Bytes, Package, Packages, UnreadFile};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

use super::view::View;

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
}

impl Found {
    /// Nothing yet.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(view: &View<'_>) -> Result<Self, OutOfMemory> {
        let mut owners = List::new(view.stack.memory());
        owners.resize(view.stack.len(), NOBODY)?;
        Ok(Self { packages: Packages::default(), owners: Owners(owners), unread: Vec::new() })
    }

    /// Adds a package, which owns those of `files` that are shown and that no other package owns. Directories are not owned.
    pub fn add(&mut self, view: &View<'_>, mut package: Package, files: impl IntoIterator<Item = NodeId>) {
        let position = u32::try_from(self.packages.list.len()).unwrap_or(NOBODY);
        let mut brought = std::collections::BTreeMap::<usize, u64>::new();
        for id in files {
            let node = view.stack.node(id);
            let is_taken = self.owners.of(id).is_some();
            if is_taken || node.hidden.is_some() || node.kind == NodeKind::Directory {
                continue;
            }
            if let Some(owner) = self.owners.0.get_mut(id.index()) {
                *owner = position;
            }
            package.files = package.files.saturating_add(1);
            // The bytes of hard links are with the node that holds them.
            if node.content == id || self.owners.of(node.content).is_none() {
                package.bytes = Bytes(package.bytes.0.saturating_add(node.bytes()));
                let layer = brought.entry(view.stack.brought_by(id)).or_default();
                *layer = layer.saturating_add(node.bytes());
            }
            if let Some(owner) = self.owners.0.get_mut(node.content.index()).filter(|owner| **owner == NOBODY) {
                *owner = position;
            }
        }
        package.brought = brought.into_iter().map(|(layer, bytes)| (layer, Bytes(bytes))).collect();
        package.brought.sort_by_key(|(layer, bytes)| (std::cmp::Reverse(*bytes), *layer));
        package.layer = package.brought.first().map(|(layer, _)| *layer);
        self.packages.list.push(package);
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
    let found = Found::new(view)?;
    Ok(found)
}
