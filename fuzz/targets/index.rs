//! An entry of the layer cache: whatever it says, it is refused or a tree, and the tree is written as it was read.
#![no_main]

use imgbudget::domain::{Bytes, DiffId, Digest};
use imgbudget::layer::index::NodeKind;
use imgbudget::layer::{Evidence, LayerIndex, LayerIndexBuilder, codec};
use imgbudget::memory::{List, Memory};
use libfuzzer_sys::fuzz_target;

fn id() -> DiffId {
    DiffId(Digest::of(""))
}

fn decoded(bytes: &[u8]) -> Option<LayerIndex> {
    let memory = Memory::new(Bytes(64_000_000));
    let mut list = List::new(&memory);
    list.extend(bytes).ok()?;
    codec::decode(list, &id(), Evidence::Hashed, &memory).ok()
}

fn encoded(index: &LayerIndex) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(index, Evidence::Hashed, &mut bytes).expect("a vector takes all");
    bytes
}

fuzz_target!(init: imgbudget_fuzz::seeds::write("index"), |data: &[u8]| {
    // As it comes; and as a forger would have it, with all that every entry has.
    assert!(decoded(data).is_none_or(|index| encoded(&index) == data));
    let empty = encoded(&LayerIndexBuilder::default().finish(id()).expect("empty"));
    let mut entry = [&empty[..codec::OWN], data].concat();
    entry.extend_from_slice(&codec::checksum(&entry).to_le_bytes());
    let Some(index) = decoded(&entry) else { return };

    let mut size = 0_u64;
    for position in 1..=index.len() {
        let node = index.node(position);
        assert!(node.parent < position && !matches!(node.name, b"" | b"." | b"..") && !node.name.contains(&b'/'));
        assert!(matches!(index.node(node.parent).kind, NodeKind::Directory { .. }));
        size += match node.kind {
            NodeKind::File { size } => size,
            NodeKind::Symlink { target } => target.len() as u64,
            NodeKind::Name { of } => {
                assert!(of < position && !matches!(index.node(of).kind, NodeKind::Name { .. }));
                0
            }
            _ => 0,
        };
    }
    assert!(size <= index.size().0, "content counts less than the entries that show it");

    let nodes = |index: &LayerIndex| (1..=index.len()).map(|position| format!("{:?}", index.node(position))).collect::<Vec<_>>();
    let again = decoded(&encoded(&index)).expect("what was written");
    assert_eq!((nodes(&again), again.size()), (nodes(&index), index.size()));

    let mut stack = imgbudget::image::Stack::default();
    if stack.push(&index).is_ok() {
        assert!(stack.totals().expect("room").of(imgbudget::image::node::NodeId::ROOT) <= index.size().0, "more is shown than ships");
    }
});
