//! Indexes and stacks against a model that is too simple to be wrong: what containerd does with one entry after the other, on a map
//! from path to thing, and what overlayfs makes of the maps.

use std::collections::{BTreeMap, BTreeSet};

use imgbudget::domain::{DiffId, Digest};
use imgbudget::image::node::NodeKind;
use imgbudget::image::stack::Stack;
use imgbudget::image::waste::wasted;
use imgbudget::layer::index::NodeKind as InLayer;
use imgbudget::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};
use imgbudget::memory::Memory;
use proptest::prelude::*;

/// One entry of a layer, as a tar says it.
#[derive(Debug, Clone)]
enum Act {
    File(String, u64),
    Directory(String),
    Symlink(String, String),
    HardLink(String, String),
    Delete(String),
    Empty(String),
}

impl Act {
    fn entry(&self) -> Entry<'_> {
        let (path, kind) = match self {
            Self::File(path, size) => (path, EntryKind::File { size: *size }),
            Self::Directory(path) => (path, EntryKind::Directory),
            Self::Symlink(path, target) => (path, EntryKind::Symlink { target: target.as_bytes() }),
            Self::HardLink(path, target) => (path, EntryKind::HardLink { target: target.as_bytes() }),
            Self::Delete(path) => (path, EntryKind::Whiteout),
            Self::Empty(path) => (path, EntryKind::Opaque),
        };
        Entry { path: path.as_bytes(), kind, mode: 0o644 }
    }
}

/// What is at a path of a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Thing {
    Directory {
        opaque: bool,
    },
    /// A file or a symbolic link.
    Inode(usize),
    Whiteout,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Inode {
    File(u64),
    Symlink(String),
}

impl Inode {
    fn bytes(&self) -> u64 {
        match self {
            Self::File(size) => *size,
            Self::Symlink(target) => target.len() as u64,
        }
    }
}

/// The engine stops: nobody gets this layer.
#[derive(Debug)]
struct Refused;

#[derive(Debug, Default)]
struct Disk {
    things: BTreeMap<String, Thing>,
    inodes: Vec<Inode>,
}

fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn remove_all<T>(things: &mut BTreeMap<String, T>, path: &str) {
    things.remove(path);
    remove_below(things, path);
}

fn remove_below<T>(things: &mut BTreeMap<String, T>, path: &str) {
    let below = format!("{path}/");
    things.retain(|other, _| !other.starts_with(&below));
}

impl Disk {
    /// Where a path leads when every link is followed below the root, whether anything is there or not.
    fn real(&self, path: &str) -> Result<String, Refused> {
        let mut hops = 0;
        let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut at = String::new();
        while let Some(name) = rest.pop() {
            match name.as_str() {
                "" | "." => {}
                ".." => at = split(&at).0.to_owned(),
                name => {
                    let next = join(&at, name);
                    if let Some(Thing::Inode(inode)) = self.things.get(&next)
                        && let Inode::Symlink(target) = &self.inodes[*inode]
                    {
                        hops += 1;
                        if hops > 40 {
                            return Err(Refused);
                        }
                        if target.starts_with('/') {
                            at.clear();
                        }
                        rest.extend(target.split('/').rev().map(str::to_owned));
                    } else {
                        at = next;
                    }
                }
            }
        }
        Ok(at)
    }

    fn make_directories(&mut self, path: &str) -> Result<(), Refused> {
        let mut at = String::new();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at = join(&at, name);
            match self.things.get(&at) {
                None => drop(self.things.insert(at.clone(), Thing::Directory { opaque: false })),
                Some(Thing::Directory { .. }) => {}
                Some(_) => return Err(Refused),
            }
        }
        Ok(())
    }

    fn apply(&mut self, act: &Act) -> Result<(), Refused> {
        let (Act::File(path, _)
        | Act::Directory(path)
        | Act::Symlink(path, _)
        | Act::HardLink(path, _)
        | Act::Delete(path)) = act
        else {
            let Act::Empty(path) = act else { return Ok(()) };
            let directory = self.real(path)?;
            self.make_directories(&directory)?;
            if let Some(Thing::Directory { opaque }) = self.things.get_mut(&directory) {
                *opaque = true;
            }
            return Ok(());
        };
        let (above, name) = split(path);
        let directory = self.real(above)?;
        self.make_directories(&directory)?;
        let path = join(&directory, name);
        let old = self.things.get(&path).cloned();
        match (act, old) {
            (Act::Delete(_), Some(_)) => return Err(Refused),
            (Act::Directory(_), Some(Thing::Directory { .. })) => return Ok(()),
            (_, Some(_)) => remove_all(&mut self.things, &path),
            (_, None) => {}
        }
        let thing = match act {
            Act::File(_, size) => self.inode(Inode::File(*size)),
            Act::Symlink(_, target) => self.inode(Inode::Symlink(target.clone())),
            Act::HardLink(_, target) => {
                let (above, name) = split(target);
                let target = join(&self.real(above)?, name);
                match self.things.get(&target) {
                    None | Some(Thing::Directory { .. }) => return Err(Refused),
                    Some(thing) => thing.clone(),
                }
            }
            Act::Delete(_) => Thing::Whiteout,
            _ => Thing::Directory { opaque: false },
        };
        self.things.insert(path, thing);
        Ok(())
    }

    fn inode(&mut self, inode: Inode) -> Thing {
        self.inodes.push(inode);
        Thing::Inode(self.inodes.len() - 1)
    }

    fn size(&self) -> u64 {
        let inodes: BTreeSet<usize> = self
            .things
            .values()
            .filter_map(|thing| if let Thing::Inode(inode) = thing { Some(*inode) } else { None })
            .collect();
        inodes.into_iter().map(|inode| self.inodes[inode].bytes()).sum()
    }

    /// What is at each path; of files and links with the first path that shares the bytes.
    fn shown(&self) -> BTreeMap<String, String> {
        let first = |inode: usize| {
            self.things.iter().find(|(_, thing)| **thing == Thing::Inode(inode)).map_or("", |(path, _)| path.as_str())
        };
        let line = |thing: &Thing| match thing {
            Thing::Inode(inode) => format!("{:?} as {}", self.inodes[*inode], first(*inode)),
            other => format!("{other:?}"),
        };
        self.things.iter().map(|(path, thing)| (path.clone(), line(thing))).collect()
    }
}

fn unpacked(layer: &[Act]) -> Result<Disk, Refused> {
    let mut disk = Disk::default();
    layer.iter().try_for_each(|act| disk.apply(act)).map(|()| disk)
}

fn index(layer: &[Act], memory: &Memory) -> Option<LayerIndex> {
    let mut builder = LayerIndexBuilder::new(memory);
    layer.iter().try_for_each(|act| builder.push(act.entry())).ok()?;
    builder.finish(DiffId(Digest::from_sha256([0; 32]))).ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("plain")
}

/// [`Disk::shown`] of an index.
fn shown(index: &LayerIndex) -> BTreeMap<String, String> {
    let owner = |position: usize| match index.node(position).kind {
        InLayer::Name { of } => of,
        _ => position,
    };
    let mut first: BTreeMap<usize, String> = BTreeMap::new();
    for position in 1..=index.len() {
        let path = text(&index.path(position));
        let known = first.entry(owner(position)).or_insert_with(|| path.clone());
        *known = path.min(known.clone());
    }
    let line = |position: usize| match index.node(owner(position)).kind {
        InLayer::File { size } => format!("{:?} as {}", Inode::File(size), first[&owner(position)]),
        InLayer::Symlink { target } => format!("{:?} as {}", Inode::Symlink(text(target)), first[&owner(position)]),
        InLayer::Directory { opaque, .. } => format!("{:?}", Thing::Directory { opaque }),
        InLayer::Whiteout => format!("{:?}", Thing::Whiteout),
        other => format!("{other:?}"),
    };
    (1..=index.len()).map(|position| (text(&index.path(position)), line(position))).collect()
}

/// What overlayfs shows: kind or content, and the layer that brought it.
type Merged = BTreeMap<String, (Option<(Inode, usize)>, usize)>;

fn lay(merged: &mut Merged, disk: &Disk, layer: usize) {
    // Sorted by path, a directory goes before what is in it.
    for (path, thing) in &disk.things {
        let is_directory = matches!(merged.get(path), Some((None, _)));
        match thing {
            Thing::Whiteout => remove_all(merged, path),
            Thing::Directory { opaque: false } if is_directory => {}
            Thing::Directory { opaque: true } if is_directory => {
                remove_below(merged, path);
                merged.insert(path.clone(), (None, layer));
            }
            Thing::Directory { .. } => {
                remove_all(merged, path);
                merged.insert(path.clone(), (None, layer));
            }
            Thing::Inode(inode) => {
                remove_all(merged, path);
                merged.insert(path.clone(), (Some((disk.inodes[*inode].clone(), *inode)), layer));
            }
        }
    }
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..4).prop_map(|names| names.join("/"))
}

fn act() -> impl Strategy<Value = Act> {
    let target = prop::sample::select(vec!["a", "b", "c/a", "/b", "../a", "/", "b/..", "no/../c", "nowhere"]);
    prop_oneof![
        4 => (path(), 0..100_u64).prop_map(|(path, size)| Act::File(path, size)),
        2 => path().prop_map(Act::Directory),
        1 => (path(), target).prop_map(|(path, target)| Act::Symlink(path, target.to_owned())),
        2 => (path(), path()).prop_map(|(path, target)| Act::HardLink(path, target)),
        1 => path().prop_map(Act::Delete),
        1 => path().prop_map(Act::Empty),
    ]
}

/// A layer without the entries that make engines refuse it: so most of what is generated is compared.
fn accepted(acts: Vec<Act>) -> Vec<Act> {
    let mut kept: Vec<Act> = Vec::new();
    for act in acts {
        kept.push(act);
        if unpacked(&kept).is_err() {
            kept.pop();
        }
    }
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_is_what_an_engine_unpacks(acts in prop::collection::vec(act(), 0..20)) {
        let memory = Memory::default();
        let whole = index(&acts, &memory);
        prop_assert!(whole.is_some() || unpacked(&acts).is_err(), "refused what engines take");
        let acts = accepted(acts);
        let disk = unpacked(&acts).expect("accepted");
        let index = index(&acts, &memory).expect("accepted");
        prop_assert_eq!(shown(&index), disk.shown());
        prop_assert_eq!(index.size().0, disk.size());
    }

    #[test]
    fn a_stack_is_what_overlayfs_shows(layers in prop::collection::vec(prop::collection::vec(act(), 0..10), 0..6)) {
        let memory = Memory::default();
        let layers: Vec<_> = layers.into_iter().map(accepted).collect();
        let disks: Vec<Disk> = layers.iter().map(|acts| unpacked(acts).expect("accepted")).collect();
        let indexes: Vec<LayerIndex> = layers.iter().map(|acts| index(acts, &memory).expect("accepted")).collect();
        let mut stack = Stack::new(&memory);
        let mut merged = Merged::new();
        for (number, (index, disk)) in indexes.iter().zip(&disks).enumerate() {
            stack.push(index).expect("small enough");
            lay(&mut merged, disk, number);
            let seen: BTreeMap<String, (Option<Inode>, usize)> = stack.live().map(|(id, node)| {
                let inode = match node.kind {
                    NodeKind::File { size, .. } => Some(Inode::File(size)),
                    NodeKind::Symlink { target } => Some(Inode::Symlink(text(target))),
                    _ => None,
                };
                (text(&stack.path(id)[1..]), (inode, node.layer))
            }).collect();
            let wanted: BTreeMap<_, _> = merged.iter().map(|(path, (inode, layer))| {
                (path.clone(), (inode.as_ref().map(|(inode, _)| inode.clone()), *layer))
            }).collect();
            prop_assert_eq!(seen, wanted);
        }
        // Nothing is lost: every byte of every layer is shown or wasted, once.
        let all: u64 = disks.iter().map(Disk::size).sum();
        let live: BTreeSet<(usize, usize, u64)> = merged.values()
            .filter_map(|(inode, layer)| inode.as_ref().map(|(inode, number)| (*layer, *number, inode.bytes())))
            .collect();
        let live: u64 = live.iter().map(|(.., bytes)| bytes).sum();
        prop_assert_eq!(stack.size().0, all);
        prop_assert_eq!(stack.totals().expect("room").of(imgbudget::image::node::NodeId::ROOT), live);
        prop_assert_eq!(wasted(&stack).expect("room").bytes.0, all - live);
    }
}
