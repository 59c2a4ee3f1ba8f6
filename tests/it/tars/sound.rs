//! Tars as real writers make them: nothing of this may be refused.

use super::dice::Dice;
use super::pieces::{Dialect, Header, Piece, member, padded, records};

type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// A tar of a few members, each as another writer would have it.
pub(super) fn tar(dice: &mut Dice) -> Vec<Piece> {
    let members = 1 + dice.below(6);
    let mut pieces: Vec<Piece> = (0..members).map(|number| any_member(dice, number)).collect();
    if dice.once_in(8) {
        let commit = records(&[(b"comment".to_vec(), vec![b'c'; 40])]);
        let global = Header::new(Dialect::Ustar, b'g', b"pax_global_header", commit.len() as u64);
        pieces.insert(0, Piece::new("the global header of git archive", member(global, &commit)));
    }
    let ends = [
        (1024, "two blocks of zeros"),
        (10_240, "a record of zeros"),
        (512, "one block of zeros"),
        (0, "no end marker"),
    ];
    let (zeros, what) = dice.pick(&ends);
    pieces.push(Piece::new(what, vec![0; zeros]));
    pieces
}

fn any_member(dice: &mut Dice, number: usize) -> Piece {
    let name = format!("d{}/file{number}", dice.below(3)).into_bytes();
    let size = dice.pick(&[0, 1, 511, 512, 513, 1024, 5000]);
    let content = format!("{number}").repeat(size).into_bytes();
    let long = format!("{}/{number}", "long".repeat(25 + dice.below(50))).into_bytes();
    match dice.below(13) {
        0 => plain("V7", Dialect::V7, 0, &name, &content),
        1 => plain("a file of old GNU tar", Dialect::Gnu, b'0', &name, &content),
        2 => {
            let mut header = Header::new(Dialect::Ustar, b'0', &name, size as u64);
            header.put(345, b"some/prefix");
            Piece::new("ustar with a prefix", member(header, &content))
        }
        3 => {
            let mut header = Header::new(Dialect::Gnu, b'0', &name, 0);
            header.base_256(124, 12, size.cast_signed() as i64);
            header.base_256(136, 12, -86_400);
            header.put(345, b"14000000000\x0014000000000\0");
            Piece::new("GNU with base 256, and times where ustar has a prefix", member(header, &content))
        }
        4 => {
            let name_member = Header::new(Dialect::Gnu, b'L', b"././@LongLink", long.len() as u64 + 1);
            let name_member = member(name_member, &[&long[..], b"\0"].concat());
            let file = member(Header::new(Dialect::Gnu, b'0', &long, size as u64), &content);
            Piece::new("a long GNU name", [name_member, file].concat())
        }
        5 => {
            let mut header = Header::new(Dialect::Gnu, b'2', &name, 0);
            header.put(157, &long[..100]);
            let target = Header::new(Dialect::Gnu, b'K', b"././@LongLink", long.len() as u64 + 1);
            let target = member(target, &[&long[..], b"\0"].concat());
            Piece::new("a long GNU link", [target, member(header, b"")].concat())
        }
        6 => {
            let said: Records = [
                ("path", &long[..]),
                ("size", size.to_string().as_bytes()),
                ("mtime", b"1700000000.123456789"),
                ("uid", b"3000000"),
                ("SCHILY.xattr.user.a", b"b\0c\n"),
                ("LIBARCHIVE.creationtime", b"1"),
            ]
            .map(|(key, value)| (key.as_bytes().to_vec(), value.to_vec()))
            .into();
            pax("PAX", &said, Header::new(Dialect::Ustar, b'0', b"short", size as u64), &content)
        }
        7 => {
            let mut header = Header::new(Dialect::Ustar, dice.pick(b"12"), &name, 0);
            header.put(157, b"d0/target");
            Piece::new("a link", member(header, b""))
        }
        8 => {
            let kind = dice.pick(b"3456");
            let mut header = Header::new(Dialect::Ustar, kind, &[&name[..], b"/"].concat(), 0);
            header.put(329, b"0000001\x000000003\0");
            Piece::new(format!("type {}", char::from(kind)), member(header, b""))
        }
        9 => Piece::new("a directory of V7", member(Header::new(Dialect::V7, 0, b"d0/", 0), b"")),
        _ => sparse(dice, &name),
    }
}

fn plain(what: &str, dialect: Dialect, kind: u8, name: &[u8], content: &[u8]) -> Piece {
    Piece::new(what, member(Header::new(dialect, kind, name, content.len() as u64), content))
}

fn pax(what: &str, said: &Records, header: Header, content: &[u8]) -> Piece {
    let text = records(said);
    let extension = member(Header::new(Dialect::Ustar, b'x', b"PaxHeaders/x", text.len() as u64), &text);
    Piece::new(what, [extension, member(header, content)].concat())
}

/// A file with holes.
pub(super) struct Sparse {
    pub(super) size: u64,
    pub(super) parts: Vec<(u64, u64)>,
}

impl Sparse {
    pub(super) fn any(dice: &mut Dice) -> Self {
        let mut size = 0;
        let mut parts = Vec::new();
        for _ in 0..dice.pick(&[0, 1, 2, 4, 5, 30]) {
            let start = size + dice.below(3000) as u64;
            let length = dice.pick(&[1, 512, 700]);
            parts.push((start, length));
            size = start + length;
        }
        if dice.once_in(2) {
            size += dice.below(5000) as u64;
            // As GNU tar marks a hole at the end.
            parts.push((size, 0));
        }
        Self { size, parts }
    }

    pub(super) fn held(&self) -> u64 {
        self.parts.iter().map(|(_, length)| length).sum()
    }

    pub(super) fn data(&self) -> Vec<u8> {
        (0..self.held()).map(|byte| b'A' + (byte % 23) as u8).collect()
    }

    fn numbers(&self) -> impl Iterator<Item = String> {
        self.parts.iter().flat_map(|(start, length)| [start.to_string(), length.to_string()])
    }

    /// In front of the content, as the form 1.0 has it.
    pub(super) fn lines(&self) -> Vec<u8> {
        let lines = std::iter::once(self.parts.len().to_string()).chain(self.numbers());
        padded(lines.flat_map(|line| format!("{line}\n").into_bytes()).collect())
    }

    /// Records of the PAX forms.
    pub(super) fn records(&self, form: (u8, u8), name: &[u8]) -> Records {
        let mut said: Vec<(&str, Vec<u8>)> = Vec::new();
        let size = self.size.to_string().into_bytes();
        match form {
            (0, 0) => {
                said.push(("GNU.sparse.size", size));
                said.push(("GNU.sparse.numblocks", self.parts.len().to_string().into()));
                for (start, length) in &self.parts {
                    said.push(("GNU.sparse.offset", start.to_string().into()));
                    said.push(("GNU.sparse.numbytes", length.to_string().into()));
                }
            }
            (0, _) => {
                said.push(("GNU.sparse.size", size));
                said.push(("GNU.sparse.numblocks", self.parts.len().to_string().into()));
                said.push(("GNU.sparse.map", self.numbers().collect::<Vec<_>>().join(",").into()));
                said.push(("GNU.sparse.name", name.to_vec()));
            }
            _ => {
                said.push(("GNU.sparse.major", b"1".to_vec()));
                said.push(("GNU.sparse.minor", b"0".to_vec()));
                said.push(("GNU.sparse.name", name.to_vec()));
                said.push(("GNU.sparse.realsize", size));
            }
        }
        said.into_iter().map(|(key, value)| (key.as_bytes().to_vec(), value)).collect()
    }

    /// The old form: four parts in the header, 21 in each block behind it.
    pub(super) fn old(&self, name: &[u8]) -> (Header, Vec<u8>) {
        let mut header = Header::new(Dialect::Gnu, b'S', name, self.held());
        header.number(483, 12, self.size);
        let (first, rest) = self.parts.split_at(self.parts.len().min(4));
        for (at, (start, length)) in (386..).step_by(24).zip(first) {
            header.number(at, 12, *start);
            header.number(at + 12, 12, *length);
        }
        header.bytes[482] = u8::from(!rest.is_empty());
        let mut maps = Vec::new();
        let blocks = rest.chunks(21);
        let last = blocks.len();
        for (number, parts) in (1..).zip(blocks) {
            let mut block = Header { bytes: [0; 512] };
            for (at, (start, length)) in (0..).step_by(24).zip(parts) {
                block.number(at, 12, *start);
                block.number(at + 12, 12, *length);
            }
            block.bytes[504] = u8::from(number < last);
            maps.extend_from_slice(&block.bytes);
        }
        (header, maps)
    }
}

fn sparse(dice: &mut Dice, name: &[u8]) -> Piece {
    let mut file = Sparse::any(dice);
    let form = dice.pick(&[(0, 0), (0, 1), (1, 0), (9, 9)]);
    if file.parts.is_empty() {
        // Without a version an empty map is no map, and no writer leaves one empty.
        file.parts.push((0, 0));
    }
    let held = file.held();
    let what = format!("sparse {form:?}: {} bytes, {:?}", file.size, file.parts);
    match form {
        (9, _) => {
            let (header, maps) = file.old(name);
            Piece::new(what, [&header.sealed(false)[..], &maps, &padded(file.data())].concat())
        }
        (1, _) => {
            let content = [file.lines(), file.data()].concat();
            let header = Header::new(Dialect::Ustar, b'0', b"GNUSparseFile.0/x", content.len() as u64);
            pax(&what, &file.records(form, name), header, &content)
        }
        _ => pax(&what, &file.records(form, name), Header::new(Dialect::Ustar, b'0', name, held), &file.data()),
    }
}
