//! Small images for the tests of databases: files with their bytes, layer by layer.

use std::sync::Arc;

use super::{Found, find};
use crate::contents::view::View;
use crate::domain::{Bytes, DiffId, Digest};
use crate::image::Stack;
use crate::layer::{Entry, EntryKind, Kept, LayerFiles, LayerIndex, LayerIndexBuilder};
use crate::memory::{Memory, OutOfMemory};

/// An image under construction.
#[derive(Default)]
pub(super) struct Tree {
    layers: Vec<(LayerIndex, Arc<LayerFiles>)>,
    builder: LayerIndexBuilder,
    files: LayerFiles,
}

impl Tree {
    /// A file that is kept.
    pub(super) fn file(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        self.push(path, EntryKind::File { size: bytes.len() as u64 });
        self.files.insert(path, Kept::Whole(bytes.into()));
        self
    }

    /// A file of which only the size is known.
    pub(super) fn size(mut self, path: &str, size: u64) -> Self {
        self.push(path, EntryKind::File { size });
        self
    }

    /// A symbolic link.
    pub(super) fn link(mut self, path: &str, target: &str) -> Self {
        self.push(path, EntryKind::Symlink { target: target.as_bytes() });
        self
    }

    /// A deletion.
    pub(super) fn whiteout(mut self, path: &str) -> Self {
        self.push(path, EntryKind::Whiteout);
        self
    }

    fn push(&mut self, path: &str, kind: EntryKind<'_>) {
        self.builder.push(Entry { path: path.as_bytes(), kind, mode: 0o644 }).expect("an engine could unpack it");
    }

    /// What follows is in the next layer.
    pub(super) fn layer(mut self) -> Self {
        let number = u8::try_from(self.layers.len()).expect("few");
        let builder = std::mem::take(&mut self.builder);
        let index = builder.finish(DiffId(Digest::from_sha256([number; 32]))).expect("can be counted");
        self.layers.push((index, Arc::new(std::mem::take(&mut self.files))));
        self
    }

    /// Calls `look` with the image.
    pub(super) fn look<T>(self, limit: u64, look: impl FnOnce(&View<'_>) -> T) -> T {
        let tree = self.layer();
        let mut stack = Stack::new(&Memory::new(Bytes(limit)));
        let files: Vec<_> = tree.layers.iter().map(|(_, files)| Arc::clone(files)).collect();
        for (index, _) in &tree.layers {
            stack.push(index).expect("fits");
        }
        look(&View { stack: &stack, layers: &[], files: &files, told: crate::contents::told::Told::default() })
    }

    /// Its packages, in `limit` bytes of memory.
    pub(super) fn within(self, limit: u64) -> Result<Found, OutOfMemory> {
        self.look(limit, find)
    }

    /// Its packages.
    pub(super) fn packages(self) -> Found {
        self.within(256_000_000).expect("there is memory")
    }
}

/// Each package in a line, with its files and bytes, and what was not read.
pub(super) fn told(found: &Found) -> String {
    let package = |package: &crate::domain::Package| {
        let version = package.version.as_deref().unwrap_or("?");
        let needs = package.needs.iter().map(|need| need.join("|")).collect::<Vec<_>>().join(",");
        let automatic = match package.is_automatic {
            None => "",
            Some(true) => " automatic",
            Some(false) => " manual",
        };
        let (ecosystem, name, files, bytes) = (package.ecosystem, &package.name, package.files, package.bytes.0);
        let needs = if needs.is_empty() { needs } else { format!(" needs {needs}") };
        format!("{ecosystem} {name} {version}: {files} files, {bytes} bytes{automatic}{needs}\n")
    };
    let unread = |unread: &crate::domain::UnreadFile| format!("{} {}\n", unread.path, unread.why);
    found.packages.list.iter().map(package).chain(found.unread.iter().map(unread)).collect()
}
