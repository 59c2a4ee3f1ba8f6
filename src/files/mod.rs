//! Files that a budget file, a repository or a command line names: read within a bound, never waited for, and told apart by
//! whether they lie inside of what a stranger's repository may name.

mod boundary;
mod read;

pub use boundary::{Boundary, Leads, Outside};
pub use read::{open, open_unlinked, read, read_named};
