//! `size`: the content size of the image.

use super::blame;
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Rule};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_size.as_ref()?;
    let size = match case.stored(Rule::Size) {
        Ok(stored) => stored.size,
        Err(unread) => return Some(unread.into()),
    };
    let measured = Measured {
        rule: Rule::Size,
        subject: "image",
        actual: Amount::Bytes(size),
        is_estimate: false,
        eases: &|limit| case.here.eases(case.sizes()?, limit),
        limit: amounts(limit, Amount::Bytes),
        blame: |newly_over| blame::of_whole(case, newly_over, |layer| layer.size),
    };
    Some(limits::judge(case, measured, |size| format!("the image is {size}")))
}
