//! `imgbudget update`: the sizes of today become the baseline of tomorrow.

use super::measure::{measure, tell_unmeasured};
use crate::cli::UpdateArgs;
use crate::delivery::output_file::OutputFile;
use crate::domain::{Budgets, Report};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::pipeline;
use crate::report::{
    self,
    lock::{self, Lock},
};
use crate::request::{self, baseline};
use crate::session::Session;
use crate::{files, text};

/// Measures the targets and writes the lock file, whole or not at all.
pub(super) fn run(args: &UpdateArgs, session: &Session) -> Result<Exit, Error> {
    let budgets = match request::budgets::of_file(args.config.as_deref(), &args.permits, session) {
        Ok(budgets) => budgets,
        Err(stop) => return stop.show(session),
    };
    let mut targets = request::select(&budgets, &args.targets, &args.source)?;
    request::refuse(&args.build, &args.source, &mut targets, session)?;
    request::refuse_offline(&args.reach, &args.source, None)?;
    let path = baseline::lock_file(&budgets, session);
    let name = baseline::shown(&path, session);
    let earlier = earlier(args, &path, &name)?;
    let file = OutputFile::open(&path)?;
    let options = request::options(&args.build, &args.permits, &args.limits, &args.reach, &budgets, session)?;
    let (report, _) = measure(&budgets, targets, &pipeline::Options { wants_sizes: true, ..options }, session)?;
    refuse_unmeasured(&report, &name, session)?;
    let lock = merged(earlier, &report, args)?;
    file.write(lock.to_text().as_bytes())?;
    let lines = text::count(lock.len(), "image", "images");
    session.terminal.say(&format!("wrote {name}: the sizes of {lines}{}", next_step(&budgets, &name)));
    Ok(Exit::Within)
}

/// What the file holds already, where some of it stays. A run over everything needs nothing of it, and so mends a broken one.
fn earlier(args: &UpdateArgs, path: &std::path::Path, name: &str) -> Result<Lock, Error> {
    let bytes = match files::read(path, report::LARGEST as u64) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Lock::default()),
        Err(error) => return Err(Error::new(Class::Io, format!("cannot read `{name}`")).caused_by(error)),
    };
    if !bytes.is_empty() && !lock::is_lock(&bytes) {
        return Err(Error::new(Class::Usage, format!("`{name}` is no lock file, and is not written over"))
            .with_hint("Let [baseline] name another file, or remove this one."));
    }
    if bytes.is_empty() || args.is_whole() {
        return Ok(Lock::default());
    }
    match lock::read(&bytes, name).map_err(|error| {
        error.with_hint(
            "Run `imgbudget update` without TARGET and --platform: it measures all and writes the whole file.",
        )
    })? {
        lock::Read::Lock(lock) => Ok(lock),
        lock::Read::OtherDefinition(definition) => Err(Error::new(
            Class::Config,
            format!("the sizes of `{name}` are `{definition}`, which this version does not measure"),
        )
        .with_hint("run `imgbudget update` without TARGET and --platform: it measures all again.")),
    }
}

/// Half of the truth is not written.
fn refuse_unmeasured(report: &Report, name: &str, session: &Session) -> Result<(), Error> {
    let failed = tell_unmeasured(report, session);
    if failed == 0 {
        return Ok(());
    }
    let all = text::count(report.targets.len(), "target", "targets");
    Err(Error::new(Class::Image, format!("{failed} of {all} could not be measured"))
        .with_hint(format!("`{name}` is as it was.")))
}

/// The new sizes in place of the old ones: of the named targets on all platforms, or on those of `--platform` alone.
fn merged(mut earlier: Lock, report: &Report, args: &UpdateArgs) -> Result<Lock, Error> {
    let measured = Lock::of(report)?;
    if args.source.platform.is_empty() {
        earlier.retain(|name, _| report.targets.iter().all(|target| target.name != *name));
    }
    earlier.extend(measured);
    Ok(earlier)
}

/// A lock file that nothing reads would be a surprise later.
fn next_step(budgets: &Budgets, name: &str) -> String {
    if budgets.baseline.is_some() {
        return String::new();
    }
    format!(
        "; with `[baseline] file = \"{}\"` in budgets.toml, check compares with it",
        name.rsplit('/').next().unwrap_or(name)
    )
}
