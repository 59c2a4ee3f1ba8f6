//! The report of a run: what only all of its targets together can tell.

use super::{Rulebook, not_yet, unused_allow};
use crate::baseline;
use crate::domain::{Report, TargetReport};

/// Puts the targets' reports together. `commit` is what is checked out, when it is known.
#[must_use]
pub fn conclude(mut targets: Vec<TargetReport>, commit: Option<String>, rulebook: &Rulebook<'_>) -> Report {
    let not_judged = not_yet::fleet(rulebook.budgets);
    let open: Vec<_> = not_judged.iter().map(|not| not.rule).collect();
    let unused = unused_allow::unused(&targets, &open, rulebook);
    for (target, note) in unused {
        if let Some(target) = targets.get_mut(target) {
            target.notes.push(note);
        }
    }
    let baseline = rulebook.against.and_then(|against| baseline::of_run(against, &targets));
    Report { baseline, ..Report::new(targets, commit, not_judged) }
}
