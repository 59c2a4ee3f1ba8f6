//! `imgbudget why`.

use clap::{Args, ValueEnum};

use super::LookArgs;

/// `imgbudget why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// A target or an image, which may be left out where there is one; then paths, globs, tools and packages
    #[arg(value_name = "TARGET|REF> <WHAT", required = true)]
    pub words: Vec<String>,

    /// The image.
    #[command(flatten)]
    pub look: LookArgs,

    /// How it is shown.
    #[command(flatten)]
    pub show: WhyShowArgs,
}

/// How answers are shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Result")]
pub struct WhyShowArgs {
    /// Tell all of everything that a word means
    #[arg(long)]
    pub all: bool,

    /// What to print on standard output
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: WhyShape,
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WhyShape {
    /// Some lines for each thing, for a terminal
    Table,
    /// `imgbudget.why/1`, for programs
    Json,
}
