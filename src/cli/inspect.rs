//! `imgbudget inspect`, and what other commands that look into one image share with it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::value::WriteTo;
use super::{BuildArgs, LimitArgs, PermitArgs, ReachArgs, SourceArgs};

/// `imgbudget inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A target of budgets.toml, or an image; by default the only target here
    #[arg(value_name = "TARGET|REF")]
    pub what: Option<String>,

    /// The image.
    #[command(flatten)]
    pub look: LookArgs,

    /// What is shown of it.
    #[command(flatten)]
    pub show: ShowArgs,
}

/// What is shown of an image.
#[derive(Debug, Args)]
#[command(next_help_heading = "Result")]
pub struct ShowArgs {
    /// Show everything: all layers, more directories, all that can go
    #[arg(long)]
    pub all: bool,

    /// Show only your own layers, and what they brought
    #[arg(long)]
    pub own: bool,

    /// Also say what the size would be without these paths; may be given several times
    #[arg(long, value_name = "GLOB", conflicts_with = "stages")]
    pub without: Vec<String>,

    /// Also measure this image, and say what the size would be on it
    #[arg(long, value_name = "REF", conflicts_with = "stages")]
    pub base: Option<String>,

    /// Build and measure each stage of the Dockerfile
    #[arg(long)]
    pub stages: bool,

    /// What to print on standard output
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Shape,

    /// Also write the result to a file; may be given several times
    #[arg(long, value_name = "FORMAT=PATH")]
    pub write: Vec<WriteTo>,
}

/// The forms of what is in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// One screen, for a terminal
    Table,
    /// `imgbudget.report/1` with `contents`, for programs
    Json,
    /// A page that shows where the bytes are, for a browser
    Html,
}

/// One image to look into, and how it is come by.
#[derive(Debug, Clone, Args)]
pub struct LookArgs {
    /// The budget file; else budgets.toml here or above, up to the repository
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where the image comes from.
    #[command(flatten)]
    pub source: SourceArgs,

    /// How it is built.
    #[command(flatten)]
    pub build: BuildArgs,

    /// What a budget file may do.
    #[command(flatten)]
    pub permits: PermitArgs,

    /// What reading it may take.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// How it is read, and who is asked.
    #[command(flatten)]
    pub reach: ReachArgs,
}
