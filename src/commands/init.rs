//! `imgbudget init`: from nothing to budgets that what is built here keeps.

use std::path::Path;

use super::measure::{measure, tell_unmeasured};
use crate::amend::{self, Terms};
use crate::cli::InitArgs;
use crate::config::edit::Draft;
use crate::config::propose::workflow::{self, Job};
use crate::config::{self, Outcome, Proposal};
use crate::delivery::output_file::OutputFile;
use crate::domain::{Budgets, LookIn, Report, Source, Target, TargetError, path_from};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::files::Boundary;
use crate::request::{self, day};
use crate::session::{Session, Stop};
use crate::text;

/// Writes a first budgets.toml and a workflow. Never over an existing file, and all of it or nothing.
pub(super) fn run(args: &InitArgs, session: &Session) -> Result<Exit, Error> {
    init(args, session).or_else(|stop| stop.show(session))
}

/// What is to be written, and what is to be said of it.
struct Plan {
    text: String,
    exceptions: usize,
    /// Targets that could not be measured and are remarks.
    failed: usize,
    is_measured: bool,
}

fn init(args: &InitArgs, session: &Session) -> Result<Exit, Stop> {
    let folder = &session.working_directory;
    let path = folder.join(&args.config);
    let shown = text::line(&args.config.display().to_string());
    if path.symlink_metadata().is_ok() {
        return Err(there_already(&shown).into());
    }
    // Opened first: a path that cannot be written should not cost a build.
    let file = OutputFile::open(&args.config)
        .map_err(|error| error.with_hint("Name a file in a folder that is there and can be written to."))?;
    let until = day::until(&args.until, day::today())?;
    let outer = config::discover(folder).ok().flatten().filter(|outer| *outer != path);
    let bake = config::propose::bake_file(folder).map(|_| request::bake_print(folder)).transpose()?;
    let proposal = config::propose(folder, bake.as_ref());
    for note in &proposal.notes {
        session.terminal.notice(note, None, false);
    }
    let plan = plan(&proposal, &path, &shown, until, args, session)?;
    let root = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(folder);
    let job = if args.no_workflow { Job::None } else { workflow::job(root, folder) };
    let workflow = match &job {
        Job::File(relative, text) => {
            let path = root.join(relative);
            stays_inside(&path, root, session)?;
            Some((path.clone(), OutputFile::open(&path)?, text))
        }
        _ => None,
    };
    file.write_new(plan.text.as_bytes())?.then_some(()).ok_or_else(|| there_already(&shown))?;
    let mut written = vec![shown.clone()];
    if let Some((path, file, text)) = workflow
        && file.write_new(text.as_bytes())?
    {
        written.push(shown_path(&path, session));
    }
    say(&plan, &proposal, &written, &job, until, session);
    if let Some(outer) = outer.filter(|_| args.config == Path::new(config::FILE_NAME)) {
        let outer = shown_path(&outer, session);
        let hint =
            "Move the targets there, or let that file `include` this one, which may hold [targets] and [[allow]] then.";
        session.terminal.notice(&format!("from here on, this file hides `{outer}`"), Some(hint), false);
    }
    Ok(if plan.failed > 0 { Exit::NotChecked } else { Exit::Within })
}

/// Refuses a folder of the repository that is a link and leads out of it.
fn stays_inside(path: &Path, root: &Path, session: &Session) -> Result<(), Error> {
    let boundary = Boundary::around(root, &|name| session.environment.get(name).cloned());
    let there = path.ancestors().skip(1).find(|above| above.exists()).unwrap_or(root);
    boundary.check(there).map_err(|outside| {
        Error::new(Class::Config, format!("`{}` {outside}", shown_path(there, session)))
            .with_hint("The workflow belongs into the repository; --no-workflow leaves it out.")
    })
}

fn there_already(shown: &str) -> Error {
    Error::new(Class::Usage, format!("`{shown}` is there already"))
        .with_hint("Nothing was written. `imgbudget check` uses the file that is there; --config FILE writes another.")
}

fn shown_path(path: &Path, session: &Session) -> String {
    text::line(&path_from(path, &session.working_directory).display().to_string())
}

/// The text to write: with limits and exceptions where something was measured.
fn plan(
    proposal: &Proposal,
    path: &Path,
    shown: &str,
    until: time::Date,
    args: &InitArgs,
    session: &Session,
) -> Result<Plan, Stop> {
    let unmeasured = || Plan { text: proposal.text(None), exceptions: 0, failed: 0, is_measured: false };
    if args.no_measure || proposal.targets.is_empty() {
        return Ok(unmeasured());
    }
    let open = request::budgets::of_text(path, &proposal.text(Some(&Outcome::default())), &args.permits, session)?;
    let report = found_out(proposal, &open, args, session)?;
    if let Some(why) = no_engine(&report) {
        let hint = "Limits are remarks for now: the first `imgbudget check` proposes some.";
        session.terminal.notice(&format!("nothing was measured: {why}"), Some(hint), false);
        return Ok(unmeasured());
    }
    let failed = tell_unmeasured(&report, session);
    let outcome = outcome(&report);
    let text = proposal.text(Some(&outcome));
    if outcome.failed.len() == proposal.targets.len() {
        return Ok(Plan { text, exceptions: 0, failed, is_measured: true });
    }
    let budgets = request::budgets::of_text(path, &text, &args.permits, session)?;
    let reason = format!("found by imgbudget init, {}", day::today());
    let exceptions = amend::existing(&report, &budgets, &Terms { reason, until });
    let mut draft = Draft::new(shown, text)?;
    for exception in &exceptions {
        draft.allow(exception)?;
    }
    let text = draft.text().to_owned();
    request::budgets::of_text(path, &text, &args.permits, session)?;
    Ok(Plan { text, exceptions: exceptions.len(), failed, is_measured: true })
}

/// What the targets are: images that are there are read, the others are built.
fn found_out(proposal: &Proposal, budgets: &Budgets, args: &InitArgs, session: &Session) -> Result<Report, Stop> {
    let mut targets = request::select(budgets, &[], &args.source)?;
    request::refuse(&args.build, &args.source, &mut targets, session)?;
    request::refuse_offline(&args.reach, &args.source, None)?;
    let options = request::options(&args.build, &args.permits, &args.limits, &args.reach, budgets, session)?;
    let run = |targets: Vec<Target>| -> Result<Report, Stop> {
        let (report, interrupted) = measure(budgets, targets, &options, session)?;
        if interrupted { Err(Stop::Interrupted) } else { Ok(report) }
    };
    let there: Vec<Target> = targets.iter().filter_map(|target| as_built(target, proposal)).collect();
    let mut found = if there.is_empty() { Vec::new() } else { run(there)?.targets };
    found.retain(|target| target.error.is_none());
    let rest: Vec<Target> =
        targets.iter().filter(|target| found.iter().all(|found| found.name != target.name)).cloned().collect();
    if !rest.is_empty() {
        found.extend(run(rest)?.targets);
    }
    found.sort_by_key(|found| targets.iter().position(|target| target.name == found.name));
    Ok(Report::new(found, None, Vec::new()))
}

/// The target as the image that bake or compose built of it.
fn as_built(target: &Target, proposal: &Proposal) -> Option<Target> {
    let proposed = proposal.targets.iter().find(|proposed| proposed.name == target.name.as_str())?;
    let image = proposed.image.as_deref()?.parse().ok().filter(|_| matches!(target.source, Source::Build))?;
    let look_in = LookIn::Engine;
    Some(Target { source: Source::Image(image), look_in, ..target.clone() })
}

/// Why nothing could be measured at all, where that has nothing to do with any of the targets.
fn no_engine(report: &Report) -> Option<String> {
    let mut errors = report.targets.iter().map(|target| target.error.as_ref());
    let first = errors.next()??;
    let is_same = |error: Option<&TargetError>| error.is_some_and(|error| error.message == first.message);
    (first.place.is_none() && errors.all(is_same)).then(|| first.message.clone())
}

fn outcome(report: &Report) -> Outcome {
    let mut outcome = Outcome::default();
    for target in &report.targets {
        let name = target.name.to_string();
        match (&target.error, target.size) {
            (Some(error), _) => {
                outcome.failed.insert(name, error.message.clone());
            }
            (None, Some(size)) => {
                let largest = outcome.sizes.entry(name).or_insert(size);
                *largest = size.max(*largest);
            }
            (None, None) => {}
        }
    }
    outcome
}

/// What was written, and what to do next.
fn say(plan: &Plan, proposal: &Proposal, written: &[String], job: &Job, until: time::Date, session: &Session) {
    let targets = text::count(proposal.targets.len().max(1), "target", "targets");
    let first = written.first().map(String::as_str).unwrap_or_default();
    if plan.is_measured {
        let excused = match plan.exceptions {
            0 => String::new(),
            count => format!(", {} until {until}", text::count(count, "exception", "exceptions")),
        };
        let failed = if plan.failed > 0 { format!(", {} of them not measured", plan.failed) } else { String::new() };
        session.terminal.say(&format!("wrote {first}: {targets}{failed}{excused}"));
    } else {
        session.terminal.say(&format!("wrote {first} with {targets}; `imgbudget check` measures, and suggests limits"));
    }
    for other in written.iter().skip(1) {
        session.terminal.say(&format!("wrote {other}"));
    }
    match job {
        Job::There(file) => {
            session.terminal.notice(&format!("{} is there already, and stays as it is", file.display()), None, false);
        }
        Job::Add(file, lines) => {
            session
                .terminal
                .say(&format!("add this to {}, with the GROUP of the component on your instance:", file.display()));
            for line in lines.lines() {
                session.terminal.say(&format!("  {line}"));
            }
        }
        Job::File(..) | Job::None => {}
    }
    if plan.is_measured && plan.failed == 0 {
        let mut add: Vec<String> = written.to_vec();
        if let Job::Add(file, _) = job {
            add.push(file.display().to_string());
        }
        session
            .terminal
            .say(&format!("next: imgbudget check; git add {}; git commit; open a pull request", add.join(" ")));
    }
}
