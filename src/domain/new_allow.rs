//! An exception that is to be written into a budget file, in the words that stand there.

use super::{Rule, UpTo};

/// What becomes an `[[allow]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAllow {
    /// Names of targets, or globs over them; empty means every target that the file may speak of.
    pub targets: Vec<String>,
    /// The rule that it excuses.
    pub rule: Rule,
    /// What of that rule: names, globs or groups. Empty means all of it.
    pub matches: Vec<String>,
    /// Only what the base image brought.
    pub of_base: bool,
    /// For rules that are limits: the limit that holds instead.
    pub up_to: Option<UpTo>,
    /// Why, in the user's words.
    pub reason: String,
    /// Last day on which it holds, UTC.
    pub until: Option<time::Date>,
}

impl NewAllow {
    /// Whether both are about the same things, whatever they allow and until when. The order of names says nothing.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names.dedup();
            names
        };
        self.rule == other.rule
            && self.of_base == other.of_base
            && sorted(&self.targets) == sorted(&other.targets)
            && sorted(&self.matches) == sorted(&other.matches)
    }
}
