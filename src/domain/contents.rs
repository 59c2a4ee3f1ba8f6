//! What is in an image beyond its size: where the bytes are, which packages, what could go. Facts, and no judgement.

use std::fmt;

use super::{Bytes, Place};

/// What an image holds, as far as somebody asked. Paths and names come from strangers and are not escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// `config.User` of the image; `None` where it sets none.
    pub user: Option<String>,
    /// Bytes that ship and that the final file system does not show; `None` where the layers were not read.
    pub wasted: Option<Bytes>,
    /// The largest directories of the final file system, in the order in which they are shown: a directory goes before those in it.
    pub directories: Vec<Directory>,
    /// The packages, by ecosystem, name, version and place; `None` when nobody asked for them.
    pub packages: Option<Packages>,
    /// How many packages there are, by ecosystem; `None` when nobody asked for them. A report may have this without the packages.
    pub package_counts: Option<Vec<PackageCount>>,
    /// What can go, the most bytes first.
    pub can_go: Vec<CanGo>,
    /// What goes when all of `can_go` goes, each byte counted once.
    pub can_go_bytes: Bytes,
    /// dive's two figures; `None` where the layers were not read.
    pub efficiency: Option<Efficiency>,
    /// The size without some paths; `None` when nobody asked for it.
    pub without: Option<Without>,
    /// Where the bytes are, to be drawn; `None` when nobody asked for it.
    pub map: Option<Map>,
    /// Files that had to be read for this and were not, each with the reason. While there are such, what is missing above is not known to be absent.
    pub unread: Vec<UnreadFile>,
}

/// An image as if some of its paths had never come into it. What a later layer deleted or replaced stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Without {
    /// Each glob; a path that several match counts at the first of them that matches it or the highest directory above it.
    pub globs: Vec<WithoutGlob>,
    /// What goes, each byte counted once.
    pub bytes: Bytes,
    /// Those bytes by the layers that hold them: positions in the target's `layers`, ascending.
    pub brought: Vec<(usize, Bytes)>,
    /// The content size that is left; `None` where the layers were not read.
    pub size: Option<Bytes>,
}

/// What one glob takes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutGlob {
    /// As it was written.
    pub glob: String,
    /// What goes.
    pub bytes: Bytes,
    /// How many files match, or are below what matches.
    pub files: u64,
}

/// A directory of the final file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Absolute path.
    pub path: String,
    /// How many directories of the list it is in.
    pub depth: usize,
    /// All that it shows, at and below it.
    pub bytes: Bytes,
    /// Those bytes by the layers that brought them, the most first: positions in the target's `layers`.
    pub brought: Vec<(usize, Bytes)>,
}

/// The packages of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packages {
    /// What the image says that it is a distribution of; `None` where it does not say.
    pub distro: Option<Distro>,
    /// Each installed package; of one that is installed several times each copy.
    pub list: Vec<Package>,
    /// Positions in `list` of those that are there only because others recommend or suggest them, and of what only these need.
    /// Empty in a report that was read back.
    pub recommended: Vec<usize>,
}

/// A distribution, as `os-release` names it. Untrusted.
///
/// <https://www.freedesktop.org/software/systemd/man/latest/os-release.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distro {
    /// `ID`: `debian`.
    pub id: String,
    /// `VERSION_ID`: `12`; rolling ones have none.
    pub version: Option<String>,
}

impl Packages {
    /// How many there are, by ecosystem; those that have none are left out.
    #[must_use]
    pub fn counts(&self) -> Vec<PackageCount> {
        let of = |ecosystem| {
            let own = || self.list.iter().filter(move |package| package.ecosystem == ecosystem);
            let bytes = own().fold(0_u64, |sum, package| sum.saturating_add(package.bytes.0));
            let packages = u64::try_from(own().count()).unwrap_or(u64::MAX);
            PackageCount { ecosystem, packages, bytes: Bytes(bytes) }
        };
        Ecosystem::ALL.map(of).into_iter().filter(|count| count.packages > 0).collect()
    }
}

/// How many packages of one ecosystem there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageCount {
    /// Whose.
    pub ecosystem: Ecosystem,
    /// How many; of one that is installed several times each copy.
    pub packages: u64,
    /// What their files take in the final file system.
    pub bytes: Bytes,
}

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// Whose package.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: String,
    /// Its version as its ecosystem writes it, with epoch and release; `None` where the file that says so was not read.
    pub version: Option<String>,
    /// The architecture that it says.
    pub architecture: Option<String>,
    /// The source package, where that has another name.
    pub source: Option<String>,
    /// Where it is: the directory of a copy, or the file that holds it. `None` for packages of the operating system.
    pub path: Option<String>,
    /// What its files take in the final file system. A file that several packages list counts at the first.
    pub bytes: Bytes,
    /// How many files of it are there.
    pub files: u64,
    /// Position in the target's `layers` of the one that brought most of these bytes.
    pub layer: Option<usize>,
    /// Those bytes by the layers that brought them, the most first: positions in the target's `layers`.
    pub brought: Vec<(usize, Bytes)>,
    /// Whether it is there for development only, where a lock file says so.
    pub is_dev: Option<bool>,
    /// Whether it was only installed because others need it, where the package manager wrote that down.
    pub is_automatic: Option<bool>,
    /// Whether the system cannot do without it: `Essential` and `Protected` of dpkg.
    pub is_essential: bool,
    /// What it needs: for each need the names of packages that fill it, of which one is enough.
    pub needs: Vec<Vec<String>>,
    /// What it recommends or suggests, like `needs`. It works without, and a package manager keeps what is there for it.
    pub wants: Vec<Vec<String>>,
    /// Licences as it states them.
    pub licences: Vec<String>,
}

impl Package {
    /// A package of which nothing but this is known.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            version: None,
            architecture: None,
            source: None,
            path: None,
            bytes: Bytes::ZERO,
            files: 0,
            layer: None,
            brought: Vec::new(),
            is_dev: None,
            is_automatic: None,
            is_essential: false,
            needs: Vec::new(),
            wants: Vec::new(),
            licences: Vec::new(),
        }
    }
}

/// Who packages.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ecosystem {
    /// dpkg.
    Deb,
    /// apk.
    Apk,
    /// rpm.
    Rpm,
    /// A package below a `node_modules`.
    Npm,
    /// A Python distribution: `dist-info` or `egg-info`.
    Python,
    /// A Ruby gem.
    Gem,
    /// A module linked into a Go program.
    Go,
    /// A crate linked into a Rust program.
    Cargo,
}

impl Ecosystem {
    /// Every one, in the order in which reports show them.
    pub const ALL: [Self; 8] =
        [Self::Deb, Self::Apk, Self::Rpm, Self::Npm, Self::Python, Self::Gem, Self::Go, Self::Cargo];

    /// Its word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
            Self::Npm => "npm",
            Self::Python => "python",
            Self::Gem => "gem",
            Self::Go => "go",
            Self::Cargo => "cargo",
        }
    }

    /// Whether its packages are the operating system's: what `max-os-packages` counts.
    #[must_use]
    pub fn is_of_os(self) -> bool {
        matches!(self, Self::Deb | Self::Apk | Self::Rpm)
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that is there and that nothing needs, as far as its bytes tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanGo {
    /// What it is.
    pub kind: CanGoKind,
    /// The same for people, without place and bytes: `dev dependencies: typescript, jest, eslint`.
    pub what: String,
    /// Where it is, sorted: absolute paths.
    pub paths: Vec<String>,
    /// How many more paths there are.
    pub more_paths: u64,
    /// What goes with it. For what has to be tried to be known, such as another base image, nothing is promised.
    pub bytes: Option<Bytes>,
    /// Position in the target's `layers` of the one that brought most of it.
    pub layer: Option<usize>,
    /// The line of the Dockerfile to change, where it is known.
    pub line: Option<Place>,
    /// What to do, in the imperative and without a full stop: `npm ci --omit=dev`.
    pub fix: String,
    /// Whether the baseline does not have it; `None` when that cannot be told.
    pub is_new: Option<bool>,
}

/// What can go.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CanGoKind {
    /// What package managers and compilers keep to be faster next time: `@caches`.
    Caches,
    /// Version control: `@vcs`.
    Vcs,
    /// Keys and passwords: `@secrets`.
    Secrets,
    /// What crashed programs leave: `@core-dumps`.
    CoreDumps,
    /// Manuals and documentation: `@docs`.
    Docs,
    /// `@source-maps`.
    SourceMaps,
    /// `@headers`.
    Headers,
    /// `@static-libs`.
    StaticLibs,
    /// Packages that only developers need.
    DevDependencies,
    /// Tests that come with a dependency.
    DependencyTests,
    /// The same bytes several times.
    Duplicates,
    /// Symbols and debugging information of programs.
    Symbols,
    /// A JDK where a JRE would do.
    Jdk,
    /// What a later layer deletes, replaces or has again: its bytes ship all the same.
    Wasted,
    /// Build tools and their packages.
    Tools,
    /// Files of the build context that .dockerignore could leave out.
    Context,
    /// The base image.
    Base,
}

/// dive's figures, as the sums that they are ratios of: exact, and alike on every machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Efficiency {
    /// The smallest size of each path, summed. `efficiency` is this by `stored`; 1 where both are 0.
    pub needed: Bytes,
    /// All sizes of each path, summed.
    pub stored: Bytes,
    /// The sizes of paths that are there several times, the copy that is seen included: `wastedBytes`.
    pub wasted: Bytes,
    /// All layers but the first. `userWastedPercent` is `wasted` by this.
    pub above_first: Bytes,
}

/// A file that had to be read to know more, and was not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnreadFile {
    /// Absolute path.
    pub path: String,
    /// Why, as a fragment: `cut short in line 12`.
    pub why: String,
}

/// Every byte that ships, as a tree by path of which each node says where its bytes are: what is drawn. What is small is merged.
///
/// What a later layer hides is at its path, too. So the bytes of the root are those of all layers together: the size that is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map {
    /// The nodes. The first is the root, and a parent goes before its children, which add up to it in bytes and in files.
    pub nodes: Vec<MapNode>,
    /// The largest files, the most bytes first: what can be searched for.
    pub files: Vec<MapFile>,
    /// How many more files there are.
    pub more_files: u64,
    /// Whether it was compared with a baseline, file by file. Without that nothing has `grown`.
    pub is_compared: bool,
}

/// A file, a directory, or what was merged in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapNode {
    /// Position of the directory that it is in; of the root its own.
    pub parent: usize,
    /// What it is.
    pub kind: MapKind,
    /// The last part of its path; empty for the root, and for what was merged.
    pub name: String,
    /// All that ships at and below it; a file with several names counts at the first.
    pub bytes: Bytes,
    /// What of that a later layer deletes or replaces: it ships, and no process sees it.
    pub hidden: Bytes,
    /// What of that is in layers of the base image.
    pub base: Bytes,
    /// What of that the baseline does not have.
    pub grown: Bytes,
    /// How many files with content are at and below it.
    pub files: u64,
    /// Its bytes by the layers that store them, the most first: positions in the target's `layers`.
    pub layers: Vec<(usize, Bytes)>,
    /// Position in [`Packages::list`] of the package that owns more than half of its bytes.
    pub package: Option<usize>,
}

impl MapNode {
    /// A node of which nothing was measured yet.
    #[must_use]
    pub fn new(parent: usize, kind: MapKind, name: String) -> Self {
        let none = Bytes::ZERO;
        Self {
            parent,
            kind,
            name,
            bytes: none,
            hidden: none,
            base: none,
            grown: none,
            files: 0,
            layers: Vec::new(),
            package: None,
        }
    }
}

/// What a node of a map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MapKind {
    /// A directory. Without children it is one of which nothing is large enough to be shown by itself.
    Directory,
    /// A file, or a link.
    File,
    /// What is too small to be shown, of one directory.
    Rest,
}

/// A file that can be searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFile {
    /// Position of the node that it is, or is a part of.
    pub node: usize,
    /// Absolute path.
    pub path: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// Whether a later layer hides it.
    pub is_hidden: bool,
    /// Position in the target's `layers` of the one that stores it.
    pub layer: usize,
    /// Position in [`Packages::list`] of its package.
    pub package: Option<usize>,
}
