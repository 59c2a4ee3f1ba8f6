//! One layer as it is stored: told by its first bytes, decompressed, hashed and indexed in one pass.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

pub use super::buffer::BUFFER;
use super::decompress::{Compression, Decoder};
use super::error::LayerError;
use super::fill::read_up_to;
use super::hashing::{Hashed, Hashing};
use super::{Allowance, IndexedLayer, Keep, LayerFiles, LayerIndex, read, tar};
use crate::domain::{Bytes, DiffId, Digest};
use crate::memory::Memory;

/// A layer that was read to its end.
#[derive(Debug, Clone)]
pub struct LayerBlob {
    /// What it holds. Its diff id was computed, not believed.
    pub index: Arc<LayerIndex>,
    /// What was kept of its files.
    pub files: Arc<LayerFiles>,
    /// Digest of the blob as stored.
    pub digest: Digest,
    /// Bytes of the blob as stored.
    pub stored: u64,
    /// How it is stored.
    pub compression: Compression,
    /// What it would take compressed, as an engine does when it pushes: an estimate, where it was asked for and the layer is not
    /// compressed.
    pub squeezed: Option<Bytes>,
}

impl LayerBlob {
    /// What it holds, and what was kept of its files.
    pub fn into_layer(self) -> IndexedLayer {
        IndexedLayer { index: self.index, files: self.files }
    }

    /// What it takes in a registry: its own size where it is compressed, else the estimate.
    pub fn compressed(&self) -> Option<Bytes> {
        if self.compression == Compression::None { self.squeezed } else { Some(Bytes(self.stored)) }
    }
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

/// Reads the layer that begins with `head` and goes on in `rest`, to its end, and takes of its files what is to be kept. An empty blob is
/// an empty layer.
///
/// # Errors
/// When it is no layer, is corrupt or truncated, or takes more than `memory` and `allowance` have.
pub fn read_layer(
    head: Head,
    rest: impl Read,
    memory: &Memory,
    allowance: &Allowance,
    keep: &Keep,
) -> Result<LayerBlob, LayerError> {
    read_layer_and(head, rest, memory, allowance, keep, false)
}

/// [`read_layer`], which may `squeeze` a layer that is not compressed, to know how large it would be. That takes many times as long.
///
/// # Errors
/// As [`read_layer`].
pub fn read_layer_and(
    head: Head,
    rest: impl Read,
    memory: &Memory,
    allowance: &Allowance,
    keep: &Keep,
    squeeze: bool,
) -> Result<LayerBlob, LayerError> {
    let (compression, stop) = (head.compression(), memory.stop());
    let blob = Cursor::new(head.bytes).chain(rest);
    if compression == Compression::None {
        let bytes = allowance.bound(blob, stop);
        let mut tar = if squeeze { Hashing::squeezing(bytes) } else { Hashing::new(bytes) };
        let draft = read::read(&mut tar, memory, keep)?;
        let Hashed { digest, bytes: stored, squeezed } = tar.finish()?;
        let (index, files) = draft.finish(DiffId(digest.clone()))?;
        let (index, files) = (Arc::new(index), Arc::new(seen(files, keep)));
        return Ok(LayerBlob { index, files, digest, stored, compression, squeezed });
    }
    let mut stored = Hashing::new(allowance.bound_stored(blob, stop));
    let mut tar = Hashing::new(allowance.bound(Decoder::new(compression, &mut stored, memory), stop));
    let draft = read::read(&mut tar, memory, keep)?;
    let diff_id = DiffId(tar.finish()?.digest);
    let (index, files) = draft.finish(diff_id)?;
    let Hashed { digest, bytes: stored, .. } = stored.finish()?;
    Ok(LayerBlob {
        index: Arc::new(index),
        files: Arc::new(seen(files, keep)),
        digest,
        stored,
        compression,
        squeezed: None,
    })
}

/// Who reads a layer and keeps nothing of it has seen all that they want, and learns no more from reading it again. What others want is not
/// known of it, and so that is not stored.
fn seen(mut files: LayerFiles, keep: &Keep) -> LayerFiles {
    if keep.is_nothing() {
        files.set_complete();
        files.set_short();
    }
    files
}
