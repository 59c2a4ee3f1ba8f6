//! `layers`: how many there are, those of the base image included.

use super::blame::Blame;
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Rule};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_layers.as_ref()?;
    let count = u64::try_from(case.measured.layers.len()).unwrap_or(u64::MAX);
    let measured = Measured {
        rule: Rule::Layers,
        subject: "image",
        actual: Amount::Count(count),
        is_estimate: false,
        eases: &|limit| case.here.eases(case.layer_counts()?, limit),
        limit: amounts(limit, Amount::Count),
        blame: |_| {
            Blame::nobody("Join RUN instructions that belong together, and COPY instructions with one destination.")
        },
    };
    let noun = if count == 1 { "layer" } else { "layers" };
    Some(limits::judge(case, measured, |count| format!("the image has {count} {noun}")))
}
