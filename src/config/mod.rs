//! budgets.toml: from the user's text to [`Budgets`](crate::domain::Budgets), with every problem at its own line.
//!
//! `decode` walks the parsed TOML into the types of `raw`, which keep their spans; `validate` joins the files, applies defaults
//! and profiles, and checks what only several tables together can get wrong. No step stops at the first problem.

mod command_line;
mod credential;
mod decode;
pub mod discover;
pub mod edit;
mod glob_walk;
mod keys;
pub mod load;
mod policy;
pub mod propose;
mod raw;
mod read;
pub mod schema;
mod surroundings;
mod validate;

pub use command_line::beneath;
pub use decode::{WrongPath, WrongTool, allowed_rules, path_pattern, percent_hundredths, rule_of_key, tool_pattern};
pub use discover::discover;
pub use load::{Loaded, load, load_policy, load_text};
pub use policy::Policy;
pub use propose::{Outcome, Proposal, propose};
pub use surroundings::Surroundings;

use crate::diagnostics::Problem;

/// What lifts the boundary.
const ALLOW_OUTSIDE: &str = "A budget file names what lies beside it in its repository; --allow-outside lifts that.";

/// The name of the file.
pub const FILE_NAME: &str = "budgets.toml";

/// Why there are no budgets to judge by.
#[derive(Debug)]
pub enum ConfigError {
    /// The files were read, and this is what is wrong in them. Never empty; show it with [`crate::diagnostics::render()`].
    Problems(Vec<Problem>),
    /// The file itself could not be read.
    Failed(crate::Error),
}

impl From<crate::Error> for ConfigError {
    fn from(error: crate::Error) -> Self {
        Self::Failed(error)
    }
}

/// The keys of `[policy]` that only the file of `--policy` may have: for what is checked against the decoder.
pub fn policy_terms() -> &'static [&'static str] {
    keys::TERMS
}

/// Every table of budgets.toml by its header, and the keys it may have: for what is checked against the decoder.
pub fn tables() -> [(&'static str, &'static [&'static str]); 11] {
    [
        ("", keys::ROOT),
        ("[defaults]", keys::RULES),
        ("[profiles.a]", keys::RULES),
        ("[targets.a]", keys::TARGET),
        ("[targets.a]", keys::RULES),
        ("[[allow]]", keys::ALLOW),
        ("[fleet]", keys::FLEET),
        ("[comment]", keys::COMMENT),
        ("[baseline]", keys::BASELINE),
        ("[policy]", keys::POLICY),
        ("[targets.a.max-size]", keys::SIDES),
    ]
}
