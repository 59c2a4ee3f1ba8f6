//! What is kept of a layer's files while its bytes go by: the bytes of the node that its index has, or why not.

use imgbudget::domain::{Bytes, DiffId, Digest};
use imgbudget::layer::index::NodeKind;
use imgbudget::layer::keep::{MOST_FILES, MOST_OF_A_LAYER, SUMMED};
use imgbudget::layer::{Keep, Kept, LayerFiles, LayerIndex, read, read_split};
use imgbudget::memory::Memory;
use proptest::prelude::*;

use crate::support::images::{Layer, header};
use crate::support::tar_split;

fn id() -> DiffId {
    DiffId(Digest::from_sha256([1; 32]))
}

fn of(tar: &[u8], bound: fn(&[u8]) -> Option<u64>, memory: &Memory) -> (LayerIndex, LayerFiles) {
    let draft = read::read(tar, memory, &Keep::new(bound, memory)).expect("an engine could unpack it");
    draft.finish(id()).expect("room")
}

/// What is kept where every file of at most ten bytes, and `big` of any number, is.
fn kept(layer: Layer) -> Vec<String> {
    let bound = |path: &[u8]| Some(if path.ends_with(b"big") { u64::MAX } else { 10 });
    let (_, files) = of(&layer.tar(), bound, &Memory::default());
    let line = |(path, kept): (&[u8], &Kept)| {
        let kept = match kept {
            Kept::Whole(bytes) => format!("= {}", String::from_utf8_lossy(bytes)),
            Kept::Left(why) => why.to_string(),
            Kept::Program(program) => format!("{program:?}"),
        };
        format!("{} {kept}", String::from_utf8_lossy(path))
    };
    files.iter().map(line).collect()
}

#[test]
fn what_the_tree_has_is_kept_where_the_tree_has_it() {
    let layer = Layer::new;
    assert_eq!(kept(layer().file("a", 0o644, "one").file("a", 0o644, "two")), ["a = two"]);
    assert_eq!(kept(layer().file("a", 0o644, "one").dir("a")), [""; 0]);
    assert_eq!(kept(layer().file("d/a", 0o644, "one").file("d", 0o644, "two")), ["d = two"]);
    let through_a_link = layer().dir("usr/lib").symlink("lib", "usr/lib").file("lib/a", 0o644, "one");
    assert_eq!(kept(through_a_link), ["usr/lib/a = one"]);
    let replaced = layer().file("a", 0o644, "one").hard_link("b", "a").file("a", 0o644, "two");
    assert_eq!(kept(replaced), ["a = two", "b = one"]);
    assert_eq!(kept(layer().file("a", 0o644, "one").whiteout("a").opaque("d")), ["a = one"]);
    assert_eq!(kept(layer().file("./x/../a", 0o644, "one")), ["a = one"]);
}

#[test]
fn what_is_left_says_why() {
    let holes: [(&str, &[u8]); 3] =
        [("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"9")];
    let map = [&b"1\n0\n1\n"[..], &[0; 506], b"x"].concat();
    let layer = Layer::new().file("large", 0o644, "eleven byte").pax(&holes).file("sparse", 0o644, &map).file(
        "small",
        0o644,
        "ten bytes.",
    );
    assert_eq!(
        kept(layer),
        ["large has 11 B, more than the 10 B that are read", "small = ten bytes.", "sparse is stored with holes"]
    );
    let bound = |path: &[u8]| (path == b"wanted").then_some(10);
    let tar = Layer::new().file("other", 0o644, "one").hard_link("wanted", "other").tar();
    let (_, files) = of(&tar, bound, &Memory::default());
    assert_eq!(files.get(b"other"), Some(&Kept::Left("is a hard link to a file of another name".into())));
}

#[test]
fn a_layer_full_of_such_files_takes_no_more_than_its_share() {
    let megabyte = vec![b'x'; 1 << 20];
    let mut layer = Layer::new();
    for number in 0..70 {
        layer = layer.file(format!("{number:02}"), 0o644, &megabyte);
    }
    let memory = Memory::new(Bytes(1_000_000_000));
    let (_, files) = of(&layer.tar(), |_| Some(u64::MAX), &memory);
    let is_whole = |kept: &Kept| matches!(kept, Kept::Whole(_));
    assert_eq!(files.iter().filter(|(_, kept)| is_whole(kept)).count() as u64, MOST_OF_A_LAYER >> 20);
    let last = files.get(b"69").expect("it was looked at");
    assert_eq!(*last, Kept::Left("is beyond the 67.1 MB that are read of one layer".into()));
    assert!(memory.taken().0 < MOST_OF_A_LAYER + (2 << 20), "{}", memory.taken());
    drop(files);
    assert_eq!(memory.taken(), Bytes::ZERO);
}

#[test]
fn without_memory_a_file_is_left_and_the_layer_is_read() {
    let tar = Layer::new().zeros("a", 0o644, 100_000).file("b", 0o644, "b").tar();
    let (index, files) = of(&tar, |_| Some(u64::MAX), &Memory::new(Bytes(100_000)));
    assert_eq!(index.len(), 2);
    assert_eq!(files.get(b"a"), Some(&Kept::Left("finds no room in memory (see --memory-limit)".into())));
    assert_eq!(files.get(b"b"), Some(&Kept::Whole((*b"b").into())));
}

#[test]
fn of_files_without_end_the_last_are_known_to_be_left() {
    let mut layer = Layer::new();
    for number in 0..=MOST_FILES {
        layer = layer.raw(&header(number.to_string().as_bytes(), b'0', 0o644, b"", 0), b"");
    }
    let memory = Memory::new(Bytes(1_000_000_000));
    let (_, files) = of(&layer.tar(), |_| Some(1), &memory);
    assert_eq!(files.len(), MOST_FILES);
    let why = "is beyond the 200,000 files that are read of one layer";
    assert_eq!(files.get(MOST_FILES.to_string().as_bytes()), Some(&Kept::Left(why.into())));
}

#[test]
fn a_file_that_is_cut_short_is_a_layer_that_is_cut_short() {
    let tar = Layer::new().zeros("a", 0o644, 5000).tar();
    let memory = Memory::default();
    let keep = Keep::new(|_| Some(u64::MAX), &memory);
    assert!(read::read(&tar[..3000], &memory, &keep).is_err());
    let lying = Layer::new().raw(&header(b"a", b'0', 0o644, b"", 5 << 30), b"little").ending("").tar();
    assert!(read::read(&lying[..], &memory, &keep).is_err());
}

#[test]
fn a_sum_is_what_an_engine_keeps() {
    // `crc64.Checksum(…, crc64.MakeTable(crc64.ISO))` of Go says b90956c775a41001 of "123456789" and this of a megabyte of zeros.
    let megabyte = vec![0; usize::try_from(SUMMED).expect("small")];
    let layer = Layer::new().file("large", 0o644, &megabyte).zeros("small", 0o644, megabyte.len() - 1);
    let (_, files) = of(&layer.clone().tar(), |_| None, &Memory::default());
    assert_eq!(files.sums().collect::<Vec<_>>(), [(&b"large"[..], SUM_OF_ZEROS)]);

    let sum = |line: String| line.replace("nXX5qSyDDkQ=", "Qw7748/R94w=");
    let lines: Vec<String> = tar_split::lines(&tar_split::parts(&layer.tar())).into_iter().map(sum).collect();
    let stored = tar_split::stored(&lines);
    let memory = Memory::default();
    let split = read_split(&stored[..], &memory, &imgbudget::layer::Allowance::new(Bytes(u64::MAX))).expect("sound");
    let (_, said) = split.draft.finish(id()).expect("room");
    assert_eq!(said.sums().collect::<Vec<_>>(), [(&b"large"[..], SUM_OF_ZEROS)]);
    assert!(files.is_complete() && !said.is_complete());
}

const SUM_OF_ZEROS: u64 = 0x430e_fbe3_cfd1_f78c;

fn paths() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "l", "d/a", "d/b", "d/l", "l/a", "d/e/a", "l/e/b"])
}

#[derive(Debug, Clone)]
enum Member {
    File(&'static str),
    Directory(&'static str),
    Symlink(&'static str, &'static str),
    HardLink(&'static str, &'static str),
    Delete(&'static str),
}

fn member() -> impl Strategy<Value = Member> {
    let targets = prop::sample::select(vec!["d", "/d/e", "../d", "a"]);
    prop_oneof![
        4 => paths().prop_map(Member::File),
        1 => paths().prop_map(Member::Directory),
        2 => (prop::sample::select(vec!["l", "d/l"]), targets).prop_map(|(path, target)| Member::Symlink(path, target)),
        2 => (paths(), paths()).prop_map(|(path, target)| Member::HardLink(path, target)),
        1 => paths().prop_map(Member::Delete),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Each file has a length of its own, so the length that the index knows says which bytes have to be there.
    #[test]
    fn every_file_of_an_index_has_its_bytes_and_nothing_else_has_any(members in prop::collection::vec(member(), 1..12)) {
        let mut layer = Layer::new();
        for (number, member) in members.iter().enumerate() {
            layer = match member {
                Member::File(path) => layer.file(path, 0o644, vec![b'a'; number + 1]),
                Member::Directory(path) => layer.dir(path),
                Member::Symlink(path, target) => layer.symlink(path, target),
                Member::HardLink(path, target) => layer.hard_link(path, target),
                Member::Delete(path) => layer.whiteout(path),
            };
        }
        let (memory, tar) = (Memory::default(), layer.tar());
        let Ok(draft) = read::read(&tar[..], &memory, &Keep::new(|_| Some(100), &memory)) else { return Ok(()) };
        let Ok((index, files)) = draft.finish(id()) else { return Ok(()) };
        let mut found = 0;
        for position in 1..=index.len() {
            let path = index.path(position);
            if let NodeKind::File { size } = index.node(position).kind {
                let bytes = vec![b'a'; usize::try_from(size).expect("small")];
                prop_assert_eq!(files.get(&path), Some(&Kept::Whole(bytes.into())));
                found += 1;
            } else {
                prop_assert_eq!(files.get(&path), None);
            }
        }
        prop_assert_eq!(files.len(), found);
    }
}
