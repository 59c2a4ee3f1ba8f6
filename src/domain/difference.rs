//! What two images differ by: rows that add up to the difference of their sizes, each told once and by what explains it best.

use std::cmp::Reverse;

use super::contents::Ecosystem;
use super::{Bytes, Origin, Place};

/// What became of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// What changed, the most bytes first. Together the rows are exactly the difference of the sizes.
    pub rows: Vec<DifferenceRow>,
    /// What was left out of `rows` to be short.
    pub rest: DifferenceRest,
    /// The directories that grew most, whatever rows tell it; none of them is in another. Empty where only layers are known.
    pub grown: Vec<GrownDirectory>,
    /// Tools that came and went; `None` where that is not known of both images.
    pub tools: Option<ToolChanges>,
    /// How many packages; `None` where that is not known of both images.
    pub packages: Option<PackageCounts>,
    /// What could not be compared, as fragments with their reason. May hold paths of the image, not escaped.
    pub unknown: Vec<String>,
}

/// Rows that are only counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DifferenceRest {
    /// How many.
    pub rows: u64,
    /// Their bytes before, together.
    pub before: Bytes,
    /// Their bytes after, together.
    pub after: Bytes,
}

impl DifferenceRest {
    /// By how many bytes the image changed with them.
    #[must_use]
    pub fn difference(&self) -> i128 {
        i128::from(self.after.0) - i128::from(self.before.0)
    }

    /// With one row more.
    fn and(self, row: &DifferenceRow) -> Self {
        let plus = |one: Bytes, other: Bytes| Bytes(one.0.saturating_add(other.0));
        Self {
            rows: self.rows.saturating_add(1),
            before: plus(self.before, row.before),
            after: plus(self.after, row.after),
        }
    }
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceRow {
    /// What it is.
    pub what: DifferentThing,
    /// What became of it.
    pub state: DifferenceState,
    /// Bytes before, of what this row is about: what no other row tells.
    pub before: Bytes,
    /// Bytes after.
    pub after: Bytes,
    /// The layer that had it, where it was one: a position from the bottom.
    pub old_layer: Option<usize>,
    /// The layer that brings it, where it is one: a position from the bottom.
    pub new_layer: Option<usize>,
    /// The line of the Dockerfile that made that layer, of the later image where it has it.
    pub line: Option<Place>,
    /// Whether a base image brings it; `Unknown` where several layers do, or nobody knows.
    pub origin: Origin,
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferentThing {
    /// A layer: what no package, directory or file tells, such as copies of files that a later layer made.
    Layer {
        /// Its instruction in the image's history. Untrusted.
        created_by: Option<String>,
        /// What of `after` ships and is not seen: the layer deletes or replaces it.
        hidden: Bytes,
    },
    /// The base image: what no package, directory or file tells.
    Base,
    /// A package, all copies of it.
    Package {
        /// Whose.
        ecosystem: Ecosystem,
        /// Its name. Untrusted.
        name: String,
        /// Its versions before, sorted; none where it was not there, or did not say. Untrusted.
        old_versions: Vec<String>,
        /// Its versions after.
        new_versions: Vec<String>,
    },
    /// A directory: all that changed at and below it and that no other row tells.
    Directory {
        /// Absolute path. Untrusted.
        path: String,
        /// How many files of it came, went or changed their size.
        files: u64,
    },
    /// A file or link.
    File {
        /// Absolute path. Untrusted.
        path: String,
    },
}

/// What became of a thing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceState {
    /// It was not there.
    New,
    /// It is not there any more.
    Gone,
    /// It is another: another size, or another version.
    Changed,
}

impl DifferenceState {
    /// Its word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Changed => "changed",
        }
    }

    /// What it is where before and after are exchanged.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::New => Self::Gone,
            Self::Gone => Self::New,
            Self::Changed => Self::Changed,
        }
    }
}

/// A directory that grew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrownDirectory {
    /// Absolute path. Untrusted.
    pub path: String,
    /// What the file system showed at and below it.
    pub before: Bytes,
    /// What it shows now; more than that.
    pub after: Bytes,
}

/// Tools by name, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolChanges {
    /// Only in the later image.
    pub added: Vec<String>,
    /// Only in the earlier one.
    pub removed: Vec<String>,
}

/// Packages by number; copies count each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PackageCounts {
    /// Before.
    pub before: u64,
    /// After: `before + added − removed`.
    pub after: u64,
    /// How many came.
    pub added: u64,
    /// How many went.
    pub removed: u64,
    /// How many have another version.
    pub changed: u64,
}

impl Difference {
    /// Sorts the rows: the most bytes first, in either direction.
    pub fn sort(&mut self) {
        self.rows.sort_by(|one, other| {
            let by_size = Reverse(one.bytes()).cmp(&Reverse(other.bytes()));
            by_size.then_with(|| one.what.rank().cmp(&other.what.rank())).then_with(|| one.what.cmp(&other.what))
        });
    }

    /// The first `most` rows, and what the others are together.
    #[must_use]
    pub fn first(&self, most: usize) -> (&[DifferenceRow], DifferenceRest) {
        let (first, others) = self.rows.split_at_checked(most).unwrap_or((&self.rows, &[]));
        (first, others.iter().fold(self.rest, DifferenceRest::and))
    }

    /// The same with at most so many rows; those left out are told together.
    #[must_use]
    pub fn shortened(mut self, most: usize) -> Self {
        self.rest = self.first(most).1;
        self.rows.truncate(most);
        self
    }

    /// Whether nothing is different that a row, a tool or a package could tell.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let same_tools = self.tools.as_ref().is_none_or(|tools| tools.added.is_empty() && tools.removed.is_empty());
        let same_packages =
            self.packages.is_none_or(|counts| counts.added == 0 && counts.removed == 0 && counts.changed == 0);
        self.rows.is_empty() && self.rest.rows == 0 && same_tools && same_packages
    }

    /// All rows together.
    #[must_use]
    pub fn sum(&self) -> i128 {
        self.rows.iter().map(DifferenceRow::difference).sum::<i128>() + self.rest.difference()
    }

    /// The rows about packages, the most bytes first.
    pub fn package_rows(&self) -> impl Iterator<Item = &DifferenceRow> {
        self.rows.iter().filter(|row| matches!(row.what, DifferentThing::Package { .. }))
    }

    /// The packages that a layer of the later image brought anew, the largest first.
    pub fn new_packages(&self, layer: usize) -> impl Iterator<Item = &DifferenceRow> {
        self.package_rows().filter(move |row| row.state == DifferenceState::New && row.new_layer == Some(layer))
    }
}

impl DifferenceRow {
    /// By how many bytes the image changed with it.
    #[must_use]
    pub fn difference(&self) -> i128 {
        i128::from(self.after.0) - i128::from(self.before.0)
    }

    /// The same in either direction.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        Bytes(self.before.0.abs_diff(self.after.0))
    }
}

impl DifferentThing {
    /// Of equal sizes the layers come first.
    fn rank(&self) -> u8 {
        match self {
            Self::Layer { .. } => 0,
            Self::Base => 1,
            Self::Package { .. } => 2,
            Self::Directory { .. } => 3,
            Self::File { .. } => 4,
        }
    }
}
