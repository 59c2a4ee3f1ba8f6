//! `size`: the content size of the image.

use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Rule};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_size.as_ref()?;
    let (layer, hint) = case.heaviest(case.largest_layer());
    let measured = Measured {
        rule: Rule::Size,
        subject: "image",
        actual: Amount::Bytes(case.measured.size),
        limit: amounts(limit, Amount::Bytes),
        layer,
        hint,
    };
    Some(limits::judge(case, measured, |size| format!("the image is {size}")))
}
