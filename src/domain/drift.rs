//! What was done here, and what would have happened anyway.

use super::{Amount, Place, Rule, Severity, TargetName};

/// Whether what a target is made of differs from the commit that it is compared with: context, Dockerfile, build arguments, budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inputs {
    /// It does, and what of it: up to a few fragments such as `services/api/package.json`.
    Changed(Vec<String>),
    /// It does not: whatever became of the image is drift.
    Unchanged,
    /// Cannot be told, and why: no commit is known, or the image was built elsewhere.
    Unknown(String),
}

impl Inputs {
    /// Whether what changed may be the base image that is asked for: the Dockerfile with its FROM, or anything that is not a file.
    #[must_use]
    pub fn may_change_base(&self, from: Option<&Place>) -> bool {
        let Self::Changed(fragments) = self else { return false };
        let is_other_file = |fragment: &String| {
            let is_file = !fragment.contains(' ') && fragment.contains(['/', '.']);
            // One of the two may be relative to a folder of the repository.
            let is_from = from
                .is_some_and(|from| fragment.ends_with(from.file.as_str()) || from.file.ends_with(fragment.as_str()));
            is_file && from.is_some() && !is_from
        };
        !fragments.iter().all(is_other_file)
    }
}

/// What a run did not look at, because nothing that it is made of changed since a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The commit, as it was asked for: `main`. Holds the user's words, not escaped.
    pub since: String,
    /// Its targets, in the order of the file.
    pub targets: Vec<TargetName>,
}

impl LeftOut {
    /// `17 unchanged since main`; `None` where nothing was left out. Holds the user's words, not escaped.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        let count = self.targets.len();
        (count > 0).then(|| format!("{count} unchanged since {}", self.since))
    }
}

/// Why a finding is less serious than its rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eased {
    /// What the rule says.
    pub from: Severity,
    /// Why it is not that.
    pub why: EasedBy,
}

/// What eases a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EasedBy {
    /// The baseline has it, and only what is new was asked for.
    Known,
    /// Only what is new was asked for, and there is no baseline yet that could tell.
    NoBaseline,
    /// In a pull request: nothing that the target is made of changed here.
    Drift,
    /// In a pull request: without what the base image brought, the limit is kept.
    Base,
    /// It is enforced from this day on, `YYYY-MM-DD`.
    NotYet {
        /// The day.
        from: String,
        /// Days until then.
        days: u64,
    },
}

/// More than was allowed, accepted in this change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The rule.
    pub rule: Rule,
    /// What was measured.
    pub actual: Amount,
    /// Up to what it was accepted.
    pub up_to: Amount,
    /// Why, in the user's words; `None` where a row of a lock file says it.
    pub reason: Option<String>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// A change of the budget itself since the baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetChange {
    /// The target; `None` for what belongs to all.
    pub target: Option<TargetName>,
    /// What changed, as a fragment: `max-size 150.0 → 300.0 MB`. May hold the user's words, not escaped.
    pub what: String,
    /// Whether more is allowed now than before.
    pub loosens: bool,
    /// The line that says so now.
    pub place: Option<Place>,
}

impl BudgetChange {
    /// What tells changes apart and puts them in order: what allows more comes first, what belongs to all before what belongs to one.
    #[must_use]
    pub fn key(&self) -> (bool, Option<&TargetName>, &str, Option<&Place>) {
        (!self.loosens, self.target.as_ref(), &self.what, self.place.as_ref())
    }

    /// `api max-size 150.0 → 300.0 MB`. May hold the user's words, not escaped.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.target.as_ref().map_or_else(|| self.what.clone(), |target| format!("{target} {}", self.what))
    }

    /// Whether a target of this name tells of it already, as something that it accepted.
    #[must_use]
    pub fn is_told_by(&self, name: &TargetName, accepted: &[Accepted]) -> bool {
        let is_about = self.target.as_ref().is_none_or(|target| target == name);
        is_about && self.place.is_some() && accepted.iter().any(|accepted| accepted.place == self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_changed_by_its_dockerfile_and_by_what_is_not_a_file() {
        let from = Place { file: "services/api/Dockerfile".to_owned(), line: 3, column: 1 };
        let may = |fragments: &[&str]| {
            let changed = Inputs::Changed(fragments.iter().map(|fragment| (*fragment).to_owned()).collect());
            changed.may_change_base(Some(&from))
        };
        assert!(may(&["services/api/src/a.js", "services/api/Dockerfile"]) && may(&["Dockerfile"]));
        assert!(may(&["build argument NODE"]) && may(&["a.js", "b.js", "2 more"]) && may(&["platforms"]));
        assert!(!may(&["services/api/src/a.js", "package.json"]));
        assert!(!Inputs::Unchanged.may_change_base(Some(&from)));
        assert!(Inputs::Changed(vec!["a.js".to_owned()]).may_change_base(None), "nobody knows");
    }
}
