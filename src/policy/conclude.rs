//! The report of a run: what only all of its targets together can tell.

use std::collections::BTreeMap;

use super::budget_before::{self, Then};
use super::budget_changes::Changed;
use super::{Rulebook, budget_basis, not_yet, unused_allow};
use crate::baseline;
use crate::domain::{BudgetChange, Report, TargetBudget, TargetName, TargetReport};

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
    // What could not be measured has a budget all the same.
    for report in targets.iter_mut().filter(|report| report.budget.is_none()) {
        let declared = rulebook.budgets.targets.iter().find(|target| target.name == report.name);
        report.budget = declared.map(|target| TargetBudget::of(target, rulebook.budgets));
    }
    let mut baseline = rulebook.against.and_then(|against| baseline::of_run(against, &targets));
    let left_out = rulebook.left_out.cloned();
    if let (Some(baseline), Some(left_out)) = (&mut baseline, &left_out) {
        // Why they are not in this run is known.
        baseline.not_in_run.retain(|(name, _)| !left_out.targets.contains(name));
    }
    let budget_changes = budget_changes(&targets, rulebook);
    Report { baseline, budget_changes, left_out, ..Report::new(targets, commit, not_judged) }
}

/// What became of the budgets of all targets of the file, whether this run looked at them or not. What is the same for all of them is told
/// once, and what a target accepted in this change is told there.
fn budget_changes(reports: &[TargetReport], rulebook: &Rulebook<'_>) -> Vec<BudgetChange> {
    let budgets = rulebook.budgets;
    if budgets.file.is_none() {
        return Vec::new();
    }
    let mut by_change: BTreeMap<Key, Vec<TargetName>> = BTreeMap::new();
    let mut compared = 0_usize;
    for target in &budgets.targets {
        let Then::Known(then) = Then::of(&target.name, rulebook) else { continue };
        compared += 1;
        let now = TargetBudget::of(target, budgets);
        let of_target = || reports.iter().filter(|report| report.name == target.name);
        // Growth that a raised row accepted is told there.
        let is_told = |change: &Changed| {
            of_target().any(|report| {
                report.platform.as_ref().is_some_and(|platform| change.key == budget_basis::key_of_row(platform))
                    && report.accepted.iter().any(|accepted| accepted.place.is_none() && accepted.rule.is_of_growth())
            })
        };
        for change in budget_basis::changed(&target.name, &then, &now, rulebook).into_iter().filter(|it| !is_told(it)) {
            by_change.entry(Key::of(change)).or_default().push(target.name.clone());
        }
    }
    let mut changes: Vec<BudgetChange> = Vec::new();
    for (key, mut names) in by_change {
        names.dedup();
        let for_all = compared > 1 && names.len() == compared;
        if for_all {
            changes.push(key.change(None));
        } else {
            changes.extend(names.into_iter().map(|name| key.change(Some(name))));
        }
    }
    changes.extend(budget_before::dropped(rulebook).into_iter().map(|name| BudgetChange {
        target: Some(name),
        what: "dropped".to_owned(),
        loosens: true,
        place: None,
    }));
    changes.retain(|change| !reports.iter().any(|report| change.is_told_by(&report.name, &report.accepted)));
    changes.sort_by(|a, b| a.key().cmp(&b.key()));
    changes
}

/// One change, as it is told apart from others.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    loosens: bool,
    what: String,
    place: Option<crate::domain::Place>,
}

impl Key {
    fn of(Changed { what, loosens, place, .. }: Changed) -> Self {
        Self { loosens, what, place }
    }

    fn change(&self, target: Option<TargetName>) -> BudgetChange {
        BudgetChange { target, what: self.what.clone(), loosens: self.loosens, place: self.place.clone() }
    }
}
