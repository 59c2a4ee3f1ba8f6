//! What the files of the images hold, and where it goes: into a tar and its gzip at once, with the digests of both.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};

use imgbudget::domain::Sha256;

/// Bytes without end, the same for the same seed: 4 kB of noise, 4 kB of words, and so on.
pub(crate) struct Content {
    state: u64,
    block: Vec<u8>,
    at: usize,
    is_text: bool,
}

const WORDS: [&str; 16] = [
    "return ", "static ", "self.", "\n    ", "config", "import ", "value = ", "(", "):\n", "length", "error", "if ",
    "not ", "None, ", "0x", "index",
];

impl Content {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            block: Vec::new(),
            at: 0,
            is_text: seed.is_multiple_of(2),
        }
    }

    /// xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled").
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn fill(&mut self) {
        self.block.clear();
        (self.at, self.is_text) = (0, !self.is_text);
        while self.block.len() < 4096 {
            let number = self.next();
            if self.is_text {
                for nibble in 0..16 {
                    self.block.extend_from_slice(WORDS[(number >> (4 * nibble)) as usize % 16].as_bytes());
                }
            } else {
                self.block.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
}

impl Read for Content {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() {
            self.fill();
        }
        let read = (&self.block[self.at..]).read(to)?;
        self.at += read;
        Ok(read)
    }
}

/// Writes what it is given to both.
pub(crate) struct Both<A, B>(pub(crate) A, pub(crate) B);

impl<A: Write, B: Write> Write for Both<A, B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(bytes)?;
        self.1.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        self.1.flush()
    }
}

/// A file that knows its digest.
pub(crate) struct Hashed {
    file: BufWriter<File>,
    sha256: Sha256,
    bytes: u64,
}

impl Hashed {
    pub(crate) fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(1 << 20, file), sha256: Sha256::new(), bytes: 0 }
    }

    /// Its digest, and how long it is.
    pub(crate) fn finish(mut self) -> io::Result<(String, u64)> {
        self.file.flush()?;
        Ok((self.sha256.finish().to_string(), self.bytes))
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
