//! Limits that leave more room than anybody uses, lowered to what is measured and a little more.

use std::collections::BTreeMap;

use super::found::at_most;
use crate::domain::{Amount, Budgets, Bytes, Limit, Place, Report, Rule, Rules, Target, TargetName};

/// Room that nobody uses, in hundredths of a percent of what is measured, beyond which a limit is lowered: 10 %.
const SLACK: u64 = 1_000;
/// Waste below this is noise, and a limit on less would fail by chance.
const LEAST_WASTE: Bytes = Bytes(1_000_000);

/// A limit to lower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lowered {
    /// The rule that it is of.
    pub rule: Rule,
    /// Where its key stands.
    pub place: Place,
    /// The hard side as it is.
    pub from: Amount,
    /// The hard side as it should be.
    pub to: Amount,
    /// The soft side as it should be, where it would be above the hard one.
    pub warn: Option<Amount>,
    /// What the largest of its users measured.
    pub measured: Amount,
    /// That user.
    pub largest: TargetName,
    /// How many targets it is a limit of.
    pub users: usize,
}

/// One written limit with everything that is judged by it.
struct Shared {
    rule: Rule,
    warn: Option<Amount>,
    fail: Amount,
    /// What each user measured; `None` as soon as one is not known.
    measured: Option<Vec<(TargetName, Amount)>>,
    users: usize,
}

/// The limits of `budgets` with more than 10 % of room in `report`, and what they should be: measured and `headroom`, in hundredths of a
/// percent, never more than before. A limit that several targets share follows the largest, and one of them that was not measured keeps
/// it as it is. In the order of the files.
#[must_use]
pub fn ratchet(report: &Report, budgets: &Budgets, headroom: u64) -> Vec<Lowered> {
    let mut shared: BTreeMap<Place, Shared> = BTreeMap::new();
    for target in &budgets.targets {
        for (rule, limit) in limits(&target.rules) {
            // A policy is shared with repositories that nobody measures here.
            let place = limit.place.filter(|place| !budgets.is_of_policy(place));
            let (Some(fail), Some(place)) = (limit.fail, place) else { continue };
            let limit = shared.entry(place).or_insert_with(|| Shared {
                rule,
                warn: limit.warn,
                fail,
                measured: Some(Vec::new()),
                users: 0,
            });
            limit.users += 1;
            let measured = measured(target, rule, report).map(|amount| (target.name.clone(), amount));
            match (&mut limit.measured, measured) {
                (Some(all), Some(measured)) => all.push(measured),
                (all, _) => *all = None,
            }
        }
    }
    shared.into_iter().filter_map(|(place, shared)| lowered(place, shared, headroom)).collect()
}

fn lowered(place: Place, shared: Shared, headroom: u64) -> Option<Lowered> {
    let (largest, measured) = shared.measured?.into_iter().max_by_key(|(_, amount)| *amount)?;
    let (from, used) = (shared.fail, measured.value());
    // Nothing measured is nothing to leave room above.
    let is_slack = u128::from(from.value()) * 10_000 > u128::from(used) * u128::from(10_000 + SLACK);
    if used == 0 || !is_slack {
        return None;
    }
    let to = match measured {
        Amount::Bytes(bytes) => {
            let wanted = bytes.with_headroom(headroom);
            Amount::Bytes(if shared.rule == Rule::Wasted { wanted.max(LEAST_WASTE) } else { wanted })
        }
        Amount::Count(count) => {
            let more = (u128::from(count) * u128::from(headroom)).div_ceil(10_000);
            Amount::Count(count.saturating_add(u64::try_from(more).unwrap_or(u64::MAX)))
        }
    };
    let warn = shared.warn.filter(|warn| *warn > to).map(|_| to);
    let rule = shared.rule;
    (to < from).then_some(Lowered { rule, place, from, to, warn, measured, largest, users: shared.users })
}

/// The hard and soft limits that can be lowered: growth is a change and no size.
fn limits(rules: &Rules) -> Vec<(Rule, Limit<Amount>)> {
    fn of<T: Copy>(limit: Option<&Limit<T>>, amount: fn(T) -> Amount) -> Option<Limit<Amount>> {
        limit.map(|limit| Limit {
            warn: limit.warn.map(amount),
            fail: limit.fail.map(amount),
            place: limit.place.clone(),
        })
    }
    let bytes = |limit: &Option<Limit<Bytes>>| of(limit.as_ref(), Amount::Bytes);
    let count = |limit: &Option<Limit<u64>>| of(limit.as_ref(), Amount::Count);
    let all = [
        (Rule::Size, bytes(&rules.max_size)),
        (Rule::CompressedSize, bytes(&rules.max_compressed_size)),
        (Rule::OwnSize, bytes(&rules.max_own_size)),
        (Rule::Layers, count(&rules.max_layers)),
        (Rule::LayerSize, bytes(&rules.max_layer_size)),
        (Rule::Wasted, bytes(&rules.max_wasted)),
        (Rule::OsPackages, count(&rules.max_os_packages)),
    ];
    all.into_iter().filter_map(|(rule, limit)| Some((rule, limit?))).collect()
}

/// The most that a rule measured of a target on all of its platforms; `None` unless all of them are known.
fn measured(target: &Target, rule: Rule, report: &Report) -> Option<Amount> {
    let reports: Vec<_> = report.targets.iter().filter(|report| report.name == target.name).collect();
    let has = |platform| reports.iter().any(|report| report.platform.as_ref() == Some(platform));
    if reports.is_empty() || !target.platforms.iter().all(has) {
        return None;
    }
    let amounts: Option<Vec<Amount>> = reports
        .iter()
        .map(|report| {
            let outcome =
                report.rules.iter().find(|outcome| outcome.rule == rule).filter(|_| report.error.is_none())?;
            Some(match outcome.actual {
                Amount::Bytes(bytes) => Amount::Bytes(at_most(report, rule, bytes)),
                count @ Amount::Count(_) => count,
            })
        })
        .collect();
    amounts?.into_iter().max()
}
