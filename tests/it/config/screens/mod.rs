//! The screen for each thing that can be wrong.

mod exceptions;
mod files;
mod rules;
mod targets;
