//! What eased a finding, what was accepted, what changed here and of the budget: on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::amount::Unit;
use super::wire_place::Place;
use crate::domain::Severity;

/// Why a finding is less serious than its rule says.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Eased {
    /// What the rule says.
    pub(super) from: Severity,
    /// Why it is not that.
    pub(super) why: EasedBy,
    /// The day from which on it is enforced, `YYYY-MM-DD`; set exactly when the reason is `not-yet`.
    pub(super) enforced_from: Option<String>,
    /// Days until then.
    pub(super) days: Option<u64>,
}

/// What eases a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EasedBy {
    /// The baseline has it, and only what is new was asked for: a note.
    Known,
    /// Only what is new was asked for, and there is no baseline yet: a note.
    NoBaseline,
    /// Nothing that the target is made of changed here: a warning.
    Drift,
    /// Without what the base image brought, the limit is kept: a warning.
    Base,
    /// It is not enforced yet: a warning.
    NotYet,
}

/// More than was allowed, accepted in this change.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Accepted {
    /// The rule's code.
    pub(super) rule: String,
    /// What `actual` and `up_to` count.
    pub(super) unit: Unit,
    /// The measured amount.
    pub(super) actual: u64,
    /// Up to what it was accepted.
    pub(super) up_to: u64,
    /// Why; `null` where a row of a lock file says it.
    pub(super) reason: Option<String>,
    /// Where it is written.
    pub(super) place: Option<Place>,
}

/// Whether what a target is made of changed since the baseline.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Inputs {
    /// Whether it did.
    pub(super) state: InputState,
    /// What of it, where it did: a few fragments. Not escaped.
    pub(super) changed: Vec<String>,
    /// Why that is unknown.
    pub(super) reason: Option<String>,
}

/// Whether inputs changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum InputState {
    /// They did.
    Changed,
    /// They did not: whatever became of the image is drift.
    Unchanged,
    /// Cannot be told.
    Unknown,
}

/// A change of the budget itself since the baseline.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct BudgetChange {
    /// The target; `null` for what is the same for all.
    pub(super) target: Option<String>,
    /// What changed, as a fragment. Not escaped.
    pub(super) what: String,
    /// Whether more is allowed now.
    pub(super) loosens: bool,
    /// The line that says so now.
    pub(super) place: Option<Place>,
}
