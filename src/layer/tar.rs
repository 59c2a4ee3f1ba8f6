//! The members of a tar, one after the other, read as Go's `archive/tar` reads them: every engine is written in Go, so what Go
//! makes of a header is what the image is.
//!
//! The tar crate decodes the headers. The walk is ours because the crate reads extension members whole, however large they
//! claim to be, and cannot tell a PAX value with a line break from two records.

use std::io::{self, BufRead, Read};

use tar::{EntryType, Header};

use super::error::TarError;
use super::pax;

const BLOCK: usize = 512;

/// The longest extension member that is read into memory: Go refuses longer ones too.
pub const LONGEST_EXTENSION: u64 = 1 << 20;

/// What a member is, in the terms of the tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A hard link to an earlier member.
    HardLink,
    /// A device, a pipe, or a type that nobody knows.
    Other,
}

/// The fixed-size part of a member; its names are at [`Members::path`] and [`Members::link`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// What it is.
    pub kind: MemberKind,
    /// Permission bits.
    pub mode: u32,
    /// Apparent size in bytes: for a sparse file more than the tar holds.
    pub size: u64,
}

/// Walks over the members of an uncompressed tar.
#[derive(Debug)]
pub struct Members<R> {
    reader: R,
    path: Vec<u8>,
    link: Vec<u8>,
    content: u64,
    padding: u64,
    failure: Option<(io::ErrorKind, String)>,
}

/// What the extension members in front of a member say about it.
#[derive(Default)]
struct Extensions {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    pax: pax::Records,
    any: bool,
}

impl<R: BufRead> Members<R> {
    /// A walk that begins at the reader's position.
    pub fn new(reader: R) -> Self {
        Self { reader, path: Vec::new(), link: Vec::new(), content: 0, padding: 0, failure: None }
    }

    /// The current member's path as written.
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// The current member's link target as written.
    pub fn link(&self) -> &[u8] {
        &self.link
    }

    /// The current member's bytes, as far as they were not read yet.
    pub fn content(&mut self) -> Content<'_, R> {
        Content(self)
    }

    /// Skips what is left of the current member and goes to the next; `None` at the end of the tar.
    ///
    /// # Errors
    /// When the tar ends too early, has a damaged header, or an extension member above [`LONGEST_EXTENSION`].
    pub fn advance(&mut self) -> Result<Option<Member>, TarError> {
        let mut extensions = Extensions::default();
        loop {
            self.skip_rest()?;
            let Some(header) = self.header()? else {
                return if extensions.any { Err(TarError::Truncated) } else { Ok(None) };
            };
            let size = number(&header.as_old().size)?;
            let kind = header.entry_type();
            match kind {
                EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader | EntryType::XGlobalHeader => {
                    extensions.any = true;
                    let text = self.extension(size)?;
                    match kind {
                        EntryType::GNULongName => extensions.path = Some(until_nul(&text).to_vec()),
                        EntryType::GNULongLink => extensions.link = Some(until_nul(&text).to_vec()),
                        EntryType::XHeader => extensions.pax = pax::Records::parse(&text)?,
                        // Docker and containerd ignore global records as well.
                        _ => extensions.any = false,
                    }
                }
                _ => return self.member(&header, size, extensions).map(Some),
            }
        }
    }

    /// The reader, positioned behind what was read.
    pub fn into_inner(self) -> R {
        self.reader
    }

    fn member(&mut self, header: &Header, size: u64, extensions: Extensions) -> Result<Member, TarError> {
        let pax = extensions.pax;
        self.path.clear();
        match (&extensions.path, &pax.path) {
            (Some(path), _) | (None, Some(path)) => self.path.extend_from_slice(path),
            (None, None) => self.path.extend_from_slice(&header.path_bytes()),
        }
        self.link.clear();
        match (&extensions.link, &pax.link) {
            (Some(link), _) | (None, Some(link)) => self.link.extend_from_slice(link),
            (None, None) => self.link.extend_from_slice(until_nul(&header.as_old().linkname)),
        }
        let stored = pax.size.unwrap_or(size);
        let mut apparent = stored;
        let kind = match header.entry_type() {
            EntryType::Regular if header.as_old().linkflag == [0] && self.path.ends_with(b"/") => MemberKind::Directory,
            EntryType::Regular | EntryType::Continuous => MemberKind::File,
            EntryType::GNUSparse => {
                apparent = self.sparse(header)?;
                MemberKind::File
            }
            EntryType::Directory => MemberKind::Directory,
            EntryType::Symlink => MemberKind::Symlink,
            EntryType::Link => MemberKind::HardLink,
            _ => MemberKind::Other,
        };
        // Whatever size they state, these have no content in the eyes of Go.
        let header_only = matches!(
            header.entry_type(),
            EntryType::Directory
                | EntryType::Symlink
                | EntryType::Link
                | EntryType::Char
                | EntryType::Block
                | EntryType::Fifo
        );
        self.expect_content(if header_only { 0 } else { stored })?;
        let size = if kind == MemberKind::File { pax.sparse_size.unwrap_or(apparent) } else { 0 };
        let mode = number(&header.as_old().mode)?;
        Ok(Member { kind, mode: (mode & 0o7777) as u32, size })
    }

    /// The next header; `None` where the tar ends: at two blocks of zeros, or at the end of the stream.
    fn header(&mut self) -> Result<Option<Header>, TarError> {
        let mut header = Header::new_old();
        if !self.block(header.as_mut_bytes())? {
            return Ok(None);
        }
        if is_zero(header.as_bytes()) {
            let lone = self.block(header.as_mut_bytes())? && !is_zero(header.as_bytes());
            return if lone { Err(TarError::Header("a single block of zeros among the headers")) } else { Ok(None) };
        }
        if is_header(header.as_bytes()) { Ok(Some(header)) } else { Err(TarError::Header("wrong checksum")) }
    }

    /// Reads the maps of an old GNU sparse file, which lie between header and content, for the size of the file.
    fn sparse(&mut self, header: &Header) -> Result<u64, TarError> {
        let gnu = header.as_gnu().ok_or(TarError::Header("a sparse file without a GNU header"))?;
        let mut more = gnu.isextended[0] != 0;
        while more {
            let mut map = [0; BLOCK];
            if !self.block(&mut map)? {
                return Err(TarError::Truncated);
            }
            more = map[504] != 0;
        }
        number(&gnu.realsize)
    }

    fn extension(&mut self, size: u64) -> Result<Vec<u8>, TarError> {
        if size > LONGEST_EXTENSION {
            return Err(TarError::Extension(size));
        }
        self.expect_content(size)?;
        let mut text = Vec::new();
        self.content().read_to_end(&mut text)?;
        if self.content > 0 { Err(TarError::Truncated) } else { Ok(text) }
    }

    fn expect_content(&mut self, size: u64) -> Result<(), TarError> {
        self.content = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
        if i64::try_from(size).is_ok() { Ok(()) } else { Err(TarError::Header("a size beyond all bounds")) }
    }

    /// Skips content and padding. Padding that is missing at the very end is forgiven, as Go does.
    fn skip_rest(&mut self) -> Result<(), TarError> {
        if let Some((kind, message)) = self.failure.take() {
            return Err(io::Error::new(kind, message).into());
        }
        self.content = skip(&mut self.reader, self.content)?;
        if self.content > 0 {
            return Err(TarError::Truncated);
        }
        self.padding = skip(&mut self.reader, self.padding)?;
        Ok(())
    }

    /// Fills `block`; `false` when the stream ends right here.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> Result<bool, TarError> {
        match read_up_to(&mut self.reader, block)? {
            0 => Ok(false),
            BLOCK => Ok(true),
            _ => Err(TarError::Truncated),
        }
    }
}

/// Reads the content of the current member. What breaks the stream here is reported by [`Members::advance`] once more, so
/// that a reader of the content may put its own words to it.
#[derive(Debug)]
pub struct Content<'a, R>(&'a mut Members<R>);

impl<R: BufRead> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let members = &mut *self.0;
        let most = usize::try_from(members.content).unwrap_or(usize::MAX).min(buffer.len());
        match members.reader.read(&mut buffer[..most]) {
            Ok(read) => {
                members.content = members.content.saturating_sub(read as u64);
                Ok(read)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    members.failure = Some((error.kind(), error.to_string()));
                }
                Err(error)
            }
        }
    }
}

/// Whether a block is a tar header: its checksum is right, summed as unsigned or, by old tars, as signed bytes.
pub fn is_header(block: &[u8; BLOCK]) -> bool {
    let Ok(stated) = number(&block[148..156]).map(u64::cast_signed) else { return false };
    let fields = || block[..148].iter().chain(&[b' '; 8]).chain(&block[156..]);
    let unsigned: i64 = fields().map(|byte| i64::from(*byte)).sum();
    stated == unsigned || stated == fields().map(|byte| i64::from(byte.cast_signed())).sum::<i64>()
}

/// Whether there are only zeros.
pub fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
}

/// Fills `buffer` as far as the stream reaches and says how far.
pub fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Passes over `bytes` without copying them, and says how many were missing.
pub fn skip(reader: &mut impl BufRead, mut bytes: u64) -> io::Result<u64> {
    while bytes > 0 {
        let available = match reader.fill_buf() {
            Ok([]) => break,
            Ok(buffer) => buffer.len(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let step = usize::try_from(bytes).unwrap_or(usize::MAX).min(available);
        reader.consume(step);
        bytes -= step as u64;
    }
    Ok(bytes)
}

fn until_nul(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number of a header: octal digits between spaces and NULs, or base 256 when the first bit is set. Nothing at all is zero.
fn number(field: &[u8]) -> Result<u64, TarError> {
    const WRONG: TarError = TarError::Header("a number that is none");
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        return rest.iter().try_fold(u64::from(first & 0x7f), |sum, byte| {
            sum.checked_mul(256).map(|sum| sum | u64::from(*byte)).ok_or(WRONG)
        });
    }
    let start = field.iter().position(|byte| !matches!(byte, b' ' | 0)).unwrap_or(field.len());
    let digits = until_nul(&field[start..]).trim_ascii_end();
    digits.iter().try_fold(0_u64, |sum, byte| match byte {
        b'0'..=b'7' => sum.checked_mul(8).map(|sum| sum | u64::from(byte - b'0')).ok_or(WRONG),
        _ => Err(WRONG),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let octal = |text: &[u8]| number(text).ok();
        assert_eq!(octal(b"0000644\0"), Some(0o644));
        assert_eq!(octal(b"   644 \0"), Some(0o644));
        assert_eq!(octal(b"\0\0\0\0"), Some(0));
        assert_eq!(octal(b"777777777777"), Some(0o777_777_777_777));
        assert_eq!(octal(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1]), Some((2 << 32) + 1));
        assert_eq!(octal(&[0xff; 12]), None);
        for wrong in [&b"8"[..], b"-1", b"6 4", b"x"] {
            assert_eq!(octal(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_lone_zero_block_is_damage() {
        let mut header = Header::new_gnu();
        header.set_size(0);
        header.set_cksum();
        let mut bytes = vec![0; BLOCK];
        bytes.extend_from_slice(header.as_bytes());
        assert!(matches!(Members::new(&bytes[..]).advance(), Err(TarError::Header(_))));
        assert!(matches!(Members::new(&bytes[..BLOCK]).advance(), Ok(None)));
    }
}
