//! What tars are made of, written as it is asked for: a header may state what it likes, its checksum is right all the same.

/// A part of a tar that can be left out by itself.
#[derive(Clone)]
pub(super) struct Piece {
    /// For the person who looks at a failure.
    pub(super) what: String,
    pub(super) bytes: Vec<u8>,
}

impl Piece {
    pub(super) fn new(what: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { what: what.into(), bytes: bytes.into() }
    }
}

/// The bytes of a tar.
pub(super) fn joined(pieces: &[Piece]) -> Vec<u8> {
    pieces.iter().flat_map(|piece| piece.bytes.iter().copied()).collect()
}

/// Fills up to whole blocks.
pub(super) fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// Magic and version of a header, with the trailer of star where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    V7,
    Ustar,
    UstarOfOtherVersion,
    Star,
    Gnu,
    GnuOfOtherVersion,
}

/// A header in the making.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) bytes: [u8; 512],
}

impl Header {
    pub(super) fn new(dialect: Dialect, kind: u8, name: &[u8], size: u64) -> Self {
        let mut header = Self { bytes: [0; 512] };
        header.put(0, &name[..name.len().min(100)]);
        header.put(100, b"0000644\0");
        header.put(108, b"0000000\0");
        header.put(116, b"0000000\0");
        header.number(124, 12, size);
        header.put(136, b"00000000000\0");
        header.bytes[156] = kind;
        header.put(
            257,
            match dialect {
                Dialect::V7 => b"",
                Dialect::Ustar | Dialect::Star => b"ustar\x0000",
                Dialect::UstarOfOtherVersion => b"ustar\0xx",
                Dialect::Gnu => b"ustar  \0",
                Dialect::GnuOfOtherVersion => b"ustar 00",
            },
        );
        if dialect == Dialect::Star {
            header.put(508, b"tar\0");
        }
        header
    }

    /// Writes over what is there.
    pub(super) fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    /// Octal digits and a NUL.
    pub(super) fn number(&mut self, at: usize, width: usize, number: u64) {
        let digits = format!("{number:0>width$o}\0", width = width - 1);
        self.put(at, &digits.as_bytes()[..width]);
    }

    /// Two's complement with the first bit set.
    pub(super) fn base_256(&mut self, at: usize, width: usize, number: i64) {
        self.bytes[at..at + width].fill(if number < 0 { 0xff } else { 0 });
        self.put(at + width - width.min(8), &number.to_be_bytes()[8 - width.min(8)..]);
        self.bytes[at] |= 0x80;
    }

    /// With the right checksum, summed over signed bytes on demand.
    pub(super) fn sealed(mut self, signed: bool) -> [u8; 512] {
        self.put(148, b"        ");
        let sum: i64 = if signed {
            self.bytes.iter().map(|byte| i64::from(byte.cast_signed())).sum()
        } else {
            self.bytes.iter().map(|byte| i64::from(*byte)).sum()
        };
        // A sum below zero has no octal digits; it is then wrong for everybody.
        self.number(148, 7, sum.unsigned_abs());
        self.bytes
    }
}

/// The records of a PAX member.
pub(super) fn records(records: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    records.iter().flat_map(|(key, value)| record(key, value)).collect()
}

/// One record.
pub(super) fn record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let length = (rest..=rest + 20).find(|length| length - length.to_string().len() == rest).expect("some length fits");
    [length.to_string().as_bytes(), b" ", key, b"=", value, b"\n"].concat()
}

/// A member with content, padded.
pub(super) fn member(header: Header, content: &[u8]) -> Vec<u8> {
    [&header.sealed(false)[..], &padded(content.to_vec())].concat()
}
