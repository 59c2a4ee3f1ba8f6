//! Flags for telling a pull or merge request about a result.

use clap::Args;

use super::value;
use crate::domain::CommentWhen;

/// Where a job shows the result. None of it changes the exit code.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "On a pull or merge request (nothing here changes the exit code)")]
pub struct PublishArgs {
    /// When to comment on the pull or merge request; by default `comment` does as auto says, and `check` never. An existing comment is
    /// kept up to date
    #[arg(long, value_name = "WHEN")]
    pub comment: Option<CommentWhen>,

    /// Which comment to update, when there are several; by default the budget file's path
    #[arg(long, value_name = "KEY")]
    pub comment_key: Option<String>,

    /// The number of the request; by default the one of this job
    #[arg(long, value_name = "N", value_parser = value::pull_request)]
    pub pr: Option<u64>,

    /// What the step itself shows.
    #[command(flatten)]
    pub step: StepArgs,
}

/// What a step on GitHub shows by itself, without any request.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "On a pull or merge request (nothing here changes the exit code)")]
pub struct StepArgs {
    /// On GitHub: append the result to the job's summary
    #[arg(long)]
    pub summary: bool,

    /// On GitHub: annotate the lines to change in the pull request's files
    #[arg(long)]
    pub annotations: bool,

    /// On GitHub: set verdict, exceeded, report, markdown-file, comment-id and comment-url for later steps
    #[arg(long)]
    pub github_output: bool,
}
