//! `imgbudget check`: from budgets to verdict.

use super::compare::compare;
use super::measure::measure;
use crate::cli::CheckArgs;
use crate::delivery::publish::{self, Subject};
use crate::delivery::screen;
use crate::delivery::write_files::{self, WriteFiles};
use crate::domain::{Budgets, CommentWhen, Format, Target};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;
use crate::request::{self, baseline};
use crate::session::{Session, Stop, repository};

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
    let mut targets = if budgets.file.is_some() {
        request::select(&budgets, &request::meant::chosen(args, &budgets, session), &args.source)?
    } else {
        budgets.targets.clone()
    };
    let key = publish::key(&args.publish, &repository::path_of(budgets.file.as_deref(), session))?;
    request::refuse(&args.build, &args.source, &mut targets, session)?;
    request::refuse_offline(&args.reach, &args.source, args.publish.comment)?;
    let files = WriteFiles::open(&args.output.write, &inputs(args, &budgets, &targets, session), session)?;
    let mut options = request::options(&args.build, &args.permits, &args.limits, &args.reach, &budgets, session)?;
    compare(&args.baseline, &args.permits, &budgets, &mut targets, &mut options, session)?;
    options.only_new = request::only_new(&args.baseline, &budgets, options.baseline.as_deref())?;
    request::for_forms(&mut options, forms(args));
    let platforms = targets.iter().any(|target| !target.platforms.is_empty());
    let (report, interrupted) = measure(&budgets, targets, &options, session)?;
    screen::show(&report, &args.output, platforms, session)?;
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
    Ok(screen::exit(&report, &args.output, session))
}

/// The forms that the result takes.
fn forms(args: &CheckArgs) -> impl Iterator<Item = Format> {
    std::iter::once(args.output.format).chain(args.output.write.iter().map(|write| write.format))
}

/// What this run reads, and `--write` must leave alone.
fn inputs(args: &CheckArgs, budgets: &Budgets, targets: &[Target], session: &Session) -> Vec<write_files::Input> {
    let mut inputs = write_files::inputs(budgets, targets);
    inputs.extend(args.baseline.baseline.iter().map(|file| (file.clone(), "the baseline")));
    inputs.extend(args.source.bake_metadata.iter().map(|file| (file.clone(), "what bake wrote")));
    inputs.push((baseline::lock_file(budgets, session), "the lock file, which `imgbudget update` writes"));
    inputs
}
