//! `imgbudget check`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::value::{self, NamedSource, WriteTo};
use super::{PublishArgs, ReachArgs};
use crate::domain::{Bytes, Format, ImageChoice, LookIn, Platform};
use crate::exit::FailOn;

/// `imgbudget check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Only these targets; by default those of this folder, at the root all
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,

    /// Check all targets, not only those of this folder
    #[arg(long, conflicts_with = "targets")]
    pub all: bool,

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

    /// A budget without a file.
    #[command(flatten)]
    pub budget: BudgetArgs,

    /// What it is compared with.
    #[command(flatten)]
    pub baseline: BaselineArgs,

    /// Where the result goes.
    #[command(flatten)]
    pub output: OutputArgs,

    /// Where a job shows it.
    #[command(flatten)]
    pub publish: PublishArgs,
}

/// Where the images come from.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Images built elsewhere")]
pub struct SourceArgs {
    /// Measure this image instead of building the target
    #[arg(long, value_name = "NAME=REF")]
    pub image: Vec<NamedSource>,

    /// Where to look for images; by default `from` in the file
    #[arg(long, value_name = "WHERE")]
    pub from: Option<LookIn>,

    /// Measure this file written by docker save or an OCI tool; `-` is standard input
    #[arg(long, value_name = "NAME=PATH")]
    pub archive: Vec<NamedSource>,

    /// Measure this OCI image layout directory
    #[arg(long, value_name = "NAME=DIR")]
    pub layout: Vec<NamedSource>,

    /// Measure what buildx bake built: the file of its --metadata-file, where bake targets are named as targets here
    #[arg(long, value_name = "FILE")]
    pub bake_metadata: Option<PathBuf>,

    /// Which image of an archive or layout that holds several
    #[arg(long, value_name = "REF")]
    pub archive_image: Option<ImageChoice>,

    /// Measure this platform instead of those in the file (os/arch[/variant])
    #[arg(long, value_name = "PLATFORM", value_parser = value::platform)]
    pub platform: Vec<Platform>,
}

/// How targets are built.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Building")]
pub struct BuildArgs {
    /// Fail when a target has to be built
    #[arg(long)]
    pub no_build: bool,

    /// Build without the engine's build cache
    #[arg(long)]
    pub no_cache: bool,

    /// Ask the registry for newer base images
    #[arg(long)]
    pub pull: bool,

    /// Targets at once; by default the number of cores, at most 4
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: Option<u16>,

    /// Give up on a target after this long (90s, 15m, 1h); by default never
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub timeout: Option<Duration>,

    /// Build a stranger's code in a job that holds secrets (pull_request_target): it can steal them
    #[arg(long)]
    pub i_know_this_runs_untrusted_code: bool,
}

/// What a budget file may do only when the person says so: whoever opens a pull request can edit it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What budgets.toml may do")]
pub struct PermitArgs {
    /// Let build-args read this variable though its name looks like a credential's
    #[arg(long, value_name = "NAME")]
    pub build_env: Vec<String>,

    /// Let it name files and contexts outside its repository
    #[arg(long)]
    pub allow_outside: bool,

    /// The policy of an organisation beneath it, which it may only make stricter; else IMGBUDGET_POLICY
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// What reading images may take of the machine.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Memory for all images that are read at the same time
    #[arg(long, value_name = "SIZE", default_value = "256MB")]
    pub memory_limit: Bytes,

    /// What an archive, and the layers of an image, may unpack to
    #[arg(long, value_name = "SIZE", default_value = "100GB")]
    pub read_limit: Bytes,
}

/// A budget on the command line, for a run without a budgets.toml.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "A budget without a file (for --image REF and its like)")]
pub struct BudgetArgs {
    /// Content size: 150MB, 1.35GB, 150MiB
    #[arg(long, value_name = "SIZE")]
    pub max_size: Option<Bytes>,

    /// What a registry stores and a node pulls
    #[arg(long, value_name = "SIZE")]
    pub max_compressed_size: Option<Bytes>,

    /// Number of layers
    #[arg(long, value_name = "N")]
    pub max_layers: Option<u64>,

    /// Size of the largest layer
    #[arg(long, value_name = "SIZE")]
    pub max_layer_size: Option<Bytes>,

    /// Number of packages of the operating system (dpkg, apk, rpm)
    #[arg(long, value_name = "N")]
    pub max_os_packages: Option<u64>,

    /// Tools and @groups that must not be there, separated by commas
    #[arg(long, value_name = "TOOLS", value_delimiter = ',')]
    pub forbid_tools: Vec<String>,

    /// Paths that must not be there: globs and @groups, separated by commas
    #[arg(long, value_name = "GLOBS", value_delimiter = ',')]
    pub forbid_paths: Vec<String>,

    /// The image must not run as root
    #[arg(long)]
    pub require_non_root: bool,
}

impl BudgetArgs {
    /// Whether any of it was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.max_size.is_none()
            && self.max_compressed_size.is_none()
            && self.max_layers.is_none()
            && self.max_layer_size.is_none()
            && self.max_os_packages.is_none()
            && self.forbid_tools.is_empty()
            && self.forbid_paths.is_empty()
            && !self.require_non_root
    }
}

/// What a run is compared with. Without a baseline, or with one that does not exist yet, nothing fails because of that.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Change and growth (else [baseline] of budgets.toml)")]
pub struct BaselineArgs {
    /// Compare with an earlier JSON report or lock file, once it exists
    #[arg(long, value_name = "FILE", conflicts_with = "baseline_ref")]
    pub baseline: Option<PathBuf>,

    /// Compare with the lock file or report as it stands at a branch, tag or commit;
    /// auto is the commit that this change was made on
    #[arg(long, value_name = "REF")]
    pub baseline_ref: Option<String>,

    /// Fail only what the baseline does not have; show the rest as known
    #[arg(long)]
    pub only_new: bool,

    /// Check only targets that changed since this branch, tag or commit, or auto
    #[arg(long, value_name = "REF")]
    pub changed_since: Option<String>,
}

/// Where the result goes, and what it does to the exit code.
#[derive(Debug, Args)]
#[command(next_help_heading = "Result")]
pub struct OutputArgs {
    /// What to print on standard output
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Format,

    /// Also write the result to a file; may be given several times
    #[arg(long, value_name = "FORMAT=PATH")]
    pub write: Vec<WriteTo>,

    /// What makes the exit code 1; never changes exit code 2
    #[arg(long, value_name = "WHAT", default_value = "failure")]
    pub fail_on: FailOn,

    /// Exit with code 2 when a rule could not be judged
    #[arg(long)]
    pub strict: bool,
}
