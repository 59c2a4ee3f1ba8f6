//! A target that could not be measured.

use super::words;
use crate::Error;
use crate::domain::{Platform, Target, TargetError, TargetReport, Verdict};

/// The longest message, in characters: a daemon may say anything, and the report must stay one that can be read back.
const LONGEST: usize = 8 * 1024;

/// The report of a target that `error` kept from being measured: never within budget.
#[must_use]
pub fn unmeasured(target: &Target, platform: Option<Platform>, error: &Error) -> TargetReport {
    TargetReport {
        name: target.name.clone(),
        platform,
        verdict: Verdict::Error,
        image: None,
        size: None,
        compressed_size: None,
        change: None,
        error: Some(TargetError {
            message: words::clip_within(&error.chain(), LONGEST),
            hint: error.hint().map(str::to_owned),
            detail: error.detail().iter().map(|line| words::clip(line)).collect(),
            place: error.place().cloned(),
        }),
        layers: Vec::new(),
        rules: Vec::new(),
        findings: Vec::new(),
        allows: Vec::new(),
        not_judged: Vec::new(),
        build: None,
        notes: Vec::new(),
    }
}
