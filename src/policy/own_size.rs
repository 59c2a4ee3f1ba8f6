//! `own-size`: what the target's own layers add to its base image. Where the two cannot be told apart, nothing is judged.

use super::blame::{self, Blame};
use super::case::{Case, Ruling, amounts};
use super::here::Sum;
use super::limits::{self, Measured};
use crate::domain::{Amount, Origin, Rule};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_own_size.as_ref()?;
    let size = match case.stored(Rule::OwnSize) {
        Ok(stored) => stored.size,
        Err(unread) => return Some(unread.into()),
    };
    let Some(base) = case.measured.base_size() else {
        let why = "it cannot be told which layers came with the base image";
        return Some(Ruling::NotJudged(Rule::OwnSize, why.to_owned()));
    };
    let measured = Measured {
        rule: Rule::OwnSize,
        subject: "own layers",
        actual: Amount::Bytes(size.saturating_sub(base)),
        is_estimate: false,
        eases: &|limit| {
            let (before, now) = case.sizes()?.own?;
            case.here.eases(Sum::own(before, now), limit)
        },
        limit: amounts(limit, Amount::Bytes),
        blame: |newly_over| {
            Blame {
            layer: blame::of_sum(case, newly_over, |layer| layer.origin == Origin::Own, |layer| layer.size),
            hint: "Copy less, clean up in the instruction that made the files, or build in an earlier stage and copy only what runs."
                .to_owned(),
        }
        },
    };
    Some(limits::judge(case, measured, |size| format!("the layers above its base image are {size}")))
}
