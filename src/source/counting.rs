//! How far a stream was read, told now and then: a line on a terminal need not move for every buffer.

use std::io::Read;

/// Bytes between two reports.
const STEP: u64 = 1 << 20;

/// Tells how far the stream was read, every [`STEP`] and at its end.
pub(super) struct Counting<'a, R> {
    reader: R,
    bytes: u64,
    told: u64,
    progress: &'a mut dyn FnMut(u64),
}

impl<'a, R> Counting<'a, R> {
    pub(super) fn new(reader: R, progress: &'a mut dyn FnMut(u64)) -> Self {
        Self { reader, bytes: 0, told: 0, progress }
    }
}

impl<R: Read> Read for Counting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bytes = self.bytes.saturating_add(read as u64);
        let new = self.bytes.saturating_sub(self.told);
        if new >= STEP || read == 0 && new > 0 {
            self.told = self.bytes;
            (self.progress)(self.bytes);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_every_step_and_at_the_end() {
        let mut told = Vec::new();
        let mut progress = |bytes| told.push(bytes);
        let stream = std::io::repeat(0).take(2 * STEP + 10);
        let mut reader = Counting::new(stream, &mut progress);
        std::io::copy(&mut reader, &mut std::io::sink()).expect("reads");
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told.last(), Some(&(2 * STEP + 10)));
    }
}
