//! The members of a tar, one after the other, read as Go's `archive/tar` reads them: every engine is written in Go, so what Go
//! makes of a header is what the image is.
//!
//! No library for it: the tar crate reads extension members whole, however large they claim to be, and reads prefixes, sparse files
//! and directories of old tars otherwise than Go, so that members could hide.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::error::TarError;
use super::fill::read_up_to;
use super::header::{self, BLOCK, Header, until_nul};
use super::pax;
use super::sparse::{Form, Map};

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
    /// A device or a pipe.
    Other,
}

impl MemberKind {
    /// What a type stands for. Engines refuse a layer with any other, and other programs take it for a file.
    fn of(kind: u8) -> Result<Self, TarError> {
        match kind {
            b'0' | b'7' | b'S' => Ok(Self::File),
            b'1' => Ok(Self::HardLink),
            b'2' => Ok(Self::Symlink),
            b'3' | b'4' | b'6' => Ok(Self::Other),
            b'5' => Ok(Self::Directory),
            unknown => Err(TarError::Kind(unknown)),
        }
    }
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
    /// Passes over so many bytes, and says how many were missing.
    pass: fn(&mut R, u64) -> io::Result<u64>,
    path: Vec<u8>,
    link: Vec<u8>,
    content: u64,
    padding: u64,
    /// Of a sparse file, and how far its content was read.
    sparse: Option<(Map, u64)>,
    failure: Option<(io::ErrorKind, String)>,
    has_end: bool,
}

/// What the extension members in front of a member say about it. An empty name says nothing.
#[derive(Default)]
struct Extensions {
    path: Vec<u8>,
    link: Vec<u8>,
    pax: pax::Records,
    any: bool,
}

impl<R: BufRead> Members<R> {
    /// A walk that begins at the reader's position.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            pass: skip,
            path: Vec::new(),
            link: Vec::new(),
            content: 0,
            padding: 0,
            sparse: None,
            failure: None,
            has_end: false,
        }
    }

    /// The same walk over a file, which leaps over what nobody reads.
    pub fn leaping(reader: R) -> Self
    where
        R: Seek,
    {
        Self { pass: leap, ..Self::new(reader) }
    }

    /// Where in a file the content of the current member goes on, as far as it was not read yet; `None` where it has holes, and is not in
    /// one piece.
    ///
    /// # Errors
    /// When the file cannot say.
    pub fn position(&mut self) -> io::Result<Option<u64>>
    where
        R: Seek,
    {
        if self.sparse.is_some() { Ok(None) } else { self.reader.stream_position().map(Some) }
    }

    /// The current member's path as written.
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// The current member's link target as written.
    pub fn link(&self) -> &[u8] {
        &self.link
    }

    /// The current member's bytes, as far as they were not read yet; the holes of a sparse file are zeros.
    pub fn content(&mut self) -> Content<'_, R> {
        Content(self)
    }

    /// Whether the current member is a sparse file.
    pub(super) fn is_sparse(&self) -> bool {
        self.sparse.is_some()
    }

    /// Passes over what the tar holds of the current member, as far as it was not read yet, and shows it to `see`.
    ///
    /// # Errors
    /// Those of the stream, which [`Members::advance`] reports once more.
    pub(super) fn show(&mut self, mut see: impl FnMut(&[u8])) -> io::Result<()> {
        while self.content > 0 {
            match self.reader.fill_buf() {
                Ok([]) => break,
                Ok(buffer) => {
                    let most = usize::try_from(self.content).unwrap_or(usize::MAX).min(buffer.len());
                    see(&buffer[..most]);
                    self.reader.consume(most);
                    self.content = self.content.saturating_sub(most as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some((error.kind(), error.to_string()));
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The current member's path, and how many bytes of content it has: none of them is read any more, for a reader whose bytes go on
    /// behind them. `None` for a sparse file, whose map may lie in there.
    pub(super) fn without_content(&mut self) -> Option<(&mut R, &[u8], u64)> {
        let content = if self.sparse.is_none() { std::mem::take(&mut self.content) } else { return None };
        Some((&mut self.reader, &self.path, content))
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
            match header.kind() {
                kind @ (b'L' | b'K' | b'x' | b'g') => {
                    let text = self.extension(header.size)?;
                    extensions.any = true;
                    match kind {
                        b'L' => until_nul(&text).clone_into(&mut extensions.path),
                        b'K' => until_nul(&text).clone_into(&mut extensions.link),
                        b'x' => extensions.pax = pax::Records::parse(&text)?,
                        // To Go it is a member of its own: its records hold for nobody, and it ends what came in front of it.
                        _ => {
                            pax::Records::parse(&text)?;
                            extensions = Extensions::default();
                        }
                    }
                }
                _ => return self.member(&header, &extensions).map(Some),
            }
        }
    }

    /// Whether it ended with the marker that says so, two blocks of zeros. Go does not ask for it: a tar may just stop.
    pub(super) fn has_end(&self) -> bool {
        self.has_end
    }

    /// The reader, positioned behind what was read.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// The order is Go's: a GNU name goes before a PAX name, that of a sparse file before both, and what an old tar calls a
    /// directory is told by the name that holds by then.
    fn member(&mut self, header: &Header, Extensions { path, link, pax, .. }: &Extensions) -> Result<Member, TarError> {
        // The header's own size has to be right even where a record replaces it.
        self.expect_content(if is_header_only(header.kind()) { 0 } else { header.size })?;
        pax.check()?;
        self.path.clear();
        match pax::some(path).or(pax.path()) {
            Some(path) => self.path.extend_from_slice(path),
            None => header.name(&mut self.path),
        }
        self.link.clear();
        self.link.extend_from_slice(pax::some(link).or(pax.link()).unwrap_or(header.link()));
        let kind = match header.kind() {
            0 if self.path.ends_with(b"/") => b'5',
            0 => b'0',
            kind => kind,
        };
        let stored = pax.size()?.unwrap_or(header.size);
        self.expect_content(if is_header_only(kind) { 0 } else { stored })?;
        let meaning = MemberKind::of(kind)?;
        self.sparse = self.map(header, &pax.sparse, stored)?.map(|map| (map, 0));
        if self.sparse.is_some() && is_header_only(kind) {
            return Err(TarError::Header("a sparse file that is not a file"));
        }
        if self.sparse.as_ref().is_some_and(|(map, _)| map.held() != self.content) {
            return Err(TarError::Header("a sparse file with another content than its map says"));
        }
        if let (Some(_), Some(name)) = (pax.sparse.form().filter(|_| kind != b'S'), pax::some(&pax.sparse.name)) {
            name.clone_into(&mut self.path);
        }
        let size = match (&self.sparse, meaning) {
            (Some((map, _)), _) => map.size(),
            (None, MemberKind::File) => self.content,
            (None, _) => 0,
        };
        Ok(Member { kind: meaning, mode: (header.mode.cast_unsigned() & 0o7777) as u32, size })
    }

    /// The map of a sparse file. What of it lies in the content is read.
    fn map(&mut self, header: &Header, records: &pax::SparseRecords, stored: i64) -> Result<Option<Map>, TarError> {
        if header.kind() == b'S' {
            return Map::in_header(header, || self.block()?.ok_or(TarError::Truncated)).map(Some);
        }
        match records.form() {
            Some(Form::InRecords) => Map::in_records(records, records.size_or(stored)?).map(Some),
            Some(Form::InContent) => Map::in_content(self.content(), records.size_or(stored)?).map(Some),
            None => Ok(None),
        }
    }

    /// The next header; `None` where the tar ends: at two blocks of zeros, or at the end of the stream.
    fn header(&mut self) -> Result<Option<Header>, TarError> {
        match self.block()? {
            None => Ok(None),
            Some(block) if is_zero(&block) => match self.block()? {
                Some(block) if !is_zero(&block) => Err(TarError::Header("a single block of zeros among the headers")),
                second => {
                    self.has_end = second.is_some();
                    Ok(None)
                }
            },
            Some(block) => Header::parse(&block).map(Some),
        }
    }

    fn extension(&mut self, size: i64) -> Result<Vec<u8>, TarError> {
        self.expect_content(size)?;
        if self.content > LONGEST_EXTENSION {
            return Err(TarError::Extension(self.content));
        }
        let mut text = Vec::new();
        self.content().read_to_end(&mut text)?;
        if self.content > 0 { Err(TarError::Truncated) } else { Ok(text) }
    }

    fn expect_content(&mut self, size: i64) -> Result<(), TarError> {
        self.content = u64::try_from(size).map_err(|_| TarError::Header("a size below zero"))?;
        self.padding = self.content.wrapping_neg() % BLOCK as u64;
        Ok(())
    }

    /// Skips content and padding. Padding that is missing at the very end is forgiven, as Go does.
    fn skip_rest(&mut self) -> Result<(), TarError> {
        self.sparse = None;
        if let Some((kind, message)) = self.failure.take() {
            return Err(io::Error::new(kind, message).into());
        }
        self.content = (self.pass)(&mut self.reader, self.content)?;
        if self.content > 0 {
            return Err(TarError::Truncated);
        }
        self.padding = (self.pass)(&mut self.reader, self.padding)?;
        Ok(())
    }

    /// The next block; `None` when the stream ends right here.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        let mut block = [0; BLOCK];
        match read_up_to(&mut self.reader, &mut block)? {
            0 => Ok(None),
            BLOCK => Ok(Some(block)),
            _ => Err(TarError::Truncated),
        }
    }

    /// Reads what the tar holds of the current member.
    fn read_stored(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.content).unwrap_or(usize::MAX).min(buffer.len());
        match self.reader.read(&mut buffer[..most]) {
            Ok(read) => {
                self.content = self.content.saturating_sub(read as u64);
                Ok(read)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    self.failure = Some((error.kind(), error.to_string()));
                }
                Err(error)
            }
        }
    }

    /// Reads a sparse file: what the tar holds of it, and zeros in between.
    fn read_sparse(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let Some((map, position)) = &self.sparse else { return Ok(None) };
        let (run, held) = map.run(*position);
        let most = usize::try_from(run.end - run.start).unwrap_or(usize::MAX).min(buffer.len());
        let read = if held {
            self.read_stored(&mut buffer[..most])?
        } else {
            buffer[..most].fill(0);
            most
        };
        if let Some((_, position)) = &mut self.sparse {
            *position += read as u64;
        }
        Ok(Some(read))
    }
}

/// Reads the content of the current member. What breaks the stream here is reported by [`Members::advance`] once more, so
/// that a reader of the content may put its own words to it.
#[derive(Debug)]
pub struct Content<'a, R>(&'a mut Members<R>);

impl<R: BufRead> Read for Content<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read_sparse(buffer)? {
            Some(read) => Ok(read),
            None => self.0.read_stored(buffer),
        }
    }
}

/// Types without content in the eyes of Go, whatever size they state.
fn is_header_only(kind: u8) -> bool {
    matches!(kind, b'1'..=b'6')
}

/// Whether a block is a tar header: its checksum is right.
pub fn is_header(block: &[u8; BLOCK]) -> bool {
    header::is_header(block)
}

/// Whether there are only zeros.
pub fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|byte| *byte == 0)
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

/// [`skip`] without reading what is passed over.
fn leap<R: BufRead + Seek>(reader: &mut R, bytes: u64) -> io::Result<u64> {
    /// Less than that is in the buffer, as a rule.
    const SHORT: u64 = 4096;
    if bytes < SHORT {
        return skip(reader, bytes);
    }
    let from = reader.stream_position()?;
    let end = reader.seek(SeekFrom::End(0))?;
    let to = from.saturating_add(bytes).min(end);
    reader.seek(SeekFrom::Start(to))?;
    Ok(bytes.saturating_sub(to.saturating_sub(from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_zero_block_is_damage() {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(0);
        header.set_cksum();
        let mut bytes = vec![0; BLOCK];
        bytes.extend_from_slice(header.as_bytes());
        assert!(matches!(Members::new(&bytes[..]).advance(), Err(TarError::Header(_))));
        assert!(matches!(Members::new(&bytes[..BLOCK]).advance(), Ok(None)));
    }
}
