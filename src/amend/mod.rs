//! What a report calls for in the budget files: exceptions for what was found, exceptions that can go, limits to lower. Values only;
//! `config::edit` writes them.

pub mod existing;
pub mod found;
pub mod ratchet;
pub mod unused;

pub use existing::{Terms, existing};
pub use found::{Found, found, is_within};
pub use ratchet::{Lowered, ratchet};
pub use unused::{Unused, unused};

#[cfg(test)]
mod tests;
