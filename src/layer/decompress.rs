//! gzip and zstd, told by their first bytes and decoded as they come, however much comes out.

use std::io::{self, BufRead, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::memory::{Memory, Reserved};

/// How a blob is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    None,
    /// gzip (RFC 1952), one member or several.
    Gzip,
    /// Zstandard (RFC 8878), one frame or several.
    Zstd,
}

impl Compression {
    /// What the first bytes of a blob say.
    pub fn sniff(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A skippable frame may come first: pzstd and eStargz-like tools put their index there.
            _ if is_skippable(head) => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// Decodes what it reads.
pub enum Decoder<R> {
    /// Nothing to decode.
    None(R),
    /// gzip.
    Gzip(Box<MultiGzDecoder<R>>),
    /// Zstandard.
    Zstd(Box<ZstdFrames<R>>),
}

impl<R: BufRead> Decoder<R> {
    /// A decoder of a blob that is stored as `compression` says.
    pub fn new(compression: Compression, reader: R, memory: &Memory) -> Self {
        match compression {
            Compression::None => Self::None(reader),
            Compression::Gzip => Self::Gzip(Box::new(MultiGzDecoder::new(reader))),
            Compression::Zstd => Self::Zstd(Box::new(ZstdFrames::new(reader, memory))),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (name, result) = match self {
            Self::None(reader) => return reader.read(buffer),
            Self::Gzip(decoder) => ("gzip", decoder.read(buffer)),
            Self::Zstd(decoder) => ("zstd", decoder.read(buffer)),
        };
        result.map_err(|error| match error.kind() {
            // What the run allows is not the stream's fault.
            io::ErrorKind::Interrupted | io::ErrorKind::OutOfMemory | io::ErrorKind::FileTooLarge => error,
            kind => {
                // flate2 begins with the same words.
                let said = error.to_string();
                let said = said.strip_prefix("corrupt gzip stream ").unwrap_or(&said);
                io::Error::new(kind, format!("corrupt {name} stream: {said}"))
            }
        })
    }
}

/// The frames of a Zstandard stream, one after the other; skippable ones are skipped. Windows draw from the memory of the run.
pub struct ZstdFrames<R> {
    reader: R,
    decoder: FrameDecoder,
    window: Reserved,
    within: bool,
}

impl<R: BufRead> ZstdFrames<R> {
    fn new(reader: R, memory: &Memory) -> Self {
        Self { reader, decoder: FrameDecoder::new(), window: memory.reserve(), within: false }
    }

    /// Begins the next frame; `false` at the end of the stream.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            let mut head = [0; LONGEST_HEAD];
            let mut length = self.fill(&mut head, 0, 5)?;
            if length == 0 {
                return Ok(false);
            }
            if is_skippable(&head) {
                length = self.fill(&mut head, length, 8)?;
                let rest = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
                if length < 8 || super::tar::skip(&mut self.reader, u64::from(rest))? > 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                continue;
            }
            let whole = head_length(&head);
            length = self.fill(&mut head, length, whole)?;
            self.make_room(window(&head[..length]))?;
            self.decoder.init((&head[..length]).chain(&mut self.reader)).map_err(cause)?;
            return Ok(true);
        }
    }

    /// Reads on until `head` has `until` bytes, and says how many it has.
    fn fill(&mut self, head: &mut [u8; LONGEST_HEAD], from: usize, until: usize) -> io::Result<usize> {
        let read = super::fill::read_up_to(&mut self.reader, head.get_mut(from..until).unwrap_or_default())?;
        Ok(from + read)
    }
}

impl<R> ZstdFrames<R> {
    /// Takes memory for a window of so many bytes. The decoder keeps its buffer from frame to frame; where a larger one is needed,
    /// the old one goes first.
    fn make_room(&mut self, window: u64) -> io::Result<()> {
        /// What it takes beside the window: blocks, literals, tables.
        const BESIDE: u64 = 1 << 20;
        let buffer = window.checked_next_power_of_two().unwrap_or(u64::MAX).saturating_add(BESIDE);
        let more = buffer.saturating_sub(self.window.bytes().0);
        if more > 0 {
            self.decoder = FrameDecoder::new();
            // What memory is there for decides, not the default of the decoder.
            self.decoder.set_max_window_size(u64::MAX);
            let more = usize::try_from(more).unwrap_or(usize::MAX);
            self.window.grow(more).map_err(|error| io::Error::new(io::ErrorKind::OutOfMemory, error))?;
        }
        Ok(())
    }
}

/// What the reader below the decoder said, where it is what ended it: a limit of the run is not the stream's fault.
fn cause(error: FrameDecoderError) -> io::Error {
    let mut below: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(at) = below {
        if let Some(said) = at.downcast_ref::<io::Error>().filter(|said| said.kind() == io::ErrorKind::FileTooLarge) {
            return io::Error::new(said.kind(), said.to_string());
        }
        below = at.source();
    }
    io::Error::other(error)
}

/// Whether a skippable frame begins like this (RFC 8878, 3.1.2).
fn is_skippable(head: &[u8]) -> bool {
    matches!(head, [magic, 0x2a, 0x4d, 0x18, ..] if magic & 0xf0 == 0x50)
}

/// The longest beginning of a frame up to what says how large its window is.
const LONGEST_HEAD: usize = 18;

/// How many bytes a frame's magic and header have, told by the first five of them (RFC 8878, 3.1.1.1).
fn head_length(head: &[u8; LONGEST_HEAD]) -> usize {
    let descriptor = head[4];
    let single_segment = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content = [usize::from(single_segment), 2, 4, 8][usize::from(descriptor >> 6)];
    5 + usize::from(!single_segment) + dictionary + content
}

/// The window that a frame's header asks for; of a frame in a single segment that is its whole content.
fn window(head: &[u8]) -> u64 {
    let Some(&descriptor) = head.get(4) else { return 0 };
    if descriptor & 0x20 == 0 {
        let Some(&window) = head.get(5) else { return 0 };
        let base = 1_u64 << (10 + (window >> 3));
        return base + base / 8 * u64::from(window & 7);
    }
    let content = head.get(5 + [0, 1, 2, 4][usize::from(descriptor & 3)]..).unwrap_or_default();
    let size = content.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    // Two bytes count from 256 on.
    if descriptor >> 6 == 1 { size.saturating_add(256) } else { size }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.within && !self.begin()? {
                return Ok(0);
            }
            self.within = true;
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder.decode_blocks(&mut self.reader, BlockDecodingStrategy::UptoBlocks(1)).map_err(cause)?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.within = false;
            let stated = self.decoder.get_checksum_from_data();
            if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
                return Err(io::Error::other("wrong checksum"));
            }
        }
    }
}
