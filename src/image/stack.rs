//! Layers stacked into the final file system, one at a time.
//!
//! Every path of every layer becomes a node that is never removed. A node that a later layer deletes or replaces is *hidden*, and
//! remembers by which layer and how: that is what later questions about waste and deleted tools are answered from. The whole takes
//! time and memory in proportion to the entries of all layers, whatever they hide.
//!
//! Decisions, where layers leave room:
//! - Markers hide what lower layers put there, never an entry of their own layer, wherever in the tar they stand (OCI layer.md,
//!   "Whiteouts"). They follow no links and create nothing; a marker for a path that is not there does nothing.
//! - A directory on a directory only changes its mode. Anything else on anything else replaces it, with all that is below.
//! - An entry below a path that is a link or a file *of a lower layer* makes that path a directory: engines unpack a layer into a
//!   directory of its own and lay that over the lower ones, where a directory hides a link. A link *of the same layer* that leads to
//!   a directory is followed, as unpacking does.
//! - A hard link shares the content of its target, which stays with the first name. A hard link to nothing is there, without bytes.

use std::collections::HashMap;

use super::node::{Hidden, Hiding, Node, NodeId, NodeKind};
use crate::layer::{Entry, EntryKind, LayerIndex};

/// Paths longer than this are left out of the tree, though their bytes count: no engine can unpack them (`PATH_MAX` is 4,096), and
/// each could cost thousands of directories.
pub const LONGEST_PATH: usize = 16 * 1024;

/// A tree with more nodes than this is refused. The largest images known have a few million files.
const MOST_NODES: usize = 1 << 23;

/// The image has more paths than can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the image has more than {MOST_NODES} paths")]
pub struct TooManyPaths;

/// The file system after the layers stacked so far.
#[derive(Debug)]
pub struct Stack<'a> {
    nodes: Vec<Node<'a>>,
    /// What the file system shows, by directory and name.
    shown: HashMap<(NodeId, &'a [u8]), NodeId>,
    layers: usize,
    /// The directory of the last entry: a tar names a directory's files one after the other.
    recent: Option<(&'a [u8], NodeId)>,
}

impl Default for Stack<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Stack<'a> {
    /// An empty root directory.
    pub fn new() -> Self {
        let root = Node {
            name: b"",
            parent: NodeId::ROOT,
            layer: 0,
            mode: 0o755,
            kind: NodeKind::Directory,
            hidden: None,
            newest_child: NodeId::ROOT,
            older_sibling: NodeId::ROOT,
        };
        Self { nodes: vec![root], shown: HashMap::new(), layers: 0, recent: None }
    }

    /// Lays `layer` over what is there.
    ///
    /// # Errors
    /// [`TooManyPaths`] when the tree would grow past its bound.
    pub fn push(&mut self, layer: &'a LayerIndex) -> Result<(), TooManyPaths> {
        self.recent = None;
        for entry in layer.entries() {
            match entry.kind {
                EntryKind::Whiteout => self.delete(entry.path),
                EntryKind::Opaque => self.empty(entry.path),
                _ => {}
            }
        }
        let mut loose = Vec::new();
        for entry in layer.entries() {
            if let Some(node) = self.place(entry)?
                && let EntryKind::HardLink { target } = entry.kind
                && self.node(node).kind == NodeKind::Other
            {
                loose.push((node, target));
            }
        }
        // A hard link that stood before its target in the tar.
        for (node, target) in loose {
            let inode = self.inode(target);
            if let Some(node) = self.nodes.get_mut(node.index()) {
                (node.kind, node.mode) = inode.unwrap_or((node.kind, node.mode));
            }
        }
        self.layers += 1;
        Ok(())
    }

    /// How many layers were stacked.
    pub fn layers(&self) -> usize {
        self.layers
    }

    /// The node with this id.
    pub fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id.index()]
    }

    /// Every node but the root that was added after `mark` nodes were there, hidden ones included, parents before their children.
    pub fn since(&self, mark: usize) -> impl Iterator<Item = (NodeId, &Node<'a>)> {
        let first = mark.max(1);
        (0u32..).map(NodeId).zip(&self.nodes).skip(first)
    }

    /// Every node that the file system shows, but the root; parents before their children.
    pub fn live(&self) -> impl Iterator<Item = (NodeId, &Node<'a>)> {
        self.since(0).filter(|(_, node)| node.hidden.is_none())
    }

    /// How many nodes there are, hidden ones and the root included: a mark for [`Stack::since`].
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() == 1
    }

    /// What the file system shows under `name` in a directory.
    pub fn child(&self, directory: NodeId, name: &[u8]) -> Option<NodeId> {
        self.shown.get(&(directory, name)).copied()
    }

    /// What is in a directory: what it shows or, when it is hidden, what the layer that hid it found there. The order means nothing.
    pub fn children(&self, directory: NodeId) -> impl Iterator<Item = NodeId> {
        let by = |id: NodeId| self.node(id).hidden.map(|hidden| hidden.by);
        self.all_children(directory).filter(move |child| by(*child) == by(directory))
    }

    /// The absolute path of a node.
    pub fn path(&self, id: NodeId) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = id;
        while at != NodeId::ROOT {
            names.push(self.node(at).name);
            at = self.node(at).parent;
        }
        if names.is_empty() {
            return b"/".to_vec();
        }
        names.iter().rev().flat_map(|name| std::iter::once(&b'/').chain(name.iter())).copied().collect()
    }

    /// For every node the bytes that the file system shows at and below it, by [`NodeId`]'s position: files and link targets; the
    /// bytes of hard links count at their first name that is shown.
    pub fn totals(&self) -> Totals {
        let mut totals = vec![0u64; self.nodes.len()];
        let mut counted = vec![false; self.nodes.len()];
        for (id, node) in self.live() {
            totals[id.index()] = match node.kind {
                NodeKind::File { size, content } if !std::mem::replace(&mut counted[content.index()], true) => size,
                NodeKind::Symlink { target } => target.len() as u64,
                _ => 0,
            };
        }
        for index in (1..totals.len()).rev() {
            let parent = self.nodes[index].parent.index();
            totals[parent] = totals[parent].saturating_add(totals[index]);
        }
        Totals(totals)
    }

    fn all_children(&self, directory: NodeId) -> impl Iterator<Item = NodeId> {
        let listed = |id: NodeId| (id != NodeId::ROOT).then_some(id);
        std::iter::successors(listed(self.node(directory).newest_child), move |id| listed(self.node(*id).older_sibling))
    }

    fn delete(&mut self, path: &[u8]) {
        if let Some(node) = self.find(path)
            && node != NodeId::ROOT
        {
            self.hide(node, Hiding::Whiteout);
        }
    }

    fn empty(&mut self, path: &[u8]) {
        let Some(directory) = self.find(path).filter(|id| self.node(*id).kind == NodeKind::Directory) else { return };
        let children: Vec<_> = self.all_children(directory).filter(|id| self.node(*id).hidden.is_none()).collect();
        for child in children {
            self.hide(child, Hiding::Opaque);
        }
        // The directory was made anew; its old list holds hidden nodes only, which need not be walked again.
        let layer = self.layers;
        let node = &mut self.nodes[directory.index()];
        node.layer = layer;
        node.newest_child = NodeId::ROOT;
    }

    /// The node at exactly this path, no link followed.
    fn find(&self, path: &[u8]) -> Option<NodeId> {
        if path.len() > LONGEST_PATH {
            return None;
        }
        names(path).try_fold(NodeId::ROOT, |at, name| self.child(at, name))
    }

    /// Hides a node and all that is shown below it.
    fn hide(&mut self, top: NodeId, how: Hiding) {
        let hidden = Hidden { by: self.layers, how };
        let mut open = vec![top];
        while let Some(id) = open.pop() {
            open.extend(self.all_children(id).filter(|child| self.node(*child).hidden.is_none()));
            let node = &mut self.nodes[id.index()];
            node.hidden = Some(hidden);
            let key = (node.parent, node.name);
            self.shown.remove(&key);
        }
        self.recent = None;
    }

    /// Puts an entry into the tree; `None` when it is a marker, the root, or too long.
    fn place(&mut self, entry: Entry<'a>) -> Result<Option<NodeId>, TooManyPaths> {
        let mode = (entry.mode & 0o7777) as u16;
        let kind = match entry.kind {
            EntryKind::File { size } => (NodeKind::File { size, content: NodeId::ROOT }, mode),
            EntryKind::Directory => (NodeKind::Directory, mode),
            EntryKind::Symlink { target } => (NodeKind::Symlink { target }, mode),
            EntryKind::HardLink { target } => self.inode(target).unwrap_or((NodeKind::Other, mode)),
            EntryKind::Other => (NodeKind::Other, mode),
            EntryKind::Whiteout | EntryKind::Opaque => return Ok(None),
        };
        if entry.path.len() > LONGEST_PATH {
            return Ok(None);
        }
        let (above, name) = split_name(entry.path);
        if name.is_empty() {
            return Ok(None);
        }
        let parent = self.directory(above)?;
        self.put(parent, name, kind).map(Some)
    }

    /// The directory at `path`, made where it is missing.
    fn directory(&mut self, path: &'a [u8]) -> Result<NodeId, TooManyPaths> {
        if let Some((recent, node)) = self.recent
            && recent == path
        {
            return Ok(node);
        }
        let mut at = NodeId::ROOT;
        for name in names(path) {
            let found = self.child(at, name);
            let through = found.and_then(|id| {
                let node = self.node(id);
                let own_link = matches!(node.kind, NodeKind::Symlink { .. }) && node.layer == self.layers;
                let end = if own_link { self.resolve(at, name)? } else { id };
                (self.node(end).kind == NodeKind::Directory).then_some(end)
            });
            at = match through {
                Some(directory) => directory,
                None => self.put(at, name, (NodeKind::Directory, 0o755))?,
            };
        }
        self.recent = Some((path, at));
        Ok(at)
    }

    /// Puts something under a name, over what was there.
    fn put(
        &mut self,
        parent: NodeId,
        name: &'a [u8],
        (kind, mode): (NodeKind<'a>, u16),
    ) -> Result<NodeId, TooManyPaths> {
        if let Some(old) = self.child(parent, name) {
            let node = &mut self.nodes[old.index()];
            if (node.kind, kind) == (NodeKind::Directory, NodeKind::Directory) {
                node.mode = mode;
                return Ok(old);
            }
            self.hide(old, Hiding::Replaced);
        }
        let id = u32::try_from(self.nodes.len()).ok().filter(|_| self.nodes.len() < MOST_NODES).map(NodeId);
        let id = id.ok_or(TooManyPaths)?;
        let kind = match kind {
            NodeKind::File { size, content: NodeId::ROOT } => NodeKind::File { size, content: id },
            other => other,
        };
        let siblings = &mut self.nodes[parent.index()].newest_child;
        let older_sibling = std::mem::replace(siblings, id);
        self.nodes.push(Node {
            name,
            parent,
            layer: self.layers,
            mode,
            kind,
            hidden: None,
            newest_child: NodeId::ROOT,
            older_sibling,
        });
        self.shown.insert((parent, name), id);
        Ok(id)
    }

    /// What a hard link to `target` is, with its mode; `None` when nothing is there that can have a second name.
    fn inode(&self, target: &[u8]) -> Option<(NodeKind<'a>, u16)> {
        let node = self.node(self.resolve_link(NodeId::ROOT, target)?);
        (node.kind != NodeKind::Directory).then_some((node.kind, node.mode))
    }
}

/// What [`Stack::totals`] found.
#[derive(Debug)]
pub struct Totals(Vec<u64>);

impl Totals {
    /// Bytes at and below a node.
    pub fn of(&self, id: NodeId) -> u64 {
        self.0.get(id.index()).copied().unwrap_or_default()
    }
}

fn names(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|name| !name.is_empty())
}

/// Directory and file name.
fn split_name(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&[], path),
    }
}
