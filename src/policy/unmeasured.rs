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
        error: Some(TargetError {
            message: words::clip_within(&error.chain(), LONGEST),
            hint: error.hint().map(str::to_owned),
            detail: error.detail().iter().map(|line| words::clip(line)).collect(),
            place: error.place().cloned(),
        }),
        ..TargetReport::new(target.name.clone(), platform, Verdict::Error)
    }
}
