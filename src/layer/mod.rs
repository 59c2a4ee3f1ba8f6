//! One pass over one layer's tar: what a layer holds, learned once in its life.

pub mod allowance;
mod beside;
pub mod blob;
mod buffer;
pub mod codec;
pub mod decompress;
pub mod error;
pub mod evidence;
pub mod files;
mod fill;
mod hashing;
mod header;
pub mod index;
pub mod path;
mod pax;
pub mod program;
pub mod read;
mod sparse;
pub mod split;
mod squeeze;
pub mod tar;
pub mod unpack;

pub use allowance::Allowance;
pub use blob::{Head, LayerBlob, read_layer, read_layer_and};
pub use decompress::Compression;
pub use error::{LayerError, TarError};
pub use evidence::Evidence;
pub use files::{Kept, LayerFiles};
pub use index::LayerIndex;
pub use program::{GoBuild, Program};
pub use split::{Split, read_split};
pub use unpack::{Entry, EntryKind, LayerIndexBuilder};
