//! `layer-size`: the largest layer, because a layer is pulled as one piece.

use super::blame::{self, Blame};
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Bytes, Origin, Role, Rule};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_layer_size.as_ref()?;
    if let Err(unread) = case.stored(Rule::LayerSize) {
        return Some(unread.into());
    }
    let index = blame::largest(case, |_| true, |layer| layer.size).unwrap_or(0);
    let size = case.layer(index).and_then(|layer| layer.size).unwrap_or(Bytes::ZERO);
    let measured = Measured {
        rule: Rule::LayerSize,
        subject: "largest layer",
        actual: Amount::Bytes(size),
        is_estimate: false,
        eases: &|limit| {
            let own = case.measured.layers.iter().filter(|layer| layer.origin != Origin::Base);
            let own = own.filter_map(|layer| layer.size).max().unwrap_or_default();
            let before = case.report_before()?.layers.iter().filter_map(|layer| layer.size).max().unwrap_or_default();
            case.here.eases_kept(before.0, own.0 <= limit, limit)
        },
        limit: amounts(limit, Amount::Bytes),
        blame: |_| Blame { layer: case.layer_ref(index, Role::Cause), hint: hint(case, index).to_owned() },
    };
    Some(limits::judge(case, measured, |size| format!("the largest layer is {size}")))
}

fn hint(case: &Case<'_>, index: usize) -> &'static str {
    match case.origin(index) {
        Origin::Base => "It is a layer of the base image: start from a smaller one.",
        Origin::Own if case.is_copied(index) => blame::COPY_LESS,
        Origin::Own | Origin::Unknown => {
            "Copy what rarely changes in an instruction of its own, and remove caches in the instruction that makes them."
        }
    }
}
