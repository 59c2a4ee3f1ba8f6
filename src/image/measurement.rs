//! Everything that rules may ask about one image.

use crate::domain::{Bytes, CompressedSize, DiffId, Digest, Origin, Place, Platform};

/// One image, measured. What was not read is `None`, never nothing.
#[derive(Debug, Clone)]
pub struct Measurement {
    /// Digest of the config.
    pub image_id: Digest,
    /// What it was made for.
    pub platform: Platform,
    /// When it was made, as its config says. Untrusted.
    pub created: Option<String>,
    /// `config.User`. Untrusted.
    pub user: Option<String>,
    /// The line of the Dockerfile that says so, or the FROM of a stage that does not; `None` where the Dockerfile is not known to be the
    /// image's.
    pub user_place: Option<Place>,
    /// All layer blobs together, where that is known or estimated.
    pub compressed_size: Option<CompressedSize>,
    /// Layers from the bottom up.
    pub layers: Vec<MeasuredLayer>,
    /// What the layers store; `None` when none was read.
    pub stored: Option<Stored>,
    /// What a container of the image would see; `None` when neither the layers nor the final file system were read.
    pub shown: Option<Shown>,
}

/// What only the layers can tell.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Content size over all layers.
    pub size: Bytes,
    /// Bytes that ship and that the final file system does not show.
    pub wasted: Wasted,
    /// Tools that a later layer deleted: their bytes still ship. Sorted by name.
    pub shadowed_tools: Vec<FoundTool>,
}

/// What the final file system can tell.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Tools in it, sorted by name.
    pub tools: Vec<FoundTool>,
    /// What each glob and group that was asked for matches in it.
    pub matched_paths: Vec<MatchedPaths>,
}

impl Measurement {
    /// Content size over all layers; `None` when they were not read.
    #[must_use]
    pub fn size(&self) -> Option<Bytes> {
        self.stored.as_ref().map(|stored| stored.size)
    }

    /// Content size of the layers that came with the base image; `None` when there is one of which that cannot be told, or that was not
    /// read.
    #[must_use]
    pub fn base_size(&self) -> Option<Bytes> {
        let of_base = |layer: &MeasuredLayer| match layer.origin {
            Origin::Base => layer.size,
            Origin::Own => Some(Bytes::ZERO),
            Origin::Unknown => None,
        };
        self.stored.as_ref()?;
        self.layers.iter().map(of_base).sum()
    }

    /// Whether it is known of each layer who brought it.
    #[must_use]
    pub fn is_explained(&self) -> bool {
        self.layers.iter().all(|layer| layer.origin != Origin::Unknown)
    }
}

/// Bytes that ship and that the final file system does not show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wasted {
    /// All of them.
    pub bytes: Bytes,
    /// The same bytes by who brought them, who hides them and how, in this order.
    pub parts: Vec<WastedPart>,
    /// The largest first. What was hidden together with its directory counts at that directory, and so does, where there are many,
    /// all that one layer hides below it.
    pub paths: Vec<WastedPath>,
    /// How many more such paths there are.
    pub more_paths: u64,
}

/// What one layer hides of what another brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WastedPart {
    /// Position of the layer that brought it, from the bottom.
    pub brought: usize,
    /// Position of the layer that hides it.
    pub by: usize,
    /// How.
    pub how: HiddenHow,
    /// How much.
    pub bytes: Bytes,
}

/// How bytes are hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HiddenHow {
    /// The path or a directory above it is gone.
    Deleted,
    /// Something else is at the path or above it.
    Replaced,
    /// The same file is at the path once more, by its size: its owner or mode changed, or it was copied twice.
    Again,
}

/// A path that a later layer hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WastedPath {
    /// Absolute path, possibly not UTF-8.
    pub path: Vec<u8>,
    /// Position of the layer that brought it.
    pub layer: usize,
    /// Position of the layer that hides it.
    pub by: usize,
    /// Its bytes, and those below it.
    pub size: Bytes,
}

/// What one glob or group matches in the final file system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatchedPaths {
    /// The glob or group as it was written.
    pub glob: String,
    /// The first of the matching paths, in the order of a sorted walk. Paths below a directory that matches are not listed.
    pub paths: Vec<FoundPath>,
    /// How many matching paths there are, those that are not in `paths` included, those below a matching directory not.
    pub count: u64,
    /// Bytes of all of them, and of everything below them.
    pub bytes: Bytes,
    /// What a later layer deleted or replaced, and what ships all the same: of a group that is told by content.
    pub deleted: Vec<FoundPath>,
    /// What may be of a group that is told by content, and could not be read: its bytes, and why as a fragment.
    pub unread: Vec<(FoundPath, String)>,
}

/// One layer, measured and explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasuredLayer {
    /// Its diff id.
    pub diff_id: DiffId,
    /// Its content size; `None` when it was not read.
    pub size: Option<Bytes>,
    /// Its blob as a registry stores it, where that is known or estimated.
    pub compressed_size: Option<Bytes>,
    /// The instruction in the image's history. Untrusted.
    pub created_by: Option<String>,
    /// Who brought it.
    pub origin: Origin,
    /// The Dockerfile line that made it, when exactly one instruction fits.
    pub dockerfile: Option<Place>,
    /// Where that line copies from, when it is a COPY or an ADD.
    pub copied_from: Option<CopiedFrom>,
}

/// Where a COPY or an ADD copies from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopiedFrom {
    /// The build context: what .dockerignore names does not come along.
    Context,
    /// Another stage or another image: `--from`.
    Stage,
}

/// A tool, and every path at which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTool {
    /// The catalogue's name of the command (`gcc` for `/usr/bin/x86_64-linux-gnu-gcc-12`), or the bare name that was asked for.
    pub name: String,
    /// The family that findings are grouped by: `npm` for npm, npx and corepack. The name itself outside the catalogue.
    pub family: String,
    /// Whether all of these paths lead to BusyBox, which does what this tool does.
    pub applet: bool,
    /// Where, sorted by path; at least one.
    pub paths: Vec<FoundPath>,
}

impl FoundPath {
    /// What a path with `text` bytes of names and parts of so many layers takes, with the copies of it that findings and each form of the
    /// report have.
    pub fn weight(text: usize, layers: usize) -> usize {
        const COPIES: usize = 4;
        let shares = layers.saturating_mul(size_of::<Share>());
        text.saturating_add(size_of::<Self>()).saturating_mul(COPIES).saturating_add(shares)
    }
}

/// A part of some bytes, and who brought it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// Position of the layer, from the bottom.
    pub layer: usize,
    /// The bytes.
    pub bytes: Bytes,
}

/// A path of the image, and who brought it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundPath {
    /// Absolute path, possibly not UTF-8.
    pub path: Vec<u8>,
    /// Position of the layer that brought it, from the bottom, 0-based; for a tool the one that made it one. `None` where the final file
    /// system alone was read.
    pub layer: Option<usize>,
    /// The layer that has the same once more, as `chown -R` does: the one that has most of it. Where nobody has, there is none.
    pub touched_again: Option<usize>,
    /// Bytes of the file, of the link's final target, or of everything below a directory.
    pub size: Bytes,
    /// Those bytes by the layers that brought them, from the bottom. None where the final file system alone was read.
    pub shares: Vec<Share>,
    /// What holds those bytes, so that npm and npx, links into one package, are not counted twice: paths with an equal
    /// `content` share their bytes. An absolute path.
    pub content: Vec<u8>,
}
