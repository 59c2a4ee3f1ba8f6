//! `wasted`: bytes that are pulled and never seen.

use super::blame::Blame;
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use crate::domain::{Amount, Origin, Role, Rule};
use crate::image::WastedByLayer;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_wasted.as_ref()?;
    let wasted = match case.stored(Rule::Wasted) {
        Ok(stored) => &stored.wasted,
        Err(unread) => return Some(unread.into()),
    };
    let most = wasted.by_layer.iter().enumerate().rev().max_by_key(|(_, layer)| layer.bytes());
    let measured = Measured {
        rule: Rule::Wasted,
        subject: "hidden bytes",
        actual: Amount::Bytes(wasted.bytes),
        is_estimate: false,
        eases: &|limit| {
            let hidden_by = |is_base: bool| {
                let layers = wasted.by_layer.iter().enumerate();
                let counted = layers.filter(|(index, _)| (case.origin(*index) == Origin::Base) == is_base);
                counted.map(|(_, layer)| layer.bytes().0).fold(0, u64::saturating_add)
            };
            let before = case.judged_before(Rule::Wasted).map(Amount::value);
            case.here.eases_apart(before, hidden_by(true), hidden_by(false), limit)
        },
        limit: amounts(limit, Amount::Bytes),
        blame: |_| Blame {
            layer: most.and_then(|(index, _)| case.layer_ref(index, Role::HidesMost)),
            hint: most.map_or("", |(index, layer)| hint(case.origin(index), layer)).to_owned(),
        },
    };
    let mut ruling = limits::judge(case, measured, |size| format!("{size} are shipped and never seen"));
    if let Ruling::Judged { findings, .. } = &mut ruling {
        for finding in findings {
            finding.paths =
                wasted.paths.iter().map(|found| String::from_utf8_lossy(&found.path).into_owned()).collect();
            finding.more_paths = wasted.more_paths;
        }
    }
    Some(ruling)
}

/// What helps against most of it.
fn hint(origin: Origin, layer: &WastedByLayer) -> &'static str {
    match origin {
        Origin::Base => "The base image hides most of it itself: use another, or allow it with a reason.",
        Origin::Own | Origin::Unknown if layer.deleted > layer.replaced => {
            "Delete files in the instruction that made them: a deletion in a later layer frees no bytes."
        }
        Origin::Own | Origin::Unknown => {
            "A file that a later layer changes ships twice: set owner and mode with COPY --chown and --chmod, and change files in the instruction that made them."
        }
    }
}
