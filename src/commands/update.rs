//! `imgbudget update`: the sizes of today become the baseline of tomorrow.

use super::measure::{measure, tell_unmeasured};
use crate::cli::UpdateArgs;
use crate::delivery::output_file::OutputFile;
use crate::domain::{Budgets, Bytes, Report};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::pipeline;
use crate::report::{
    self,
    lock::{self, Lock, Sizes},
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
    let earlier = earlier(args, &path, &name, session)?;
    let file = OutputFile::open(&path)?;
    let options = request::options(&args.build, &args.permits, &args.limits, &args.reach, &budgets, session)?;
    let (report, _) = measure(&budgets, targets, &pipeline::Options { wants_sizes: true, ..options }, session)?;
    refuse_unmeasured(&report, &name, session)?;
    let lock = merged(earlier.lock, &report, &budgets, args)?;
    let text = lock.to_text();
    let lines = text::count(lock.len(), "image", "images");
    if earlier.text.as_deref() == Some(&text) {
        session.terminal.say(&format!("{name} has the sizes of {lines} already{}", next_step(&budgets, &name)));
    } else {
        file.write(text.as_bytes())?;
        session.terminal.say(&format!("wrote {name}: the sizes of {lines}{}", next_step(&budgets, &name)));
    }
    Ok(Exit::Within)
}

/// The file as it was.
#[derive(Default)]
struct Was {
    /// Its text, where there is one.
    text: Option<String>,
    /// What it says, where that can be made out.
    lock: Lock,
}

/// What the file holds already. A run over everything needs nothing of it, and so mends a broken one, and says so.
fn earlier(args: &UpdateArgs, path: &std::path::Path, name: &str, session: &Session) -> Result<Was, Error> {
    let bytes = match files::read(path, report::LARGEST as u64) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Was::default()),
        Err(error) => return Err(Error::new(Class::Io, format!("cannot read `{name}`")).caused_by(error)),
    };
    if !bytes.is_empty() && !lock::is_lock(&bytes) {
        return Err(Error::new(Class::Usage, format!("`{name}` is not a lock file, and is not written over"))
            .with_hint("Let [baseline] name another file, or remove this one."));
    }
    if bytes.is_empty() {
        return Ok(Was::default());
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if args.is_whole() {
        let lock = match lock::read(&bytes, name) {
            Ok(lock::Read::Lock(lock)) => lock,
            Ok(lock::Read::OtherDefinition(_)) => Lock::default(),
            Err(_) => {
                let why = lock::conflict(&text).map_or_else(
                    || format!("{name} cannot be read"),
                    |line| format!("{name}:{line}: git left a conflict here"),
                );
                session.terminal.notice(&format!("{why}: all targets are measured again"), None, false);
                Lock::default()
            }
        };
        return Ok(Was { text: Some(text), lock });
    }
    let lock = match lock::read(&bytes, name).map_err(|error| {
        error.with_hint(
            "Run `imgbudget update` without TARGET and --platform: it measures all and writes the whole file.",
        )
    })? {
        lock::Read::Lock(lock) => lock,
        lock::Read::OtherDefinition(definition) => {
            return Err(Error::new(
                Class::Config,
                format!("the sizes of `{name}` are `{definition}`, which this version does not measure"),
            )
            .with_hint("Run `imgbudget update` without TARGET and --platform: it measures all again."));
        }
    };
    Ok(Was { text: Some(text), lock })
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

/// The new sizes in place of the old ones: of the named targets on all platforms, or on those of `--platform` alone. A line that hardly
/// changed stays as it was, unless growth since then would fail: whoever updates accepts what is there.
fn merged(mut earlier: Lock, report: &Report, budgets: &Budgets, args: &UpdateArgs) -> Result<Lock, Error> {
    let mut measured = Lock::of(report)?;
    if !args.exact {
        measured.settle(&earlier, |name, then, now| {
            let target = budgets.targets.iter().find(|target| target.name == *name);
            target.is_none_or(|target| {
                let limits = [&target.rules.max_growth, &target.rules.max_own_growth].into_iter().flatten();
                let mut sides = limits.flat_map(|limit| [limit.warn, limit.fail]).flatten();
                sides.all(|side| grown(then, now) <= side.allowed(then.size))
            })
        });
    }
    if args.is_whole() {
        return Ok(measured);
    }
    if args.source.platform.is_empty() {
        earlier.retain(|name, _| report.targets.iter().all(|target| target.name != *name));
    }
    earlier.extend(measured);
    Ok(earlier)
}

/// How much an image grew, as a whole or above its base image.
fn grown(then: Sizes, now: Sizes) -> Bytes {
    let own = |sizes: Sizes| sizes.base.map(|base| sizes.size.saturating_sub(base));
    let of_own = own(now).zip(own(then)).map(|(now, then)| now.saturating_sub(then));
    of_own.unwrap_or_default().max(now.size.saturating_sub(then.size))
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
