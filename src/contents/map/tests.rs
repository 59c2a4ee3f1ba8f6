//! Maps of images made by hand and of images made by chance: no byte is lost, and none is there twice.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Since, draw};
use crate::contents::View;
use crate::contents::told::Told;
use crate::domain::{DiffId, Digest, Map, MapKind, Origin};
use crate::image::node::NodeId;
use crate::image::{MeasuredLayer, Stack};
use crate::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};

fn layer(entries: &[(&str, EntryKind<'_>)]) -> LayerIndex {
    let mut builder = LayerIndexBuilder::default();
    for (path, kind) in entries {
        let _ = builder.push(Entry { path: path.as_bytes(), kind: *kind, mode: 0o644 });
    }
    builder.finish(DiffId(Digest::from_sha256([7; 32]))).expect("can be counted")
}

fn file(size: u64) -> EntryKind<'static> {
    EntryKind::File { size }
}

/// The map of some layers, the lowest of which came with the base image; half of each file is new.
fn map(layers: &[LayerIndex]) -> Map {
    let told = |(position, index): (usize, &LayerIndex)| MeasuredLayer {
        diff_id: index.diff_id().clone(),
        size: Some(index.size()),
        compressed_size: None,
        created_by: None,
        origin: if position == 0 { Origin::Base } else { Origin::Own },
        dockerfile: None,
        copied_from: None,
    };
    let told: Vec<MeasuredLayer> = layers.iter().enumerate().map(told).collect();
    let stack = stack(layers);
    let grown = |id: NodeId| stack.node(id).bytes() / 2;
    draw(&View { stack: &stack, layers: &told, files: &[], told: Told::default() }, None, Some(&grown))
        .expect("enough memory")
}

fn stack(layers: &[LayerIndex]) -> Stack<'_> {
    let mut stack = Stack::default();
    for layer in layers {
        stack.push(layer).expect("small enough");
    }
    stack
}

/// `/path kind bytes files`, in the order of the nodes.
fn shown(map: &Map) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for (position, node) in map.nodes.iter().enumerate() {
        let above = if position == 0 { String::new() } else { paths[node.parent].clone() };
        let name = if node.kind == MapKind::Rest { "…" } else { &node.name };
        paths.push(if position == 0 { String::new() } else { format!("{above}/{name}") });
        let hidden = if node.hidden.0 > 0 { format!(" hidden {}", node.hidden.0) } else { String::new() };
        lines.push(format!("{} {:?} {} in {}{hidden}", paths[position], node.kind, node.bytes.0, node.files));
    }
    lines
}

#[test]
fn small_files_are_one_node_of_their_directory() {
    let layers = [layer(&[
        ("usr/lib/big", file(900_000)),
        ("usr/lib/a", file(10)),
        ("usr/lib/b", file(20)),
        ("usr/bin/sh", file(99_000)),
        ("etc/passwd", file(900)),
        ("etc/empty", file(0)),
    ])];
    assert_eq!(
        shown(&map(&layers)),
        [
            " Directory 999930 in 5",
            "/usr Directory 999030 in 4",
            "/etc Directory 900 in 1",
            "/usr/lib Directory 900030 in 3",
            "/usr/bin Directory 99000 in 1",
            "/usr/lib/big File 900000 in 1",
            "/usr/lib/… Rest 30 in 2",
            "/usr/bin/sh File 99000 in 1",
        ],
        "what is alone small in its directory keeps its name"
    );
}

#[test]
fn what_a_later_layer_hides_is_at_its_path() {
    let layers = [
        layer(&[("app/data", file(1000)), ("app/old/a", file(300)), ("app/old/b", file(200))]),
        layer(&[("app/data", file(1000)), ("app/old", EntryKind::Whiteout), ("app/new", file(50))]),
        layer(&[("app/old", file(7))]),
    ];
    let map = map(&layers);
    assert_eq!(
        shown(&map),
        [
            " Directory 2557 in 6 hidden 1500",
            "/app Directory 2557 in 6 hidden 1500",
            "/app/data File 2000 in 2 hidden 1000",
            "/app/old Directory 507 in 3 hidden 500",
            "/app/new File 50 in 1",
            "/app/old/a File 300 in 1 hidden 300",
            "/app/old/b File 200 in 1 hidden 200",
            "/app/old/… Rest 7 in 1",
        ]
    );
    assert_eq!(map.nodes[0].base.0, 1500);
    assert_eq!(map.nodes[2].layers, [(0, crate::domain::Bytes(1000)), (1, crate::domain::Bytes(1000))]);
    let files: Vec<_> = map.files.iter().map(|file| (file.path.as_str(), file.bytes.0, file.is_hidden)).collect();
    assert_eq!(files[..3], [("/app/data", 1000, true), ("/app/data", 1000, false), ("/app/old/a", 300, true)]);
    assert_eq!((map.files.len(), map.more_files), (6, 0));
}

#[test]
fn what_an_earlier_image_does_not_have_is_told_path_by_path() {
    let old = [layer(&[("app/data", file(100)), ("app/gone", file(50)), ("lib/a", file(10))])];
    let new = [
        layer(&[("app/data", file(130)), ("lib/a", file(10)), ("lib/b", file(7)), ("tmp/x", file(3))]),
        layer(&[("tmp", EntryKind::Whiteout), ("app", file(1))]),
    ];
    let (before, after) = (stack(&old), stack(&new[..1]));
    let view = |stack| View { stack, layers: &[], files: &[], told: Told::default() };
    let since = Since::of(&view(&after), &view(&before)).expect("enough memory");
    let grown = |id: NodeId| since.of_node(id);
    let map = draw(&view(&after), None, Some(&grown)).expect("enough memory");
    let told: Vec<_> = map.nodes.iter().map(|node| (node.name.as_str(), node.grown.0)).collect();
    assert_eq!(told, [("", 40), ("app", 30), ("lib", 7), ("tmp", 3), ("data", 30), ("a", 0), ("b", 7), ("x", 3)]);
    assert!(map.is_compared);
    let hidden = stack(&new);
    let since = Since::of(&view(&hidden), &view(&before)).expect("enough memory");
    let all: u64 = hidden.since(0).map(|(id, _)| since.of_node(id)).sum();
    assert_eq!(all, 130 + 3 + 7 + 1, "what is hidden is new, unless both have its layer");
}

#[test]
fn an_image_of_nothing_is_one_node() {
    assert_eq!(shown(&map(&[])), [" Directory 0 in 0"]);
    assert_eq!(shown(&map(&[layer(&[("empty", file(0))])])), [" Directory 0 in 0"]);
}

#[test]
fn a_million_directories_are_a_bounded_map() {
    let names: Vec<String> = (0..2000).map(|number| format!("{}/{}/{}/f", number % 10, number % 100, number)).collect();
    let deep: String = vec!["d"; 400].join("/") + "/f";
    let entries: Vec<(&str, EntryKind<'_>)> =
        names.iter().map(|name| (name.as_str(), file(5000))).chain([(deep.as_str(), file(900_000))]).collect();
    let map = map(&[layer(&entries)]);
    assert!(map.nodes.len() < 300, "{}", map.nodes.len());
    assert_eq!(map.nodes.iter().filter(|node| node.name == "d").count(), 64);
    holds_together(&map);
}

/// What has to be true of any map.
fn holds_together(map: &Map) {
    let mut below = vec![(0, 0, 0, 0, 0); map.nodes.len()];
    let mut names = BTreeSet::new();
    for (position, node) in map.nodes.iter().enumerate().skip(1) {
        assert!(node.parent < position && map.nodes[node.parent].kind == MapKind::Directory);
        assert!(names.insert((node.parent, node.kind == MapKind::Rest, &node.name)), "{node:?} is there twice");
        let sum = &mut below[node.parent];
        *sum = (
            sum.0 + node.bytes.0,
            sum.1 + node.hidden.0,
            sum.2 + node.base.0,
            sum.3 + node.grown.0,
            sum.4 + node.files,
        );
    }
    for (node, below) in map.nodes.iter().zip(below) {
        if below != (0, 0, 0, 0, 0) {
            assert_eq!((node.bytes.0, node.hidden.0, node.base.0, node.grown.0, node.files), below, "{node:?}");
        }
        assert_eq!(node.layers.iter().map(|(_, bytes)| bytes.0).sum::<u64>(), node.bytes.0);
    }
}

fn act() -> impl Strategy<Value = (String, u8, u64)> {
    let part = || prop::sample::select(vec!["a", "b", "c"]);
    let path = prop::collection::vec(part(), 1..4).prop_map(|parts| parts.join("/"));
    (path, 0..8_u8, prop_oneof![0..20_u64, 0..20_000_u64])
}

proptest! {
    #[test]
    fn every_byte_of_every_layer_is_in_the_map_once(acts in prop::collection::vec(prop::collection::vec(act(), 0..12), 0..5)) {
        let layers: Vec<LayerIndex> = acts.iter().map(|acts| {
            let kind = |(path, kind, size): &(String, u8, u64)| (path.clone(), match kind {
                0 => EntryKind::Whiteout,
                1 => EntryKind::Opaque,
                2 => EntryKind::Directory,
                3 => EntryKind::HardLink { target: b"a/b" },
                4 => EntryKind::Symlink { target: b"somewhere" },
                _ => file(*size),
            });
            let entries: Vec<(String, EntryKind<'_>)> = acts.iter().map(kind).collect();
            layer(&entries.iter().map(|(path, kind)| (path.as_str(), *kind)).collect::<Vec<_>>())
        }).collect();
        let (map, stack) = (map(&layers), stack(&layers));
        holds_together(&map);
        let root = &map.nodes[0];
        prop_assert_eq!(root.bytes, stack.size());
        prop_assert_eq!(root.bytes.0 - root.hidden.0, stack.totals().expect("enough memory").of(NodeId::ROOT));
        let of_layers: BTreeMap<usize, u64> = root.layers.iter().map(|(layer, bytes)| (*layer, bytes.0)).collect();
        for (position, layer) in layers.iter().enumerate() {
            prop_assert_eq!(of_layers.get(&position).copied().unwrap_or(0), layer.size().0);
        }
        prop_assert_eq!(map.files.iter().map(|file| file.bytes.0).sum::<u64>(), root.bytes.0);
        prop_assert_eq!(map.files.len() as u64, root.files);
        let least = (root.bytes.0 / 1000).max(1);
        let is_small = |node: &&crate::domain::MapNode| node.kind != MapKind::Rest && node.bytes.0 < least;
        let small: Vec<usize> = map.nodes.iter().skip(1).filter(is_small).map(|node| node.parent).collect();
        prop_assert_eq!(small.iter().collect::<BTreeSet<_>>().len(), small.len(), "one that is small a directory");
    }
}
