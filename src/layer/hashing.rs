//! A buffered reader that knows the digest of what went through it.
//!
//! Hashing takes longer than all else that is done with a layer, so it has a thread of its own: a buffer that was read and looked at goes
//! there, and comes back to be filled again. Small layers are over before a thread is up, so theirs is hashed here.

use std::io::{self, BufRead, Read};

use super::beside::{Beside, Done};
use super::buffer::{BUFFER, Buffer};
use super::squeeze::Squeeze;
use crate::domain::{Bytes, Digest, Sha256};

/// What is hashed where it is read.
const SMALL: u64 = 1 << 20;

/// What is known of a stream at its end.
#[derive(Debug, Clone)]
pub(super) struct Hashed {
    pub(super) digest: Digest,
    pub(super) bytes: u64,
    /// What gzip makes of it, where that was asked for.
    pub(super) squeezed: Option<Bytes>,
}

/// What is read at first.
const FIRST: usize = 4 * 1024;

/// Hashes and counts what is read through it.
#[derive(Debug)]
pub(super) struct Hashing<R> {
    reader: R,
    worker: Worker,
    buffer: Buffer,
    position: usize,
    bytes: u64,
    failed: Option<io::Error>,
}

#[derive(Debug)]
enum Worker {
    Here(Box<Done>),
    Beside(Beside),
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(reader: R) -> Self {
        Self::with(reader, None)
    }

    fn with(reader: R, squeeze: Option<Squeeze>) -> Self {
        let worker = Worker::Here(Box::new(Done { hasher: Sha256::new(), squeeze }));
        Self { reader, worker, buffer: Buffer::default(), position: 0, bytes: 0, failed: None }
    }

    /// Finds out, too, how large the stream would be if it were compressed.
    pub(super) fn squeezing(reader: R) -> Self {
        Self::with(reader, Some(Squeeze::new()))
    }

    /// Reads to the end of the stream, and says what went through.
    ///
    /// # Errors
    /// Those of the stream.
    pub(super) fn finish(mut self) -> io::Result<Hashed> {
        super::tar::skip(&mut self, u64::MAX)?;
        self.pass_on();
        let bytes = self.bytes;
        let Done { hasher, squeeze } = match self.worker {
            Worker::Here(done) => *done,
            Worker::Beside(beside) => beside.finish()?,
        };
        Ok(Hashed { digest: hasher.finish(), bytes, squeezed: squeeze.map(Squeeze::finish) })
    }

    /// Hands over what was read, and takes a buffer that is free.
    fn pass_on(&mut self) {
        self.position = 0;
        let is_small = self.bytes < SMALL;
        match &mut self.worker {
            Worker::Here(here) => {
                let Done { hasher, squeeze } = here.as_mut();
                hasher.update(self.buffer.filled());
                if let Some(squeeze) = squeeze {
                    squeeze.update(self.buffer.filled());
                }
                self.buffer.filled = 0;
                // Without a thread it goes on here.
                if !is_small && let Some(beside) = Beside::new(hasher, squeeze) {
                    self.worker = Worker::Beside(beside);
                }
            }
            Worker::Beside(beside) => self.buffer = beside.exchange(std::mem::take(&mut self.buffer)),
        }
    }

    /// Fills the buffer as far as the stream reaches. What fails after some bytes fails when they have been looked at.
    fn fill(&mut self) -> io::Result<()> {
        self.pass_on();
        // An archive may have a hundred thousand files of nothing, and each of them is looked at.
        let size = if self.bytes == 0 { FIRST } else { BUFFER };
        self.buffer.bytes.resize(size, 0);
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        while self.buffer.filled < size {
            match self.reader.read(&mut self.buffer.bytes[self.buffer.filled..]) {
                Ok(0) => break,
                Ok(read) => self.buffer.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if self.buffer.filled == 0 => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        self.bytes = self.bytes.saturating_add(self.buffer.filled as u64);
        Ok(())
    }
}

impl<R: Read> BufRead for Hashing<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.buffer.filled {
            self.fill()?;
        }
        Ok(self.buffer.filled().get(self.position..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(bytes).min(self.buffer.filled);
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_through() {
        let mut reader = Hashing::new(&b"abc"[..]);
        let mut first = [0; 1];
        assert_eq!(reader.read(&mut first).ok(), Some(1));
        let hashed = reader.finish().expect("in memory");
        assert_eq!((hashed.digest, hashed.bytes), (Digest::of(b"abc"), 3));
    }

    #[test]
    fn every_length_around_what_has_a_thread() {
        for length in [0, 1, BUFFER - 1, BUFFER, BUFFER + 1, (1 << 20) + 5, 20 * BUFFER + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
            let mut reader = Hashing::squeezing(&bytes[..]);
            let mut seen = Vec::new();
            (&mut reader).take(length as u64 / 2).read_to_end(&mut seen).expect("in memory");
            assert_eq!(seen, bytes[..length / 2]);
            let hashed = reader.finish().expect("in memory");
            assert_eq!((hashed.digest, hashed.bytes), (Digest::of(&bytes), length as u64));
            let squeezed = hashed.squeezed.expect("asked for");
            assert!(squeezed.0 >= 18 && squeezed.0 < 2000 + length as u64 / 20, "{length}: {squeezed}");
        }
    }

    #[test]
    fn what_fails_fails_after_the_bytes_before_it() {
        struct Fails(usize);
        impl Read for Fails {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.0 == 0 {
                    return Err(io::Error::other("lost"));
                }
                let read = buffer.len().min(self.0).min(1000);
                self.0 -= read;
                Ok(read)
            }
        }
        for length in [0, 10, BUFFER, 9 * BUFFER + 1] {
            let mut reader = Hashing::new(Fails(length));
            let mut seen = Vec::new();
            assert_eq!(reader.read_to_end(&mut seen).expect_err("fails").to_string(), "lost");
            assert_eq!(seen.len(), length);
        }
    }
}
