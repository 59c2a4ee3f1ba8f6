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
    /// `baseline.image`: images that stand for the baseline, the best first.
    pub baseline_images: Vec<ImageTemplate>,
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

/// An image of `baseline.image`: a reference in which `{target}` and `{base-sha}` stand for the target's name and for the commit that a
/// change was made on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageTemplate {
    /// As it is written.
    pub text: String,
    /// Where.
    pub place: Place,
}

impl ImageTemplate {
    /// What stands for the name of the target.
    pub const TARGET: &str = "{target}";
    /// What stands for the commit that a change was made on.
    pub const BASE: &str = "{base-sha}";

    /// The reference of a target, at a commit. `None` where it asks for a commit and none is known.
    #[must_use]
    pub fn filled(&self, target: &str, commit: Option<&str>) -> Option<String> {
        let at_commit =
            if self.text.contains(Self::BASE) { self.text.replace(Self::BASE, commit?) } else { self.text.clone() };
        Some(at_commit.replace(Self::TARGET, target))
    }

    /// The first placeholder that nothing stands for: `{sha}`.
    #[must_use]
    pub fn unknown(&self) -> Option<String> {
        let plain = self.filled("", Some(""))?;
        let open = plain.find(['{', '}'])?;
        let end = plain[open..].find('}').map_or(plain.len(), |end| open + end + 1);
        Some(plain[open..end].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> ImageTemplate {
        ImageTemplate { text: text.to_owned(), place: Place { file: "budgets.toml".to_owned(), line: 1, column: 1 } }
    }

    #[test]
    fn placeholders_are_filled_or_unknown() {
        let both = template("r.example.com/{target}:{base-sha}");
        assert_eq!(both.filled("api", Some("abc")).as_deref(), Some("r.example.com/api:abc"));
        assert_eq!(both.filled("api", None), None);
        assert_eq!(template("r/{target}:main").filled("api", None).as_deref(), Some("r/api:main"));
        assert_eq!(both.unknown(), None);
        assert_eq!(template("r/{target}:{sha}").unknown().as_deref(), Some("{sha}"));
        assert_eq!(template("r/{target").unknown().as_deref(), Some("{target"));
        assert_eq!(template("r/x}").unknown().as_deref(), Some("}"));
    }
}
