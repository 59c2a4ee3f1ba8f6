//! Amounts on the wire: plain integers beside their unit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{Amount, Bytes};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Unit {
    /// Bytes.
    Bytes,
    /// Things: layers, packages, findings.
    Count,
}

impl Unit {
    pub(super) fn of(amount: Amount) -> Self {
        match amount {
            Amount::Bytes(_) => Self::Bytes,
            Amount::Count(_) => Self::Count,
        }
    }

    pub(super) fn amount(self, value: u64) -> Amount {
        match self {
            Self::Bytes => Amount::Bytes(Bytes(value)),
            Self::Count => Amount::Count(value),
        }
    }
}
