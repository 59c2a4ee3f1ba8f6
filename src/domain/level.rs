//! How serious something is: as configured, as found, and as the sum of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a rule without a number is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not judged at all.
    Off,
    /// Said, and no more.
    Warn,
    /// Fails the target.
    Fail,
}

impl Level {
    /// The severity of a finding at this level, `None` when off.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Warn => Some(Severity::Warn),
            Self::Fail => Some(Severity::Fail),
        }
    }
}

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; changes no verdict.
    Note,
    /// The verdict is at least `warn`.
    Warn,
    /// The verdict is at least `fail`.
    Fail,
}

/// What became of a target, or of a whole run. Later ones win when several are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Within every budget.
    Pass,
    /// Within the hard limits, past a soft one, or without any budget.
    Warn,
    /// Over a budget.
    Fail,
    /// Could not be measured, and so is never called within budget.
    Error,
}

impl Verdict {
    /// The word used in every output: `pass`, `warn`, `fail`, `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<Severity> for Verdict {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Pass,
            Severity::Warn => Self::Warn,
            Severity::Fail => Self::Fail,
        }
    }
}
