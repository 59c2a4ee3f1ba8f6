//! What a target was judged by at the baseline, and which exceptions this change added or raised.

use time::Date;

use super::Rulebook;
use super::budget_changes::is_same_reason;
use crate::baseline::{Against, Before, Earlier};
use crate::domain::{Allow, AllowMatch, Bytes, Exception, How, TargetBudget, TargetName, UpTo};

/// The budget of a target at the baseline.
#[derive(Debug, Clone)]
pub(super) enum Then {
    /// It was this.
    Known(Box<TargetBudget>),
    /// The target was not in the budget.
    Absent,
    /// Nobody kept it, and why.
    Unknown(&'static str),
}

impl Then {
    /// By the budget files of the baseline's commit, else by what its report keeps.
    pub(super) fn of(name: &TargetName, rulebook: &Rulebook<'_>) -> Self {
        let Some(against) = rulebook.against else { return Self::Unknown("there is no baseline") };
        Self::at(name, against)
    }

    fn at(name: &TargetName, against: &Against) -> Self {
        if let Some(budgets) = &against.budgets {
            let target = budgets.targets.iter().find(|target| target.name == *name);
            return target.map_or(Self::Absent, |target| Self::Known(Box::new(TargetBudget::of(target, budgets))));
        }
        match &against.earlier {
            // It was judged by the rules of today.
            Earlier::Report(_) if against.how == How::Image => {
                Self::Unknown("git does not have the budget of the baseline, and an image has none")
            }
            Earlier::Report(report) => {
                let mut same = report.targets.iter().filter(|target| target.name == *name).peekable();
                if same.peek().is_none() && report.targets.iter().any(|target| target.budget.is_some()) {
                    return Self::Absent;
                }
                let kept = same.find_map(|target| target.budget.clone());
                kept.map_or(
                    Self::Unknown(
                        "the baseline is a report of a version that did not keep budgets, and git does not have it",
                    ),
                    |budget| Self::Known(Box::new(budget)),
                )
            }
            Earlier::Lock(_) => {
                Self::Unknown("git does not have the budget of the baseline, and a lock file keeps sizes alone")
            }
            Earlier::NotAsked | Earlier::Missing(_) | Earlier::OtherDefinition(_) => {
                Self::Unknown("there is no baseline yet")
            }
        }
    }

    /// Whether the baseline lacks an exception of a limit, or had a lower one, so that this change adds or raises it. Unknown is no.
    ///
    /// Two acceptances are the same when they give the same reason: whoever accepts growth again gives another one, or allows more.
    pub(super) fn lacks(&self, allow: &Allow, before: Before<'_>, today: Date) -> bool {
        let earlier = match self {
            Self::Unknown(_) => return false,
            Self::Absent => return true,
            Self::Known(budget) => &budget.exceptions,
        };
        let Some(now) = allow.up_to else { return false };
        let matches: Vec<String> = allow.matches.iter().map(AllowMatch::to_string).collect();
        let is_same = |exception: &&Exception| {
            exception.rule == allow.rule
                && exception.until.is_none_or(|until| until >= today)
                && exception.matches == matches
                && (!allow.rule.is_of_growth() || is_same_reason(&exception.reason, &allow.reason))
        };
        let allows_as_much = |exception: &Exception| exception.up_to.is_some_and(|then| !is_more(now, then, before));
        !earlier.iter().filter(is_same).any(allows_as_much)
    }

    /// Why it is not known; `None` where it is.
    pub(super) fn unknown(&self) -> Option<&'static str> {
        match self {
            Self::Unknown(why) => Some(why),
            Self::Known(_) | Self::Absent => None,
        }
    }
}

/// Whether `now` allows more than `then` over what the target was before.
fn is_more(now: UpTo, then: UpTo, before: Before<'_>) -> bool {
    match (now, then) {
        (UpTo::Bytes(now), UpTo::Bytes(then)) => now > then,
        (UpTo::Count(now), UpTo::Count(then)) => now > then,
        (UpTo::Growth(now), UpTo::Growth(then)) => {
            let size = match before {
                Before::Sizes { size, .. } => size,
                _ => Bytes::ZERO,
            };
            now.allowed(size) > then.allowed(size)
        }
        _ => true,
    }
}

/// Targets that the baseline has a budget of and this one does not, sorted.
pub(super) fn dropped(rulebook: &Rulebook<'_>) -> Vec<TargetName> {
    let Some(against) = rulebook.against.filter(|_| rulebook.budgets.file.is_some()) else { return Vec::new() };
    let is_here = |name: &TargetName| rulebook.budgets.targets.iter().any(|target| target.name == *name);
    let mut gone: Vec<TargetName> = match (&against.budgets, &against.earlier) {
        (Some(budgets), _) => budgets.targets.iter().map(|target| target.name.clone()).collect(),
        (None, Earlier::Report(report)) if against.how != How::Image => {
            let judged = report.targets.iter().filter(|target| target.budget.is_some());
            judged.map(|target| target.name.clone()).collect()
        }
        (None, _) => Vec::new(),
    };
    gone.retain(|name| !is_here(name));
    gone.sort();
    gone.dedup();
    gone
}
