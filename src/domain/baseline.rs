//! What a run was compared with, as a whole, and the one name that every format gives it.

use super::links::is_commit;
use super::{Platform, TargetName};

/// What a run was compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The file, the image, or the file at a ref: `main.json`, `budgets.lock at main`. Holds the user's words, not escaped.
    pub source: String,
    /// Which baseline it is, and why that one.
    pub how: How,
    /// Whether it could be compared with.
    pub state: BaselineState,
    /// The commit that it was measured at.
    pub commit: Option<String>,
    /// How many commits lie between that commit and the one that was measured now; `None` when git cannot tell, and where the baseline is
    /// what the change was made on.
    pub behind: Option<u64>,
    /// Targets that the baseline has and this run did not check: left out on the command line, or gone from the file. Sorted.
    pub not_in_run: Vec<(TargetName, Option<Platform>)>,
}

/// Which baseline it is, and why that one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum How {
    /// A file that was named.
    #[default]
    File,
    /// What stands at a ref that was named.
    Ref,
    /// The first parent of the merge that CI made: what the change was merged onto.
    MergeParent,
    /// What the merge group was made on.
    MergeGroupBase,
    /// Where the branch left its base branch. What the base branch became since then is put down to the branch.
    MergeBase,
    /// The commit before the one that is checked out.
    Parent,
    /// Measured before the commit that this change was made on.
    Older {
        /// How many commits before, when git can tell.
        by: Option<u64>,
    },
    /// An image in a registry.
    Image,
}

/// Whether a baseline could be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BaselineState {
    /// It was read.
    Found,
    /// There is none yet, and why that is known: "no such file". Never a failure.
    Missing(String),
    /// Its sizes were measured by another definition, so that no number of it means anything here.
    OtherDefinition(String),
}

impl Baseline {
    /// What people call it: `main.json`, `budgets.lock at main (a1b2c3d)`, `a1b2c3d, this merge's parent`. Holds the user's words, not escaped.
    #[must_use]
    pub fn name(&self) -> String {
        let Some(commit) = self.short_commit() else { return self.source.clone() };
        match self.how {
            How::MergeParent => format!("{commit}, this merge's parent"),
            How::MergeGroupBase => format!("{commit}, this merge group's base"),
            How::MergeBase => format!("{commit}, where this branch began"),
            How::Parent => format!("{commit}, the commit before this one"),
            How::Older { by: Some(1) } => format!("{} ({commit}, 1 commit before this change's base)", self.source),
            How::Older { by: Some(by) } => {
                format!("{} ({commit}, {by} commits before this change's base)", self.source)
            }
            How::Older { by: None } => format!("{} ({commit}, not this change's base)", self.source),
            // A tag that holds the commit says it already.
            How::File | How::Ref | How::Image if self.source.contains(commit) => self.source.clone(),
            How::File | How::Ref | How::Image => format!("{} ({commit})", self.source),
        }
    }

    /// The first seven digits of its commit, where that is one: a report may call anything its commit.
    #[must_use]
    pub fn short_commit(&self) -> Option<&str> {
        self.commit.as_deref().filter(|commit| is_commit(commit))?.get(..7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(source: &str, how: How, commit: Option<&str>) -> String {
        let commit = commit.map(str::to_owned);
        let state = BaselineState::Found;
        Baseline { source: source.to_owned(), how, state, commit, behind: None, not_in_run: Vec::new() }.name()
    }

    #[test]
    fn a_baseline_has_one_name() {
        let id = "a1b2c3d0123456789012345678901234567890aa";
        let commit = Some(id);
        assert_eq!(name("main.json", How::File, None), "main.json");
        assert_eq!(name("main.json", How::File, commit), "main.json (a1b2c3d)");
        assert_eq!(name("main.json", How::File, Some("\u{1b}[2J")), "main.json");
        assert_eq!(name("budgets.lock at main", How::Ref, commit), "budgets.lock at main (a1b2c3d)");
        assert_eq!(name("budgets.lock at a1b2c3d", How::Ref, commit), "budgets.lock at a1b2c3d");
        assert_eq!(name("budgets.lock", How::MergeParent, commit), "a1b2c3d, this merge's parent");
        assert_eq!(name("budgets.lock", How::MergeGroupBase, commit), "a1b2c3d, this merge group's base");
        assert_eq!(name("budgets.lock", How::MergeBase, commit), "a1b2c3d, where this branch began");
        assert_eq!(name("budgets.lock", How::Parent, commit), "a1b2c3d, the commit before this one");
        assert_eq!(
            name("main.json", How::Older { by: Some(3) }, commit),
            "main.json (a1b2c3d, 3 commits before this change's base)"
        );
        let image = "registry.example.com/acme/api:main";
        assert_eq!(name(image, How::Image, None), image);
        let at = format!("registry.example.com/acme/api:{id}");
        assert_eq!(name(&at, How::Image, commit), at);
    }
}
