//! tar-split through our reader: what the tar says, or nothing.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may fail loudly, and so may what it calls")]

use imgbudget::domain::{Bytes, DiffId, Digest};
use imgbudget::layer::{Allowance, Head, Keep, LayerError, LayerIndex, read_layer, read_split};
use imgbudget::memory::Memory;

use super::entries;
use crate::support::images::Layer;
use crate::support::tar_split::{self, Part, lines, parts, stored};

fn layer() -> Layer {
    let long = "deep/".repeat(60) + "file";
    Layer::new()
        .dir("usr/bin")
        .file("usr/bin/gcc", 0o755, b"elf")
        .file("empty", 0o644, b"")
        .file(&long, 0o644, vec![7; 513])
        .hard_link("usr/bin/cc", "usr/bin/gcc")
        .symlink("bin", "usr/bin")
        .pax(&[("path", "größe <&>\u{2028}".as_bytes())])
        .file("short", 0o600, vec![1; 1024])
        .file(b"not-utf8-\xff", 0o644, b"x")
        .whiteout("var/lib/old")
        .opaque("opt")
        .device("dev/null")
}

fn of_tar(tar: &[u8]) -> LayerIndex {
    let mut reader = tar;
    let head = Head::read(&mut reader).expect("in memory");
    let blob = read_layer(head, reader, &Memory::default(), &Allowance::new(Bytes(u64::MAX)), &Keep::nothing())
        .expect("a sound tar");
    std::sync::Arc::into_inner(blob.index).expect("nobody else has it")
}

fn read(stored: &[u8]) -> Result<(LayerIndex, u64), LayerError> {
    let split = read_split(stored, &Memory::default(), &Allowance::new(Bytes(100_000_000)))?;
    Ok((split.draft.finish(DiffId(Digest::from_sha256([1; 32])))?.0, split.bytes))
}

fn refused(stored: &[u8]) -> String {
    match read(stored) {
        Ok((index, _)) => panic!("it was read: {:?}", entries(&index)),
        Err(error) => error.to_string(),
    }
}

#[test]
fn it_says_what_the_tar_says() {
    let tar = layer().tar();
    let (index, bytes) = read(&tar_split::of(&tar)).expect("sound");
    let expected = of_tar(&tar);
    assert_eq!(entries(&index), entries(&expected));
    assert_eq!((index.size(), bytes), (expected.size(), tar.len() as u64));
}

#[test]
fn a_list_that_is_cut_anywhere_is_refused() {
    let all = lines(&parts(&layer().tar()));
    for length in 0..all.len() {
        refused(&stored(&all[..length]));
    }
    // Within a line, and within the compressed bytes.
    let mut cut = all.clone();
    cut.last_mut().expect("lines").truncate(20);
    refused(&stored(&cut));
    let whole = stored(&all);
    for length in (0..whole.len()).step_by(7) {
        refused(&whole[..length]);
    }
}

#[test]
fn a_list_without_one_of_its_lines_is_refused() {
    let all = parts(&layer().tar());
    for missing in 0..all.len() - 1 {
        let mut fewer = all.clone();
        fewer.remove(missing);
        refused(&stored(&lines(&fewer)));
        // With the numbers of the lines as they were.
        let mut fewer = lines(&all);
        fewer.remove(missing);
        assert_eq!(refused(&stored(&fewer)), "an entry is not in its place");
    }
}

#[test]
fn what_header_and_file_disagree_about_is_refused() {
    let with = |change: &dyn Fn(&mut Vec<u8>, &mut u64)| {
        let mut all = parts(&layer().tar());
        let file = all.iter_mut().find_map(|part| match part {
            Part::File { name, size } if *size == 3 => Some((name, size)),
            _ => None,
        });
        let (name, size) = file.expect("gcc");
        change(name, size);
        refused(&stored(&lines(&all)))
    };
    assert_eq!(with(&|_, size| *size = 2), "a file has another size than its header");
    for wrong in [0, 4, 512, 1 << 62, u64::MAX] {
        assert_eq!(with(&|_, size| *size = wrong), "a file has another size than its header", "{wrong}");
    }
    assert_eq!(with(&|name, _| *name = b"usr/bin/notes".to_vec()), "a file has another name than its header");
}

#[test]
fn an_extension_or_a_header_in_a_files_content_is_refused() {
    // As a tool would write it that takes a PAX header for a file of its own.
    let tar = Layer::new().pax(&[("path", b"long")]).file("short", 0o644, b"x").tar();
    let Some(Part::Segment(first)) = parts(&tar).into_iter().next() else { panic!("a segment comes first") };
    let apart = [
        Part::Segment(first[..512].to_vec()),
        Part::File { name: b"PaxHeaders/short".to_vec(), size: 512 },
        Part::Segment(first[1024..].to_vec()),
    ];
    let rest = parts(&tar).into_iter().skip(1);
    let all: Vec<Part> = apart.into_iter().chain(rest).collect();
    assert_eq!(refused(&stored(&lines(&all))), "content where a header is due");
}

#[test]
fn a_sparse_file_is_refused() {
    let records: &[(&str, &[u8])] = &[
        ("GNU.sparse.major", b"0"),
        ("GNU.sparse.minor", b"1"),
        ("GNU.sparse.size", b"1000000"),
        ("GNU.sparse.numblocks", b"1"),
        ("GNU.sparse.map", b"0,1"),
    ];
    let tar = Layer::new().pax(records).file("holes", 0o644, b"x").tar();
    assert!(of_tar(&tar).size().0 == 1_000_000);
    assert!(refused(&tar_split::of(&tar)).contains("a sparse file"));
}

#[test]
fn what_is_not_such_a_list_is_refused() {
    let all = lines(&parts(&layer().tar()));
    let with = |line: &str| refused(&stored(&[&[line.to_owned()], &all[1..]].concat()));
    for strange in [
        "\n",
        "{}\n",
        "[]\n",
        "null\n",
        r#"{"type":3,"payload":"","position":0}"#,
        r#"{"type":2,"payload":"*","position":0}"#,
        r#"{"type":2,"type":1,"payload":"","position":0}"#,
        r#"{"type":2,"payload":"","position":0,"more":1}"#,
        r#"{"type":1,"name":"a","size":-1,"payload":"","position":0}"#,
    ] {
        with(strange);
        with(&format!("{strange}\n"));
    }
    for bytes in [&b""[..], b"no gzip", b"\x1f\x8b"] {
        refused(bytes);
    }
}

#[test]
fn a_line_without_end_is_not_read() {
    let endless = format!(r#"{{"type":2,"payload":"{}","position":0}}"#, "A".repeat(64 << 20));
    assert_eq!(refused(&stored(&[endless])), "a line has no end");
}

#[test]
fn a_file_of_exabytes_is_passed_over_at_once() {
    let header = crate::support::images::header(b"huge", b'0', 0o644, b"", 0);
    let mut header = header.to_vec();
    header[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0]);
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let size = 0x3fff_ffff_ffff_fe00;
    let all = [Part::Segment(header), Part::File { name: b"huge".to_vec(), size }, Part::Segment(vec![0; 1024])];
    let (index, _) = read(&stored(&lines(&all))).expect("it could be");
    assert_eq!(index.size(), Bytes(size));
}

#[test]
fn no_more_is_unpacked_than_the_run_may_read() {
    let stored = tar_split::of(&Layer::new().file("a", 0o644, vec![0; 9]).tar());
    let little = Allowance::new(Bytes(100));
    let error = read_split(&stored[..], &Memory::default(), &little).expect_err("too much");
    assert!(error.hint().is_some_and(|hint| hint.contains("--read-limit")), "{error}");
}
