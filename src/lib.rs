//! imgbudget keeps container images inside a budget.
//!
//! The rooms, front door to back, are described in `ARCHITECTURE.md`; `tests/it/architecture.rs` keeps them apart.

pub mod amend;
pub mod baseline;
pub mod cache;
pub mod catalogue;
pub mod ci;
pub mod cli;
pub mod commands;
pub mod config;
pub mod contents;
pub mod context;
pub mod credentials;
mod delivery;
pub mod diagnostics;
pub mod dockerfile;
pub mod domain;
pub mod engine;
pub mod error;
pub mod exit;
pub mod files;
pub mod forge;
pub mod http;
pub mod image;
pub mod layer;
pub mod memory;
pub mod output;
pub mod pipeline;
pub mod policy;
pub mod progress;
pub mod reading;
pub mod registry;
pub mod report;
mod request;
mod session;
pub mod source;
pub mod terminal;
pub mod text;

pub use error::{Class, Error};
