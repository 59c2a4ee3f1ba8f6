//! Dockerfiles: stages and instructions with their lines. Pure; the text comes from the caller.
//!
//! This reads as much of the Dockerfile reference as imgbudget needs: which stages a target is made of, which instruction a
//! layer came from, which images a build pulls, and what a build would ask for that imgbudget cannot give. Whether an
//! instruction makes sense is for the builder to say.

pub mod expand;
pub mod heredoc;
pub mod instruction;
mod lines;
pub mod needs;
mod parse;
mod reads;
pub mod stage;

pub use heredoc::Heredoc;
pub use instruction::{Flag, Instruction};
pub use parse::{parse, read_instruction};
pub use reads::Reads;
pub use stage::{Base, Chain, Dockerfile, Stage};
