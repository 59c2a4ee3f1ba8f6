//! A target of which not everything was read that its rules ask about: it is judged by what is known, and never within budget.

use super::words;
use crate::domain::{Rule, TargetError};
use crate::image::Measurement;

/// Why a rule could not be judged, as a fragment.
pub(super) fn reason(measured: &Measurement) -> &'static str {
    if measured.shown.is_some() {
        "the image could only be exported, which does not show its layers"
    } else {
        "only the manifest and the config were read"
    }
}

/// What makes it an error: `rules` that could not be judged or, where there are none, a size that nobody knows.
pub(super) fn error(rules: &[Rule], measured: &Measurement) -> TargetError {
    let rules: Vec<&str> = rules.iter().map(|rule| rule.code()).collect();
    let what = if rules.is_empty() {
        "its size is not known".to_owned()
    } else {
        format!("{} could not be judged", words::list(&rules))
    };
    let hint = "Pull or load the whole image again, or read it from its registry: `from = \"registry\"`.";
    TargetError {
        message: format!("{what}: {}", reason(measured)),
        hint: Some(hint.to_owned()),
        detail: Vec::new(),
        place: None,
    }
}
