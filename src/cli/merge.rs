//! `imgbudget merge` and `imgbudget comment`: what is done with the reports of earlier runs.

use std::path::PathBuf;

use clap::Args;

use super::{OutputArgs, PublishArgs, StepArgs};
use crate::domain::Bytes;

/// `imgbudget merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Reports that `check --write json=FILE` wrote
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,

    /// Fail unless there are this many reports: a leg may have written none
    #[arg(long, value_name = "N")]
    pub expect: Option<usize>,

    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,

    /// Where a job on GitHub shows it.
    #[command(flatten)]
    pub step: StepArgs,
}

/// `imgbudget comment`.
#[derive(Debug, Args)]
pub struct CommentArgs {
    /// Reports that `check --write json=FILE` wrote; several are joined
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub report: Vec<PathBuf>,

    /// Fail unless there are this many reports: a leg may have written none
    #[arg(long, value_name = "N")]
    pub expect: Option<usize>,

    /// Changes smaller than this alone do not call for a comment
    #[arg(long, value_name = "SIZE", default_value = "1MB")]
    pub min_change: Bytes,

    /// Where a job on GitHub shows it.
    #[command(flatten)]
    pub publish: PublishArgs,
}
