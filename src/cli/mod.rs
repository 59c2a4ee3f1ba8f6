//! What can be typed. Types only: what it means is decided in `commands`.

mod allow;
mod cache;
mod check;
mod diff;
mod init;
mod inspect;
mod merge;
mod publish;
mod reach;
mod update;
mod value;
mod why;
mod words;

use clap::{Parser, Subcommand, ValueEnum};

use crate::terminal::Color;

pub use allow::{AllowArgs, OriginWord};
pub use cache::{CacheAction, CacheArgs};
pub use check::{BaselineArgs, BudgetArgs, BuildArgs, CheckArgs, LimitArgs, OutputArgs, PermitArgs, SourceArgs};
pub use diff::{DiffArgs, DiffShape};
pub use init::InitArgs;
pub use inspect::{InspectArgs, LookArgs, Shape, ShowArgs};
pub use merge::{CommentArgs, MergeArgs};
pub use publish::{PublishArgs, StepArgs};
pub use reach::ReachArgs;
pub use update::{Headroom, UpdateArgs};
pub use value::{CacheAt, NamedSource, WriteTo};
pub use why::{WhyArgs, WhyShape, WhyShowArgs};

/// Keep container images inside a budget.
///
/// imgbudget builds the targets of a Dockerfile, measures the images, looks for tools that do not belong in production, and
/// compares all of it with budgets.toml. It never runs an image.
#[derive(Debug, Parser)]
#[command(name = "imgbudget", version, max_term_width = 80, propagate_version = false, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour; auto means on a terminal, unless NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Display")]
    pub color: Color,

    /// Show no progress, only the result.
    #[arg(long, short, global = true, help_heading = "Display")]
    pub quiet: bool,
}

/// The exit codes as every help screen ends with them; a test compares them with [`crate::exit::Exit::TABLE`].
pub const EXIT_CODES: &str = "\
Exit codes:
  0  every target is within its budget; warnings alone do not change that
  1  at least one target breaks its budget
  2  at least one target could not be checked, or the input was wrong";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build, measure and judge targets
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Box<CheckArgs>),
    /// Show what is in an image, who brought it, and what can go
    #[command(after_help = INSPECT_HELP)]
    Inspect(Box<InspectArgs>),
    /// Say why something is in an image, and what removing it frees
    #[command(after_help = WHY_HELP)]
    Why(Box<WhyArgs>),
    /// Compare two images: what came, what went, what grew
    #[command(after_help = DIFF_HELP)]
    Diff(Box<DiffArgs>),
    /// Measure targets and write their sizes to budgets.lock, a baseline to commit
    #[command(after_help = UPDATE_HELP)]
    Update(Box<UpdateArgs>),
    /// Write an exception with its reason into the budget file
    #[command(after_help = ALLOW_HELP)]
    Allow(Box<AllowArgs>),
    /// Join reports of several runs into one, with one verdict
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(Box<MergeArgs>),
    /// Comment on a pull request from report files, without building
    #[command(after_help = COMMENT_EXAMPLES)]
    Comment(Box<CommentArgs>),
    /// Measure what is built here, and write a first budgets.toml that it keeps
    #[command(after_help = INIT_HELP)]
    Init(Box<InitArgs>),
    /// List the tools and groups that forbid-tools knows
    Tools(ToolsArgs),
    /// Explain a rule, and how to fix or excuse what it finds
    Explain(ExplainArgs),
    /// Show the layer cache: where it is, and what it holds
    #[command(after_help = CACHE_HELP)]
    Cache(CacheArgs),
    /// Print the JSON Schema of budgets.toml, reports, diff or why
    Schema(SchemaArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
}

const CHECK_EXAMPLES: &str = "\
Examples:
  imgbudget check                          all targets of budgets.toml
  imgbudget check api --no-cache           one target, built from scratch
  imgbudget check --image api=acme/api:1   measure an image built elsewhere
  imgbudget check --archive api=api.tar    … or an archive, without an engine
  imgbudget check --image node:22 --max-size 200MB --forbid-tools @shells
  imgbudget check --baseline main.json     and what changed since that report
  imgbudget check --baseline-ref main      … or since budgets.lock on main

Exit codes:
  0  every target is within its budget; warnings alone do not change that
  1  at least one target breaks its budget
  2  at least one target could not be checked, or the input was wrong";

const INSPECT_HELP: &str = "\
Nothing is judged, and no budget is needed.

Examples:
  imgbudget inspect                        the only target here
  imgbudget inspect api                    a target of budgets.toml, built
  imgbudget inspect node:22                an image of the engine or a registry
  imgbudget inspect --archive app.tar      an archive, without an engine
  imgbudget inspect api --own --all        your layers, and all they brought
  imgbudget inspect api --without '**/.git' --without /app/test
  imgbudget inspect api --base node:22-slim
  imgbudget inspect api --stages           builder 1.10 GB → final 12.0 MB
  imgbudget inspect api --format json      for programs

Exit codes:
  0  it was measured
  2  it could not be measured, or the input was wrong";

const WHY_HELP: &str = "\
Nothing is judged. A tool goes by its name in the catalogue: `gcc` finds gcc-12.

Examples:
  imgbudget why api npm                    a tool or a package of a target
  imgbudget why node:22 /usr/bin/gcc       a path of an image
  imgbudget why api '**/*.map'             what a glob matches, the largest first
  imgbudget why --archive app.tar openssl  of an archive, without an engine

Exit codes:
  0  each word was found
  2  one was not, or the image could not be read, or the input was wrong";

const DIFF_HELP: &str = "\
Each changed byte is in one row, so rows add up. Nothing is judged.

Examples:
  imgbudget diff api                       a target with its baseline
  imgbudget diff acme/api:1.4 api          an image with a target, built
  imgbudget diff api:builder api           a stage with the image made of it
  imgbudget diff old.tar new.tar           two archives, without an engine
  imgbudget diff main.json api             a report, as far as layers are cached

Exit codes:
  0  they were compared
  2  they could not be, or have other platforms, or the input was wrong";

const UPDATE_HELP: &str = "\
The file is that of [baseline] in budgets.toml, else budgets.lock beside it. It
holds one line for each target and platform, and is written only when every
chosen target could be measured. Budgets are not judged. A line whose sizes
changed by less than 1 % stays as it is, unless growth since then would fail.

--ratchet edits the budget files instead: limits go down, never up, and one that
several targets share follows the largest of them.

Examples:
  imgbudget update                  all targets; settles a merge conflict, too
  imgbudget update api              one target, the other lines stay
  imgbudget update --ratchet        lower limits that leave too much room
  imgbudget update --ratchet --report main.json --check   for a scheduled job

Exit codes:
  0  the file was written; with --check, no limit can be lowered
  1  with --check: a limit can be lowered
  2  something could not be measured or written; the file is as it was";

const ALLOW_HELP: &str = "\
The exception goes into the file that defines the target. One that is about the
same things is changed in place. Comments and order stay.

Examples:
  imgbudget allow api npm npx --origin base --reason \"comes with node\"
  imgbudget allow api growth --up-to 65MB --reason \"the new map data\"
  imgbudget allow api size --until 2027-03-31 --reason \"until the rewrite\"
  imgbudget allow 'web-*' /var/lib/apt/lists --until 90d --reason \"the base\"
  imgbudget allow --existing --until 90d   all that fails today
  imgbudget allow --prune                  drop what matches nothing any more

Without --up-to, and for --existing and --prune, targets are measured as `check`
does it, unless --report says what was found.

Exit codes:
  0  it is written, or was there already
  2  something could not be measured or written; the file is as it was";

const INIT_HELP: &str = "\
Targets come from bake files, compose files and Dockerfiles. Images that bake or
compose has built are read, others are built. Limits are what is measured and 25 %
more; what breaks a rule today is excused with a date. A file that is there is
never written over.

Examples:
  imgbudget init                           build, measure, write
  imgbudget init --archive api=api.tar     measure what was built elsewhere
  imgbudget init --no-measure              only look at the files

Exit codes:
  0  it is written, and `imgbudget check` passes
  2  nothing was written, or a target could not be measured and is a remark";

const MERGE_EXAMPLES: &str = "\
Examples:
  imgbudget merge legs/*.json --expect 3 --write json=report.json

Two reports of one target and platform, of different commits or of another
version of the format are errors, and so is a report that is not there.

Exit codes:
  0  every target is within its budget; warnings alone do not change that
  1  at least one target breaks its budget
  2  at least one target could not be checked, or the input was wrong";

const COMMENT_EXAMPLES: &str = "\
Examples:
  imgbudget comment --report report.json                 as the event says
  imgbudget comment --report legs/*.json --expect 3      a matrix, joined
  imgbudget comment --report report.json --pr 12 --comment always

For the job that runs after a pull request from a fork: reports are read as a
stranger's data, nothing is built, and the pull request is found by its head
commit. The token is IMGBUDGET_GITHUB_TOKEN, GITHUB_TOKEN or GH_TOKEN.

Exit codes:
  0  the reports were read; a comment that could not be posted is a notice
  2  the input was wrong";

const CACHE_HELP: &str = "\
Keeps what each layer holds, so later runs do not read it again: names, kinds
and sizes, never contents. The directory is that of
--layer-cache, else of IMGBUDGET_LAYER_CACHE, else imgbudget in the user's cache
directory; in CI it is off unless one of the first two is set.

Exit codes:
  0  it was shown or cleared
  2  the directory is not a layer cache, or a file cannot be removed";

/// `imgbudget tools`.
#[derive(Debug, clap::Args)]
pub struct ToolsArgs {
    /// Only this group or tool: @shells, npm
    #[arg(value_name = "GROUP|TOOL")]
    pub only: Vec<String>,
}

/// `imgbudget explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// A rule by its code or key: forbidden-tool, max-size; by default list all
    #[arg(value_name = "CODE")]
    pub rule: Option<String>,
}

/// `imgbudget schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Which schema
    pub of: SchemaOf,
}

/// The schemas that can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The JSON report
    Report,
    /// budgets.toml
    Budgets,
    /// What `diff --format json` prints
    Diff,
    /// What `why --format json` prints
    Why,
}

/// `imgbudget completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}
