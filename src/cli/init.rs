//! `imgbudget init`.

use std::path::PathBuf;

use clap::Args;

use super::{BuildArgs, LimitArgs, PermitArgs, ReachArgs, SourceArgs};

/// `imgbudget init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write it
    #[arg(long, value_name = "FILE", default_value = "budgets.toml")]
    pub config: PathBuf,

    /// Build and measure nothing: limits are written as remarks
    #[arg(long)]
    pub no_measure: bool,

    /// How long what is found today is excused: 2027-03-31, or 90d for ninety days
    #[arg(long, value_name = "DATE", default_value = "90d")]
    pub until: String,

    /// Write no workflow for the CI of the repository
    #[arg(long)]
    pub no_workflow: bool,

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
