//! The budget of a target on the wire. Whatever is absent is off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wire_place::Place;
use crate::domain::{Origin, Severity};

/// What a target was judged by, with everything that it inherits: a later run tells by it what became of the budget.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct TargetBudget {
    /// Its limits.
    pub(super) limits: Vec<BudgetLimit>,
    /// Tools that must not be there.
    pub(super) forbid_tools: Vec<Banned>,
    /// Paths that must not be there.
    pub(super) forbid_paths: Vec<Banned>,
    /// Settings that are a level: `require-non-root`, `shadowed-tools`, `busybox-applets`.
    pub(super) levels: Vec<BudgetLevel>,
    /// What is not enforced at once.
    #[serde(default)]
    pub(super) enforce_from: Vec<Enforced>,
    /// The exceptions that speak of it.
    pub(super) exceptions: Vec<Exception>,
    /// Whether only what is new counts.
    pub(super) only_new: bool,
    /// Where that is written.
    pub(super) only_new_place: Option<Place>,
    /// The bytes that a finding which is there already may grow by.
    pub(super) min_change: u64,
    /// What a loosened budget is.
    pub(super) budget_changes: Severity,
    /// Where that is written.
    pub(super) budget_changes_place: Option<Place>,
}

/// One limit, at least one side of which is set.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct BudgetLimit {
    /// The rule's code.
    pub(super) rule: String,
    /// The soft side.
    pub(super) warn: Option<Value>,
    /// The hard side.
    pub(super) fail: Option<Value>,
    /// The line of budgets.toml.
    pub(super) place: Option<Place>,
}

/// The value of a limit: bytes, a count, or for growth bytes, a percentage or the larger of both.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Value {
    /// Bytes.
    pub(super) bytes: Option<u64>,
    /// Things.
    pub(super) count: Option<u64>,
    /// Hundredths of a percent of what there was: `2%` is 200.
    pub(super) percent_hundredths: Option<u64>,
}

/// One entry of a forbidding list.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Banned {
    /// A tool, an `@group` or a glob, as written.
    pub(super) what: String,
    /// How serious its presence is.
    pub(super) severity: Severity,
    /// The line of budgets.toml.
    pub(super) place: Option<Place>,
}

/// A setting that is a level.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct BudgetLevel {
    /// Its key in budgets.toml.
    pub(super) key: String,
    /// What it is set to; `null` is off.
    pub(super) level: Option<Severity>,
    /// The line of budgets.toml.
    pub(super) place: Option<Place>,
}

/// What is enforced from a day on, and warns until then.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Enforced {
    /// The line that asks for the judgement.
    pub(super) place: Place,
    /// The first day, `YYYY-MM-DD`.
    pub(super) from: String,
}

/// An exception.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Exception {
    /// The rule's code.
    pub(super) rule: String,
    /// What of that rule, as written; empty means all of it.
    #[serde(rename = "match")]
    pub(super) matches: Vec<String>,
    /// Who must have brought it.
    pub(super) origin: Option<Origin>,
    /// The limit that holds instead.
    pub(super) up_to: Option<Value>,
    /// Why.
    pub(super) reason: String,
    /// Its last day, `YYYY-MM-DD`.
    pub(super) until: Option<String>,
    /// The line of budgets.toml.
    pub(super) place: Option<Place>,
}
