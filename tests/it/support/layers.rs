//! Layers made in code.

use imgbudget::domain::{DiffId, Digest};
use imgbudget::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};

/// A layer under construction; paths are relative to the root.
#[derive(Default)]
pub(crate) struct Layer(LayerIndexBuilder);

impl Layer {
    /// Adds an entry.
    pub(crate) fn entry(mut self, path: impl AsRef<[u8]>, kind: EntryKind<'_>, mode: u32) -> Self {
        self.0.push(Entry { path: path.as_ref(), kind, mode }).expect("an engine could unpack it");
        self
    }

    /// Adds a file that cannot be executed.
    pub(crate) fn file(self, path: impl AsRef<[u8]>, size: u64) -> Self {
        self.entry(path, EntryKind::File { size }, 0o644)
    }

    /// Adds a file that can be executed.
    pub(crate) fn program(self, path: impl AsRef<[u8]>, size: u64) -> Self {
        self.entry(path, EntryKind::File { size }, 0o755)
    }

    /// Adds a directory.
    pub(crate) fn directory(self, path: impl AsRef<[u8]>) -> Self {
        self.entry(path, EntryKind::Directory, 0o755)
    }

    /// Adds a symbolic link.
    pub(crate) fn link(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry(path, EntryKind::Symlink { target: target.as_ref() }, 0o777)
    }

    /// Adds a hard link.
    pub(crate) fn hard_link(self, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry(path, EntryKind::HardLink { target: target.as_ref() }, 0o644)
    }

    /// Adds a whiteout of `path`.
    pub(crate) fn whiteout(self, path: impl AsRef<[u8]>) -> Self {
        self.entry(path, EntryKind::Whiteout, 0)
    }

    /// Marks a directory as opaque.
    pub(crate) fn opaque(self, path: impl AsRef<[u8]>) -> Self {
        self.entry(path, EntryKind::Opaque, 0)
    }

    /// The finished index; its diff id is made of `number`.
    pub(crate) fn finish(self, number: u8) -> LayerIndex {
        self.0.finish(DiffId(Digest::from_sha256([number; 32]))).expect("can be counted")
    }
}

/// Finished layers, numbered from the bottom.
pub(crate) fn finish(layers: Vec<Layer>) -> Vec<LayerIndex> {
    layers.into_iter().zip(0u8..).map(|(layer, number)| layer.finish(number)).collect()
}
