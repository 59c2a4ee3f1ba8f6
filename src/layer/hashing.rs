//! A reader that knows the digest of what went through it.

use std::io::{self, Read};

use crate::domain::{Digest, Sha256};

/// Hashes and counts what is read through it.
#[derive(Debug)]
pub(super) struct Hashing<R> {
    reader: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, hasher: Sha256::new(), bytes: 0 }
    }

    /// Digest and number of the bytes read so far.
    pub(super) fn finish(self) -> (Digest, u64) {
        (self.hasher.finish(), self.bytes)
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_through() {
        let mut reader = Hashing::new(&b"abc"[..]);
        assert_eq!(io::copy(&mut reader, &mut io::sink()).ok(), Some(3));
        assert_eq!(reader.finish(), (Digest::of(b"abc"), 3));
    }
}
