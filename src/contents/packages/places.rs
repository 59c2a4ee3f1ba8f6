//! Paths that a database lists, found in the final file system.
//!
//! A package manager that lists `/bin/sh` means what is at `/usr/bin/sh` where `/bin` is a link. A link at the very end is itself what
//! is listed. Where each link leads is found out once, so a path costs what it has of parts, however its links are laid.

use std::collections::BTreeMap;

use crate::contents::view::View;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{OutOfMemory, Reserved};

/// The places of one image.
#[derive(Debug)]
pub(super) struct Places<'v, 'a> {
    view: &'v View<'a>,
    /// Where links lead that paths went through.
    ends: BTreeMap<NodeId, Option<NodeId>>,
    held: Reserved,
}

impl<'v, 'a> Places<'v, 'a> {
    pub(super) fn new(view: &'v View<'a>) -> Self {
        Self { view, ends: BTreeMap::new(), held: view.stack.memory().reserve() }
    }

    /// What is at a path from the root, a link at its end not followed. Nothing where it is not there, and for a path with `..` in it,
    /// which no package manager writes down.
    pub(super) fn at(&mut self, path: &[u8]) -> Result<Option<NodeId>, OutOfMemory> {
        let mut at = NodeId::ROOT;
        for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".") {
            if name == b".." {
                return Ok(None);
            }
            let Some(directory) = self.through(at)? else { return Ok(None) };
            let Some(next) = self.view.stack.child(directory, name) else { return Ok(None) };
            at = next;
        }
        Ok(Some(at))
    }

    /// The directory at a path, links followed.
    pub(super) fn directory(&mut self, path: &[u8]) -> Result<Option<NodeId>, OutOfMemory> {
        match self.at(path)? {
            Some(at) => self.through(at),
            None => Ok(None),
        }
    }

    /// Where a link leads; what is not one is where it is.
    fn through(&mut self, id: NodeId) -> Result<Option<NodeId>, OutOfMemory> {
        /// What a table of such entries takes for each, about.
        const ENTRY: usize = 32;
        if !matches!(self.view.stack.node(id).kind, NodeKind::Symlink { .. }) {
            return Ok(Some(id));
        }
        if let Some(end) = self.ends.get(&id) {
            return Ok(*end);
        }
        self.held.grow(ENTRY)?;
        let end = self.view.stack.end(id);
        self.ends.insert(id, end);
        Ok(end)
    }
}
