//! Why something is in an image: what it is, whose it is, who brought it, and what removing it frees.

use super::contents::{Ecosystem, UnreadFile};
use super::{BaseImage, Bytes, LayerReport, Platform, TargetName};

/// What was asked of one image, and the answers. Paths, names and instructions come from strangers and are not escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhyReport {
    /// The target's name.
    pub target: TargetName,
    /// The platform of the image; `None` when it could not be read.
    pub platform: Option<Platform>,
    /// What people call the image, where it was not built just now.
    pub reference: Option<String>,
    /// Its layers from the bottom up; empty where they were not read.
    pub layers: Vec<LayerReport>,
    /// What its own layers stand on, where that is certain.
    pub base: Option<BaseImage>,
    /// One for each word, in their order.
    pub answers: Vec<Why>,
    /// Files that had to be read to know more of packages, and were not.
    pub unread: Vec<UnreadFile>,
}

/// What somebody asked about, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Why {
    /// The word as it was typed.
    pub asked: String,
    /// What it means, the likeliest first; for a glob the largest.
    pub things: Vec<Thing>,
    /// How many more there are.
    pub more: u64,
    /// What all of them have together, each byte once.
    pub bytes: Bytes,
    /// What is called nearly so, where nothing was found.
    pub near: Vec<String>,
}

/// Something in an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// What it is.
    pub kind: ThingKind,
    /// Its absolute path; of a package the directory of a copy or the file that holds it, and `None` for one of the operating system.
    pub path: Option<String>,
    /// The tool that it is, as the catalogue calls it.
    pub tool: Option<String>,
    /// Where else the same is: other names of a tool. Sorted.
    pub also: Vec<String>,
    /// Its bytes: of a link those that it leads to, of a directory all below, of a tool its package's own directory.
    pub bytes: Bytes,
    /// How many files it has: 1 of a file, of a directory and a package all.
    pub files: u64,
    /// The package that it belongs to, or is.
    pub package: Option<PackageFacts>,
    /// Of a directory: the packages that have most in it, each with those bytes.
    pub packages: Vec<(String, Bytes)>,
    /// Its bytes by the layers that brought them, the most first: positions in `layers`.
    pub brought: Vec<(usize, Bytes)>,
    /// The layer that has the same once more, as `chown -R` does: the one that has most of it.
    pub again: Option<usize>,
    /// Copies of the same path in lower layers, which ship and are not seen.
    pub earlier: Vec<Earlier>,
    /// The layer that deleted or replaced it, and how; `None` for what is there.
    pub hidden: Option<(usize, HiddenBy)>,
    /// What to do to be without it, in the imperative and without a full stop; `None` where nothing is certain.
    pub fix: Option<String>,
}

/// What a thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ThingKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link {
        /// Where it leads, as written.
        to: String,
        /// Where it ends, every link followed; `None` where that is not there.
        end: Option<String>,
    },
    /// A device, a pipe, a socket.
    Other,
    /// A package of which no file is asked about.
    Package,
}

impl ThingKind {
    /// Its word in reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Directory => "directory",
            Self::Link { .. } => "link",
            Self::Other => "other",
            Self::Package => "package",
        }
    }
}

/// A copy of a path that a higher layer hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// The layer that has it.
    pub layer: usize,
    /// The layer that hides it.
    pub by: usize,
    /// Its bytes.
    pub bytes: Bytes,
}

/// How a layer hides what was there.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum HiddenBy {
    /// It deleted the path or a directory above it.
    Deleted,
    /// It has something else at the path or above it.
    Replaced,
}

/// A package, why it is there, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFacts {
    /// Whose package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its version as its ecosystem writes it; `None` where that was not read.
    pub version: Option<String>,
    /// Where it is; `None` for packages of the operating system.
    pub path: Option<String>,
    /// What its files take.
    pub bytes: Bytes,
    /// How many of them there are.
    pub files: u64,
    /// From the package that somebody asked for to this one; only this one where it was asked for itself. Empty where the database does not
    /// say.
    pub chain: Vec<String>,
    /// Whether a package of that chain only recommends or suggests the next.
    pub is_recommended: bool,
    /// The first packages that need it, sorted.
    pub needed_by: Vec<String>,
    /// How many more need it.
    pub needed_by_more: u64,
    /// What removing it frees, or why it cannot be removed.
    pub removal: Freed,
}

/// What goes with a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freed {
    /// It and others.
    Goes {
        /// What all of them take.
        bytes: Bytes,
        /// How many packages that are, it included.
        packages: u64,
        /// The first of those that go because they cannot be without it, sorted.
        broken: Vec<String>,
        /// How many more of those.
        broken_more: u64,
    },
    /// Nothing: this package is essential and needs it, or is it.
    Essential(String),
    /// Nothing: it is a part of a program.
    Linked,
}
