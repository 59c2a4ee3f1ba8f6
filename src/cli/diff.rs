//! `imgbudget diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{BuildArgs, LimitArgs, LookArgs, PermitArgs, ReachArgs, SourceArgs, value};
use crate::domain::{LookIn, Platform};

/// `imgbudget diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier image: a target, a stage as TARGET:STAGE, a reference, an archive, a layout, a JSON report.
    /// Alone it is the later one, compared with its baseline
    #[arg(value_name = "OLD")]
    pub first: Option<String>,

    /// The later image
    #[arg(value_name = "NEW")]
    pub second: Option<String>,

    /// The budget file; else budgets.toml here or above, up to the repository
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Compare this platform of both images (os/arch[/variant])
    #[arg(long, value_name = "PLATFORM", value_parser = value::platform)]
    pub platform: Option<Platform>,

    /// Where to look for images; by default `from` in the file
    #[arg(long, value_name = "WHERE")]
    pub from: Option<LookIn>,

    /// Compare one image with this JSON report or lock file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline_ref", "second"])]
    pub baseline: Option<PathBuf>,

    /// Compare one image with the report or lock file at a branch, tag or commit
    #[arg(long, value_name = "REF", conflicts_with = "second")]
    pub baseline_ref: Option<String>,

    /// Show every change, however small
    #[arg(long)]
    pub all: bool,

    /// What to print on standard output
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: DiffShape,

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

impl DiffArgs {
    /// How one of the images is come by: a reference is looked for where the flag says.
    #[must_use]
    pub fn look(&self, is_reference: bool) -> LookArgs {
        let platform = self.platform.iter().cloned().collect();
        let from = self.from.filter(|_| is_reference);
        LookArgs {
            config: self.config.clone(),
            source: SourceArgs { from, platform, ..SourceArgs::default() },
            build: self.build.clone(),
            permits: self.permits.clone(),
            limits: self.limits.clone(),
            reach: self.reach.clone(),
        }
    }
}

/// The forms of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffShape {
    /// One screen, for a terminal
    Table,
    /// `imgbudget.diff/1`, for programs
    Json,
    /// For a comment or a step summary
    Markdown,
    /// A page that shows where the bytes are, for a browser
    Html,
}
