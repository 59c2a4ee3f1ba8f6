//! `imgbudget allow`: exceptions with their reasons, written where they belong.

use super::compare::compare;
use super::edits::Edits;
use super::measure::{measure, tell_unmeasured};
use crate::amend::{self, Terms};
use crate::cli::AllowArgs;
use crate::domain::{Budgets, NewAllow, Report, Rule, Severity};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::request::{self, day, report_files};
use crate::session::{Session, Stop, interruptible};
use crate::text;

/// Writes what was asked for, or all that fails, or takes out what matches nothing.
pub(super) fn run(args: &AllowArgs, session: &Session) -> Result<Exit, Error> {
    allow(args, session).or_else(|stop| stop.show(session))
}

fn allow(args: &AllowArgs, session: &Session) -> Result<Exit, Stop> {
    let budgets = request::budgets::of_file(args.config.as_deref(), &args.permits, session)?;
    let edits = Edits::new(&budgets, session)?;
    if args.prune {
        return prune(args, &budgets, edits, session);
    }
    let until = args.until.as_deref().map(|word| day::until(word, day::today())).transpose()?;
    if let Some(until) = until.filter(|_| args.existing) {
        return existing(args, &budgets, until, edits, session);
    }
    let asked = request::allow::asked(args, &budgets, until)?;
    let is_open = asked.iter().any(|asked| request::allow::is_limit(asked.rule) && asked.up_to.is_none());
    let exceptions = if args.report.is_empty() && !is_open {
        asked
    } else {
        let typed = request::allow::targets(args.targets.as_deref().unwrap_or_default(), &budgets)?;
        let report = report(args, &typed, &budgets, session)?;
        let exceptions = request::allow::confirmed(&asked, &report)?;
        if tell_unmeasured(&report, session) > 0 {
            write(&exceptions, args, edits, session)?;
            return Ok(Exit::NotChecked);
        }
        exceptions
    };
    write(&exceptions, args, edits, session)?;
    Ok(Exit::Within)
}

/// What was found: in the reports that were named, else by measuring, as `check` does.
fn report(args: &AllowArgs, typed: &[String], budgets: &Budgets, session: &Session) -> Result<Report, Stop> {
    if !args.report.is_empty() {
        return Ok(report_files::joined(&args.report, None)?);
    }
    let chosen: Vec<String> = budgets
        .targets
        .iter()
        .map(|target| target.name.to_string())
        .filter(|name| request::allow::is_of(name, typed))
        .collect();
    let mut targets = request::select(budgets, &chosen, &args.source)?;
    request::refuse(&args.build, &args.source, &mut targets, session)?;
    request::refuse_offline(&args.reach, &args.source, None)?;
    let mut options = request::options(&args.build, &args.permits, &args.limits, &args.reach, budgets, session)?;
    compare(&args.baseline, &args.permits, budgets, &mut targets, &mut options, session)?;
    let (report, interrupted) = measure(budgets, targets, &options, session)?;
    if interrupted { Err(Stop::Interrupted) } else { Ok(report) }
}

/// All that fails today, one exception a cause, all until one day.
fn existing(
    args: &AllowArgs,
    budgets: &Budgets,
    until: time::Date,
    mut edits: Edits<'_>,
    session: &Session,
) -> Result<Exit, Stop> {
    let typed = match args.targets.as_deref() {
        Some(typed) => request::allow::targets(typed, budgets)?,
        None => Vec::new(),
    };
    let mut report = report(args, &typed, budgets, session)?;
    report.targets.retain(|target| request::allow::is_of(target.name.as_str(), &typed));
    request::allow::refuse_strangers(&report, budgets)?;
    let unmeasured = tell_unmeasured(&report, session);
    let reason = args.reason.clone().unwrap_or_else(|| format!("known since {}", day::today()));
    let exceptions = amend::existing(&report, budgets, &Terms { reason, until });
    let mut extended = 0;
    let expired = report.targets.iter().flat_map(|target| &target.findings);
    let expired = expired.filter(|finding| finding.rule == Rule::ExpiredAllow && finding.severity == Severity::Fail);
    let mut places: Vec<_> = expired.filter_map(|finding| finding.budget.clone()).collect();
    places.sort();
    places.dedup();
    for place in places {
        // A report of another commit may speak of other lines.
        if edits.is_own(&place) && budgets.allows.iter().any(|allow| allow.place == place && allow.until.is_some()) {
            edits.draft_at(&place)?.extend(&place, until)?;
            show(
                format!(
                    "{}: {} {until}\n",
                    text::line(&place.to_string()),
                    if args.dry_run { "would hold until" } else { "holds until" }
                ),
                session,
            )?;
            extended += 1;
        }
    }
    if exceptions.is_empty() && extended == 0 {
        session.terminal.say("nothing fails that an exception could excuse");
    } else {
        write(&exceptions, args, edits, session)?;
    }
    Ok(if unmeasured > 0 { Exit::NotChecked } else { Exit::Within })
}

/// Takes out what matches nothing any more.
fn prune(args: &AllowArgs, budgets: &Budgets, mut edits: Edits<'_>, session: &Session) -> Result<Exit, Stop> {
    if args.targets.is_some() {
        return Err(Error::new(Class::Usage, "--prune is about all exceptions, and takes no target")
            .with_hint("Leave the target out: whether an exception is needed, only all of its targets can tell.")
            .into());
    }
    let report = report(args, &[], budgets, session)?;
    request::allow::refuse_strangers(&report, budgets)?;
    let unmeasured = tell_unmeasured(&report, session);
    let mut sorted = amend::unused(&report, budgets);
    sorted.unused.retain(|allow| edits.is_own(&allow.place));
    // From the end on, so that no line moves before its turn.
    sorted.unused.sort_by(|a, b| b.place.cmp(&a.place));
    let mut said = Vec::new();
    for allow in &sorted.unused {
        edits.draft_at(&allow.place)?.remove_allow(&allow.place)?;
        let (place, reason) = (text::line(&allow.place.to_string()), text::line_within(&allow.reason, 200));
        let goes = if args.dry_run { "would go" } else { "removed" };
        said.push(format!("{place}: {goes}: {} ({reason})\n", allow.rule));
    }
    if !args.dry_run {
        edits.write(args.config.as_deref(), &args.permits)?;
    }
    said.reverse();
    show(said.concat(), session)?;
    if said.is_empty() {
        session.terminal.say("every exception that could be judged is needed");
    }
    if !sorted.open.is_empty() {
        let places: Vec<String> =
            sorted.open.iter().take(5).map(|allow| text::line(&allow.place.to_string())).collect();
        let more = if sorted.open.len() > 5 { ", …" } else { "" };
        let hint = "Their targets were not all measured, or their rule was not judged, as growth without a baseline.";
        let count = text::count(sorted.open.len(), "exception", "exceptions");
        session.terminal.notice(&format!("{count} stayed unjudged: {}{more}", places.join(", ")), Some(hint), false);
    }
    Ok(if unmeasured > 0 { Exit::NotChecked } else { Exit::Within })
}

/// Writes exceptions, and shows each with its place. The places are those of the whole edit, so they are told at its end.
fn write(exceptions: &[NewAllow], args: &AllowArgs, mut edits: Edits<'_>, session: &Session) -> Result<(), Stop> {
    let said =
        exceptions.iter().map(|exception| edits.allow(exception, args.dry_run)).collect::<Result<Vec<_>, Error>>()?;
    if !args.dry_run {
        edits.write(args.config.as_deref(), &args.permits)?;
    }
    show(said.concat(), session)
}

/// Prints on standard output.
pub(super) fn show(said: String, session: &Session) -> Result<(), Stop> {
    let terminal = session.terminal;
    interruptible(move || terminal.result(said.as_bytes()))?
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))?;
    Ok(())
}
