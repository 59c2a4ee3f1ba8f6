//! Images for tests of this room, made in code: layers of files whose content is kept.

use std::sync::Arc;

use super::told::Told;
use super::view::View;
use crate::domain::{DiffId, Digest};
use crate::image::Stack;
use crate::layer::{Entry, EntryKind, Kept, LayerFiles, LayerIndex, LayerIndexBuilder, Program};

/// An image with one layer, until [`Planted::layer`] begins the next.
#[derive(Debug, Default)]
pub(crate) struct Planted {
    layers: Vec<(LayerIndex, LayerFiles)>,
    draft: LayerIndexBuilder,
    files: LayerFiles,
}

impl Planted {
    /// Without a file.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// What comes now is in the next layer.
    pub(crate) fn layer(mut self) -> Self {
        let number = u8::try_from(self.layers.len()).expect("few layers");
        let draft = std::mem::take(&mut self.draft);
        let index = draft.finish(DiffId(Digest::from_sha256([number; 32]))).expect("can be counted");
        self.layers.push((index, std::mem::take(&mut self.files)));
        self
    }

    /// A file that is kept.
    pub(crate) fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.insert(path, Kept::Whole(Arc::from(content.as_ref())));
        let size = content.as_ref().len() as u64;
        self.entry(path, EntryKind::File { size })
    }

    /// A file of which nothing but its size is known.
    pub(crate) fn sized(self, path: &str, size: u64) -> Self {
        self.entry(path, EntryKind::File { size })
    }

    /// A file that was left.
    pub(crate) fn left(mut self, path: &str, size: u64, why: &str) -> Self {
        self.files.insert(path, Kept::Left(Arc::from(why)));
        self.entry(path, EntryKind::File { size })
    }

    /// A program.
    pub(crate) fn program(mut self, path: &str, size: u64, program: Program) -> Self {
        self.files.insert(path, Kept::Program(Arc::new(program)));
        self.entry(path, EntryKind::File { size })
    }

    /// A symbolic link.
    pub(crate) fn link(self, path: &str, target: &str) -> Self {
        self.entry(path, EntryKind::Symlink { target: target.as_bytes() })
    }

    /// Anything.
    pub(crate) fn entry(mut self, path: &str, kind: EntryKind<'_>) -> Self {
        self.draft.push(Entry { path: path.as_bytes(), kind, mode: 0o755 }).expect("fits");
        self
    }

    /// Looks into it.
    pub(crate) fn look<T>(self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let planted = self.layer();
        let mut stack = Stack::default();
        for (index, _) in &planted.layers {
            stack.push(index).expect("fits");
        }
        let files: Vec<Arc<LayerFiles>> = planted.layers.iter().map(|(_, files)| Arc::new(files.clone())).collect();
        look(&View { stack: &stack, layers: &[], files: &files, told: Told::default() })
    }
}
