//! Layers inside of images: what is hostile and valid, and what is broken.

use std::io::Write as _;

use imgbudget::layer::index::NodeKind;
use imgbudget::source::{ImageContent, Limits, Wanted, archive};

use super::{read, refused, sizes};
use crate::support::images::{Image, Layer, Stored, docker_archive, header};

/// Paths of one layer as `path kind` lines, ESC and its like escaped; directories only where the tar has an entry for them.
pub(super) fn entries(image: &ImageContent, layer: usize) -> Vec<String> {
    let layer = &image.layers[layer];
    let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let line = |position: usize| {
        let kind = match layer.node(position).kind {
            NodeKind::File { size } => format!("file {size}"),
            NodeKind::Symlink { target } => format!("symlink {}", shown(target)),
            NodeKind::Name { of } => format!("name of {}", shown(&layer.path(of))),
            NodeKind::Link { target } => format!("hard link {}", shown(target)),
            NodeKind::Directory { stated: false, opaque: false } => return None,
            NodeKind::Directory { opaque: true, .. } => "opaque".to_owned(),
            other => format!("{other:?}").split(' ').next().unwrap().to_lowercase(),
        };
        Some(format!("{} {kind}", shown(&layer.path(position))))
    };
    (1..=layer.len()).filter_map(line).collect()
}

pub(super) fn one_layer(layer: Layer) -> ImageContent {
    read(&docker_archive(&[Image::new().layer(layer)])).expect("valid")
}

#[test]
fn broken_layers() {
    let image = || Image::new().stored(Stored::Gzip).layer(Layer::new().file("a", 0o644, [1, 2, 3].repeat(10_000)));
    let what = |image: Image| {
        refused(&docker_archive(&[image])).lines().next().unwrap().split_once(") ").unwrap().1.to_owned()
    };
    insta::assert_snapshot!(what(image().blob(0, |blob| blob[60..].fill(0x55))), @"cannot be read: corrupt gzip stream: corrupt deflate stream");
    insta::assert_snapshot!(what(image().blob(0, |blob| blob.truncate(40))), @"cannot be read: corrupt gzip stream: incomplete deflate stream");
    assert!(what(image().blob(0, |blob| blob.push(1))).starts_with("cannot be read: corrupt gzip stream: "));
    insta::assert_snapshot!(what(image().blob(0, |blob| *blob = vec![7; 5000])), @"cannot be read: it is neither a tar nor compressed with gzip or zstd");

    let zstd = Image::new().stored(Stored::Zstd).layer(Layer::new().file("a", 0o644, "a"));
    assert!(what(zstd.blob(0, |blob| blob.truncate(9))).starts_with("cannot be read: corrupt zstd stream: "));

    let plain = |layer: Layer| what(Image::new().layer(layer));
    let lying = Layer::new().raw(&header(b"big", b'0', 0o644, b"", 1 << 40), b"abc");
    insta::assert_snapshot!(plain(lying), @"cannot be read: it ends in the middle of an entry");
    let giant = Layer::new().raw(&header(b"././@LongLink", b'L', 0o644, b"", 1 << 30), b"abc");
    insta::assert_snapshot!(plain(giant), @"cannot be read: an extension entry claims 1073741824 bytes, and 1 MiB is the most there may be");
    let mut damaged = header(b"a", b'0', 0o644, b"", 0);
    damaged[0] ^= 1;
    let damaged = Layer::new().file("first", 0o644, "").raw(&damaged, b"");
    insta::assert_snapshot!(plain(damaged), @"cannot be read: it is damaged: wrong checksum");
    let dangling = Layer::new().pax(&[("path", b"a")]).ending(b"");
    insta::assert_snapshot!(plain(dangling), @"cannot be read: it ends in the middle of an entry");
    let immense = Layer::new().raw(&header(b"big", b'0', 0o644, b"", u64::MAX), b"abc");
    insta::assert_snapshot!(plain(immense), @"cannot be read: it is damaged: a field that is not a number");
}

#[test]
fn hostile_but_valid() {
    let layer = Layer::new()
        .file("../../etc/passwd", 0o644, "1")
        .file("/abs", 0o4755, "22")
        .file("./a//b/../c", 0o644, "333")
        .file("line\nbreak\x1b[31m", 0o644, "")
        .file(b"not\xffutf8", 0o644, "")
        .hard_link("to-nothing", "/no/../where")
        .whiteout("nothing/here")
        .file("twice", 0o644, "12345")
        .file("twice", 0o644, "1")
        .device("dev/null")
        .opaque("dir")
        .file(".wh..wh.aufs", 0o644, "")
        .file(".wh..wh.plnk/1.2", 0o644, "abc")
        .dir(".");
    insta::assert_snapshot!(entries(&one_layer(layer), 0).join("\n"), @r"
    etc/passwd file 1
    abs file 2
    a/c file 3
    line\nbreak\x1b[31m file 0
    not\xffutf8 file 0
    to-nothing hard link where
    nothing/here whiteout
    twice file 1
    dev/null other
    dir opaque
    .wh..wh.plnk/1.2 file 3
    ");
}

#[test]
fn long_names_in_every_dialect() {
    let long = "n".repeat(4000);
    let deep = vec!["d"; 200].join("/");
    let line = b"pax\nwith=both\n";
    let layer = Layer::new()
        .file(&long, 0o644, "1")
        .symlink("link", &long)
        .file(&deep, 0o644, "22")
        .pax(&[("path", line), ("size", b"3")])
        .raw(&header(b"short", b'0', 0o644, b"", 0), b"333")
        .pax(&[("linkpath", long.as_bytes())])
        .raw(&header(b"pax-link", b'2', 0o777, b"short", 0), b"");
    let image = one_layer(layer);
    let names: Vec<Vec<u8>> = (1..=image.layers[0].len())
        .filter(|position| !matches!(image.layers[0].node(*position).kind, NodeKind::Directory { .. }))
        .map(|position| image.layers[0].path(position))
        .collect();
    assert_eq!(names, [long.as_bytes(), b"link", deep.as_bytes(), line, b"pax-link"]);
    assert_eq!(sizes(&image), [1 + 4000 + 2 + 3 + 4000]);
}

#[test]
fn sparse_files_count_as_they_appear() {
    let mut gnu = tar::Header::new_gnu();
    gnu.set_size(512);
    gnu.set_mode(0o644);
    gnu.set_entry_type(tar::EntryType::GNUSparse);
    gnu.as_gnu_mut().unwrap().name[0] = b's';
    gnu.as_gnu_mut().unwrap().realsize.copy_from_slice(b"00004000000\0");
    gnu.as_gnu_mut().unwrap().isextended = [1];
    gnu.set_cksum();
    // Two blocks of maps: the only part is in the second.
    let mut maps = vec![0; 1024];
    maps[504] = 1;
    maps[512..536].copy_from_slice(b"00000001000\x0000000001000\0");
    maps.extend_from_slice(&[1; 512]);
    let mut content = b"1\n4000\n12\n".to_vec();
    content.resize(512, 0);
    content.extend_from_slice(b"twelve bytes");
    let layer = Layer::new()
        .raw(gnu.as_bytes(), &maps)
        .pax(&[
            ("GNU.sparse.major", b"1"),
            ("GNU.sparse.minor", b"0"),
            ("GNU.sparse.realsize", b"5000"),
            ("GNU.sparse.name", b"pax"),
        ])
        .raw(&header(b"GNUSparseFile.0/pax", b'0', 0o644, b"", content.len() as u64), &content)
        .file("after", 0o644, "x");
    insta::assert_snapshot!(entries(&one_layer(layer), 0).join("\n"), @r"
    s file 1048576
    pax file 5000
    after file 1
    ");
}

#[test]
fn a_million_empty_files() {
    let mut layer = Layer::new();
    for number in 0..1_000_000 {
        layer = layer.raw(&header(format!("d/{number:07}").as_bytes(), b'0', 0o644, b"", 0), b"");
    }
    let image = Image::new().stored(Stored::Gzip).layer(layer);
    assert_eq!(read(&docker_archive(&[image])).expect("valid").layers[0].len(), 1_000_001);
}

#[test]
fn a_digest_covers_what_follows_the_end() {
    let tail = [vec![0; 1024], b"whatever a tool leaves here".to_vec()].concat();
    for stored in [Stored::Plain, Stored::Gzip, Stored::Zstd] {
        let layer = Layer::new().file("a", 0o644, "abc").ending(tail.clone());
        let content = read(&docker_archive(&[Image::new().stored(stored).layer(layer)])).expect("valid");
        assert_eq!(sizes(&content), [3]);
    }
}

#[test]
fn empty_layers_of_every_kind() {
    for tail in [vec![], vec![0; 512], vec![0; 1024], vec![0; 10_240]] {
        for stored in [Stored::Plain, Stored::Gzip] {
            let image = Image::new().stored(stored).layer(Layer::new().ending(tail.clone()));
            assert_eq!(sizes(&read(&docker_archive(&[image])).expect("valid")), [0]);
        }
    }
}

#[test]
fn what_is_not_compressed_can_be_squeezed() {
    let text: Vec<u8> = (0..200_000_u32).flat_map(|number| number.to_string().into_bytes()).collect();
    let layer = || Layer::new().file("a", 0o644, &text);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&layer().tar()).expect("in memory");
    let squeezed = gzip.finish().expect("in memory").len() as u64;
    let limits = Limits { squeeze: true, ..Limits::default() };
    let file = tempfile::NamedTempFile::new().expect("a file");
    for (stored, is_estimate) in [(Stored::Plain, true), (Stored::Gzip, false)] {
        let tar = docker_archive(&[Image::new().stored(stored).layer(layer()).layer(layer())]);
        std::fs::write(file.path(), &tar).expect("room");
        let wanted = Wanted::default();
        for image in [
            archive::read(&tar[..], &wanted, "app.tar", &limits, &mut |_| {}),
            archive::open(file.path(), &wanted, &limits, &mut |_| {}),
        ] {
            let compressed = image.expect("valid").compressed.expect("known");
            assert_eq!((compressed.is_estimate, compressed.layers.len()), (is_estimate, 2));
            // Where a stream is cut into pieces changes a few bits.
            assert!(!is_estimate || compressed.layers[0].0.abs_diff(squeezed) < 100, "{compressed:?}: {squeezed}");
        }
    }
    assert_eq!(read(&docker_archive(&[Image::new().layer(layer())])).expect("valid").compressed, None);
}
