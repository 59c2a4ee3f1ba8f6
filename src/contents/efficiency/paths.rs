//! Every path of an image, with what dive keeps of it, and dive's stack of the layers so far.

use crate::domain::{Bytes, Efficiency};
use crate::layer::LayerIndex;
use crate::memory::{List, Memory, Names, OutOfMemory};

/// A path.
pub(super) type PathId = u32;

/// The root, which is nobody's child: so it ends a list, too.
const ROOT: PathId = 0;

/// What dive's stack has at a path.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Payload {
    /// Whether an entry says that it is a directory.
    pub(super) is_directory: bool,
    /// The size in the header.
    pub(super) size: u64,
}

/// A path. It is never removed; what the stack has of it is.
#[derive(Debug, Clone, Copy, Default)]
struct Path {
    parent: PathId,
    /// Where its name is: a layer, and a position in its index.
    layer: u32,
    entry: u32,
    /// How often it was a leaf, as far as that matters: never, once, more often.
    counted: u8,
    /// A walk ended at it before it was a leaf: dive's smallest size of it is −1 until then.
    is_missed: bool,
    /// Whether the stack has it.
    is_there: bool,
    /// Whether it is in its parent's list, be it that it is there no longer.
    is_listed: bool,
    payload: Payload,
    /// The list of what the stack has below it, and the next in that of its parent.
    first_child: PathId,
    next_sibling: PathId,
    smallest: u64,
    sum: u64,
}

/// The paths of some layers.
pub(super) struct Paths<'a> {
    layers: &'a [&'a LayerIndex],
    all: List<Path>,
    names: Names,
    memory: Memory,
    is_countable: bool,
}

impl<'a> Paths<'a> {
    pub(super) fn new(layers: &'a [&'a LayerIndex], memory: &Memory) -> Result<Self, OutOfMemory> {
        let mut all = List::new(memory);
        all.push(Path { is_there: true, ..Path::default() })?;
        Ok(Self { layers, all, names: Names::new(memory), memory: memory.clone(), is_countable: true })
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(super) fn layer(&self, number: usize) -> Option<&'a LayerIndex> {
        self.layers.get(number).copied()
    }

    /// The paths of a layer by position, the root first.
    pub(super) fn places(&mut self, number: usize) -> Result<List<PathId>, OutOfMemory> {
        let mut places = List::new(&self.memory);
        let Some(layer) = self.layer(number) else { return Ok(places) };
        places.make_room(layer.len() + 1)?;
        places.push(ROOT)?;
        for position in 1..=layer.len() {
            let node = layer.node(position);
            let parent = places.get(node.parent).copied().unwrap_or(ROOT);
            let (layers, all) = (self.layers, &self.all);
            let found = self.names.find((parent, node.name), |id| key(layers, all, id));
            places.push(match found {
                Some(found) => found,
                None => self.attach(parent, number, position)?,
            })?;
        }
        Ok(places)
    }

    fn attach(&mut self, parent: PathId, layer: usize, entry: usize) -> Result<PathId, OutOfMemory> {
        // There is no memory for more than can be numbered.
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (id, layer, entry) = (narrow(self.all.len()), narrow(layer), narrow(entry));
        self.all.push(Path { parent, layer, entry, ..Path::default() })?;
        let (layers, all) = (self.layers, &self.all);
        self.names.insert(id, |id| key(layers, all, id))?;
        Ok(id)
    }

    /// Counts a leaf.
    pub(super) fn count(&mut self, id: PathId, size: u64) {
        let Some(path) = self.all.get_mut(id as usize) else { return };
        path.smallest = if path.counted == 0 { size } else { path.smallest.min(size) };
        path.counted = path.counted.saturating_add(1);
        match path.sum.checked_add(size) {
            Some(sum) => path.sum = sum,
            None => self.is_countable = false,
        }
    }

    /// Says that a walk ended at this path.
    pub(super) fn miss(&mut self, id: PathId) {
        if let Some(path) = self.all.get_mut(id as usize) {
            path.is_missed = true;
        }
    }

    /// Takes a path out of the stack with all below it. Gives the sizes of a directory; 0 for anything else, `None` for what is not there.
    pub(super) fn remove(&mut self, top: PathId) -> Result<Option<u64>, OutOfMemory> {
        let Some(path) = self.all.get(top as usize).copied().filter(|path| path.is_there) else { return Ok(None) };
        let mut sum = 0_u64;
        let mut open = List::new(&self.memory);
        let mut next = Some(top);
        while let Some(id) = next {
            if let Some(path) = self.all.get_mut(id as usize) {
                if path.is_there {
                    match sum.checked_add(path.payload.size) {
                        Some(more) => sum = more,
                        None => self.is_countable = false,
                    }
                }
                // The top stays in the list of its parent, which goes on.
                let sibling = if id == top { ROOT } else { std::mem::take(&mut path.next_sibling) };
                path.is_listed &= id == top;
                path.is_there = false;
                let child = std::mem::take(&mut path.first_child);
                for id in [sibling, child].into_iter().filter(|id| *id != ROOT) {
                    open.push(id)?;
                }
            }
            next = open.pop();
        }
        Ok(Some(if path.payload.is_directory { sum } else { 0 }))
    }

    /// Puts something at a path. What is below it stays. Its parent is there: directories come first.
    pub(super) fn put(&mut self, id: PathId, payload: Payload) {
        let Some(path) = self.all.get_mut(id as usize) else { return };
        (path.is_there, path.payload) = (true, payload);
        if std::mem::replace(&mut path.is_listed, true) {
            return;
        }
        let parent = path.parent as usize;
        let first = self.all.get_mut(parent).map_or(ROOT, |parent| std::mem::replace(&mut parent.first_child, id));
        if let Some(path) = self.all.get_mut(id as usize) {
            path.next_sibling = first;
        }
    }

    /// What dive makes of all that was counted; `None` where that is more than can be counted, or less than nothing.
    pub(super) fn sums(&self) -> Option<Efficiency> {
        let (mut needed, mut stored, mut wasted) = (0_i128, 0_u64, 0_u64);
        for path in self.all.iter() {
            needed += match path.counted {
                0 => -i128::from(path.is_missed),
                _ => i128::from(path.smallest),
            };
            stored = stored.checked_add(path.sum)?;
            if path.counted > 1 {
                wasted = wasted.checked_add(path.sum)?;
            }
        }
        let needed = u64::try_from(needed).ok().filter(|_| self.is_countable)?;
        Some(Efficiency {
            needed: Bytes(needed),
            stored: Bytes(stored),
            wasted: Bytes(wasted),
            above_first: Bytes::ZERO,
        })
    }
}

/// The directory and the name of a path.
fn key<'a>(layers: &'a [&'a LayerIndex], all: &[Path], id: PathId) -> (PathId, &'a [u8]) {
    let Some(path) = all.get(id as usize) else { return (ROOT, b"") };
    let name = layers.get(path.layer as usize).map_or(&b""[..], |layer| layer.node(path.entry as usize).name);
    (path.parent, name)
}
