//! Held against a model that does what dive does, one step after the other, on the entries of the tars.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::figures;
use crate::contents::{Told, View};
use crate::domain::{Bytes, DiffId, Digest, Efficiency, Origin};
use crate::image::{MeasuredLayer, Stack};
use crate::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};

/// The path of an entry as the tar has it, and its kind and size.
type Raw = (String, Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File(u64),
    Directory,
    /// A link of either kind: dive sees no bytes.
    Symlink,
    HardLink,
    /// Of the path that is removed.
    Whiteout,
    Opaque,
}

fn index(entries: &[Raw]) -> LayerIndex {
    let mut builder = LayerIndexBuilder::default();
    for (path, kind) in entries {
        let kind = match kind {
            Kind::File(size) => EntryKind::File { size: *size },
            Kind::Directory => EntryKind::Directory,
            Kind::Symlink => EntryKind::Symlink { target: b"nowhere" },
            Kind::HardLink => EntryKind::HardLink { target: b"elsewhere" },
            Kind::Whiteout => EntryKind::Whiteout,
            Kind::Opaque => EntryKind::Opaque,
        };
        builder.push(Entry { path: path.as_bytes(), kind, mode: 0o644 }).expect("an engine would unpack it");
    }
    builder.finish(DiffId(Digest::from_sha256([7; 32]))).expect("can be counted")
}

fn ours(layers: &[Vec<Raw>]) -> Option<Efficiency> {
    of_indexes(&layers.iter().map(|layer| index(layer)).collect::<Vec<_>>())
}

fn of_indexes(indexes: &[LayerIndex]) -> Option<Efficiency> {
    let told: Vec<MeasuredLayer> = indexes
        .iter()
        .map(|index| MeasuredLayer {
            diff_id: index.diff_id().clone(),
            size: Some(index.size()),
            compressed_size: None,
            created_by: None,
            origin: Origin::Own,
            dockerfile: None,
            copied_from: None,
        })
        .collect();
    let mut stack = Stack::default();
    for index in indexes {
        stack.push(index).expect("small enough");
    }
    figures(&View { stack: &stack, layers: &told, files: &[], told: Told::default() }).expect("enough memory")
}

/// A tree of dive's. What a path is made through has the payload of nothing.
#[derive(Debug, Clone, Default)]
struct Tree {
    is_directory: bool,
    size: i64,
    children: BTreeMap<String, Tree>,
}

impl Tree {
    fn add(&mut self, path: &str, is_directory: bool, size: i64) {
        let mut node = self;
        for name in path.split('/') {
            if name.starts_with(".wh..wh.") && !node.children.contains_key(name) {
                return;
            }
            node = node.children.entry(name.to_owned()).or_default();
        }
        (node.is_directory, node.size) = (is_directory, size);
    }

    fn find(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |node, name| node.children.get(name))
    }

    fn remove(&mut self, path: &str) {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut node = self;
        for name in above.split('/').filter(|name| !name.is_empty()) {
            let Some(child) = node.children.get_mut(name) else { return };
            node = child;
        }
        node.children.remove(name);
    }

    fn bytes(&self) -> i64 {
        self.size + self.children.values().map(Self::bytes).sum::<i64>()
    }

    /// Every node with its path, what is in a directory before it, by name.
    fn walk<'t>(&'t self, above: &str, all: &mut Vec<(String, &'t Self)>) {
        for (name, child) in &self.children {
            let path = if above.is_empty() { name.clone() } else { format!("{above}/{name}") };
            child.walk(&path, all);
            all.push((path, child));
        }
    }
}

/// The path that a whiteout removes.
fn removes(path: &str) -> Option<String> {
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let name = name.strip_prefix(".wh.")?;
    Some(if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") })
}

fn tree(entries: &[Raw]) -> Tree {
    let mut tree = Tree::default();
    for (path, kind) in entries {
        let (above, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(above, name)| (above, name));
        let whiteout = if above.is_empty() { format!(".wh.{name}") } else { format!("{above}/.wh.{name}") };
        match kind {
            Kind::File(size) => tree.add(path, false, i64::try_from(*size).expect("small")),
            Kind::Directory => tree.add(path, true, 0),
            Kind::Symlink | Kind::HardLink => tree.add(path, false, 0),
            Kind::Whiteout => tree.add(&whiteout, false, 0),
            Kind::Opaque => tree.add(&format!("{path}/.wh..wh..opq"), false, 0),
        }
    }
    tree
}

fn stacked(trees: &[Tree], count: usize) -> Tree {
    let mut stacked = trees[0].clone();
    for upper in &trees[..count] {
        let mut nodes = Vec::new();
        upper.walk("", &mut nodes);
        for (path, node) in nodes {
            match removes(&path) {
                Some(removed) => stacked.remove(&removed),
                None => stacked.add(&path, node.is_directory, node.size),
            }
        }
    }
    stacked
}

/// What dive makes of some layers; `None` where its efficiency would be less than nothing.
fn dives(layers: &[Vec<Raw>]) -> Option<Efficiency> {
    let trees: Vec<Tree> = layers.iter().map(|layer| tree(layer)).collect();
    // By path: the sum, the smallest, and how many there are.
    let mut paths: BTreeMap<String, (i64, i64, usize)> = BTreeMap::new();
    for (number, upper) in trees.iter().enumerate() {
        let mut nodes = Vec::new();
        upper.walk("", &mut nodes);
        for (path, node) in nodes.into_iter().filter(|(_, node)| node.children.is_empty()) {
            let removed = removes(&path);
            let entry = paths.entry(removed.clone().unwrap_or(path)).or_insert((0, -1, 0));
            let size = match removed {
                None => node.size,
                Some(removed) => match stacked(&trees, number).find(&removed) {
                    None => break,
                    Some(before) if before.is_directory => before.bytes(),
                    Some(_) => 0,
                },
            };
            entry.0 += size;
            entry.1 = if entry.1 < 0 { size } else { entry.1.min(size) };
            entry.2 += 1;
        }
    }
    let bytes = |sum: i64| u64::try_from(sum).ok().map(Bytes);
    let in_tar = |layer: &Vec<Raw>| {
        layer.iter().map(|(_, kind)| if let Kind::File(size) = kind { *size } else { 0 }).sum::<u64>()
    };
    Some(Efficiency {
        needed: bytes(paths.values().map(|(_, least, _)| least).sum())?,
        stored: bytes(paths.values().map(|(sum, ..)| sum).sum())?,
        wasted: bytes(paths.values().filter(|(.., count)| *count > 1).map(|(sum, ..)| sum).sum())?,
        above_first: Bytes(layers.iter().skip(1).map(in_tar).sum::<u64>()),
    })
}

/// A layer as an engine takes it: no path twice, nothing below what is no directory.
fn valid(entries: Vec<Raw>) -> Vec<Raw> {
    let mut taken: BTreeMap<String, Kind> = BTreeMap::new();
    let mut above: BTreeSet<String> = BTreeSet::new();
    let mut kept = Vec::new();
    for (path, kind) in entries {
        let parents: Vec<String> = path.match_indices('/').map(|(slash, _)| path[..slash].to_owned()).collect();
        let is_open = |path: &String| taken.get(path).is_none_or(|kind| *kind == Kind::Directory);
        let fits = match kind {
            Kind::Opaque => is_open(&path),
            Kind::Directory => !taken.contains_key(&path),
            _ => !taken.contains_key(&path) && !above.contains(&path),
        };
        if !fits || !parents.iter().all(is_open) {
            continue;
        }
        above.extend(parents);
        if kind == Kind::Opaque {
            above.insert(path.clone());
        } else {
            taken.insert(path.clone(), kind);
        }
        kept.push((path, kind));
    }
    kept
}

fn layers() -> impl Strategy<Value = Vec<Vec<Raw>>> {
    // Some sort before `.wh.`, some after.
    let name = prop::sample::select(vec!["a", "b", "-c", ".a", ".x", "é"]);
    let path = prop::collection::vec(name, 1..4).prop_map(|names| names.join("/"));
    let kind = prop_oneof![
        4 => (0..1000_u64).prop_map(Kind::File),
        3 => Just(Kind::Directory),
        1 => Just(Kind::Symlink),
        1 => Just(Kind::HardLink),
        2 => Just(Kind::Whiteout),
        1 => Just(Kind::Opaque),
    ];
    prop::collection::vec(prop::collection::vec((path, kind), 0..9).prop_map(valid), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_figures_are_those_of_dive(layers in layers()) {
        prop_assert_eq!(ours(&layers), dives(&layers));
    }
}

fn raw(entries: &[(&str, Kind)]) -> Vec<Raw> {
    entries.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect()
}

fn sums(needed: u64, stored: u64, wasted: u64, above_first: u64) -> Efficiency {
    let [needed, stored, wasted, above_first] = [needed, stored, wasted, above_first].map(Bytes);
    Efficiency { needed, stored, wasted, above_first }
}

#[test]
fn one_file_is_all_needed() {
    assert_eq!(ours(&[raw(&[("app", Kind::File(7_000_000))])]), Some(sums(7_000_000, 7_000_000, 0, 0)));
    assert_eq!(ours(&[raw(&[])]), Some(sums(0, 0, 0, 0)));
}

#[test]
fn a_hard_link_made_later_copies_its_file_up() {
    const BUSYBOX: u64 = 1_982_256;
    let below = raw(&[("bin", Kind::Directory), ("bin/busybox", Kind::File(BUSYBOX)), ("bin/sh", Kind::HardLink)]);
    let above = raw(&[("bin", Kind::Directory), ("bin/busybox", Kind::File(BUSYBOX)), ("bin/vi", Kind::HardLink)]);
    assert_eq!(ours(&[below, above]), Some(sums(BUSYBOX, 3_964_512, 3_964_512, BUSYBOX)));
}

#[test]
fn what_is_deleted_or_has_another_mode_is_stored_again() {
    let mib = |n: u64| n << 20;
    let below = raw(&[
        ("big", Kind::File(mib(100))),
        ("tool", Kind::File(mib(50))),
        ("data", Kind::Directory),
        ("data/file", Kind::File(mib(20))),
        ("logs", Kind::Directory),
        ("logs/one", Kind::File(mib(3))),
    ]);
    let above = raw(&[
        ("big", Kind::Whiteout),
        ("tool", Kind::File(mib(50))),
        // Replaced by what is new: dive passes over the marker.
        ("data", Kind::Directory),
        ("data", Kind::Opaque),
        ("data/other", Kind::File(mib(1))),
        // A directory that is removed counts with all that was in it, once more.
        ("logs", Kind::Whiteout),
    ]);
    let needed = mib(50 + 20 + 3 + 1) + mib(3);
    assert_eq!(ours(&[below, above]), Some(sums(needed, mib(100 + 50 + 50 + 20 + 3 + 1 + 3), mib(200), mib(51))));
}

#[test]
fn a_whiteout_of_nothing_ends_the_walk_over_its_layer() {
    let below = raw(&[("z", Kind::File(100))]);
    // `.wh.gone` goes before `a` and after `-`.
    let above = raw(&[("a", Kind::File(30)), ("gone", Kind::Whiteout), ("-", Kind::File(5))]);
    assert_eq!(ours(&[below, above]), Some(sums(104, 105, 0, 35)), "and dive takes one byte off");
}

#[test]
fn what_a_tar_says_twice_is_not_known() {
    let twice = raw(&[("a", Kind::File(1)), ("a", Kind::File(2))]);
    assert_eq!(ours(&[twice]), None);
    let deleted_and_there = raw(&[("a", Kind::File(1)), ("a", Kind::Whiteout)]);
    assert_eq!(ours(&[deleted_and_there]), None);
    let below_a_marker = raw(&[(".wh..wh.plnk/x", Kind::File(1))]);
    assert_eq!(ours(&[below_a_marker]), None);
}

#[test]
fn many_whiteouts_in_many_layers_take_no_time() {
    // The same directory is filled, deleted and filled again: a stack that kept what it lost would walk over it each time.
    let full: Vec<Raw> = (0..20_000).map(|number| (format!("d/{number}"), Kind::File(1))).collect();
    let mut all = vec![index(&full)];
    for _ in 0..2_000 {
        all.push(index(&raw(&[("d", Kind::Whiteout)])));
        all.push(index(&raw(&[("d", Kind::Directory), ("d/0", Kind::File(1))])));
    }
    assert!(of_indexes(&all).is_some());
}
