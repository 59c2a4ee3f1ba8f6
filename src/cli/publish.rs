//! Flags for telling a pull request about a result.

use clap::Args;

use super::value;
use crate::domain::CommentWhen;

/// Where a job on GitHub shows the result. None of it changes the exit code.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "On GitHub (nothing here changes the exit code)")]
pub struct PublishArgs {
    /// When to comment on the pull request; `comment` does by itself as auto says, `check` never. A comment that is there is kept up to
    /// date
    #[arg(long, value_name = "WHEN")]
    pub comment: Option<CommentWhen>,

    /// Which comment is ours, when there are several; else the budget file's path
    #[arg(long, value_name = "KEY")]
    pub comment_key: Option<String>,

    /// The pull request; else the one that the job's event is about
    #[arg(long, value_name = "N", value_parser = value::pull_request)]
    pub pr: Option<u64>,

    /// What the step itself shows.
    #[command(flatten)]
    pub step: StepArgs,
}

/// What a step on GitHub shows by itself, without asking anybody.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "On GitHub (nothing here changes the exit code)")]
pub struct StepArgs {
    /// Append the result to the job's summary
    #[arg(long)]
    pub summary: bool,

    /// Mark the lines that did it in the pull request's files
    #[arg(long)]
    pub annotations: bool,

    /// Give verdict, exceeded, report, markdown-file, comment-id and comment-url to later steps
    #[arg(long)]
    pub github_output: bool,
}
