//! Images made by hand, for the tests of what is in them.

use std::sync::Arc;

use super::packages::Found;
use super::{Told, View};
use crate::domain::{DiffId, Digest, Ecosystem, Origin, Package, Place};
use crate::image::{CopiedFrom, MeasuredLayer, Stack};
use crate::layer::{Entry, EntryKind, Kept, LayerFiles, LayerIndex, LayerIndexBuilder};

/// What a layer is made of.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// A file of some size, of whose content nothing is known.
    File(String, u64),
    /// A file with its content.
    Text(String, String),
    /// A file that is too large to be read.
    Unread(String, u64),
    /// A hard link.
    Same(String, String),
    /// A whiteout.
    Gone(String),
}

/// A file of so many bytes.
pub(super) fn file(path: &str, size: u64) -> Item {
    Item::File(path.to_owned(), size)
}

/// A file with its content.
pub(super) fn text(path: &str, text: &str) -> Item {
    Item::Text(path.to_owned(), text.to_owned())
}

/// An image, made layer by layer.
#[derive(Debug, Default)]
pub(super) struct Image {
    indexes: Vec<LayerIndex>,
    files: Vec<Arc<LayerFiles>>,
    layers: Vec<MeasuredLayer>,
}

impl Item {
    /// Where it is.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::File(path, _)
            | Self::Text(path, _)
            | Self::Unread(path, _)
            | Self::Same(path, _)
            | Self::Gone(path) => path,
        }
    }
}

impl Image {
    /// A layer of which nobody knows where it comes from.
    pub(super) fn unknown(self, items: &[Item]) -> Self {
        self.layer(Origin::Unknown, "RUN pip install x", items)
    }

    /// Whether all its layers are the base image's.
    pub(super) fn is_of_base(&self) -> bool {
        self.layers.iter().all(|layer| layer.origin == Origin::Base)
    }

    /// Gives files their sums, in whichever layer they are.
    pub(super) fn sums(mut self, sums: &[(&str, u64)]) -> Self {
        for files in &mut self.files {
            let mut summed = LayerFiles::clone(files);
            for (path, sum) in sums {
                summed.insert_sum(path.trim_start_matches('/'), *sum);
            }
            *files = Arc::new(summed);
        }
        self
    }

    /// A layer of the base image.
    pub(super) fn base(self, items: &[Item]) -> Self {
        self.layer(Origin::Base, "", items)
    }

    /// A layer that an instruction made: `COPY` copies from the context, and `COPY --from=` from a stage.
    pub(super) fn own(self, instruction: &str, items: &[Item]) -> Self {
        self.layer(Origin::Own, instruction, items)
    }

    fn layer(mut self, origin: Origin, instruction: &str, items: &[Item]) -> Self {
        let number = u8::try_from(self.indexes.len() + 1).expect("few layers");
        let mut builder = LayerIndexBuilder::default();
        let mut files = LayerFiles::default();
        for item in items {
            let mut push = |path: &str, kind: EntryKind<'_>| {
                let entry = Entry { path: path.trim_start_matches('/').as_bytes(), kind, mode: 0o755 };
                builder.push(entry).expect("fits");
            };
            match item {
                Item::File(path, size) => push(path, EntryKind::File { size: *size }),
                Item::Text(path, text) => {
                    push(path, EntryKind::File { size: text.len() as u64 });
                    files.insert(path.trim_start_matches('/'), Kept::Whole(text.as_bytes().into()));
                }
                Item::Unread(path, size) => {
                    push(path, EntryKind::File { size: *size });
                    files.insert(path.trim_start_matches('/'), Kept::Left("is too large".into()));
                }
                Item::Same(path, of) => {
                    push(path, EntryKind::HardLink { target: of.trim_start_matches('/').as_bytes() });
                }
                Item::Gone(path) => push(path, EntryKind::Whiteout),
            }
        }
        let diff_id = DiffId(Digest::from_sha256([number; 32]));
        let index = builder.finish(diff_id.clone()).expect("can be counted");
        let is_copy = instruction.starts_with("COPY") || instruction.starts_with("ADD");
        let copied_from = match instruction.contains("--from=") {
            _ if !is_copy => None,
            true => Some(CopiedFrom::Stage),
            false => Some(CopiedFrom::Context),
        };
        let line = u32::from(number);
        self.layers.push(MeasuredLayer {
            diff_id,
            size: Some(index.size()),
            compressed_size: None,
            created_by: (!instruction.is_empty()).then(|| instruction.to_owned()),
            origin,
            dockerfile: (origin == Origin::Own).then(|| Place { file: "Dockerfile".to_owned(), line, column: 1 }),
            copied_from,
        });
        self.indexes.push(index);
        self.files.push(Arc::new(files));
        self
    }

    /// Looks at it.
    pub(super) fn look<T>(&self, look: impl FnOnce(&View<'_>) -> T) -> T {
        let mut stack = Stack::default();
        stack.tell_origins(self.layers.iter().map(|layer| layer.origin).collect());
        for index in &self.indexes {
            stack.push(index).expect("fits");
        }
        look(&View { stack: &stack, layers: &self.layers, files: &self.files, told: Told::default() })
    }
}

/// Packages of an image of which a Debian package owns these files.
pub(super) fn owned_by_debian(view: &View<'_>, paths: &[&str]) -> Found {
    let mut found = Found::new(view).expect("memory");
    let files: Vec<_> = paths.iter().filter_map(|path| view.at(path.as_bytes())).collect();
    found.add(view, Package::new(Ecosystem::Deb, "deb"), files).expect("memory");
    found
}
