//! `compressed-size`: what a registry stores and a node pulls, judged only where it is exact.

use super::blame;
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Rule};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_compressed_size.as_ref()?;
    let Some(size) = case.measured.compressed_size else {
        let reason = "compressed size is not known: only an OCI archive or layout with compressed layers has them as a registry does";
        return Some(Ruling::NotJudged(Rule::CompressedSize, reason.to_owned()));
    };
    let blame = |newly_over| {
        let mut blame = blame::of_whole(case, newly_over, |layer| layer.compressed_size);
        // Reports show a layer by the size of its files.
        if let Some(stored) = blame.layer.as_ref().and_then(|layer| case.layer(layer.index)?.compressed_size) {
            blame.hint = format!("{} Compressed, that layer is {stored}.", blame.hint);
        }
        blame
    };
    let measured = Measured {
        rule: Rule::CompressedSize,
        subject: "image",
        actual: Amount::Bytes(size),
        limit: amounts(limit, Amount::Bytes),
        blame,
    };
    Some(limits::judge(case, measured, |size| format!("the compressed image is {size}")))
}
