//! Tars that two readers could take for two things. Go's reading is ours: it is what every engine has on disk.

use crate::support::images::{Files, Image, Layer, Member, docker_archive, header, podman_files};

use super::layers::{entries, one_layer};
use super::{check_sample, read, refused, sample, sizes};

const BIG: [u8; 3000] = [7; 3000];

/// A header with other bytes at some places, and the checksum that fits.
fn altered(mut header: [u8; 512], changes: &[(usize, &[u8])]) -> [u8; 512] {
    for (at, bytes) in changes {
        header[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header
}

fn big(name: &str) -> [u8; 512] {
    header(name.as_bytes(), b'0', 0o755, b"", 3000)
}

#[test]
fn what_lies_below_a_directory_that_looks_like_a_whiteout_is_content() {
    let layer = Layer::new()
        .file(".wh..wh.bin/gcc", 0o755, BIG)
        .file(".wh..wh.plnk/x", 0o644, BIG)
        .file(".wh..wh..opq/x", 0o644, BIG)
        .file("a/.wh.b/c", 0o644, BIG)
        .hard_link("linked", ".wh..wh.plnk/x")
        .file(".wh..wh.plnk", 0o644, BIG)
        .file(".wh..wh.aufs", 0o644, BIG)
        .file("a/.wh..wh.orph", 0o644, BIG);
    let image = one_layer(layer);
    assert_eq!(sizes(&image), [12_000]);
    insta::assert_snapshot!(entries(&image, 0).join("\n"), @r"
    .wh..wh.bin/gcc file 3000
    .wh..wh.plnk/x file 3000
    .wh..wh..opq/x file 3000
    a/.wh.b/c file 3000
    linked name of .wh..wh.plnk/x
    ");
}

#[test]
fn sparse_records_without_a_known_version_or_a_map_are_not_sparse() {
    for said in [
        &[("GNU.sparse.major", &b"2"[..]), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"0")][..],
        &[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"1"), ("GNU.sparse.realsize", b"0")],
        &[("GNU.sparse.major", b"1"), ("GNU.sparse.size", b"0"), ("GNU.sparse.name", b"other")],
        &[("GNU.sparse.major", b""), ("GNU.sparse.minor", b""), ("GNU.sparse.realsize", b"0")],
        &[("GNU.sparse.map", b""), ("GNU.sparse.numblocks", b"0"), ("GNU.sparse.size", b"0")],
    ] {
        assert_eq!(
            entries(&one_layer(Layer::new().pax(said).raw(&big("gcc"), &BIG)), 0),
            ["gcc file 3000"],
            "{said:?}"
        );
    }
}

#[test]
fn of_two_sizes_of_a_sparse_file_the_one_that_go_takes_counts() {
    let said = [
        ("GNU.sparse.size", &b"5000"[..]),
        ("GNU.sparse.realsize", b"3000"),
        ("GNU.sparse.numblocks", b"1"),
        ("GNU.sparse.map", b"0,3000"),
    ];
    for said in [said, [said[1], said[2], said[3], said[0]]] {
        let image = one_layer(Layer::new().pax(&said).raw(&big("a"), &BIG));
        assert_eq!(entries(&image, 0), ["a file 5000"]);
    }
}

#[test]
fn a_sparse_file_that_contradicts_itself_is_not_measured() {
    for map in ["0,2000", "0,3000,1,1", "0,9000", "0,-1", "3000", "0,x", ""] {
        let said = [
            ("GNU.sparse.major", &b"0"[..]),
            ("GNU.sparse.minor", b"1"),
            ("GNU.sparse.size", b"3000"),
            ("GNU.sparse.numblocks", b"1"),
            ("GNU.sparse.map", map.as_bytes()),
        ];
        let image = Image::new().layer(Layer::new().pax(&said).raw(&big("a"), &BIG));
        let error = refused(&docker_archive(&[image]));
        assert!(error.contains("it is damaged: a sparse file with "), "{map}: {error}");
    }
}

#[test]
fn a_global_header_ends_what_came_before_it() {
    let said: [(&str, &[u8]); 2] = [("path", b"other"), ("size", b"0")];
    let global = header(b"pax_global_header", b'g', 0o644, b"", 0);
    let layer = Layer::new().pax(&said).raw(&global, b"").raw(&big("gcc"), &BIG);
    assert_eq!(entries(&one_layer(layer), 0), ["gcc file 3000"]);
    let long = header(b"././@LongLink", b'L', 0o644, b"", 6);
    let layer = Layer::new().raw(&long, b"other\0").raw(&global, b"").raw(&big("gcc"), &BIG);
    assert_eq!(entries(&one_layer(layer), 0), ["gcc file 3000"]);
    let broken = Layer::new().raw(&header(b"pax_global_header", b'g', 0o644, b"", 5), b"wrong");
    assert!(refused(&docker_archive(&[Image::new().layer(broken)])).contains("a damaged PAX record"));
}

#[test]
fn a_prefix_counts_where_go_reads_one() {
    let with = |magic: &[u8], prefix: &[u8]| altered(big("gcc"), &[(257, magic), (345, prefix)]);
    for magic in [&b"ustar\0xx"[..], b"ustar\x0000", b"ustar  \0"] {
        let layer = Layer::new().raw(&with(magic, b"one"), &BIG).raw(&with(magic, b"two"), &BIG);
        assert_eq!(entries(&one_layer(layer), 0), ["one/gcc file 3000", "two/gcc file 3000"], "{magic:?}");
    }
    let times = with(b"ustar  \0", b"14000000000\x0014000000000\0");
    assert_eq!(entries(&one_layer(Layer::new().raw(&times, &BIG)), 0), ["gcc file 3000"]);
    let unknown = with(b"ustar xx", b"one");
    assert_eq!(entries(&one_layer(Layer::new().raw(&unknown, &BIG)), 0), ["gcc file 3000"]);
}

#[test]
fn a_directory_of_an_old_tar_has_no_content_to_hide_members_in() {
    let inner = [&big("gcc")[..], &BIG, &[0; 72]].concat();
    let old = header(b"d/", 0, 0o755, b"", inner.len() as u64);
    let layer = Layer::new().raw(&old, &inner);
    assert_eq!(entries(&one_layer(layer), 0), ["d directory", "gcc file 3000"]);
}

#[test]
fn a_type_that_no_engine_unpacks_is_not_measured() {
    let layer = Layer::new().raw(&header(b"gcc", b'Z', 0o755, b"", 3000), &BIG);
    insta::assert_snapshot!(refused(&docker_archive(&[Image::new().layer(layer)])).split_once(") ").unwrap().1, @r"
    cannot be read: it has an entry of the type `Z`, which no engine knows
    Write it again: it is incomplete or was changed after it was written.
    ");
}

/// A member of an archive as GNU tar and bsdtar write it when told to look for holes: in the form 1.0.
fn with_holes(tar: Layer, path: &str, content: &[u8]) -> Layer {
    let blocks = || content.chunks(512).enumerate().filter(|(_, block)| block.iter().any(|byte| *byte != 0));
    let parts = blocks().map(|(number, block)| format!("{}\n{}\n", number * 512, block.len()));
    let mut stored = format!("{}\n{}", blocks().count(), parts.collect::<String>()).into_bytes();
    stored.resize(stored.len().next_multiple_of(512), 0);
    stored.extend(blocks().flat_map(|(_, block)| block));
    let real = content.len().to_string();
    let said = [
        ("GNU.sparse.major", &b"1"[..]),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", path.as_bytes()),
        ("GNU.sparse.realsize", real.as_bytes()),
    ];
    tar.pax(&said).raw(&header(b"GNUSparseFile.0/x", b'0', 0o644, b"", stored.len() as u64), &stored)
}

fn archive(files: &Files, add: impl Fn(Layer, &str, &[u8]) -> Layer) -> Vec<u8> {
    let members = files.0.iter().filter_map(|(path, member)| match member {
        Member::File(content) => Some((path, content)),
        Member::Symlink(_) => None,
    });
    members.fold(Layer::new(), |tar, (path, content)| add(tar, path, content)).tar()
}

#[test]
fn the_tar_around_an_image_is_read_in_the_same_way() {
    let files = podman_files(&[sample()]);
    check_sample(&read(&archive(&files, with_holes)).expect("valid"));
    let prefixed = archive(&files, |tar, path, content| {
        let (prefix, name) = path.split_at(path.len() / 2);
        // Half of a name is no prefix of its own: the slash between them is the reader's.
        let header = header(name.as_bytes(), b'0', 0o644, b"", content.len() as u64);
        tar.raw(&altered(header, &[(257, b"ustar\0xx"), (345, prefix.as_bytes())]), content)
    });
    assert!(refused(&prefixed).contains("neither `manifest.json` nor `index.json`"));
    let hidden = archive(&files, |tar, path, content| {
        let old = header(b"d/", 0, 0o755, b"", 1 << 30);
        tar.raw(&old, b"").raw(&header(path.as_bytes(), b'0', 0o644, b"", content.len() as u64), content)
    });
    check_sample(&read(&hidden).expect("valid"));
}
