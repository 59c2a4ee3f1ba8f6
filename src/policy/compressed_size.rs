//! `compressed-size`: what a registry stores and a node pulls. An estimate never fails where it may be wrong.

use super::blame;
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Rule};

/// Where the exact number comes from.
const EXACT: &str =
    "Engines compress differently: the exact size is that of a pushed image, read with `from = \"registry\"`.";

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_compressed_size.as_ref()?;
    let Some(size) = case.measured.compressed_size else {
        let reason = "compressed size is not known: neither a manifest nor compressed layers of the image were found";
        return Some(Ruling::NotJudged(Rule::CompressedSize, reason.to_owned()));
    };
    let blame = |newly_over| {
        let mut blame = blame::of_whole(case, newly_over, |layer| layer.compressed_size);
        // Reports show a layer by the size of its files, where they know it.
        let layer = blame.layer.as_ref().and_then(|layer| case.layer(layer.index)).filter(|layer| layer.size.is_some());
        if let Some(stored) = layer.and_then(|layer| layer.compressed_size) {
            let about = if size.is_estimate { "about " } else { "" };
            blame.hint = format!("{} Compressed, that layer is {about}{stored}.", blame.hint);
        }
        if size.is_estimate {
            blame.hint = format!("{} {EXACT}", blame.hint);
        }
        blame
    };
    let measured = Measured {
        rule: Rule::CompressedSize,
        subject: "image",
        actual: Amount::Bytes(size.bytes),
        is_estimate: size.is_estimate,
        eases: &|limit| case.here.eases(case.compressed_sizes()?, limit),
        limit: amounts(limit, Amount::Bytes),
        blame,
    };
    let sentence = |shown: &str| {
        if size.is_estimate {
            format!("the compressed image is about {shown} (an estimate, ± 3 %)")
        } else {
            format!("the compressed image is {shown}")
        }
    };
    Some(limits::judge(case, measured, sentence))
}
