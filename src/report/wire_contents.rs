//! What an image holds, on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wire_place::Place;
use crate::domain::{CanGoKind, Ecosystem};

/// What an image holds, as far as somebody asked. Paths and names come from the image and are not escaped. While `unread` has entries,
/// what is missing here is not known to be absent.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Contents {
    /// The user that its config sets; `null` where it sets none, which is root.
    pub(super) user: Option<String>,
    /// Bytes that ship and that the final file system does not show; `null` where the layers were not read.
    pub(super) wasted: Option<u64>,
    /// The largest directories of the final file system. A directory goes before those in it.
    pub(super) directories: Vec<Directory>,
    /// How many packages there are; `null` when nobody asked for them. Ecosystems without packages are left out.
    pub(super) package_counts: Option<Vec<PackageCount>>,
    /// What the image says that it is a distribution of; `null` where it does not say, and where `packages` is.
    pub(super) distro: Option<Distro>,
    /// The packages; `null` in reports of `check`, which have only their counts.
    pub(super) packages: Option<Vec<Package>>,
    /// What can go, the most bytes first.
    pub(super) can_go: Vec<CanGo>,
    /// What goes when all of `can_go` goes, each byte counted once.
    pub(super) can_go_bytes: u64,
    /// dive's figures; `null` where the layers were not read, or where dive would see other files than an engine does.
    pub(super) efficiency: Option<Efficiency>,
    /// The size without some paths; `null` when nobody asked for it.
    #[serde(default)]
    pub(super) without: Option<Without>,
    /// Files that had to be read for this and were not.
    pub(super) unread: Vec<UnreadFile>,
}

/// A directory of the final file system.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Directory {
    /// Absolute path.
    pub(super) path: String,
    /// How many directories of the list it is in.
    pub(super) depth: usize,
    /// All that it shows, at and below it.
    pub(super) bytes: u64,
    /// The same bytes by who brought them, the most first.
    pub(super) brought: Vec<Brought>,
}

/// Bytes that a layer brought.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Brought {
    /// Its position in the target's `layers`, from 0.
    pub(super) layer: usize,
    /// How many.
    pub(super) bytes: u64,
}

/// A distribution, as `os-release` names it. Not escaped.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Distro {
    /// `ID`: `debian`.
    pub(super) id: String,
    /// `VERSION_ID`: `12`; rolling ones have none.
    pub(super) version: Option<String>,
}

/// How many packages of one ecosystem there are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct PackageCount {
    /// Whose.
    pub(super) ecosystem: Ecosystem,
    /// How many; of one that is installed several times each copy.
    pub(super) packages: u64,
    /// What their files take in the final file system.
    pub(super) bytes: u64,
}

/// An installed package.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Package {
    /// Whose.
    pub(super) ecosystem: Ecosystem,
    /// Its name.
    pub(super) name: String,
    /// Its version as its ecosystem writes it; `null` where that was not read.
    pub(super) version: Option<String>,
    /// The architecture that it says.
    pub(super) architecture: Option<String>,
    /// The source package, where that has another name.
    pub(super) source: Option<String>,
    /// Where it is: the directory of a copy, or the file that holds it; `null` for packages of the operating system.
    pub(super) path: Option<String>,
    /// What its files take in the final file system. A file that several packages list counts at the first.
    pub(super) bytes: u64,
    /// How many of its files are there.
    pub(super) files: u64,
    /// Position in the target's `layers`, from 0, of the one that brought most of these bytes.
    pub(super) layer: Option<usize>,
    /// Those bytes by who brought them, the most first.
    pub(super) brought: Vec<Brought>,
    /// Whether it is for development only, where a lock file says so.
    pub(super) is_dev: Option<bool>,
    /// Whether it was installed only because others need it, where the package manager wrote that down.
    pub(super) is_automatic: Option<bool>,
    /// Whether the system cannot do without it: `Essential` and `Protected` of dpkg.
    pub(super) is_essential: bool,
    /// What it needs: for each need the names of packages that fill it, of which one is enough.
    pub(super) needs: Vec<Vec<String>>,
    /// What it recommends or suggests, like `needs`; it works without.
    pub(super) wants: Vec<Vec<String>>,
    /// Licences as it states them.
    pub(super) licences: Vec<String>,
}

/// Something that is there and that nothing needs, as far as its bytes tell.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct CanGo {
    /// What it is.
    pub(super) kind: CanGoKind,
    /// The same for people, without place and bytes.
    pub(super) what: String,
    /// Where it is: absolute paths, sorted.
    pub(super) paths: Vec<String>,
    /// How many more paths there are.
    pub(super) more_paths: u64,
    /// What goes with it; `null` for what has to be tried to be known, such as another base image.
    pub(super) bytes: Option<u64>,
    /// Position in the target's `layers`, from 0, of the one that brought most of it.
    pub(super) layer: Option<usize>,
    /// The line of the Dockerfile to change, where it is known.
    pub(super) dockerfile: Option<Place>,
    /// What to do.
    pub(super) fix: String,
    /// Whether the baseline does not have it; `null` when that cannot be told.
    pub(super) is_new: Option<bool>,
}

/// dive's figures, and the sums that they are ratios of.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Efficiency {
    /// dive's `efficiency`: `needed` by `stored`, and 1 where `stored` is 0.
    #[schemars(range(min = 0, max = 1))]
    #[serde(rename = "efficiency")]
    pub(super) ratio: f64,
    /// dive's `wastedBytes`: the sizes of paths that are stored several times, the copy that is seen included.
    pub(super) wasted_bytes: u64,
    /// dive's `userWastedPercent`, which is a ratio: `wasted_bytes` by `above_first`; `null` where that is 0.
    #[schemars(range(min = 0))]
    pub(super) user_wasted_percent: Option<f64>,
    /// The smallest size of each path, summed.
    pub(super) needed: u64,
    /// All sizes of each path, summed.
    pub(super) stored: u64,
    /// All layers but the first, by the sizes in their tars.
    pub(super) above_first: u64,
}

/// An image as if some of its paths had never come into it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Without {
    /// Each glob.
    pub(super) globs: Vec<WithoutGlob>,
    /// What goes, each byte counted once.
    pub(super) bytes: u64,
    /// The same bytes by the layers that hold them.
    pub(super) brought: Vec<Brought>,
    /// The content size that is left; `null` where the layers were not read.
    pub(super) size: Option<u64>,
}

/// What one glob takes out.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct WithoutGlob {
    /// As it was written.
    pub(super) glob: String,
    /// What goes.
    pub(super) bytes: u64,
    /// How many files match, or are below what matches.
    pub(super) files: u64,
}

/// A file that had to be read to know more, and was not.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct UnreadFile {
    /// Absolute path.
    pub(super) path: String,
    /// Why, as a fragment.
    pub(super) why: String,
}
