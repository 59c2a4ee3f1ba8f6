//! `compressed-size`: what a registry stores and a node pulls, judged only where it is exact.

use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Rule};

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_compressed_size.as_ref()?;
    let Some(size) = case.measured.compressed_size else {
        let reason = "compressed size is not known: only an OCI archive or layout with compressed layers has them as a registry does";
        return Some(Ruling::NotJudged(Rule::CompressedSize, reason.to_owned()));
    };
    let index = case.largest_by(|layer| layer.compressed_size);
    let (layer, hint) = case.heaviest(index);
    let stored = index.and_then(|index| case.layer(index)?.compressed_size);
    // Reports show a layer by the size of its files.
    let stored = stored.map(|size| format!(" Compressed, that layer is {size}.")).unwrap_or_default();
    let measured = Measured {
        rule: Rule::CompressedSize,
        subject: "image",
        actual: Amount::Bytes(size),
        limit: amounts(limit, Amount::Bytes),
        layer,
        hint: &format!("{hint}{stored}"),
    };
    Some(limits::judge(case, measured, |size| format!("the compressed image is {size}")))
}
