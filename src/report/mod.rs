//! The wire: `imgbudget.report/1`, written for programs, and `imgbudget.lock/1`, written for git; both are read back
//! with mistrust.
//!
//! The wire has structs of its own, so that a change inside is never a change of the format by accident.

mod amount;
mod budget;
mod causes;
mod consistent;
mod contents;
pub mod diff;
mod difference;
mod drift;
mod findings;
pub mod lock;
mod merge;
mod mistrust;
mod read;
#[cfg(test)]
mod tests;
pub mod why;
mod wire;
mod wire_budget;
mod wire_contents;
mod wire_difference;
mod wire_drift;
mod wire_place;
mod write;

pub use merge::merge;
pub use read::{LARGEST, from_json, other_definition};
pub use write::{to_json, to_whole_json};

/// The format that this version writes and reads.
pub const SCHEMA: &str = "imgbudget.report/1";

/// The JSON Schema of the format, for `imgbudget schema report`.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(wire::Report).to_value()
}
