//! The one hash of this trade (FIPS 180-4), computed as the bytes go by.
//!
//! `ring` computes it: TLS needs that crate anyway, and its code is fast on processors without instructions of their own for sha256,
//! too. `cargo bench --bench sha256` shows both.

use std::fmt;

use ring::digest::{Context, SHA256, digest};

use super::Digest;

/// A digest in the making.
#[derive(Clone)]
pub struct Sha256(Context);

impl Sha256 {
    /// Of nothing, so far.
    #[must_use]
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.update(bytes.as_ref());
    }

    /// The digest of all bytes that were added.
    #[must_use]
    pub fn finish(self) -> Digest {
        read(&self.0.finish())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha256")
    }
}

impl Digest {
    /// The sha256 of some bytes.
    #[must_use]
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        read(&digest(&SHA256, bytes.as_ref()))
    }
}

fn read(digest: &ring::digest::Digest) -> Digest {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, computed)| *byte = *computed);
    Digest::from_sha256(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of FIPS 180-2, appendix B, and the empty message.
    #[test]
    fn known_answers() {
        let known = [
            (&b""[..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ];
        for (bytes, hex) in known {
            assert_eq!(Digest::of(bytes).hex(), hex);
            let mut hasher = Sha256::default();
            bytes.chunks(5).for_each(|chunk| hasher.update(chunk));
            assert_eq!(hasher.finish().hex(), hex);
        }
    }
}
