//! One layer as it is stored: told by its first bytes, decompressed, hashed and indexed in one pass.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use super::decompress::{Compression, Decoder};
use super::error::LayerError;
use super::fill::read_up_to;
use super::hashing::Hashing;
use super::{Allowance, LayerIndex, read, tar};
use crate::domain::{DiffId, Digest};
use crate::memory::Memory;

/// Large enough that hashing runs at full speed, small enough that a run with several targets stays small.
pub const BUFFER: usize = 256 * 1024;

/// A layer that was read to its end.
#[derive(Debug, Clone)]
pub struct LayerBlob {
    /// What it holds. Its diff id was computed, not believed.
    pub index: Arc<LayerIndex>,
    /// Digest of the blob as stored.
    pub digest: Digest,
    /// Bytes of the blob as stored.
    pub stored: u64,
    /// How it is stored.
    pub compression: Compression,
}

/// The first bytes of a blob, and whether they begin a layer.
#[derive(Debug, Clone)]
pub struct Head {
    bytes: Vec<u8>,
}

impl Head {
    /// Reads the first bytes: what one tar header has.
    ///
    /// # Errors
    /// When the reader fails.
    pub fn read(reader: &mut impl Read) -> io::Result<Self> {
        let mut bytes = vec![0; 512];
        let filled = read_up_to(reader, &mut bytes)?;
        bytes.truncate(filled);
        Ok(Self { bytes })
    }

    /// The bytes; fewer than 512 where the blob is shorter.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How the blob is compressed, as far as these bytes tell.
    pub fn compression(&self) -> Compression {
        Compression::sniff(&self.bytes)
    }

    /// Whether a layer begins like this: gzip, zstd, a tar header, or the zeros that an empty tar is made of.
    pub fn begins_layer(&self) -> bool {
        self.compression() != Compression::None || self.begins_tar()
    }

    /// Whether a tar begins like this.
    pub fn begins_tar(&self) -> bool {
        <&[u8; 512]>::try_from(self.bytes()).is_ok_and(|block| tar::is_header(block) || tar::is_zero(block))
    }
}

/// Reads the layer that begins with `head` and goes on in `rest`, to its end. An empty blob is an empty layer.
///
/// # Errors
/// When it is no layer, is corrupt or truncated, or takes more than `memory` and `allowance` have.
pub fn read_layer(
    head: Head,
    rest: impl Read,
    memory: &Memory,
    allowance: &Allowance,
) -> Result<LayerBlob, LayerError> {
    let compression = head.compression();
    let mut blob = Hashing::new(Cursor::new(head.bytes).chain(rest));
    let (draft, unpacked) = if compression == Compression::None {
        (index(allowance.bound(&mut blob), memory)?, None)
    } else {
        let mut unpacked = Hashing::new(Decoder::new(compression, BufReader::with_capacity(BUFFER, &mut blob), memory));
        (index(allowance.bound(&mut unpacked), memory)?, Some(unpacked.finish().0))
    };
    let (digest, stored) = blob.finish();
    let diff_id = DiffId(unpacked.unwrap_or_else(|| digest.clone()));
    Ok(LayerBlob { index: Arc::new(draft.finish(diff_id)?), digest, stored, compression })
}

/// Indexes a tar and reads on to the end of the stream: a digest covers what follows the end marker, too.
fn index(tar: impl Read, memory: &Memory) -> Result<super::LayerIndexBuilder, LayerError> {
    let mut reader = BufReader::with_capacity(BUFFER, tar);
    let draft = read::read(&mut reader, memory)?;
    tar::skip(&mut reader, u64::MAX)?;
    Ok(draft)
}
