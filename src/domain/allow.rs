//! Exceptions that somebody gave a reason for.

use super::{Bytes, Growth, Origin, PathGroup, Place, Rule, ToolPattern};

/// One `[[allow]]` table.
#[derive(Debug, Clone)]
pub struct Allow {
    /// Globs over target names; empty means every target.
    pub targets: Vec<globset::GlobMatcher>,
    /// The rule that it excuses.
    pub rule: Rule,
    /// What of that rule: names, globs or groups. Empty means all of it.
    pub matches: Vec<AllowMatch>,
    /// For rules about tools and paths: who must have brought it; `None` when that is all the same.
    pub origin: Option<Origin>,
    /// For rules that are limits: the limit that holds instead.
    pub up_to: Option<UpTo>,
    /// Why, in the user's words.
    pub reason: String,
    /// Last day on which it holds, UTC.
    pub until: Option<time::Date>,
    /// Where it is written.
    pub place: Place,
}

impl Allow {
    /// Whether it speaks of this target.
    #[must_use]
    pub fn covers(&self, target: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|glob| glob.is_match(target))
    }
}

/// What an exception matches.
#[derive(Debug, Clone)]
pub enum AllowMatch {
    /// `npm`, or `@shells`: for rules about tools.
    Tool(ToolPattern),
    /// `@caches`: for rules about paths.
    Paths(PathGroup),
    /// A glob over tool names or over paths, by the rule.
    Glob(globset::GlobMatcher),
}

impl std::fmt::Display for AllowMatch {
    /// As written.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tool(pattern) => pattern.fmt(f),
            Self::Paths(group) => group.fmt(f),
            Self::Glob(glob) => f.write_str(glob.glob().glob()),
        }
    }
}

/// A higher limit, in the unit of the rule it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpTo {
    /// For sizes.
    Bytes(Bytes),
    /// For counts of layers and packages.
    Count(u64),
    /// For growth.
    Growth(Growth),
}

/// What `up-to` and `match` of an exception can say about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A limit in bytes.
    Bytes,
    /// A limit that counts.
    Count,
    /// A limit on growth.
    Growth,
    /// Tools can be named.
    Tools,
    /// Paths can be named.
    Paths,
    /// All or nothing.
    Whole,
    /// No exception makes sense.
    Never,
}

impl Rule {
    /// What an exception from it can say.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Size | Self::CompressedSize | Self::OwnSize | Self::LayerSize | Self::Wasted | Self::FleetSize => {
                Scope::Bytes
            }
            Self::Layers | Self::OsPackages => Scope::Count,
            Self::Growth | Self::OwnGrowth => Scope::Growth,
            Self::ForbiddenTool | Self::ShadowedTool => Scope::Tools,
            Self::ForbiddenPath => Scope::Paths,
            Self::WrongStage | Self::RootUser | Self::NoBudget => Scope::Whole,
            Self::ExpiredAllow | Self::BudgetChanged => Scope::Never,
        }
    }
}
