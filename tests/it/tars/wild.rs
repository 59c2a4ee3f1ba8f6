//! Tars as somebody makes them who wants two readers to see two things: valid parts, put together as no writer does.

use std::fmt::Write as _;

use super::dice::Dice;
use super::pieces::{Dialect, Header, Piece, member, padded, record};
use super::sound::Sparse;

const DIALECTS: [Dialect; 8] = [
    Dialect::V7,
    Dialect::Ustar,
    Dialect::Ustar,
    Dialect::UstarOfOtherVersion,
    Dialect::Star,
    Dialect::Gnu,
    Dialect::Gnu,
    Dialect::GnuOfOtherVersion,
];
const KINDS: &[u8] = b"000000\0\0\0\0\x001223455567SxgLV";
const NAMES: [&[u8]; 12] = [
    b"a",
    b"a/",
    b"d/b",
    b"d/.wh.b",
    b".wh..wh.plnk/x",
    b"",
    b"/",
    b"../up",
    b"not\xffutf8",
    b"nul\0behind",
    b"b\0",
    b"./c",
];
const PREFIXES: [&[u8]; 9] =
    [&[b'7'; 150], b"p", b"q/r", b"", b"\xff", b"14000000000\x0014000000000", b"7x", b"\x80\0\0", b"p\0q"];
const SIZES: [usize; 10] = [0, 0, 0, 1, 511, 512, 513, 1024, 1536, 3000];

/// A tar of a few pieces.
pub(super) fn tar(dice: &mut Dice) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for _ in 0..=dice.below(3) {
        for _ in 0..dice.pick(&[0, 0, 0, 1, 1, 2]) {
            pieces.push(extension(dice));
        }
        file(dice, &mut pieces);
    }
    if dice.once_in(20) {
        pieces.insert(dice.below(pieces.len()), Piece::new("a block of zeros", [0; 512]));
    }
    pieces.push(match dice.below(8) {
        0 => Piece::new("one block of zeros", [0; 512]),
        1 => Piece::new("no end", []),
        2 => Piece::new("half a block", [0; 200]),
        3 => Piece::new("the end, and a file behind it", [vec![0; 1024], hidden(1024)].concat()),
        _ => Piece::new("the end", [0; 1024]),
    });
    if dice.once_in(20) {
        let last = pieces.iter().rposition(|piece| !piece.bytes.is_empty()).unwrap_or_default();
        let cut = dice.below(pieces[last].bytes.len().max(1));
        pieces[last].bytes.truncate(cut);
        say(&mut pieces[last].what, format_args!(", cut at {cut}"));
    }
    pieces
}

fn say(what: &mut String, more: std::fmt::Arguments<'_>) {
    what.write_fmt(more).expect("memory");
}

/// What shows itself as members where it is not skipped as content.
fn hidden(size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < size {
        let name = format!("hidden{}", bytes.len());
        bytes.extend(Header::new(Dialect::Ustar, b'0', name.as_bytes(), 0).sealed(false));
    }
    bytes.truncate(size);
    bytes
}

fn file(dice: &mut Dice, pieces: &mut Vec<Piece>) {
    if dice.once_in(4) {
        sparse(dice, pieces);
    } else {
        let (dialect, kind) = (dice.pick(&DIALECTS), dice.pick(KINDS));
        let (name, stated) = (dice.pick(&NAMES), dice.pick(&SIZES));
        let content = if dice.once_in(15) { dice.pick(&SIZES) } else { stated };
        let mut header = Header::new(dialect, kind, name, stated as u64);
        let mut what = format!("{dialect:?} {:?} {} {stated}", char::from(kind), name.escape_ascii());
        spice(dice, &mut header, &mut what);
        if dice.once_in(40) {
            header.base_256(124, 12, -1);
            let text = record(b"size", stated.to_string().as_bytes());
            pieces.push(Piece::new(
                "a size over one below zero",
                member(Header::new(dialect, b'x', b"x", text.len() as u64), &text),
            ));
        }
        pieces.push(Piece::new(what, header.sealed(dice.once_in(8))));
        pieces.push(Piece::new(format!("{content} bytes"), padded(hidden(content))));
    }
}

/// Odd values of fields.
fn spice(dice: &mut Dice, header: &mut Header, what: &mut String) {
    if dice.once_in(3) {
        let prefix = dice.pick(&PREFIXES);
        header.put(345, prefix);
        say(what, format_args!(", prefix {}", prefix.escape_ascii()));
    }
    if dice.once_in(4) {
        let link = dice.pick(&NAMES);
        header.put(157, link);
        say(what, format_args!(", link {}", link.escape_ascii()));
    }
    if dice.once_in(4) {
        let fields = [
            (124, 12),
            (124, 12),
            (100, 8),
            (108, 8),
            (116, 8),
            (124, 12),
            (136, 12),
            (329, 8),
            (337, 8),
            (345, 12),
            (357, 12),
            (476, 12),
            (488, 12),
        ];
        let (at, width) = dice.pick(&fields);
        let small = dice.pick(&[0, 1, 512, 1024]);
        let number = dice.pick(&[small, small, -1, -512, i64::MAX, i64::MIN]);
        let mut text = |text: &str| {
            let mut field = vec![dice.pick(b"\0 "); width];
            field[..text.len().min(width)].copy_from_slice(&text.as_bytes()[..text.len().min(width)]);
            header.put(at, &field);
        };
        match what.len() % 7 {
            0 => text(&format!(" {small:o} ")),
            1 => text(&format!("\0{small:o}\0 7")),
            2 => text(&format!("{small:o}\09")),
            3 => text("12x"),
            4 => text("777777777777"),
            _ => header.base_256(at, width, number),
        }
        say(what, format_args!(", field {at}: {}", header.bytes[at..at + width].escape_ascii()));
    }
    if dice.once_in(10) {
        let edges =
            [0, 99, 100, 107, 124, 135, 156, 157, 256, 257, 262, 263, 264, 329, 345, 356, 386, 482, 483, 499, 508, 511];
        let (at, byte) = (if dice.once_in(2) { dice.pick(&edges) } else { dice.below(512) }, dice.byte());
        header.bytes[at] = byte;
        say(what, format_args!(", byte {at}: {byte:#x}"));
    }
}

fn extension(dice: &mut Dice) -> Piece {
    let kind = dice.pick(b"xxxxgLLKK");
    let (text, mut what) = if matches!(kind, b'x' | b'g') {
        some_records(dice)
    } else {
        let name = dice.pick(&NAMES);
        let text = if dice.once_in(2) { name.to_vec() } else { [name, b"\0"].concat() };
        (text, name.escape_ascii().to_string())
    };
    what = format!("{}: {what}", char::from(kind));
    extension_of(dice, kind, &text, what)
}

fn extension_of(dice: &mut Dice, kind: u8, text: &[u8], mut what: String) -> Piece {
    let dialect = if matches!(kind, b'x' | b'g') { Dialect::Ustar } else { Dialect::Gnu };
    let mut header = Header::new(dialect, kind, b"extension", text.len() as u64);
    if dice.once_in(12) {
        spice(dice, &mut header, &mut what);
    }
    Piece::new(what, member(header, text))
}

fn some_records(dice: &mut Dice) -> (Vec<u8>, String) {
    const KEYS: [&str; 23] = [
        "",
        "path",
        "path",
        "linkpath",
        "size",
        "size",
        "uid",
        "gid",
        "uname",
        "gname",
        "mtime",
        "atime",
        "ctime",
        "hdrcharset",
        "SCHILY.xattr.user.a",
        "GNU.sparse.major",
        "GNU.sparse.minor",
        "GNU.sparse.name",
        "GNU.sparse.size",
        "GNU.sparse.realsize",
        "GNU.sparse.map",
        "GNU.sparse.offset",
        "GNU.sparse.numblocks",
    ];
    const VALUES: [&[u8]; 18] = [
        b"",
        b"",
        b"0",
        b"1",
        b"512",
        b"513",
        b"1024",
        b"-1",
        b"+512",
        b"0x10",
        b"9223372036854775807",
        b"9223372036854775808",
        b"1.5",
        b"-1.",
        b"1.x",
        b"nul\0",
        b"pax/",
        b"pax",
    ];
    let (mut text, mut what) = (Vec::new(), String::new());
    for _ in 0..dice.pick(&[0, 1, 1, 2, 3]) {
        let (key, value) = (dice.pick(&KEYS), dice.pick(&VALUES));
        let mut one = record(key.as_bytes(), value);
        say(&mut what, format_args!("{key}={} ", value.escape_ascii()));
        if dice.once_in(20) {
            let at = dice.below(one.len());
            one[at] = dice.pick(b"\0 9=\n-+0");
            say(&mut what, format_args!("[{}] ", one.escape_ascii()));
        }
        text.extend(one);
    }
    (text, what)
}

/// A sparse file with something wrong, as a rule.
fn sparse(dice: &mut Dice, pieces: &mut Vec<Piece>) {
    let mut file = Sparse::any(dice);
    if dice.once_in(4) {
        file.size = dice.pick(&[0, 1, 512, 1 << 40, i64::MAX as u64]);
    }
    let form = dice.pick(&[(0, 0), (0, 1), (0, 1), (1, 0), (9, 9)]);
    let name = dice.pick(&NAMES);
    let what = format!("sparse {form:?} {}: {} bytes, {:?}", name.escape_ascii(), file.size, file.parts);
    if form.0 == 9 {
        let (mut header, maps) = file.old(name);
        let mut what = what;
        if dice.once_in(2) {
            spice(dice, &mut header, &mut what);
        }
        pieces.push(Piece::new(what, header.sealed(false)));
        pieces.push(Piece::new("maps", maps));
        pieces.push(Piece::new("content", padded(file.data())));
        return;
    }
    let mut said = file.records(form, name);
    for _ in 0..dice.pick(&[0, 0, 1, 1, 2]) {
        let keys = ["major", "minor", "name", "size", "realsize", "numblocks", "map", "offset", "numbytes"];
        let values = ["", "0", "1", "2", "512", "-1", "+1", "x", "1,2", "0,512", ",", "n/"];
        let (key, value) = (format!("GNU.sparse.{}", dice.pick(&keys)), dice.pick(&values).as_bytes().to_vec());
        match said.iter_mut().find(|(known, _)| *known == key.as_bytes()) {
            Some(known) if dice.once_in(2) => known.1 = value,
            _ => said.insert(dice.below(said.len() + 1), (key.into_bytes(), value)),
        }
        if dice.once_in(3) {
            said.remove(dice.below(said.len()));
        }
    }
    let mut content = if form.0 == 1 { file.lines() } else { Vec::new() };
    content.extend(file.data());
    if form.0 == 1 && dice.once_in(4) {
        let at = dice.below(content.len().min(20));
        content[at] = dice.pick(b"\n0-+9x ");
    }
    let shown = |(key, value): &(Vec<u8>, Vec<u8>)| format!("{}={} ", key.escape_ascii(), value.escape_ascii());
    let text = super::pieces::records(&said);
    let extension = format!("x: {}", said.iter().map(shown).collect::<String>());
    pieces.push(extension_of(dice, b'x', &text, extension));
    if dice.once_in(6) {
        pieces.push(self::extension(dice));
    }
    let kind = dice.pick(b"00000\x0075");
    let mut header = Header::new(dice.pick(&DIALECTS), kind, b"GNUSparseFile.0/x", content.len() as u64);
    let mut what = format!("{what} as {:?}", char::from(kind));
    if dice.once_in(6) {
        spice(dice, &mut header, &mut what);
    }
    pieces.push(Piece::new(what, header.sealed(false)));
    pieces.push(Piece::new(format!("{} bytes", content.len()), padded(content)));
}
