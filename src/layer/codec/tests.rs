//! Whatever is written comes back, and whatever was not is refused.

use proptest::prelude::*;

use super::*;
use crate::domain::{Bytes, DiffId, Digest};
use crate::layer::unpack::LONGEST_TARGET;
use crate::layer::{Entry, EntryKind, LayerIndexBuilder};
use crate::memory::{List, Memory};

fn id() -> DiffId {
    DiffId(Digest::of("a layer"))
}

fn index<'a>(entries: impl IntoIterator<Item = (&'a str, EntryKind<'a>)>) -> LayerIndex {
    let mut draft = LayerIndexBuilder::default();
    for (path, kind) in entries {
        // What no engine unpacks is left out.
        let _ = draft.push(Entry { path: path.as_bytes(), kind, mode: 0o4755 });
    }
    draft.finish(id()).expect("room")
}

fn encoded(index: &LayerIndex, evidence: Evidence) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(index, evidence, &mut bytes).expect("a vector takes all");
    bytes
}

fn decoded(bytes: &[u8]) -> Result<LayerIndex, DecodeError> {
    let memory = Memory::default();
    let mut list = List::new(&memory);
    list.extend(bytes).expect("room");
    decode(list, &id(), Evidence::Hashed, &memory)
}

/// Makes the checksum right, as a forger would.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let body = bytes.len() - CHECKSUM;
    let sum = checksum(&bytes[..body]);
    bytes[body..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// An entry out of texts and nodes, each as written.
fn forged(text: &str, nodes: &[&[u8]]) -> Vec<u8> {
    let mut bytes = encoded(&index([]), Evidence::Hashed);
    bytes.truncate(HEADER);
    bytes[56..60].copy_from_slice(&u32::try_from(nodes.len()).expect("few").to_le_bytes());
    bytes[60..64].copy_from_slice(&u32::try_from(text.len()).expect("short").to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    for node in nodes {
        bytes.extend_from_slice(node);
    }
    bytes.extend_from_slice(&[0; CHECKSUM]);
    sealed(bytes)
}

fn nodes(index: &LayerIndex) -> Vec<crate::layer::index::Node<'_>> {
    (0..=index.len()).map(|position| index.node(position)).collect()
}

fn sample() -> LayerIndex {
    let file = |size| EntryKind::File { size };
    let huge = "x".repeat(LONGEST_TARGET + 1);
    index([
        ("bin/sh", file(7)),
        ("bin/bash", EntryKind::HardLink { target: b"bin/sh" }),
        ("lib", EntryKind::Symlink { target: b"usr/lib" }),
        ("var/huge", file(1 << 40)),
        ("var/log", EntryKind::Directory),
        ("var/log", EntryKind::Opaque),
        ("var/old", EntryKind::Whiteout),
        ("dev/null", EntryKind::Other),
        ("opt/of-below", EntryKind::HardLink { target: b"elsewhere" }),
        ("too-long", EntryKind::Symlink { target: huge.as_bytes() }),
        ("bin/sh", file(9)),
    ])
}

#[test]
fn what_is_written_is_what_is_read() {
    let index = sample();
    let bytes = encoded(&index, Evidence::Hashed);
    let read = decoded(&bytes).expect("whole");
    assert_eq!(nodes(&read), nodes(&index));
    assert_eq!((read.size(), read.diff_id()), (index.size(), index.diff_id()));
    assert_eq!(index.size().0, 7 + 9 + 7 + (1 << 40) + 4096);
    assert_eq!(encoded(&read, Evidence::Hashed), bytes);
}

#[test]
fn a_form_that_changes_is_another_version() {
    let sum = checksum(&encoded(&sample(), Evidence::Hashed));
    // Where this fails, raise LAYOUT or READER: what earlier versions wrote must not be read as something else.
    assert_eq!((LAYOUT, READER, format!("{sum:016x}").as_str()), (2, 1, "6b2627d52cc67f16"));
}

#[test]
fn it_answers_for_its_own_layer_and_evidence_alone() {
    let memory = Memory::default();
    let said = encoded(&sample(), Evidence::EngineSaid);
    let decoded = |diff_id: &DiffId, evidence| {
        let mut bytes = List::new(&memory);
        bytes.extend(&said).expect("room");
        decode(bytes, diff_id, evidence, &memory).map(|index| index.len())
    };
    assert_eq!(decoded(&id(), Evidence::EngineSaid), Ok(sample().len()));
    assert_eq!(decoded(&id(), Evidence::Hashed), Err(DecodeError::Damaged));
    assert_eq!(decoded(&DiffId(Digest::of("another")), Evidence::EngineSaid), Err(DecodeError::Damaged));
}

#[test]
fn no_byte_can_change_and_none_be_missing() {
    let bytes = encoded(&sample(), Evidence::Hashed);
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        assert!(decoded(&changed).is_err(), "byte {position}");
        assert!(decoded(&bytes[..position]).is_err(), "{position} bytes");
    }
    let longer = [&bytes[..], b"\0"].concat();
    assert!(decoded(&longer).is_err());
}

#[test]
fn a_tree_that_no_layer_has_is_refused_whatever_the_checksum_says() {
    const DIRECTORY: u8 = (Tag::Directory as u8) << 4;
    const SYMLINK: u8 = (Tag::Symlink as u8) << 4;
    const NAME: u8 = (Tag::Name as u8) << 4;
    const WHITEOUT: u8 = (Tag::Whiteout as u8) << 4;
    let directory = |name, back| [0, DIRECTORY, name, back, 0];
    assert!(decoded(&forged("ab", &[&directory(1, 1), &directory(1, 1)])).is_ok());
    let huge = [0, 0, 1, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let refused: [(&str, Vec<u8>); 17] = [
        ("its own parent", forged("a", &[&directory(1, 0)])),
        ("a parent before the root", forged("a", &[&directory(1, 2)])),
        ("a file as parent", forged("ab", &[&[0, 0, 1, 1, 0], &directory(1, 1)])),
        ("no name", forged("", &[&directory(0, 1)])),
        ("the directory itself", forged(".", &[&directory(1, 1)])),
        ("what is above", forged("..", &[&directory(2, 1)])),
        ("two names in one", forged("a/b", &[&directory(3, 1)])),
        ("a name twice", forged("aba", &[&directory(1, 1), &directory(1, 2), &directory(1, 3)])),
        ("an unknown tag", forged("a", &[&[0, 0xf0, 1, 1]])),
        ("a tag of the tree", forged("a", &[&[0, 0x10, 1, 1, 0]])),
        ("half opaque", forged("a", &[&[0, DIRECTORY, 1, 1, 2]])),
        ("a name of a directory", forged("ab", &[&directory(1, 1), &[0, NAME, 1, 2, 1]])),
        ("a name of a whiteout", forged("ab", &[&[0, WHITEOUT, 1, 1], &[0, NAME, 1, 2, 1]])),
        ("a name of a name", forged("abc", &[&[0, 0, 1, 1, 0], &[0, NAME, 1, 2, 1], &[0, NAME, 1, 3, 1]])),
        ("a target beyond the text", forged("ab", &[&[0, SYMLINK, 1, 1, 2]])),
        ("text of nobody", forged("ab", &[&directory(1, 1)])),
        ("more bytes than can be counted", forged("ab", &[&[0, 0, 1, 1, 1], &huge])),
    ];
    for (what, bytes) in refused {
        assert_eq!(decoded(&bytes).map(|index| index.len()), Err(DecodeError::Damaged), "{what}");
    }
}

#[test]
fn what_it_claims_takes_no_memory() {
    let memory = Memory::new(Bytes(10_000));
    for (at, what) in [(56, "nodes"), (60, "text")] {
        let mut bytes = encoded(&sample(), Evidence::Hashed);
        bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        let mut list = List::new(&memory);
        list.extend(&sealed(bytes)).expect("room");
        assert_eq!(decode(list, &id(), Evidence::Hashed, &memory).map(|_| ()), Err(DecodeError::Damaged), "{what}");
    }
    assert_eq!(memory.taken(), Bytes::ZERO);
    let small = Memory::new(Bytes(1000));
    let mut list = List::new(&small);
    list.extend(&encoded(&sample(), Evidence::Hashed)).expect("room");
    let index = decode(list, &id(), Evidence::Hashed, &small);
    assert!(matches!(index, Ok(_) | Err(DecodeError::Memory(_))));
}

fn entries() -> impl Strategy<Value = Vec<(String, u8, String, u64)>> {
    let name = prop::sample::select(vec!["a", "b", "c", "długie imię", ".wh", "..."]);
    let path = prop::collection::vec(name, 1..4).prop_map(|names| names.join("/"));
    let size = prop_oneof![0..300_u64, Just(u64::from(u32::MAX)), (1_u64 << 32)..(1 << 58)];
    prop::collection::vec((path.clone(), 0..7_u8, path, size), 0..30)
}

fn of(entries: &[(String, u8, String, u64)]) -> LayerIndex {
    index(entries.iter().map(|(path, kind, target, size)| {
        let target = target.as_bytes();
        let kind = match kind {
            0 => EntryKind::Directory,
            1 => EntryKind::Symlink { target },
            2 => EntryKind::HardLink { target },
            3 => EntryKind::Other,
            4 => EntryKind::Whiteout,
            5 => EntryKind::Opaque,
            _ => EntryKind::File { size: *size },
        };
        (path.as_str(), kind)
    }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_index_comes_back(entries in entries()) {
        let index = of(&entries);
        let read = decoded(&encoded(&index, Evidence::Hashed)).expect("whole");
        prop_assert_eq!(nodes(&read), nodes(&index));
        prop_assert_eq!(read.size(), index.size());
    }

    #[test]
    fn any_forgery_is_a_tree_or_refused(
        entries in entries(),
        changes in prop::collection::vec((HEADER - 16..400_usize, any::<u8>()), 1..4),
    ) {
        let mut bytes = encoded(&of(&entries), Evidence::Hashed);
        let body = bytes.len() - CHECKSUM;
        for (at, byte) in changes {
            bytes[at.min(body - 1)] = byte;
        }
        if let Ok(index) = decoded(&sealed(bytes)) {
            for position in 1..=index.len() {
                let node = index.node(position);
                prop_assert!(node.parent < position && !node.name.is_empty() && !node.name.contains(&b'/'));
                if let NodeKind::Name { of } = node.kind {
                    let is_name = matches!(index.node(of).kind, NodeKind::Name { .. });
                    prop_assert!(of < position && !is_name);
                }
            }
            let mut stack = crate::image::Stack::default();
            prop_assert!(stack.push(&index).is_ok());
            let whiteouts = nodes(&index).iter().filter(|node| node.kind == NodeKind::Whiteout).count();
            prop_assert_eq!(stack.live().count(), index.len() - whiteouts);
        }
    }
}
