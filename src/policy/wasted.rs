//! `wasted`: bytes that are pulled and never seen.

use super::blame::Blame;
use super::case::{Case, Ruling, amounts};
use super::limits::{self, Measured};
use super::waste::{self, Culprit};
use crate::domain::{Amount, Origin, Role, Rule};
use crate::image::{HiddenHow, Wasted, WastedPath};
use crate::text;

pub(super) fn judge(case: &Case<'_>) -> Option<Ruling> {
    let limit = case.rules.max_wasted.as_ref()?;
    let wasted = match case.stored(Rule::Wasted) {
        Ok(stored) => &stored.wasted,
        Err(unread) => return Some(unread.into()),
    };
    let culprit = waste::culprit(case, wasted);
    let measured = Measured {
        rule: Rule::Wasted,
        subject: "hidden bytes",
        actual: Amount::Bytes(wasted.bytes),
        is_estimate: false,
        // What hides what is not kept, so nobody can tell how much of it is new.
        eases: &|limit| case.here.eases_kept(case.judged_before(Rule::Wasted)?.value(), false, limit),
        limit: amounts(limit, Amount::Bytes),
        blame: |_| culprit.as_ref().map_or_else(Blame::default, |culprit| blame(case, wasted, culprit)),
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

/// The place that most of it is put down to, what happens there, and what helps.
fn blame(case: &Case<'_>, wasted: &Wasted, culprit: &Culprit<'_>) -> Blame {
    let role = if culprit.how == HiddenHow::Again { Role::HidesMost } else { Role::Cause };
    let story = culprit.paths(wasted).next().map(|path| story(case, culprit.how, path)).unwrap_or_default();
    Blame {
        layer: case.layer_ref(culprit.layer, role),
        hint: format!("{story}{}", hint(case.origin(culprit.layer), culprit.how)),
    }
}

/// `20.0 MB in /root/.cache: made on line 3, deleted on line 4. `
fn story(case: &Case<'_>, how: HiddenHow, path: &WastedPath) -> String {
    let done = match how {
        HiddenHow::Deleted => "deleted",
        HiddenHow::Replaced => "replaced",
        HiddenHow::Again => "there again",
    };
    let (made, hidden) = (case.where_is(path.layer), case.where_is(path.by));
    format!("{} in {}: made {made}, {done} {hidden}. ", path.size, text::line(&String::from_utf8_lossy(&path.path)))
}

/// What helps against most of it.
fn hint(origin: Origin, how: HiddenHow) -> &'static str {
    match (origin, how) {
        (Origin::Base, _) => "Most of it is hidden within the base image: use another, or allow it with a reason.",
        (Origin::Own | Origin::Unknown, HiddenHow::Deleted) => {
            "Delete files in the instruction that makes them: deleting them in a later layer frees no bytes."
        }
        (Origin::Own | Origin::Unknown, HiddenHow::Again) => {
            "A file that a later layer changes ships twice: set owner and mode with COPY --chown and --chmod."
        }
        (Origin::Own | Origin::Unknown, HiddenHow::Replaced) => {
            "A file that a later layer replaces still ships: make it once, in its last form."
        }
    }
}
