//! What imgbudget knows of the world, as data: tools and their groups, rules and what they ask for.

pub mod busybox;
pub mod commands;
mod databases;
pub mod groups;
pub mod kept;
pub mod leftovers;
mod names;
pub mod neighbours;
mod owner;
pub mod pages;
pub mod paths;
pub mod rules;
mod slim;
pub mod tool;
pub mod tools;

pub use commands::{helper_limit, identify_inner};
pub use databases::lists_os_packages;
pub use groups::{Group, group_members, groups};
pub use kept::{kept, told_instead};
pub use leftovers::is_left_by_apt;
pub use neighbours::is_a_neighbour;
pub use owner::owner;
pub use slim::slim;
pub use tool::{Ecosystem, Tool};
pub use tools::{identify, identify_archive, identify_package, names, tools};
