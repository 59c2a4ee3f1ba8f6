//! Layers stacked into the final file system, one at a time.
//!
//! Every path of every layer becomes a node that is never removed. A node that a later layer deletes or replaces is *hidden*, and
//! remembers by which layer and how: that is what later questions about waste and deleted tools are answered from. The whole takes
//! time and memory in proportion to the entries of all layers, whatever they hide. A node takes 24 bytes: what it is called and what
//! it is, its layer's index knows.
//!
//! Layers are laid over one another as overlayfs does it with what an engine unpacked of each (see [`crate::layer::unpack`]):
//! - A directory on a directory only changes its mode, and empties it where it is opaque. Anything else on anything else replaces it,
//!   with all that is below. So a directory hides a link or a file of a lower layer, and be it that only a whiteout lies in it.
//! - A whiteout of what is not there does nothing. What it deletes is of lower layers: its own layer has nothing else at its path.
//! - A hard link to what its layer does not have shares the content of what is there in the end. One to nothing is there, without
//!   bytes.

use super::bits::Bits;
use super::node::{Hidden, Hiding, Node, NodeId, NodeKind};
use crate::domain::{Bytes, Origin};
use crate::layer::LayerIndex;
use crate::layer::index::NodeKind as Entry;
use crate::memory::{List, Memory, Names, OutOfMemory, Stopped};

/// The image cannot be stacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooLarge {
    /// Its tree takes more memory than the run has.
    #[error(transparent)]
    Memory(#[from] OutOfMemory),
    /// Nobody waits for it any more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// It has more layers than any engine can mount.
    #[error("it has more than {MOST_LAYERS} layers")]
    Layers,
    /// Its layers together have 2⁶⁴ bytes and more.
    #[error("its layers claim more bytes than can be counted")]
    Size,
}

const MOST_LAYERS: usize = u16::MAX as usize;

/// The file system after the layers stacked so far.
#[derive(Debug)]
pub struct Stack<'a> {
    nodes: List<Slot>,
    indexes: Vec<&'a LayerIndex>,
    /// What the file system shows, by directory and name.
    shown: Names,
    /// What is no directory and has taken the place of what was none: the former and the latter, these ascending.
    again: List<(NodeId, NodeId)>,
    /// Who brought each layer, as far as that was told.
    origins: Vec<Origin>,
    memory: Memory,
    size: Bytes,
}

/// A node, as it is kept.
#[derive(Debug, Clone, Copy)]
struct Slot {
    parent: NodeId,
    /// Of a directory the newest child, of anything else the node whose bytes it shows. The root, which is nobody's child, ends a list.
    below: NodeId,
    older_sibling: NodeId,
    /// Position in the index of its layer.
    entry: u32,
    layer: u16,
    hidden_by: u16,
    mode: u16,
    hiding: Option<Hiding>,
    is_directory: bool,
}

impl Slot {
    fn hidden(self) -> Option<Hidden> {
        self.hiding.map(|how| Hidden { by: usize::from(self.hidden_by), how })
    }
}

impl Default for Stack<'_> {
    fn default() -> Self {
        Self::new(&Memory::default())
    }
}

impl<'a> Stack<'a> {
    /// An empty root directory. What is stacked draws from `memory`.
    pub fn new(memory: &Memory) -> Self {
        Self {
            nodes: List::new(memory),
            indexes: Vec::new(),
            shown: Names::new(memory),
            again: List::new(memory),
            origins: Vec::new(),
            memory: memory.clone(),
            size: Bytes::ZERO,
        }
    }

    /// Lays `layer` over what is there.
    ///
    /// # Errors
    /// When it is more than the run can hold or count.
    pub fn push(&mut self, layer: &'a LayerIndex) -> Result<(), TooLarge> {
        self.memory.stop().check()?;
        let number = u16::try_from(self.indexes.len()).ok().filter(|number| usize::from(*number) < MOST_LAYERS);
        let number = number.ok_or(TooLarge::Layers)?;
        self.size = self.size.checked_add(layer.size()).ok_or(TooLarge::Size)?;
        self.indexes.push(layer);
        if self.nodes.is_empty() {
            self.nodes.push(Slot::directory(NodeId::ROOT, 0o755))?;
        }
        // At once: a list that grows step by step leaves holes of its former sizes behind.
        self.nodes.make_room(layer.len())?;
        let mut places = Places::new(&self.memory)?;
        if self.indexes.len() == 1 {
            // All of the first layer is new.
            self.shown.make_room(layer.len(), |_| (0, b""))?;
        }
        let mut has_loose = false;
        for position in 1..=layer.len() {
            let entry = layer.node(position);
            let parent = places.of(entry.parent);
            let old = self.child(parent, entry.name);
            let mut slot = Slot {
                entry: u32::try_from(position).map_err(|_| TooLarge::Size)?,
                layer: number,
                ..Slot::directory(parent, entry.mode)
            };
            slot.is_directory = matches!(entry.kind, Entry::Directory { .. });
            match (entry.kind, old) {
                (Entry::Whiteout, old) => {
                    if let Some(old) = old {
                        self.hide(old, number, Hiding::Whiteout);
                    }
                }
                (Entry::Directory { stated, opaque }, Some(old)) if self.slot(old).is_directory => {
                    if stated {
                        self.nodes[old.index()].mode = entry.mode;
                    }
                    if opaque {
                        self.empty(old, slot);
                    }
                    places.add(position, old)?;
                }
                (_, old) => {
                    if let Some(old) = old {
                        self.hide(old, number, Hiding::Replaced);
                    }
                    if let Entry::Name { of } = entry.kind
                        && let Some(first) = self.placed(layer, of, &places)
                    {
                        let content = self.slot(first).below;
                        (slot.below, slot.mode) = (content, self.slot(content).mode);
                    }
                    has_loose |= matches!(entry.kind, Entry::Link { .. });
                    let id = self.add(slot)?;
                    if slot.is_directory {
                        places.add(position, id)?;
                    } else if let Some(old) = old.filter(|old| !self.slot(*old).is_directory) {
                        self.again.push((old, id))?;
                    }
                }
            }
        }
        if has_loose {
            self.tie(layer, &places);
        }
        Ok(())
    }

    /// Says who brought each layer, from the bottom. What is not said is not known.
    pub fn tell_origins(&mut self, origins: Vec<Origin>) {
        self.origins = origins;
    }

    /// Who brought each layer, as far as that was told.
    pub(super) fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// What a node that is no directory took the place of, when that was none either: the same path in a lower layer.
    pub(super) fn before(&self, id: NodeId) -> Option<NodeId> {
        let found = self.again.binary_search_by_key(&id, |(_, now)| *now).ok()?;
        self.again.get(found).map(|(before, _)| *before)
    }

    /// Every such pair: what was there, and what took its place.
    pub(super) fn replaced(&self) -> impl Iterator<Item = (NodeId, NodeId)> {
        self.again.iter().copied()
    }

    /// Forgets which names are where, which only further layers and looking up paths need, and gives back the memory.
    pub fn close(&mut self) {
        self.shown = Names::new(&self.memory);
    }

    /// How many layers were stacked.
    pub fn layers(&self) -> usize {
        self.indexes.len()
    }

    /// What each layer is by itself, from the bottom.
    pub fn indexes(&self) -> &[&'a LayerIndex] {
        &self.indexes
    }

    /// Content size of all layers together.
    pub fn size(&self) -> Bytes {
        self.size
    }

    /// The budget that it draws from.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The node with this id.
    pub fn node(&self, id: NodeId) -> Node<'a> {
        let slot = self.slot(id);
        let content = if slot.is_directory { id } else { slot.below };
        let kind = match self.entry(content).map(|entry| entry.kind) {
            None | Some(Entry::Directory { .. }) => NodeKind::Directory,
            Some(Entry::File { size }) => NodeKind::File { size, content },
            Some(Entry::Symlink { target }) => NodeKind::Symlink { target },
            Some(Entry::Other | Entry::Name { .. } | Entry::Link { .. } | Entry::Whiteout) => NodeKind::Other,
        };
        Node {
            name: self.name(id),
            parent: slot.parent,
            layer: usize::from(slot.layer),
            mode: slot.mode,
            kind,
            hidden: slot.hidden(),
            content,
        }
    }

    /// Every node but the root that was added after `mark` nodes were there, hidden ones included, parents before their children.
    pub fn since(&self, mark: usize) -> impl Iterator<Item = (NodeId, Node<'a>)> {
        let first = u32::try_from(mark.max(1)).unwrap_or(u32::MAX);
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        (first..end).map(NodeId).map(|id| (id, self.node(id)))
    }

    /// Every node that the file system shows, but the root; parents before their children.
    pub fn live(&self) -> impl Iterator<Item = (NodeId, Node<'a>)> {
        self.since(0).filter(|(_, node)| node.hidden.is_none())
    }

    /// How many nodes there are, hidden ones and the root included: a mark for [`Stack::since`].
    pub fn len(&self) -> usize {
        self.nodes.len().max(1)
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.len() == 1
    }

    /// What the file system shows under `name` in a directory.
    pub fn child(&self, directory: NodeId, name: &[u8]) -> Option<NodeId> {
        self.shown.find((directory.0, name), |id| self.key(NodeId(id))).map(NodeId)
    }

    /// What is in a directory: what it shows or, when it is hidden, what the layer that hid it found there. The order means nothing.
    pub fn children(&self, directory: NodeId) -> impl Iterator<Item = NodeId> {
        let by = |id: NodeId| self.slot(id).hidden().map(|hidden| hidden.by);
        let all = std::iter::successors(self.newest_child(directory), |id| listed(self.slot(*id).older_sibling));
        all.filter(move |child| by(*child) == by(directory))
    }

    /// Everything below a directory, a directory before what is in it; of a hidden one what was hidden with it.
    pub fn below(&self, top: NodeId) -> impl Iterator<Item = NodeId> {
        let by = self.slot(top).hidden().map(|hidden| hidden.by);
        let belongs = move |id: NodeId| self.slot(id).hidden().map(|hidden| hidden.by) == by;
        let all =
            std::iter::successors(self.next_below(top, top, true), move |id| self.next_below(top, *id, belongs(*id)));
        all.filter(move |id| belongs(*id))
    }

    /// The absolute path of a node.
    pub fn path(&self, id: NodeId) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = id;
        while at != NodeId::ROOT {
            names.push(self.name(at));
            at = self.slot(at).parent;
        }
        if names.is_empty() {
            return b"/".to_vec();
        }
        names.iter().rev().flat_map(|name| std::iter::once(&b'/').chain(name.iter())).copied().collect()
    }

    /// How many bytes [`Stack::path`] has.
    pub fn path_length(&self, id: NodeId) -> usize {
        let ups = std::iter::successors(Some(id), |at| Some(self.slot(*at).parent));
        ups.take_while(|at| *at != NodeId::ROOT)
            .fold(0_usize, |sum, at| sum.saturating_add(self.name(at).len() + 1))
            .max(1)
    }

    /// For every node the bytes that the file system shows at and below it: files and link targets; the bytes of hard links count at
    /// their first name that is shown.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn totals(&self) -> Result<Totals, OutOfMemory> {
        let mut totals = List::new(&self.memory);
        totals.resize(self.len(), 0_u64)?;
        let mut counted = Bits::new(self.len());
        for (id, node) in self.live() {
            totals[id.index()] = if counted.insert(node.content) { node.bytes() } else { 0 };
        }
        for index in (1..self.nodes.len()).rev() {
            let parent = self.nodes[index].parent.index();
            totals[parent] = totals[parent].saturating_add(totals[index]);
        }
        Ok(Totals(totals))
    }

    fn slot(&self, id: NodeId) -> Slot {
        self.nodes.get(id.index()).copied().unwrap_or(Slot::directory(NodeId::ROOT, 0o755))
    }

    /// What its layer's index says of a node; nothing of the root.
    fn entry(&self, id: NodeId) -> Option<crate::layer::index::Node<'a>> {
        let slot = self.slot(id);
        let index = self.indexes.get(usize::from(slot.layer)).filter(|_| id != NodeId::ROOT)?;
        Some(index.node(slot.entry as usize))
    }

    fn name(&self, id: NodeId) -> &'a [u8] {
        self.entry(id).map_or(&[], |entry| entry.name)
    }

    fn key(&self, id: NodeId) -> (u32, &'a [u8]) {
        (self.slot(id).parent.0, self.name(id))
    }

    fn newest_child(&self, id: NodeId) -> Option<NodeId> {
        let slot = self.slot(id);
        if slot.is_directory { listed(slot.below) } else { None }
    }

    /// The next node of a walk below `top` that is at `at`, into it or past it.
    fn next_below(&self, top: NodeId, at: NodeId, into: bool) -> Option<NodeId> {
        if into && let Some(child) = self.newest_child(at) {
            return Some(child);
        }
        let mut at = at;
        while at != top {
            let slot = self.slot(at);
            if let Some(sibling) = listed(slot.older_sibling) {
                return Some(sibling);
            }
            at = slot.parent;
        }
        None
    }

    /// Hides what lower layers put into a directory, which `slot` makes anew.
    fn empty(&mut self, directory: NodeId, slot: Slot) {
        let mut next = self.newest_child(directory);
        while let Some(child) = next {
            next = listed(self.slot(child).older_sibling);
            if self.slot(child).hiding.is_none() {
                self.hide(child, slot.layer, Hiding::Opaque);
            }
        }
        // Its old list holds hidden nodes only, which need not be walked again.
        let node = &mut self.nodes[directory.index()];
        (node.layer, node.entry, node.below) = (slot.layer, slot.entry, NodeId::ROOT);
    }

    /// Hides a node and all that is shown below it.
    fn hide(&mut self, top: NodeId, by: u16, how: Hiding) {
        let mut next = Some(top);
        while let Some(id) = next {
            let is_shown = self.slot(id).hiding.is_none();
            if is_shown {
                let (nodes, indexes) = (&self.nodes, &self.indexes);
                let key_of = |id: u32| {
                    let slot = nodes[id as usize];
                    let index = indexes.get(usize::from(slot.layer));
                    (slot.parent.0, index.map_or(&b""[..], |index| index.node(slot.entry as usize).name))
                };
                self.shown.remove(key_of(id.0), key_of);
                let node = &mut self.nodes[id.index()];
                (node.hidden_by, node.hiding) = (by, Some(how));
            }
            next = self.next_below(top, id, is_shown);
        }
    }

    /// Adds a node, where nothing is shown any more.
    fn add(&mut self, mut slot: Slot) -> Result<NodeId, TooLarge> {
        let id = NodeId(u32::try_from(self.nodes.len()).map_err(|_| TooLarge::Size)?);
        if !slot.is_directory && slot.below == NodeId::ROOT {
            slot.below = id;
        }
        slot.older_sibling = self.slot(slot.parent).below;
        self.nodes.push(slot)?;
        self.nodes[slot.parent.index()].below = id;
        let (nodes, indexes) = (&self.nodes, &self.indexes);
        self.shown.insert(id.0, |id| {
            let slot = nodes[id as usize];
            let index = indexes.get(usize::from(slot.layer));
            (slot.parent.0, index.map_or(&b""[..], |index| index.node(slot.entry as usize).name))
        })?;
        Ok(id)
    }

    /// Where an entry of the layer that is being laid is in the tree.
    fn placed(&self, layer: &LayerIndex, position: usize, places: &Places) -> Option<NodeId> {
        let entry = layer.node(position);
        self.child(places.of(entry.parent), entry.name)
    }

    /// Gives hard links whose target their own layer does not have, or has only later, what is there now.
    fn tie(&mut self, layer: &LayerIndex, places: &Places) {
        for position in 1..=layer.len() {
            let Entry::Link { target } = layer.node(position).kind else { continue };
            let Some(id) = self.placed(layer, position, places) else { continue };
            let found = self.resolve_link(NodeId::ROOT, target).filter(|found| !self.slot(*found).is_directory);
            if let Some(found) = found {
                let (content, mode) = (self.slot(found).below, self.slot(found).mode);
                let node = &mut self.nodes[id.index()];
                (node.below, node.mode) = (content, mode);
            }
        }
    }
}

impl Slot {
    /// A directory that nobody hides, without children.
    fn directory(parent: NodeId, mode: u16) -> Self {
        Self {
            parent,
            below: NodeId::ROOT,
            older_sibling: NodeId::ROOT,
            entry: 0,
            layer: 0,
            hidden_by: 0,
            mode,
            hiding: None,
            is_directory: true,
        }
    }
}

/// Where the directories of a layer are in the tree, by their position in its index.
struct Places(List<(u32, NodeId)>);

impl Places {
    fn new(memory: &Memory) -> Result<Self, OutOfMemory> {
        let mut places = List::new(memory);
        places.push((0, NodeId::ROOT))?;
        Ok(Self(places))
    }

    fn add(&mut self, position: usize, id: NodeId) -> Result<(), TooLarge> {
        Ok(self.0.push((u32::try_from(position).map_err(|_| TooLarge::Size)?, id))?)
    }

    fn of(&self, position: usize) -> NodeId {
        let found = self.0.binary_search_by_key(&position, |(position, _)| *position as usize);
        found.ok().and_then(|found| self.0.get(found)).map_or(NodeId::ROOT, |(_, id)| *id)
    }
}

fn listed(id: NodeId) -> Option<NodeId> {
    (id != NodeId::ROOT).then_some(id)
}

/// What [`Stack::totals`] found.
#[derive(Debug)]
pub struct Totals(List<u64>);

impl Totals {
    /// Bytes at and below a node.
    pub fn of(&self, id: NodeId) -> u64 {
        self.0.get(id.index()).copied().unwrap_or_default()
    }
}
