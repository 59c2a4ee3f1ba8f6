//! What one layer says twice, case by case. The sizes are those that engines have on disk: each case was loaded into Docker 20.10 and
//! 28 with the classic store and 28 with containerd's; the classic ones refuse those in which one path has two entries.

use imgbudget::domain::{Bytes, DiffId, Digest};
use imgbudget::layer::EntryKind;
use imgbudget::layer::error::IndexError;
use imgbudget::layer::index::NodeKind;
use imgbudget::layer::{Entry, LayerIndex, LayerIndexBuilder};
use imgbudget::memory::Memory;

use crate::support::layers::Layer;

/// Content size, and `path kind` of everything that the tar has entries for.
fn of(layer: Layer) -> (u64, Vec<String>) {
    let index = layer.finish(0);
    let line = |position: usize| {
        let kind = match index.node(position).kind {
            NodeKind::File { size } => size.to_string(),
            NodeKind::Directory { stated: false, .. } => return None,
            NodeKind::Directory { .. } => "directory".to_owned(),
            NodeKind::Symlink { target } => format!("-> {}", String::from_utf8_lossy(target)),
            NodeKind::Name { of } => format!("= {}", String::from_utf8_lossy(&index.path(of))),
            other => format!("{other:?}"),
        };
        Some(format!("{} {kind}", String::from_utf8_lossy(&index.path(position))))
    };
    (index.size().0, (1..=index.len()).filter_map(line).collect())
}

fn layer() -> Layer {
    Layer::default()
}

fn check(layer: Layer, size: u64, paths: &[&str]) {
    assert_eq!(of(layer), (size, paths.iter().map(|path| (*path).to_owned()).collect()));
}

#[test]
fn the_later_of_two_files_is_left() {
    check(layer().file("a", 5).file("a", 3), 3, &["a 3"]);
    check(layer().link("l", "aaaa").link("l", "bb"), 2, &["l -> bb"]);
    check(layer().file("usr/lib/x", 5).link("lib", "usr/lib").file("lib/x", 3), 10, &["lib -> usr/lib", "usr/lib/x 3"]);
}

#[test]
fn bytes_live_as_long_as_one_name_does() {
    check(layer().file("a", 5).hard_link("b", "a").file("a", 0), 5, &["b 5", "a 0"]);
    check(layer().file("a", 5).hard_link("b", "a").hard_link("a", "b"), 5, &["a 5", "b = a"]);
    check(layer().file("a", 5).hard_link("b", "a").hard_link("c", "a").file("a", 1), 6, &["b 5", "c = b", "a 1"]);
    check(layer().file("a", 5).hard_link("b", "a").file("a", 0).file("b", 1), 1, &["a 0", "b 1"]);
    check(layer().file("d/a", 5).hard_link("b", "d/a").file("d", 3), 8, &["b 5", "d 3"]);
    check(layer().link("l", "target").hard_link("m", "l"), 6, &["l -> target", "m = l"]);
    check(layer().link("l", "target").hard_link("m", "l").file("l", 1), 7, &["m -> target", "l 1"]);
    let through_a_link =
        layer().file("usr/lib/a", 5).link("lib", "usr/lib").hard_link("b", "lib/a").file("usr/lib/a", 0);
    check(through_a_link, 12, &["lib -> usr/lib", "b 5", "usr/lib/a 0"]);
}

#[test]
fn a_directory_goes_with_all_that_is_in_it_and_stays_for_another() {
    check(layer().file("d/a", 5).file("d", 3), 3, &["d 3"]);
    check(layer().file("d/a", 5).link("d", "e"), 1, &["d -> e"]);
    check(layer().file("d", 5).directory("d").file("d/a", 1), 1, &["d directory", "d/a 1"]);
    check(layer().directory("d").file("d/a", 5).directory("d"), 5, &["d directory", "d/a 5"]);
    check(layer().file("d/e/a", 5).file("d", 3).directory("d").file("d/b", 1), 1, &["d directory", "d/b 1"]);
}

#[test]
fn where_engines_refuse_a_layer_the_larger_reading_counts() {
    check(layer().file("x", 7).whiteout("x"), 7, &["x 7"]);
    check(layer().file("a", 5).hard_link("a", "a"), 5, &["a 5"]);
    check(layer().file("a", 5).hard_link("a", "nowhere"), 5, &["a 5"]);
    check(layer().directory("d").hard_link("b", "d"), 0, &["d directory", "b Link { target: [100] }"]);
}

#[test]
fn paths_and_targets_beyond_every_file_system_count_and_cost_no_memory() {
    let long = "n".repeat(20_000);
    check(layer().file(&long, 7).link("l", &long).file("a", 1), 20_008, &["a 1"]);
}

fn refusal(entries: &[(&str, EntryKind<'_>)], memory: &Memory) -> IndexError {
    let mut builder = LayerIndexBuilder::new(memory);
    let pushed = entries
        .iter()
        .try_for_each(|(path, kind)| builder.push(Entry { path: path.as_bytes(), kind: *kind, mode: 0o644 }));
    let finished = pushed.and_then(|()| builder.finish(DiffId(Digest::from_sha256([0; 32]))));
    finished.map(|index: LayerIndex| index.size()).expect_err("refused")
}

#[test]
fn what_no_engine_unpacks() {
    const FILE: EntryKind<'_> = EntryKind::File { size: 3 };
    let memory = Memory::default();
    let below = refusal(&[("d", FILE), ("d/e/a", FILE)], &memory);
    insta::assert_snapshot!(below, @"it has something below `d/e`, which is a file: no engine unpacks that");
    let circle = refusal(&[("l", EntryKind::Symlink { target: b"l" }), ("l/x", FILE)], &memory);
    insta::assert_snapshot!(circle, @"it has something below `l`, whose links lead in a circle: no engine unpacks that");
    let huge = EntryKind::File { size: u64::MAX / 2 + 1 };
    insta::assert_snapshot!(refusal(&[("a", huge), ("b", huge)], &memory), @"its files claim more bytes than can be counted");
    let names: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), FILE)).collect();
    let small = Memory::new(Bytes(20_000));
    insta::assert_snapshot!(refusal(&many, &small), @"it needs more memory than the 20.0 kB that a run may take for images");
    assert_eq!((memory.taken(), small.taken()), (Bytes::ZERO, Bytes::ZERO), "all of it is given back");
}
