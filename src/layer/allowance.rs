//! How much may be read of one image: a few bytes of zstd can claim petabytes, and every one of them would be hashed.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::Bytes;
use crate::memory::Stop;

/// Bytes that may still be read, by one reader or by several. What is read as it is stored has as much once more: an endless stream may
/// unpack to nothing.
#[derive(Debug)]
pub struct Allowance {
    limit: Bytes,
    left: AtomicU64,
    left_stored: AtomicU64,
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
        Self { limit, left: AtomicU64::new(limit.0), left_stored: AtomicU64::new(limit.0) }
    }

    /// `reader`, as far as it may be read, and until `stop`.
    pub fn bound<R: Read>(&self, reader: R, stop: &Stop) -> Bounded<'_, R> {
        Bounded { reader, limit: self.limit, left: &self.left, stop: stop.clone() }
    }

    /// The same for a reader of what is unpacked afterwards.
    pub fn bound_stored<R: Read>(&self, reader: R, stop: &Stop) -> Bounded<'_, R> {
        Bounded { reader, limit: self.limit, left: &self.left_stored, stop: stop.clone() }
    }
}

/// A reader that fails where its allowance is used up.
#[derive(Debug)]
pub struct Bounded<'a, R> {
    reader: R,
    limit: Bytes,
    left: &'a AtomicU64,
    stop: Stop,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stop.check().map_err(io::Error::other)?;
        let read = self.reader.read(buffer)?;
        let spend = |left: u64| left.checked_sub(read as u64);
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend) {
            Ok(_) => Ok(read),
            Err(_) => Err(io::Error::new(io::ErrorKind::FileTooLarge, TooMuch(self.limit))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_share_it_and_the_last_byte_may_be_read() {
        let allowance = Allowance::new(Bytes(10));
        let bound = |bytes| allowance.bound(bytes, &Stop::default());
        let mut text = Vec::new();
        assert!(bound(&b"123456"[..]).read_to_end(&mut text).is_ok());
        assert!(bound(&b"7890"[..]).read_to_end(&mut text).is_ok());
        let error = allowance.bound(io::repeat(0), &Stop::default()).read_to_end(&mut text).expect_err("used up");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it has more than the 10 B that a run may read of an image");
        let mut stored = allowance.bound_stored(io::repeat(0), &Stop::default());
        assert!(stored.read_exact(&mut [0; 10]).is_ok() && stored.read_exact(&mut [0]).is_err());
    }

    #[test]
    fn nothing_is_read_after_the_end_of_the_work() {
        let (allowance, stop) = (Allowance::new(Bytes(10)), Stop::default());
        let mut reader = allowance.bound(&b"123456"[..], &stop);
        assert!(reader.read_exact(&mut [0; 2]).is_ok());
        stop.stop();
        let error = reader.read_exact(&mut [0; 2]).expect_err("stopped");
        assert_eq!(error.to_string(), "it is no longer needed");
    }
}
