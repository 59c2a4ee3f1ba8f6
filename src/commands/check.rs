//! `imgbudget check`: from budgets to verdict.

use std::sync::Arc;

use crate::cli::{BuildArgs, CheckArgs, LimitArgs, OutputArgs, PermitArgs};
use crate::delivery::publish::{self, Subject};
use crate::delivery::write_files::{self, WriteFiles, rendered};
use crate::domain::{Budgets, CommentWhen, Report, Target};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::memory::Memory;
use crate::progress::Observer;
use crate::request::{self, baseline, git};
use crate::session::{Session, Stop, block_on, interruptible, repository};
use crate::source::Limits;
use crate::{output, pipeline};

/// Checks the targets, prints the result, writes the files, and turns the verdict into an exit code.
pub(super) fn run(args: &CheckArgs, session: &Session) -> Result<Exit, Error> {
    check(args, session).or_else(|stop| {
        publish::not_checked(&stop, args.publish.step, session);
        stop.show(session)
    })
}

/// The exit code by the verdict.
fn check(args: &CheckArgs, session: &Session) -> Result<Exit, Stop> {
    let budgets = request::budgets::of(args, session)?;
    let targets = if budgets.file.is_some() {
        request::select(&budgets, &args.targets, &args.source)?
    } else {
        budgets.targets.clone()
    };
    let key = publish::key(&args.publish, &repository::path_of(budgets.file.as_deref(), session))?;
    request::refuse(&args.build, &targets, session)?;
    let files = WriteFiles::open(&args.output.write, &inputs(args, &budgets, &targets, session), session)?;
    let mut options = options(&args.build, &args.permits, &args.limits, &budgets, session);
    options.baseline = baseline::find(&args.baseline, &budgets, options.commit.as_deref(), session)?.map(Arc::new);
    let platforms = targets.iter().any(|target| !target.platforms.is_empty());
    let (report, interrupted) = measure(&budgets, targets, &options, session)?;
    show(&report, &args.output, platforms, session)?;
    if interrupted {
        // What an earlier run wrote or said is worth more than half a result: dropped, the drafts leave it.
        return Err(Stop::Interrupted);
    }
    let options =
        output::Options { links: publish::links(report.commit.as_deref(), session), ..output::Options::default() };
    files.write(&report, &options)?;
    let subject = Subject {
        report: &report,
        key,
        when: args.publish.comment.unwrap_or(CommentWhen::Never),
        min_change: budgets.comment.min_change,
        head: report.commit.clone(),
        files: &args.output.write,
    };
    publish::publish(&subject, &args.publish, session)?;
    Ok(exit(&report, &args.output, session))
}

/// The code of a finished run. Where the screen does not explain it, the last line does.
pub(super) fn exit(report: &Report, args: &OutputArgs, session: &Session) -> Exit {
    if let Some(reason) = Exit::reason(report, args.fail_on, args.strict) {
        session.terminal.notice(&reason, None, false);
    }
    Exit::of(report, args.fail_on, args.strict)
}

/// What this run reads, and `--write` must leave alone.
fn inputs(args: &CheckArgs, budgets: &Budgets, targets: &[Target], session: &Session) -> Vec<write_files::Input> {
    let mut inputs = write_files::inputs(budgets, targets);
    inputs.extend(args.baseline.baseline.iter().map(|file| (file.clone(), "the baseline")));
    inputs.extend(args.source.bake_metadata.iter().map(|file| (file.clone(), "what bake wrote")));
    inputs.push((baseline::lock_file(budgets, session), "the lock file, which `imgbudget update` writes"));
    inputs
}

/// Carries the targets through the pipeline, showing how far they are. The flag says whether that was interrupted.
pub(super) fn measure(
    budgets: &Budgets,
    targets: Vec<Target>,
    options: &pipeline::Options,
    session: &Session,
) -> Result<(Report, bool), Error> {
    let progress = Arc::new(session.terminal.progress());
    let observer: Arc<dyn Observer> = Arc::clone(&progress) as _;
    let (report, interrupted) = block_on(async |cancel| {
        let report = pipeline::run(budgets, targets, options, observer, &cancel).await;
        (report, cancel.is_cancelled())
    })?;
    progress.clear();
    Ok((report, interrupted))
}

pub(super) fn options(
    args: &BuildArgs,
    permits: &PermitArgs,
    limits: &LimitArgs,
    budgets: &Budgets,
    session: &Session,
) -> pipeline::Options {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    pipeline::Options {
        jobs: args.jobs.map_or(cores.min(4), usize::from),
        no_build: args.no_build,
        no_cache: args.no_cache,
        pull: args.pull,
        timeout: args.timeout,
        limits: Limits { memory: Memory::new(limits.memory_limit), read: limits.read_limit },
        project: repository::project(budgets.file.as_deref(), session),
        environment: session.environment.clone(),
        working_directory: session.working_directory.clone(),
        boundary: request::budgets::boundary(budgets.file.as_deref(), permits, session),
        today: time::OffsetDateTime::now_utc().date(),
        baseline: None,
        commit: session.ci.commit.clone().or_else(|| git::commit(&session.working_directory, "HEAD")),
    }
}

pub(super) fn show(report: &Report, args: &OutputArgs, platforms: bool, session: &Session) -> Result<(), Error> {
    let terminal = session.terminal;
    let links = publish::links(report.commit.as_deref(), session);
    let options = output::Options { width: terminal.width(), colour: terminal.colour(), platforms, links };
    let bytes = rendered(args.format, report, &options)?;
    interruptible(move || terminal.result(&bytes))?
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))
}
