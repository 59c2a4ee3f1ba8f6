//! `imgbudget allow`.

use std::path::PathBuf;

use clap::Args;

use super::{BaselineArgs, BuildArgs, LimitArgs, PermitArgs, ReachArgs, SourceArgs};

/// `imgbudget allow`.
#[derive(Debug, Args)]
pub struct AllowArgs {
    /// The targets that it is for, with commas between; globs such as 'web-*' work
    #[arg(value_name = "TARGET", required_unless_present_any = ["existing", "prune"])]
    pub targets: Option<String>,

    /// What to allow: a rule (size, growth), a path or glob, a tool or @group
    #[arg(value_name = "WORD", required_unless_present_any = ["existing", "prune"], conflicts_with_all = ["existing", "prune"])]
    pub words: Vec<String>,

    /// Why, in a sentence
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// The limit that holds instead: 65MB, 12, for growth also 10%; measured when absent
    #[arg(long, value_name = "SIZE", conflicts_with_all = ["existing", "prune"])]
    pub up_to: Option<String>,

    /// Only what the base image brought
    #[arg(long, value_name = "WHO", conflicts_with_all = ["existing", "prune"])]
    pub origin: Option<OriginWord>,

    /// The last day on which it holds: 2027-03-31, or 90d for ninety days
    #[arg(long, value_name = "DATE", conflicts_with = "prune")]
    pub until: Option<String>,

    /// Allow all that fails today, one exception for each cause; needs --until
    #[arg(long, requires = "until", conflicts_with = "prune")]
    pub existing: bool,

    /// Take out exceptions that match nothing any more
    #[arg(long)]
    pub prune: bool,

    /// Take what was found from this JSON report instead of measuring; may be given several times
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,

    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// The budget file; else budgets.toml here or above, up to the repository
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where the images come from.
    #[command(flatten)]
    pub source: SourceArgs,

    /// How they are built.
    #[command(flatten)]
    pub build: BuildArgs,

    /// What a budget file may do.
    #[command(flatten)]
    pub permits: PermitArgs,

    /// What reading them may take.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// How they are read, and who is asked.
    #[command(flatten)]
    pub reach: ReachArgs,

    /// What they are compared with.
    #[command(flatten)]
    pub baseline: BaselineArgs,
}

/// Who must have brought it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum OriginWord {
    /// The base image
    Base,
}
