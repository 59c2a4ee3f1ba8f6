//! What a classic engine keeps of a layer to write its tar again: tar-split (`vbatts/tar-split`, `tar/storage/entry.go`), a gzip stream of
//! JSON, one entry a line. A segment has the tar's own bytes, which are headers, extensions and padding; a file stands for its content,
//! which lies unpacked elsewhere, with name, size and CRC.
//!
//! The segments go through the same reader as a tar. What content lacks is not read: a header that says another size or name than the
//! file after it, an extension or a map of a sparse file within content, entries that are missing or out of order are errors.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::bufread::MultiGzDecoder;
use serde::Deserialize;

use super::Allowance;
use super::blob::BUFFER;
use super::error::{LayerError, TarError};
use super::files::LayerFiles;
use super::keep::{EACH, MOST_SUMS, Room, SUMMED};
use super::read::{Contents, Draft, read_members};
use super::take::Taken;
use super::tar::{self, Members};
use crate::memory::Memory;

/// The longest line: an extension member of the largest size that is read takes a third of it.
const LONGEST_LINE: u64 = 4 << 20;

/// A layer that an engine described.
#[derive(Debug)]
pub struct Split {
    /// What it holds, with the sums of large files. Its diff id is nobody's but the engine's word.
    pub draft: Draft,
    /// Bytes of its tar, contents included.
    pub bytes: u64,
}

/// Reads a layer's tar-split, to its end.
///
/// # Errors
/// When it is damaged or cut short, does not agree with itself, or takes more than `memory` and `allowance` have.
pub fn read_split(stored: impl Read, memory: &Memory, allowance: &Allowance) -> Result<Split, LayerError> {
    let stored = allowance.bound_stored(stored, memory.stop());
    let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, stored));
    let lines = BufReader::with_capacity(BUFFER, allowance.bound(decoder, memory.stop()));
    let mut members = Members::new(Segments::new(lines));
    let draft = read_members(&mut members, Apart::new(memory), memory, |_| true)?;
    // What was cut between two entries would look like a smaller layer.
    if !members.has_end() {
        return Err(TarError::Truncated.into());
    }
    let mut segments = members.into_inner();
    tar::skip(&mut segments, u64::MAX)?;
    Ok(Split { draft, bytes: segments.bytes })
}

/// The contents are elsewhere, and only their sums are here.
struct Apart {
    sum: Option<u64>,
    sums: usize,
    room: Room,
}

impl Apart {
    fn new(memory: &Memory) -> Self {
        Self { sum: None, sums: 0, room: Room::of_run(memory) }
    }
}

impl<R: BufRead> Contents<Segments<R>> for Apart {
    fn begin(&mut self, members: &mut Members<Segments<R>>) -> Result<(), TarError> {
        let (segments, path, content) =
            members.without_content().ok_or(TarError::Header("a sparse file, whose map is unknown"))?;
        self.sum = segments.pass_file(path, content)?;
        Ok(())
    }

    fn file(&mut self, _: &mut Members<Segments<R>>, path: &[u8], _: u32, size: u64) -> Taken {
        let is_wanted = size >= SUMMED && self.sums < MOST_SUMS;
        let sum = self.sum.filter(|_| is_wanted && self.room.draw(path.len().saturating_add(EACH)).is_ok());
        self.sums += usize::from(sum.is_some());
        Taken { kept: None, sum }
    }

    fn name(&mut self, _: &[u8], _: &mut Taken) {}

    fn end(self) -> LayerFiles {
        let mut files = LayerFiles::default();
        files.hold(self.room);
        files
    }
}

/// One line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: u8,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    /// In base64, in place of a name that is not UTF-8.
    name_raw: Option<&'a str>,
    #[serde(default)]
    size: u64,
    /// In base64: a segment's bytes, or a file's checksum.
    payload: Option<&'a str>,
    position: u64,
}

const FILE: u8 = 1;
const SEGMENT: u8 = 2;

/// The segments, one after the other. A file between them has to be passed where the tar has its content.
struct Segments<R> {
    lines: R,
    line: Vec<u8>,
    position: u64,
    segment: Vec<u8>,
    read: usize,
    bytes: u64,
    is_at_end: bool,
}

impl<R: BufRead> Segments<R> {
    fn new(lines: R) -> Self {
        Self { lines, line: Vec::new(), position: 0, segment: Vec::new(), read: 0, bytes: 0, is_at_end: false }
    }

    /// Passes the file that has to stand here, and gives its sum: the bytes of a CRC-64 in big-endian order (`tar/storage/getter.go`).
    fn pass_file(&mut self, path: &[u8], content: u64) -> io::Result<Option<u64>> {
        // An empty segment is none.
        loop {
            if self.read < self.segment.len() {
                return Err(damaged("a segment goes on where a file is due"));
            }
            match self.next()? {
                None => return Err(damaged("a file is missing")),
                Some(SEGMENT) => {}
                Some(_) => break,
            }
        }
        let Line { name, name_raw, size, payload, .. } = parse(&self.line)?;
        let raw =
            name_raw.map(|text| STANDARD.decode(text)).transpose().map_err(|_| damaged("a name is not base64"))?;
        if raw.as_deref().unwrap_or(name.as_bytes()) != path {
            return Err(damaged("a file has another name than its header"));
        }
        if size != content {
            return Err(damaged("a file has another size than its header"));
        }
        self.bytes = self.bytes.saturating_add(content);
        // What is no sum says nothing.
        let mut sum = [0; 8];
        let length = payload.and_then(|payload| STANDARD.decode_slice(payload, &mut sum).ok());
        Ok((length == Some(sum.len())).then(|| u64::from_be_bytes(sum)))
    }

    /// Reads the next line and says its type; `None` behind the last. The bytes of a segment are in place then.
    fn next(&mut self) -> io::Result<Option<u8>> {
        self.line.clear();
        (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            self.is_at_end = true;
            return Ok(None);
        }
        if self.line.last() != Some(&b'\n') {
            return Err(damaged("a line has no end"));
        }
        let line = parse(&self.line)?;
        if line.position != self.position {
            return Err(damaged("an entry is not in its place"));
        }
        self.position = self.position.saturating_add(1);
        if line.kind == SEGMENT {
            self.segment.clear();
            self.read = 0;
            STANDARD
                .decode_vec(line.payload.unwrap_or_default(), &mut self.segment)
                .map_err(|_| damaged("a segment is not base64"))?;
            self.bytes = self.bytes.saturating_add(self.segment.len() as u64);
        }
        Ok(Some(line.kind))
    }
}

impl<R: BufRead> Read for Segments<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.fill_buf()?.read(buffer)?;
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Segments<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.read == self.segment.len() && !self.is_at_end {
            if let Some(FILE) = self.next()? {
                return Err(damaged("content where a header is due"));
            }
        }
        Ok(&self.segment[self.read..])
    }

    fn consume(&mut self, bytes: usize) {
        self.read = self.read.saturating_add(bytes).min(self.segment.len());
    }
}

fn parse(line: &[u8]) -> io::Result<Line<'_>> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|_| damaged("a line is not an entry"))?;
    if !matches!(line.kind, FILE | SEGMENT) {
        return Err(damaged("an entry is neither a segment nor a file"));
    }
    Ok(line)
}

fn damaged(how: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, how)
}
