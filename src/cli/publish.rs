//! Flags for telling a pull or merge request about a result.

use clap::Args;

use super::value;
use crate::domain::CommentWhen;

/// Where a job shows the result. None of it changes the exit code.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "On a pull or merge request (nothing here changes the exit code)")]
pub struct PublishArgs {
    /// When to comment on the pull or merge request; `comment` does by itself as auto says, `check` never. A comment that is there is kept up to
    /// date
    #[arg(long, value_name = "WHEN")]
    pub comment: Option<CommentWhen>,

    /// Which comment is ours, when there are several; else the budget file's path
    #[arg(long, value_name = "KEY")]
    pub comment_key: Option<String>,

    /// The number of the request; else the one that the job is about
    #[arg(long, value_name = "N", value_parser = value::pull_request)]
    pub pr: Option<u64>,

    /// What the step itself shows.
    #[command(flatten)]
    pub step: StepArgs,
}

/// What a step on GitHub shows by itself, without asking anybody.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "On a pull or merge request (nothing here changes the exit code)")]
pub struct StepArgs {
    /// On GitHub: append the result to the job's summary
    #[arg(long)]
    pub summary: bool,

    /// On GitHub: mark the lines that did it in the pull request's files
    #[arg(long)]
    pub annotations: bool,

    /// On GitHub: give verdict, exceeded, report, markdown-file, comment-id and comment-url to later steps
    #[arg(long)]
    pub github_output: bool,
}
