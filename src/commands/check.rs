//! `imgbudget check`: from budgets to verdict.

use std::path::Path;
use std::sync::Arc;

use super::publish::{self, Subject};
use super::runtime::block_on;
use super::stop::Stop;
use super::write_files::{self, WriteFiles, rendered};
use super::{Context, adhoc, baseline, git, repository, select, untrusted};
use crate::ci::Environment;
use crate::cli::{BuildArgs, CheckArgs, OutputArgs};
use crate::config::{self, KnownTools};
use crate::domain::{Budgets, CommentWhen, Report, Target};
use crate::engine::is_our_secret;
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::progress::Observer;
use crate::{catalogue, output, pipeline, text};

/// Checks the targets, prints the result, writes the files, and turns the verdict into an exit code.
pub(super) fn run(args: &CheckArgs, context: &Context) -> Result<Exit, Error> {
    check(args, context).or_else(|stop| {
        publish::not_checked(&stop, args.publish.step, context);
        stop.show(context)
    })
}

/// The exit code by the verdict.
fn check(args: &CheckArgs, context: &Context) -> Result<Exit, Stop> {
    let budgets = budgets(args, context)?;
    let targets = if budgets.file.is_some() {
        select::select(&budgets, &args.targets, &args.source)?
    } else {
        budgets.targets.clone()
    };
    let key = publish::key(&args.publish, &repository::path_of(budgets.file.as_deref(), context))?;
    untrusted::refuse(&args.build, &targets, context)?;
    let files = WriteFiles::open(&args.output.write, &inputs(args, &budgets, &targets, context), context)?;
    let mut options = options(&args.build, &budgets, context);
    options.baseline = baseline::find(&args.baseline, &budgets, options.commit.as_deref(), context)?.map(Arc::new);
    let platforms = targets.iter().any(|target| !target.platforms.is_empty());
    let (report, interrupted) = measure(&budgets, targets, &options, context)?;
    show(&report, &args.output, platforms, context)?;
    if interrupted {
        // What an earlier run wrote or said is worth more than half a result: dropped, the drafts leave it.
        return Err(Stop::Interrupted);
    }
    let options =
        output::Options { links: publish::links(report.commit.as_deref(), context), ..output::Options::default() };
    files.write(&report, &options)?;
    let subject = Subject {
        report: &report,
        key,
        when: args.publish.comment.unwrap_or(CommentWhen::Never),
        min_change: budgets.comment.min_change,
        head: report.commit.clone(),
        files: &args.output.write,
    };
    publish::publish(&subject, &args.publish, context)?;
    Ok(exit(&report, &args.output, context))
}

/// The code of a finished run. Where the screen does not explain it, the last line does.
pub(super) fn exit(report: &Report, args: &OutputArgs, context: &Context) -> Exit {
    if let Some(reason) = Exit::reason(report, args.fail_on, args.strict) {
        context.terminal.notice(&reason, None, false);
    }
    Exit::of(report, args.fail_on, args.strict)
}

/// What this run reads, and `--write` must leave alone.
fn inputs(args: &CheckArgs, budgets: &Budgets, targets: &[Target], context: &Context) -> Vec<write_files::Input> {
    let mut inputs = write_files::inputs(budgets, targets);
    inputs.extend(args.baseline.baseline.iter().map(|file| (file.clone(), "the baseline")));
    inputs.extend(args.source.bake_metadata.iter().map(|file| (file.clone(), "what bake wrote")));
    inputs.push((baseline::lock_file(budgets, context), "the lock file, which `imgbudget update` writes"));
    inputs
}

/// Carries the targets through the pipeline, showing how far they are. The flag says whether that was interrupted.
pub(super) fn measure(
    budgets: &Budgets,
    targets: Vec<Target>,
    options: &pipeline::Options,
    context: &Context,
) -> Result<(Report, bool), Error> {
    let progress = Arc::new(context.terminal.progress());
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let (report, interrupted) = block_on(async |cancel| {
        let report = pipeline::run(budgets, targets, options, observer, &cancel).await;
        (report, cancel.is_cancelled())
    })?;
    progress.clear();
    Ok((report, interrupted))
}

/// The budgets of this run.
fn budgets(args: &CheckArgs, context: &Context) -> Result<Budgets, Stop> {
    if adhoc::is_adhoc(args) {
        let file = config::discover(&context.working_directory).ok().flatten();
        // With a file at hand and no budget typed, the image is one of the file's targets, and must say which.
        if file.is_none() || !args.budget.is_empty() {
            if file.is_some() {
                context.terminal.notice(
                    "judged by the budget on the command line alone; budgets.toml is not read",
                    None,
                    false,
                );
            }
            let (names, groups) = known_tools();
            let known = KnownTools { names: &names, groups: &groups };
            return Ok(adhoc::budgets(args, &known)?);
        }
    } else if !args.budget.is_empty() {
        return Err(Error::new(Class::Usage, "a budget on the command line needs an image there, too")
            .with_hint("Add --image REF, --archive PATH or --layout DIR; or write the budget into budgets.toml.")
            .into());
    }
    budgets_of_file(args.config.as_deref(), context)
}

/// The budgets of a file, of the nearest when none is named.
pub(super) fn budgets_of_file(config: Option<&Path>, context: &Context) -> Result<Budgets, Stop> {
    let (names, groups) = known_tools();
    let known = KnownTools { names: &names, groups: &groups };
    let path = match config {
        Some(path) => context.working_directory.join(path),
        None => config::discover(&context.working_directory)?.ok_or_else(|| no_file(context))?,
    };
    let environment = |name: &str| for_build(&context.environment, name);
    Ok(config::load(&path, &environment, &known, &context.working_directory)?)
}

/// A variable that budgets.toml may hand to a build. Tokens of ours it may not: whatever the Dockerfile runs could read them, and they
/// would stay in the image's history.
fn for_build(environment: &Environment, name: &str) -> Option<String> {
    environment.get(name).filter(|_| !is_our_secret(name)).cloned()
}

/// What the catalogue knows by name, for telling a typo from a tool that it does not know.
fn known_tools() -> (Vec<&'static str>, Vec<&'static str>) {
    (catalogue::names().collect(), catalogue::groups().iter().map(|group| group.name).collect())
}

/// No file is no dead end: the message names those further down, or holds one that fits the Dockerfiles nearby.
fn no_file(context: &Context) -> Error {
    /// What still is a glance: the head and some ten targets.
    const MOST_LINES: usize = 60;
    let below = config::discover::below(&context.working_directory, 5);
    if let Some(first) = below.first() {
        let folders: Vec<String> = below
            .iter()
            .filter_map(|file| file.parent())
            .map(|folder| text::line(&format!("{}/", folder.display())))
            .collect();
        let first = text::line(&first.display().to_string());
        return Error::new(
            Class::Config,
            format!("there is no budgets.toml here; there is one in {}", folders.join(", ")),
        )
        .with_hint(format!("Run it there, or name the file: --config {first}."));
    }
    let proposal = config::propose(&context.working_directory);
    let mut lines: Vec<String> = proposal.text.lines().map(str::to_owned).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        lines.push("# … and more, which `imgbudget init` writes".to_owned());
    }
    Error::new(Class::Config, "there is no budgets.toml here or above it in a repository; this one fits what was found")
        .with_detail(lines)
        .with_hint("`imgbudget init` writes it; `imgbudget check --image REF --max-size 150MB` needs none.")
}

pub(super) fn options(args: &BuildArgs, budgets: &Budgets, context: &Context) -> pipeline::Options {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    pipeline::Options {
        jobs: args.jobs.map_or(cores.min(4), usize::from),
        no_build: args.no_build,
        no_cache: args.no_cache,
        pull: args.pull,
        timeout: args.timeout,
        project: repository::project(budgets.file.as_deref(), context),
        environment: context.environment.clone(),
        working_directory: context.working_directory.clone(),
        today: jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date(),
        baseline: None,
        commit: context.ci.commit.clone().or_else(|| git::commit(&context.working_directory, "HEAD")),
    }
}

pub(super) fn show(report: &Report, args: &OutputArgs, platforms: bool, context: &Context) -> Result<(), Error> {
    let terminal = context.terminal;
    let links = publish::links(report.commit.as_deref(), context);
    let options = output::Options { width: terminal.width(), colour: terminal.colour(), platforms, links };
    let bytes = rendered(args.format, report, &options)?;
    terminal.result(&bytes).map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_cannot_take_the_token() {
        let environment = ["GITHUB_TOKEN", "GH_TOKEN", "IMGBUDGET_GITHUB_TOKEN", "NPM_TOKEN"]
            .map(|name| (name.into(), "x".into()))
            .into();
        assert_eq!(for_build(&environment, "NPM_TOKEN").as_deref(), Some("x"));
        for name in ["GITHUB_TOKEN", "GH_TOKEN", "IMGBUDGET_GITHUB_TOKEN", "UNSET"] {
            assert_eq!(for_build(&environment, name), None, "{name}");
        }
    }
}
