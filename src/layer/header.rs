//! One header block of a tar, read as Go's `archive/tar` reads it (`reader.go`, `format.go`, `strconv.go`): which dialect it is in, whether
//! a prefix goes before the name, and what is no number.

use super::error::TarError;

/// Bytes of a block.
pub(super) const BLOCK: usize = 512;

const NOT_A_NUMBER: TarError = TarError::Header("a field that is not a number");

/// Where the fields lie that every dialect has.
mod field {
    use std::ops::Range;

    pub(super) const NAME: Range<usize> = 0..100;
    pub(super) const MODE: Range<usize> = 100..108;
    pub(super) const OWNERS: [Range<usize>; 2] = [108..116, 116..124];
    pub(super) const SIZE: Range<usize> = 124..136;
    pub(super) const MODIFIED: Range<usize> = 136..148;
    pub(super) const CHECKSUM: Range<usize> = 148..156;
    pub(super) const KIND: usize = 156;
    pub(super) const LINK: Range<usize> = 157..257;
    pub(super) const MAGIC: Range<usize> = 257..263;
    pub(super) const VERSION: Range<usize> = 263..265;
    pub(super) const DEVICE: [Range<usize>; 2] = [329..337, 337..345];
    pub(super) const PREFIX: Range<usize> = 345..500;

    // Schily's star.
    pub(super) const STAR_PREFIX: Range<usize> = 345..476;
    pub(super) const STAR_TIMES: [Range<usize>; 2] = [476..488, 488..500];
    pub(super) const STAR_TRAILER: Range<usize> = 508..512;

    // GNU tar.
    pub(super) const GNU_TIMES: [Range<usize>; 2] = [345..357, 357..369];
    pub(super) const GNU_MAP: Range<usize> = 386..483;
    pub(super) const GNU_REAL_SIZE: Range<usize> = 483..495;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    V7,
    Ustar,
    Star,
    Gnu,
}

/// A header whose checksum and numbers are right.
#[derive(Debug, Clone)]
pub(super) struct Header {
    block: [u8; BLOCK],
    dialect: Dialect,
    prefix: usize,
    /// Bytes that follow, as far as no extension says otherwise. Base 256 can state less than none.
    pub(super) size: i64,
    /// Mode as stated, file type bits of some writers included.
    pub(super) mode: i64,
}

impl Header {
    /// Reads a block. A number that is of no use here makes a header wrong all the same: no engine loads such a layer.
    ///
    /// # Errors
    /// When the checksum is wrong, or a field is not a number.
    pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Self, TarError> {
        if !is_header(block) {
            return Err(TarError::Header("wrong checksum"));
        }
        let dialect = match (&block[field::MAGIC], &block[field::VERSION], &block[field::STAR_TRAILER]) {
            (b"ustar\0", _, b"tar\0") => Dialect::Star,
            (b"ustar\0", ..) => Dialect::Ustar,
            (b"ustar ", b" \0", _) => Dialect::Gnu,
            _ => Dialect::V7,
        };
        let checked = |fields: &[std::ops::Range<usize>]| {
            fields.iter().try_for_each(|field| number(&block[field.clone()]).map(drop))
        };
        checked(&field::OWNERS)?;
        checked(&[field::MODIFIED])?;
        if dialect != Dialect::V7 {
            checked(&field::DEVICE)?;
        }
        let prefix = match dialect {
            Dialect::V7 => &[],
            Dialect::Ustar => until_nul(&block[field::PREFIX]),
            Dialect::Star => {
                checked(&field::STAR_TIMES)?;
                until_nul(&block[field::STAR_PREFIX])
            }
            // GNU has times there. Go once wrote a prefix over them, and so it takes for one what is ASCII and no time.
            Dialect::Gnu => {
                let times = field::GNU_TIMES.iter().filter(|time| block[time.start] != 0);
                let text = until_nul(&block[field::PREFIX]);
                let old_go = times.cloned().any(|time| number(&block[time]).is_err()) && text.is_ascii();
                if old_go { text } else { &[] }
            }
        };
        let (size, mode) = (number(&block[field::SIZE])?, number(&block[field::MODE])?);
        Ok(Self { dialect, prefix: prefix.len(), size, mode, block: *block })
    }

    /// The type: one character.
    pub(super) fn kind(&self) -> u8 {
        self.block[field::KIND]
    }

    /// Appends the name, with its prefix, to `out`.
    pub(super) fn name(&self, out: &mut Vec<u8>) {
        if self.prefix > 0 {
            out.extend_from_slice(&self.block[field::PREFIX][..self.prefix]);
            out.push(b'/');
        }
        out.extend_from_slice(until_nul(&self.block[field::NAME]));
    }

    /// The link target.
    pub(super) fn link(&self) -> &[u8] {
        until_nul(&self.block[field::LINK])
    }

    /// For an old GNU sparse file its real size and the beginning of its map.
    ///
    /// # Errors
    /// When the header is not GNU's: star has the same type with another layout.
    pub(super) fn sparse(&self) -> Result<(i64, &[u8]), TarError> {
        if self.dialect != Dialect::Gnu {
            return Err(TarError::Header("a sparse file without a GNU header"));
        }
        Ok((number(&self.block[field::GNU_REAL_SIZE])?, &self.block[field::GNU_MAP]))
    }
}

/// Whether a block is a tar header: its checksum is right, summed as unsigned or, by old tars, as signed bytes.
pub(super) fn is_header(block: &[u8; BLOCK]) -> bool {
    let Ok(stated) = octal(&block[field::CHECKSUM]) else { return false };
    // The field itself counts as spaces. Whole blocks are summed, and it is taken out again: that is what a processor is quick at.
    let unsigned = |bytes: &[u8]| bytes.iter().map(|byte| i64::from(*byte)).sum::<i64>();
    let signed = |bytes: &[u8]| bytes.iter().map(|byte| i64::from(byte.cast_signed())).sum::<i64>();
    let field = &block[field::CHECKSUM];
    let stated = stated - i64::from(b' ') * 8;
    stated == unsigned(block) - unsigned(field) || stated == signed(block) - signed(field)
}

/// Up to the first NUL, or all of it.
pub(super) fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number of a header: octal, or two's complement in base 256 when the first bit is set.
pub(super) fn number(field: &[u8]) -> Result<i64, TarError> {
    let Some((first, rest)) = field.split_first().filter(|(first, _)| **first & 0x80 != 0) else { return octal(field) };
    let inverted = if first & 0x40 == 0 { 0 } else { 0xff };
    let start = u64::from((first ^ inverted) & 0x7f);
    let sum = rest.iter().try_fold(start, |sum, byte| Some(sum.checked_mul(256)? | u64::from(byte ^ inverted)));
    let sum = sum.and_then(|sum| i64::try_from(sum).ok()).ok_or(NOT_A_NUMBER)?;
    Ok(if inverted == 0 { sum } else { !sum })
}

/// Octal digits between spaces and NULs; what follows a NUL among the digits does not count. Nothing at all is zero.
fn octal(field: &[u8]) -> Result<i64, TarError> {
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(start) = field.iter().position(|byte| !blank(byte)) else { return Ok(0) };
    let end = field.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    until_nul(&field[start..end]).iter().try_fold(0_i64, |sum, byte| match byte {
        b'0'..=b'7' => sum.checked_mul(8).map(|sum| sum | i64::from(byte - b'0')).ok_or(NOT_A_NUMBER),
        _ => Err(NOT_A_NUMBER),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_numbers() {
        let read = |text: &[u8]| number(text).ok();
        assert_eq!(read(b"0000644\0"), Some(0o644));
        assert_eq!(read(b"   644 \0"), Some(0o644));
        assert_eq!(read(b"\0\0\0\0"), Some(0));
        assert_eq!(read(b"777777777777"), Some(0o777_777_777_777));
        assert_eq!(read(b"12\x0099999"), Some(0o12), "what follows a NUL does not count");
        for wrong in [&b"8"[..], b"-1", b"+1", b"6 4", b"x", b"12 \x0034", b"12\t"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn numbers_in_base_256() {
        let read = |text: &[u8]| number(text).ok();
        assert_eq!(read(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]), Some((2 << 32) + 1));
        assert_eq!(read(&[0xff; 12]), Some(-1));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0]), Some(i64::MIN));
        assert_eq!(read(&[0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]), None, "beyond 63 bits");
        assert_eq!(read(&[0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }
}
