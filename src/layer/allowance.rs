//! How much may be read of one image: a few bytes of zstd can claim petabytes, and every one of them would be hashed.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::Bytes;

/// Bytes that may still be read, by one reader or by several one after the other.
#[derive(Debug)]
pub struct Allowance {
    limit: Bytes,
    left: AtomicU64,
}

/// More was to be read than the run allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has more than the {0} that a run may read of an image")]
pub struct TooMuch(pub Bytes);

impl TooMuch {
    /// What to do about it.
    pub const HINT: &'static str = "--read-limit 1TB allows more: it counts what an archive and its layers unpack to.";
}

impl Allowance {
    /// Leave to read `limit` bytes.
    pub fn new(limit: Bytes) -> Self {
        Self { limit, left: AtomicU64::new(limit.0) }
    }

    /// `reader`, as far as it may be read.
    pub fn bound<R: Read>(&self, reader: R) -> Bounded<'_, R> {
        Bounded { reader, allowance: self }
    }
}

/// A reader that fails where its allowance is used up.
#[derive(Debug)]
pub struct Bounded<'a, R> {
    reader: R,
    allowance: &'a Allowance,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        let spend = |left: u64| left.checked_sub(read as u64);
        match self.allowance.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend) {
            Ok(_) => Ok(read),
            Err(_) => Err(io::Error::new(io::ErrorKind::FileTooLarge, TooMuch(self.allowance.limit))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_share_it_and_the_last_byte_may_be_read() {
        let allowance = Allowance::new(Bytes(10));
        let mut text = Vec::new();
        assert!(allowance.bound(&b"123456"[..]).read_to_end(&mut text).is_ok());
        assert!(allowance.bound(&b"7890"[..]).read_to_end(&mut text).is_ok());
        let error = allowance.bound(io::repeat(0)).read_to_end(&mut text).expect_err("used up");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it has more than the 10 B that a run may read of an image");
    }
}
