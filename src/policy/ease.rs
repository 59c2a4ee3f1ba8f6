//! What makes a finding of a list less serious than its rule says: nothing was done here, or the baseline has it and only what is new was
//! asked for. Limits ease themselves, since that takes numbers; see [`super::here`].

use super::Rulebook;
use super::case::Case;
use super::here::is_found;
use crate::domain::{EasedBy, Finding, Origin, Rule, Severity};

/// What `--only-new` means for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnlyNew {
    /// Nobody asked for it.
    Off,
    /// What the baseline has is known.
    On,
    /// There is no baseline that could tell.
    NoBaseline,
}

impl OnlyNew {
    /// What was asked of this run.
    pub(super) fn of(rulebook: &Rulebook<'_>) -> Self {
        let is_found = rulebook.against.is_some_and(|against| is_found(&against.earlier));
        match (rulebook.only_new, is_found) {
            (false, _) => Self::Off,
            (true, true) => Self::On,
            (true, false) => Self::NoBaseline,
        }
    }
}

/// Eases the findings of one rule, after it said how serious each is and whether it is new.
pub(super) fn ease(case: &Case<'_>, only_new: OnlyNew, findings: &mut [Finding]) {
    for finding in findings {
        if let Some(why) = drift(case, finding) {
            finding.ease(Severity::Warn, why);
        }
        match (only_new, finding.is_new) {
            _ if finding.rule == Rule::BudgetChanged => {}
            (OnlyNew::On, Some(false)) => finding.ease(Severity::Note, EasedBy::Known),
            (OnlyNew::NoBaseline, _) => finding.ease(Severity::Note, EasedBy::NoBaseline),
            (OnlyNew::Off | OnlyNew::On, _) => {}
        }
    }
}

/// Why something that the baseline does not have came without anything being done here.
fn drift(case: &Case<'_>, finding: &Finding) -> Option<EasedBy> {
    // A limit has said so already, and what the budget became was done here.
    let is_listed = finding.limit.is_none() && !matches!(finding.rule, Rule::BudgetChanged | Rule::NoBudget);
    if !is_listed || !case.here.is_in_change() || finding.is_new != Some(true) {
        return None;
    }
    if case.here.base_moved() && case.here.has_same_base() && is_of_base(case, finding) {
        Some(EasedBy::Base)
    } else {
        case.here.is_unchanged().then_some(EasedBy::Drift)
    }
}

/// Whether the base image brought all of it.
fn is_of_base(case: &Case<'_>, finding: &Finding) -> bool {
    let of_base = |layer: Option<usize>| case.origin(layer) == Origin::Base;
    match finding.rule {
        // Tools are told by layer.
        Rule::ForbiddenTool => of_base(finding.layer.as_ref().map(|layer| layer.index)),
        Rule::ForbiddenPath => {
            let shown = case.measured.shown.as_ref();
            let matched =
                shown.and_then(|shown| shown.matched_paths.iter().find(|matched| matched.glob == finding.subject));
            matched.is_some_and(|matched| {
                u64::try_from(matched.paths.len()) == Ok(matched.count)
                    && matched.paths.iter().all(|found| of_base(found.layer))
            })
        }
        _ => false,
    }
}
