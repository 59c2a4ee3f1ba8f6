//! Exceptions from rules that list things: each thing is taken out before anything is grouped.

use std::collections::BTreeSet;

use super::case::{Case, applied};
use super::words::clip;
use crate::domain::{Allow, AllowMatch, AppliedAllow, Origin, Rule};

/// How many things an exception names in a report.
const MOST: usize = 1000;

/// The exceptions from one rule, and what each has excused so far.
pub(super) struct Excuses<'a> {
    entries: Vec<(&'a Allow, BTreeSet<String>)>,
}

impl<'a> Excuses<'a> {
    pub(super) fn new(case: &Case<'a>, rule: Rule) -> Self {
        Self { entries: case.in_force(rule).map(|allow| (allow, BTreeSet::new())).collect() }
    }

    /// Whether an exception excuses `subject`, which `origin` brought; the first one that does is the one that gets the credit.
    pub(super) fn excuse(&mut self, subject: &str, origin: Origin, matches: impl Fn(&AllowMatch) -> bool) -> bool {
        let excuses = |allow: &Allow| {
            let by_origin = allow.origin.is_none_or(|wanted| wanted == origin);
            by_origin && (allow.matches.is_empty() || allow.matches.iter().any(&matches))
        };
        let excusing = self.entries.iter_mut().find(|(allow, _)| excuses(allow));
        let Some((_, subjects)) = excusing else { return false };
        if subjects.len() < MOST {
            subjects.insert(clip(subject));
        }
        true
    }

    /// The exceptions that excused something.
    pub(super) fn applied(self) -> Vec<AppliedAllow> {
        self.entries
            .into_iter()
            .filter(|(_, subjects)| !subjects.is_empty())
            .map(|(allow, subjects)| applied(allow, subjects.into_iter().collect()))
            .collect()
    }
}
