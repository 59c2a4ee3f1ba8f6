//! What was asked for: budgets, targets and the baseline, resolved from the command line, the budget files, git and report files.

mod adhoc;
pub(crate) mod allow;
mod bake;
mod bake_print;
pub(crate) mod baseline;
pub(crate) mod budgets;
mod budgets_at;
pub(crate) mod changed;
pub(crate) mod day;
pub(crate) mod git;
mod inputs;
mod inspected;
pub(crate) mod layer_cache;
pub(crate) mod meant;
mod offline;
mod only_new;
mod options;
pub(crate) mod report_files;
mod select;
pub(crate) mod sides;
pub(crate) mod subject;
mod untrusted;

pub(crate) use bake_print::bake_print;
pub(crate) use inspected::{Inspected, inspected};
pub(crate) use offline::refuse_offline;
pub(crate) use only_new::only_new;
pub(crate) use options::{all_but_the_map, for_forms, options, packages_alone};
pub(crate) use select::select;
pub(crate) use untrusted::{refuse, refuse_images};
