//! Headers and extensions that two readers may read differently: sparse files, magic and version, sizes, and what stands between an
//! extension and its file.

use super::{BIG, Case, layer};
use crate::support::images::{Layer, header};

const GCC: &[u8] = b"usr/bin/gcc";

/// A header of the tool with another type and magic; `change` may do anything to it before it is summed.
fn special(path: &[u8], kind: u8, size: usize, change: impl FnOnce(&mut [u8; 512])) -> [u8; 512] {
    let mut block = header(path, kind, 0o755, b"", size as u64);
    change(&mut block);
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn plain() -> [u8; 512] {
    header(GCC, b'0', 0o755, b"", BIG as u64)
}

fn content() -> Vec<u8> {
    vec![b'x'; BIG]
}

/// The tool, and in front of it these PAX records.
fn with_records(records: &[(&str, &str)]) -> Layer {
    let records: Vec<_> = records.iter().map(|(key, value)| (*key, value.as_bytes())).collect();
    Layer::new().pax(&records).raw(&plain(), &content())
}

/// A global header with one record.
fn global(layer: Layer, text: &[u8]) -> Layer {
    layer.raw(&header(b"pax_global_header", b'g', 0o644, b"", text.len() as u64), text)
}

/// A member whose content is a member again.
fn nested(outer: &[u8; 512]) -> Layer {
    let inner = [&plain()[..], &content()].concat();
    let mut inner = inner;
    inner.resize(inner.len().next_multiple_of(512), 0);
    Layer::new().raw(outer, &inner)
}

fn magic(block: &mut [u8; 512], magic: [u8; 8]) {
    block[257..265].copy_from_slice(&magic);
}

fn prefix(block: &mut [u8; 512], prefix: &[u8]) {
    block[345..345 + prefix.len()].copy_from_slice(prefix);
}

/// Two members of one name, with a magic of their own and two prefixes.
fn two_prefixes(kind: [u8; 8]) -> Layer {
    ["opt/first", "opt/second"].iter().fold(Layer::new(), |layer, folder| {
        let block = special(b"gcc", b'0', BIG, |block| {
            magic(block, kind);
            prefix(block, folder.as_bytes());
        });
        layer.raw(&block, &content())
    })
}

pub(super) fn cases() -> Vec<Case> {
    [sparse(), extensions(), dialects(), sizes()].into_iter().flatten().collect()
}

fn sparse() -> Vec<Case> {
    let version = |major: &str, minor: &str, more: &[(&str, &str)]| {
        let mut records = vec![("GNU.sparse.major", major), ("GNU.sparse.minor", minor)];
        records.extend(more);
        with_records(&records)
    };
    let (none, all) = (("GNU.sparse.realsize", "0"), ("GNU.sparse.size", "30000"));
    let name = ("GNU.sparse.name", "usr/share/doc");
    let map = ("GNU.sparse.map", "0,30000");
    let blocks = ("GNU.sparse.numblocks", "1");
    let empty_map = [&b"0\n"[..], &[0; 510], &content()].concat();
    let real_map = [&b"1\n0\n29488\n"[..], &[0; 502], &content()].concat();
    let one_dot_zero = |real: &[u8], body: &[u8]| {
        Layer::new()
            .pax(&[
                ("GNU.sparse.major", b"1"),
                ("GNU.sparse.minor", b"0"),
                ("GNU.sparse.realsize", real),
                ("GNU.sparse.name", GCC),
            ])
            .raw(&header(b"usr/bin/GNUSparseFile.0/gcc", b'0', 0o755, b"", body.len() as u64), body)
    };
    let old = |real: &[u8; 12], first: Option<(u64, u64)>| {
        special(GCC, b'S', BIG, |block| {
            if let Some((offset, length)) = first {
                block[386..398].copy_from_slice(format!("{offset:011o}\0").as_bytes());
                block[398..410].copy_from_slice(format!("{length:011o}\0").as_bytes());
            }
            block[483..495].copy_from_slice(real);
        })
    };
    vec![
        layer("sparse-version-2-0", version("2", "0", &[none, name])),
        layer("sparse-version-1-1", version("1", "1", &[none, name])),
        layer("sparse-version-1-none", version("1", "", &[none, name])),
        layer("sparse-version-empty", version("", "", &[none, name])),
        layer("sparse-version-empty-with-map", version("", "", &[none, name, blocks, map])),
        layer("sparse-version-01-0", version("01", "0", &[none, name])),
        layer("sparse-0-0-without-map", version("0", "0", &[none, name])),
        layer("sparse-0-1-empty-map", with_records(&[none, blocks, ("GNU.sparse.map", ""), name])),
        layer(
            "sparse-0-1-no-blocks",
            with_records(&[none, ("GNU.sparse.numblocks", "0"), ("GNU.sparse.map", ""), name]),
        ),
        layer("sparse-0-1-two-sizes", with_records(&[all, none, blocks, map])),
        layer("sparse-0-1-two-sizes-turned", with_records(&[none, all, blocks, map])),
        layer("sparse-0-1-realsize-alone", with_records(&[("GNU.sparse.realsize", "30000"), blocks, map])),
        layer("sparse-0-1-no-size", with_records(&[blocks, map])),
        layer("sparse-0-1-size-too-small", with_records(&[("GNU.sparse.size", "0"), blocks, map])),
        layer("sparse-0-1-size-with-version", version("1", "0", &[all, none, blocks, map])),
        layer("sparse-0-1-map-twice", with_records(&[all, blocks, ("GNU.sparse.map", "0,0"), map])),
        layer("sparse-size-alone", with_records(&[("GNU.sparse.size", "0")])),
        layer("sparse-realsize-alone", with_records(&[none])),
        layer("sparse-name-alone", with_records(&[name])),
        layer("sparse-1-0-empty-map", one_dot_zero(b"0", &empty_map)),
        layer("sparse-1-0-size-too-small", one_dot_zero(b"0", &real_map)),
        layer("sparse-1-0-no-realsize", version("1", "0", &[])),
        layer("sparse-1-0-map-of-words", one_dot_zero(b"30000", &[b"x\n".as_slice(), &[0; 510], &content()].concat())),
        layer("sparse-old-empty", Layer::new().raw(&old(b"00000000000\0", None), &content())),
        layer("sparse-old-size-too-small", Layer::new().raw(&old(b"00000000000\0", Some((0, 30_000))), &content())),
        layer("sparse-old-without-gnu-magic", {
            let mut block = old(b"00000072460\0", Some((0, 30_000)));
            block = special(&[], b'S', 0, |fresh| {
                fresh.copy_from_slice(&block);
                magic(fresh, *b"ustar\x0000");
            });
            Layer::new().raw(&block, &content())
        }),
    ]
}

fn extensions() -> Vec<Case> {
    let file = |layer: Layer| layer.raw(&plain(), &content());
    let long = |layer: Layer, kind: u8, name: &[u8]| {
        layer.raw(&header(b"././@LongLink", kind, 0, b"", name.len() as u64), name)
    };
    let nothing = |layer: Layer| layer.pax(&[("size", b"0")]);
    vec![
        layer("extension-then-global", file(global(nothing(Layer::new()), b"11 comment=\n"))),
        layer(
            "extension-then-global-path",
            file(global(Layer::new().pax(&[("path", b"usr/share/doc")]), b"11 comment=\n")),
        ),
        layer("long-name-then-global", file(global(long(Layer::new(), b'L', b"usr/share/doc\0"), b"11 comment=\n"))),
        layer("global-with-size", file(global(Layer::new(), b"9 size=0\n"))),
        layer("global-with-path", file(global(Layer::new(), b"14 path=a/doc\n"))),
        layer("extension-then-extension", file(Layer::new().pax(&[("size", b"0")]).pax(&[("comment", b"x")]))),
        layer(
            "extension-then-long-name",
            file(long(Layer::new().pax(&[("path", b"usr/share/doc")]), b'L', b"usr/bin/cc\0")),
        ),
        layer(
            "long-name-then-extension",
            file(long(Layer::new(), b'L', b"usr/bin/cc\0").pax(&[("path", b"usr/share/doc")])),
        ),
        layer("long-name-twice", file(long(long(Layer::new(), b'L', b"usr/share/doc\0"), b'L', b"usr/bin/cc\0"))),
        layer("long-name-empty", file(long(Layer::new(), b'L', b"\0"))),
        layer("long-name-without-end", file(long(Layer::new(), b'L', b"usr/bin/cc"))),
        layer("long-name-with-two-ends", file(long(Layer::new(), b'L', b"usr/bin/cc\0usr/share/doc\0"))),
        layer("long-name-with-slash", file(long(Layer::new(), b'L', b"usr/share/doc/\0"))),
        layer("long-link-on-a-file", file(long(Layer::new(), b'K', b"usr/share/doc\0"))),
        layer("extension-path-twice", file(Layer::new().pax(&[("path", b"usr/share/doc"), ("path", b"usr/bin/cc")]))),
        layer("extension-path-empty", file(Layer::new().pax(&[("path", b"")]))),
        layer("extension-path-then-empty", file(Layer::new().pax(&[("path", b"usr/share/doc"), ("path", b"")]))),
        layer("extension-path-with-nul", file(Layer::new().pax(&[("path", b"usr/share\0/doc")]))),
        layer("extension-size-twice", file(Layer::new().pax(&[("size", b"0"), ("size", b"30000")]))),
        layer("extension-size-then-empty", file(Layer::new().pax(&[("size", b"0"), ("size", b"")]))),
        layer("extension-size-signed", file(Layer::new().pax(&[("size", b"+30000")]))),
        layer("extension-size-negative", file(Layer::new().pax(&[("size", b"-1")]))),
        layer("extension-size-of-folder", nested(&header(b"d/", b'5', 0o755, b"", 0)).pax(&[("size", b"30000")])),
        layer(
            "extension-length-with-zeros",
            file(Layer::new().raw(&header(b"x", b'x', 0, b"", 13), b"0012 path=cc\n")),
        ),
        layer("extension-length-wrong", file(Layer::new().raw(&header(b"x", b'x', 0, b"", 11), b"9 path=cc\n\n"))),
        layer("extension-without-records", file(Layer::new().raw(&header(b"x", b'x', 0, b"", 0), b""))),
        layer("extension-key-empty", file(Layer::new().raw(&header(b"x", b'x', 0, b"", 6), b"6 =ab\n"))),
        layer("extension-of-star", file(Layer::new().pax(&[("SCHILY.realsize", b"0")]))),
        layer("extension-of-solaris", file(Layer::new().raw(&header(b"X", b'X', 0, b"", 9), b"9 size=0\n"))),
    ]
}

fn dialects() -> Vec<Case> {
    let one = |kind: [u8; 8], folder: &[u8]| {
        let block = special(b"gcc", b'0', BIG, |block| {
            magic(block, kind);
            prefix(block, folder);
        });
        Layer::new().raw(&block, &content())
    };
    let star = special(b"gcc", b'0', BIG, |block| {
        magic(block, *b"ustar\x0000");
        block[345..345 + 131].fill(b'p');
        block[508..512].copy_from_slice(b"tar\0");
    });
    vec![
        layer("magic-posix-two-prefixes", two_prefixes(*b"ustar\x0000")),
        layer("magic-version-xx-two-prefixes", two_prefixes(*b"ustar\0xx")),
        layer("magic-version-empty-two-prefixes", two_prefixes(*b"ustar\0\0\0")),
        layer("magic-gnu-two-prefixes", two_prefixes(*b"ustar  \0")),
        layer("magic-none-two-prefixes", two_prefixes(*b"\0\0\0\0\0\0\0\0")),
        layer("magic-unknown-two-prefixes", two_prefixes(*b"ustar123")),
        layer("magic-spaces-two-prefixes", two_prefixes(*b"ustar   ")),
        layer("magic-posix-prefix", one(*b"ustar\x0000", b"usr/bin")),
        layer("magic-gnu-prefix", one(*b"ustar  \0", b"usr/bin")),
        layer("magic-gnu-prefix-not-ascii", one(*b"ustar  \0", b"usr/b\xefn")),
        layer("magic-gnu-prefix-of-numbers", one(*b"ustar  \0", b"00000000000\x0000000000000")),
        layer("magic-none-prefix", one(*b"\0\0\0\0\0\0\0\0", b"usr/bin")),
        layer("magic-star-prefix", Layer::new().raw(&star, &content())),
        layer("type-nul", Layer::new().raw(&header(GCC, 0, 0o755, b"", BIG as u64), &content())),
        layer("type-nul-folder-with-size", nested(&header(b"d/", 0, 0o755, b"", 30_720))),
        layer("type-nul-folder-by-long-name", {
            let layer = Layer::new().raw(&header(b"././@LongLink", b'L', 0, b"", 3), b"d/\0");
            layer.raw(&header(b"d", 0, 0o755, b"", 512), &plain()).raw(&[0; 512], b"").raw(&plain(), &content())
        }),
        layer(
            "type-file-with-slash",
            Layer::new().raw(&header(b"usr/bin/gcc/", b'0', 0o755, b"", BIG as u64), &content()),
        ),
        layer("type-folder-with-size", nested(&header(b"d/", b'5', 0o755, b"", 30_720))),
        layer("type-link-with-size", nested(&header(b"l", b'2', 0o777, b"nowhere", 30_720))),
        layer("type-hard-link-with-size", {
            let layer = Layer::new().file("a", 0o755, "a");
            layer.raw(&header(b"b", b'1', 0o644, b"a", BIG as u64), b"").raw(&plain(), &content())
        }),
        layer("type-device-with-size", nested(&header(b"null", b'3', 0o666, b"", 30_720))),
        layer("type-pipe-with-size", nested(&header(b"pipe", b'6', 0o666, b"", 30_720))),
        layer("type-contiguous", Layer::new().raw(&header(GCC, b'7', 0o755, b"", BIG as u64), &content())),
        layer("type-unknown", Layer::new().raw(&header(GCC, b'Z', 0o755, b"", BIG as u64), &content())),
        layer(
            "type-unknown-folder-dump",
            Layer::new().raw(&header(b"d/", b'D', 0o755, b"", 512), &[b'Y'; 512]).raw(&plain(), &content()),
        ),
        layer("type-volume-label", Layer::new().raw(&header(b"label", b'V', 0, b"", 0), b"").raw(&plain(), &content())),
        layer("type-multi-volume", Layer::new().raw(&header(GCC, b'M', 0o755, b"", BIG as u64), &content())),
    ]
}

fn sizes() -> Vec<Case> {
    let size = |field: &[u8; 12]| {
        let block = special(GCC, b'0', 0, |block| block[124..136].copy_from_slice(field));
        Layer::new().raw(&block, &content())
    };
    let zeros = |blocks: usize| vec![0; 512 * blocks];
    let member = || [&plain()[..], &content(), &[0; 208]].concat();
    vec![
        layer("size-base-256", size(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x75, 0x30])),
        layer("size-base-256-negative", size(&[0xff; 12])),
        layer("size-base-256-over", size(&[0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x75, 0x30])),
        layer("size-octal-with-spaces", size(b"      72460 ")),
        layer("size-octal-without-end", size(b"000000072460")),
        layer("size-octal-then-more", size(b"72460\x0012345\0")),
        layer("size-octal-space-inside", size(b"0000 72460 \0")),
        layer("size-empty", size(&[0; 12])),
        layer("size-of-spaces", size(b"            ")),
        layer("size-of-nul-first", size(b"\x0000000724600")),
        layer(
            "mode-that-is-none",
            Layer::new()
                .raw(&special(GCC, b'0', BIG, |block| block[100..108].copy_from_slice(b"xxxxxxx\0")), &content()),
        ),
        layer(
            "mode-base-256",
            Layer::new().raw(
                &special(GCC, b'0', BIG, |block| block[100..108].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 1, 0xed])),
                &content(),
            ),
        ),
        layer("end-of-one-block", Layer::new().raw(&plain(), &content()).ending(zeros(1))),
        layer("end-without-blocks", Layer::new().raw(&plain(), &content()).ending(zeros(0))),
        layer(
            "end-one-block-then-more",
            Layer::new().file("a", 0o644, "").ending([zeros(1), member(), zeros(2)].concat()),
        ),
        layer(
            "end-two-blocks-then-more",
            Layer::new().file("a", 0o644, "").ending([zeros(2), member(), zeros(2)].concat()),
        ),
        layer("end-without-padding", Layer::new().raw(&plain(), b"").ending(content())),
        layer("end-in-the-content", Layer::new().raw(&plain(), b"").ending(zeros(3))),
        layer("end-after-extension", Layer::new().raw(&plain(), &content()).pax(&[("path", b"cc")])),
        layer("end-is-garbage", Layer::new().raw(&plain(), &content()).ending(vec![b'g'; 1024])),
        layer(
            "sum-is-wrong",
            Layer::new().raw(
                &{
                    let mut block = plain();
                    block[148] = b'7';
                    block
                },
                &content(),
            ),
        ),
        layer("sum-of-signed-bytes", {
            let mut block = special(b"usr/bin/gcc\xff", b'0', BIG, |_| {});
            block[148..156].fill(b' ');
            let sum: i32 = block.iter().map(|byte| i32::from(byte.cast_signed())).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            Layer::new().raw(&block, &content())
        }),
    ]
}
