//! A target of which not everything was read that its rules ask about: it is judged by what is known, and never within budget.

use super::words;
use crate::domain::{Rule, TargetError};
use crate::image::Measurement;

/// A rule that asks for what was not read, and why it was not.
pub(super) struct Unread {
    pub(super) rule: Rule,
    pub(super) why: String,
}

/// Why a rule could not be judged, as a fragment.
pub(super) fn reason(measured: &Measurement) -> &'static str {
    if measured.shown.is_some() {
        "the image could only be exported, which does not show its layers"
    } else {
        "only the manifest and the config were read"
    }
}

/// What makes it an error: rules that could not be judged or, where there are none, a size that nobody knows.
pub(super) fn error(unread: &[Unread], measured: &Measurement) -> TargetError {
    let reason = reason(measured);
    let (of_layers, others): (Vec<&Unread>, Vec<&Unread>) = unread.iter().partition(|unread| unread.why == reason);
    let mut parts = Vec::new();
    if !of_layers.is_empty() || others.is_empty() {
        let rules: Vec<&str> = of_layers.iter().map(|unread| unread.rule.code()).collect();
        let what = if rules.is_empty() {
            "its size is not known".to_owned()
        } else {
            format!("{} could not be judged", words::list(&rules))
        };
        parts.push(format!("{what}: {reason}"));
    }
    parts.extend(others.iter().map(|unread| format!("{} could not be judged: {}", unread.rule, unread.why)));
    let is_of_packages = others.iter().all(|unread| unread.rule == Rule::OsPackages);
    let hint = if of_layers.is_empty() && !others.is_empty() && is_of_packages {
        "What cannot be read cannot be counted: the image needs a whole database, or no `max-os-packages`."
    } else if of_layers.is_empty() && !others.is_empty() {
        "Take what was not read out of the image, or allow its path with a reason."
    } else {
        "Pull or load the whole image again, or read it from its registry: `from = \"registry\"`."
    };
    TargetError { message: parts.join("; "), hint: Some(hint.to_owned()), detail: Vec::new(), place: None }
}
