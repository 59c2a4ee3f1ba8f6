//! The whole of budgets.toml after validation, or what the command line says in its place.

use std::path::PathBuf;

use super::{Allow, Bytes, Limit, Place, Severity, Target};

/// Everything a run is judged by.
#[derive(Debug, Clone, Default)]
pub struct Budgets {
    /// The file it came from; `None` when the command line said it all.
    pub file: Option<PathBuf>,
    /// The organisation's policy beneath it; `None` without `--policy`.
    pub policy: Option<PolicyFile>,
    /// Targets in the order of the file, those of included files after.
    pub targets: Vec<Target>,
    /// Exceptions in the order of the file.
    pub allows: Vec<Allow>,
    /// `fleet.max-size`: all targets together, shared layers once.
    pub fleet_max_size: Option<Limit<Bytes>>,
    /// How the comment behaves.
    pub comment: CommentSettings,
    /// `baseline.file`.
    pub baseline: Option<PathBuf>,
    /// `baseline.only-new`, where it is `true`: the place of the key.
    pub only_new: Option<Place>,
    /// `policy.budget-changes`: what a loosened budget is, and where that is written; a note when absent.
    pub budget_changes: Option<(Severity, Place)>,
}

/// The file of `--policy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    /// Where it is.
    pub path: PathBuf,
    /// What places in it are called by.
    pub name: String,
}

impl Budgets {
    /// Whether a line belongs to the policy, and not to the repository.
    #[must_use]
    pub fn is_of_policy(&self, place: &Place) -> bool {
        self.policy.as_ref().is_some_and(|policy| policy.name == place.file)
    }
}

/// `[comment]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentSettings {
    /// Changes smaller than this alone do not call for a comment.
    pub min_change: Bytes,
}

impl Default for CommentSettings {
    fn default() -> Self {
        Self { min_change: Bytes(1_000_000) }
    }
}
