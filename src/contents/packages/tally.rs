//! Names that one sentence is about, of which the first by name are told: there may be a million.

use std::collections::BTreeSet;
use std::fmt;

/// How many are told.
const MOST_TOLD: usize = 3;

/// Some names, and how many more.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    first: BTreeSet<String>,
    others: u64,
    why: String,
}

impl Tally {
    /// Adds a name.
    pub(super) fn add(&mut self, name: &[u8]) {
        self.first.insert(String::from_utf8_lossy(name).into_owned());
        if self.first.len() > MOST_TOLD {
            self.first.pop_last();
            self.others = self.others.saturating_add(1);
        }
    }

    /// Remembers the first reason.
    pub(super) fn because(&mut self, why: String) {
        if self.why.is_empty() {
            self.why = why;
        }
    }

    /// That reason.
    pub(super) fn why(&self) -> &str {
        &self.why
    }

    /// Whether there are any.
    pub(super) fn is_some(&self) -> bool {
        !self.first.is_empty()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.first.iter().map(String::as_str).collect();
        match (names.as_slice(), self.others) {
            ([but_last @ .., last], 0) if !but_last.is_empty() => write!(f, "{} and {last}", but_last.join(", ")),
            (names, 0) => f.write_str(&names.join("")),
            (names, others) => write!(f, "{} and {others} more", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_by_name_are_told() {
        let said = |names: &[&str]| {
            let mut tally = Tally::default();
            for name in names {
                tally.add(name.as_bytes());
            }
            tally.to_string()
        };
        assert_eq!(said(&["b"]), "b");
        assert_eq!(said(&["b", "a"]), "a and b");
        assert_eq!(said(&["c", "b", "a"]), "a, b and c");
        assert_eq!(said(&["e", "d", "c", "b", "a"]), "a, b, c and 2 more");
    }
}
