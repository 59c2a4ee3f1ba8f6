//! `imgbudget update`.

use std::path::PathBuf;

use clap::Args;

use super::{BuildArgs, LimitArgs, PermitArgs, ReachArgs, SourceArgs};

/// `imgbudget update`.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// Only these targets; the lines of the others stay as they are
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,

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
}

impl UpdateArgs {
    /// Whether everything is measured, so that nothing of the earlier file stays.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.targets.is_empty() && self.source.platform.is_empty()
    }
}
