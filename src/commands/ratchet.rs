//! `imgbudget update --ratchet`: limits go down to what is used, and never up.

use super::allow::show;
use super::edits::Edits;
use super::measure::{measure, tell_unmeasured};
use crate::amend::{self, Lowered};
use crate::cli::UpdateArgs;
use crate::config::edit::Sides;
use crate::domain::{Budgets, Report};
use crate::error::Error;
use crate::exit::Exit;
use crate::request::{self, report_files};
use crate::session::{Session, Stop};
use crate::text;

/// Lowers limits, or says which could be.
pub(super) fn run(args: &UpdateArgs, session: &Session) -> Result<Exit, Error> {
    ratchet(args, session).or_else(|stop| stop.show(session))
}

fn ratchet(args: &UpdateArgs, session: &Session) -> Result<Exit, Stop> {
    let budgets = request::budgets::of_file(args.config.as_deref(), &args.permits, session)?;
    let mut edits = Edits::new(&budgets, session)?;
    let report = report(args, &budgets, session)?;
    request::allow::refuse_strangers(&report, &budgets)?;
    let unmeasured = tell_unmeasured(&report, session);
    let mut lowered = amend::ratchet(&report, &budgets, args.headroom.0);
    lowered.retain(|lowered| edits.is_own(&lowered.place));
    for lowered in &lowered {
        let sides = Sides { warn: lowered.warn, fail: Some(lowered.to) };
        edits.draft_at(&lowered.place)?.lower(&lowered.place, sides)?;
    }
    if !args.check {
        edits.write(args.config.as_deref(), &args.permits)?;
    }
    show(lowered.iter().map(|lowered| told(lowered, args.check)).collect(), session)?;
    if lowered.is_empty() {
        session.terminal.say("every limit that could be judged fits what is measured");
    }
    Ok(match (unmeasured, args.check) {
        (1.., _) => Exit::NotChecked,
        (0, true) if !lowered.is_empty() => Exit::Over,
        (0, _) => Exit::Within,
    })
}

/// What is used: in the reports that were named, else by measuring.
fn report(args: &UpdateArgs, budgets: &Budgets, session: &Session) -> Result<Report, Stop> {
    let mut targets = request::select(budgets, &args.targets, &args.source)?;
    if !args.report.is_empty() {
        let mut report = report_files::joined(&args.report, None)?;
        report.targets.retain(|report| {
            targets.iter().any(|target| target.name == report.name)
                || budgets.targets.iter().all(|target| target.name != report.name)
        });
        return Ok(report);
    }
    request::refuse(&args.build, &args.source, &mut targets, session)?;
    request::refuse_offline(&args.reach, &args.source, None)?;
    let options = request::options(&args.build, &args.permits, &args.limits, &args.reach, budgets, session)?;
    let (report, interrupted) = measure(budgets, targets, &options, session)?;
    if interrupted { Err(Stop::Interrupted) } else { Ok(report) }
}

/// `budgets.toml:9: max-size 150 MB → 65 MB (api measures 61.2 MB)`.
fn told(lowered: &Lowered, is_dry: bool) -> String {
    let place = text::line(&lowered.place.to_string());
    let of_several = if lowered.users > 1 { format!(", the largest of {}", lowered.users) } else { String::new() };
    let verb = if is_dry { "could be lowered" } else { "lowered" };
    let warn = if lowered.warn.is_some() { ", and its `warn`" } else { "" };
    format!(
        "{place}: {verb}: max-{} {} → {}{warn} ({} measures {}{of_several})\n",
        lowered.rule, lowered.from, lowered.to, lowered.largest, lowered.measured
    )
}
