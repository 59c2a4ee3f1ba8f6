//! What imgbudget knows of the world, as data: tools and their groups, rules and what they ask for.

pub mod busybox;
pub mod commands;
pub mod groups;
pub mod rules;
pub mod tool;
pub mod tools;

pub use commands::holds_helpers;
pub use groups::{Group, group_members, groups};
pub use tool::{Ecosystem, Tool};
pub use tools::{identify, identify_package, names, tools};
