//! A reader that knows the digest of what went through it.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use crate::domain::Digest;

/// The sha256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Digest {
    Digest::from_sha256(Sha256::digest(bytes).into())
}

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
        (Digest::from_sha256(self.hasher.finalize().into()), self.bytes)
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
    fn known_answers() {
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(sha256(b"").hex(), of_nothing);
        let mut reader = Hashing::new(&b"abc"[..]);
        assert_eq!(io::copy(&mut reader, &mut io::sink()).ok(), Some(3));
        assert_eq!(reader.finish(), (sha256(b"abc"), 3));
    }
}
