//! The two images of a comparison: what each word on the command line means.

use std::path::Path;

use super::subject::{self, Subject};
use super::{baseline, budgets};
use crate::baseline::{Before, Earlier};
use crate::cli::{BaselineArgs, DiffArgs};
use crate::config;
use crate::domain::{Bytes, Platform, Report, Source, Target, TargetName, TargetReport};
use crate::error::{Class, Error};
use crate::pipeline;
use crate::report;
use crate::session::{Session, Stop};
use crate::{files, text};

/// One of the two.
#[derive(Debug)]
pub(crate) enum Side {
    /// An image that is there, or can be built.
    Image(Box<Subject>),
    /// What a report says of one.
    Report {
        /// The file, and the target in it where it has several.
        name: String,
        /// What it says.
        target: Box<TargetReport>,
    },
    /// Sizes alone, as a lock file has them.
    Sizes {
        /// The file.
        name: String,
        /// What they were measured on.
        platform: Platform,
        /// Content size.
        size: Bytes,
        /// What of it came with the base image.
        base: Option<Bytes>,
    },
}

/// Both, the earlier first; `None` in place of the earlier where the baseline has to be looked for.
///
/// # Errors
/// A word that means nothing, two that cannot be compared.
pub(crate) fn of(args: &DiffArgs, session: &Session) -> Result<(Option<Side>, Side), Stop> {
    let (old, new) = match (args.first.as_deref(), args.second.as_deref()) {
        (Some(old), Some(new)) => (Some(old), Some(new)),
        (only, _) => (None, only),
    };
    let Some(old) = old else { return Ok((None, side(new, None, args, session)?)) };
    // A report has many targets: the other word says which.
    let new_is_report = new.is_some_and(|word| is_report(word, session));
    if new_is_report {
        let old = side(Some(old), None, args, session)?;
        let new = side(new, target_of(&old), args, session)?;
        return Ok((Some(old), new));
    }
    let new = side(new, None, args, session)?;
    let old = side(Some(old), target_of(&new), args, session)?;
    Ok((Some(old), new))
}

/// The target that a side is about.
fn target_of(side: &Side) -> Option<&TargetName> {
    match side {
        Side::Image(subject) => Some(&subject.target.name),
        Side::Report { target, .. } => Some(&target.name),
        Side::Sizes { .. } => None,
    }
}

fn side(word: Option<&str>, other: Option<&TargetName>, args: &DiffArgs, session: &Session) -> Result<Side, Stop> {
    if let Some(word) = word.filter(|word| is_report(word, session)) {
        return Ok(of_report(word, other, args.platform.as_ref(), session)?);
    }
    let stage = word.map(|word| stage(word, args, session)).transpose()?.flatten();
    let is_reference = stage.is_none() && word.is_some_and(|word| word.contains(['/', ':', '@']));
    let look = args.look(is_reference);
    let name = stage.as_ref().map(|(name, _)| name.as_str()).or(word);
    let mut subject = subject::of(name, &look, "diff", session)?;
    // Nothing is judged, so nothing is looked for that only a rule asks about.
    subject.target.rules = crate::domain::Rules::default();
    if let Some((name, stage)) = stage {
        let said = format!("{name}:{stage} is stage {stage} of target {name}, built here");
        session.terminal.notice(&said, None, false);
        subject.target.source = Source::Build;
        subject.title = Some(format!("{name}:{stage}"));
        subject.target.name = label(&format!("{name}-{stage}"), subject.target.name);
        if let Some(build) = &mut subject.target.build {
            build.stage = Some(stage);
        }
    }
    Ok(Side::Image(Box::new(subject)))
}

/// A name that progress goes by; what was there where it cannot be one.
pub(crate) fn label(wanted: &str, otherwise: TargetName) -> TargetName {
    wanted.parse().unwrap_or(otherwise)
}

/// `api:builder`, where `api` is a target that is built and has such a stage. Anything else with a colon is a reference.
fn stage(word: &str, args: &DiffArgs, session: &Session) -> Result<Option<(String, String)>, Stop> {
    let Some((name, stage)) = word.split_once(':').filter(|(name, _)| name.parse::<TargetName>().is_ok()) else {
        return Ok(None);
    };
    let has_file = args.config.is_some() || config::discover(&session.working_directory)?.is_some();
    if !has_file {
        return Ok(None);
    }
    let budgets = budgets::of_file(args.config.as_deref(), &args.permits, session)?;
    let target = budgets.targets.iter().find(|target| target.name.as_str() == name);
    let Some(build) = target.and_then(|target| target.build.as_ref()) else { return Ok(None) };
    let boundary = budgets::boundary(budgets.file.as_deref(), &args.permits, session);
    let stages = pipeline::stage_names(build, &boundary, &session.working_directory)?;
    let found = stages.into_iter().find(|known| known.eq_ignore_ascii_case(stage));
    Ok(found.map(|stage| (name.to_owned(), stage)))
}

/// Whether a word is a file that imgbudget wrote, by its name.
fn is_report(word: &str, session: &Session) -> bool {
    let path = Path::new(word);
    let is_named = path.extension().is_some_and(|end| end == "json" || end == "lock");
    is_named && session.working_directory.join(path).is_file()
}

fn of_report(
    word: &str,
    other: Option<&TargetName>,
    platform: Option<&Platform>,
    session: &Session,
) -> Result<Side, Error> {
    let path = session.working_directory.join(word);
    let bytes = files::read_named(&path, report::LARGEST as u64)
        .map_err(|error| Error::new(Class::Io, format!("cannot read `{}`", text::line(word))).caused_by(error))?;
    let earlier = Earlier::read(&bytes, &text::line(word))?;
    match (&earlier, other) {
        (Earlier::Report(report), _) => in_report(word, report, other, platform),
        (Earlier::Lock(_), Some(other)) => {
            let platform = platform.cloned().unwrap_or_else(|| Platform::new("linux", "amd64", None));
            of_earlier(word, &earlier, other, &platform)
        }
        (Earlier::OtherDefinition(definition), _) => Err(other_definition(word, definition)),
        _ => Err(Error::new(Class::Usage, format!("`{}` has sizes alone", text::line(word)))
            .with_hint("Compare it with a target: `imgbudget diff budgets.lock api`.")),
    }
}

fn other_definition(name: &str, definition: &str) -> Error {
    let what = format!("the sizes of `{}` have another definition, {}", text::line(name), text::line(definition));
    Error::new(Class::Usage, what).with_hint("Sizes of different definitions cannot be compared: measure it anew.")
}

/// The target of a report that is meant: the one of that name and platform, or the only one.
fn in_report(
    word: &str,
    report: &Report,
    other: Option<&TargetName>,
    platform: Option<&Platform>,
) -> Result<Side, Error> {
    let fits = |target: &&TargetReport| {
        platform.is_none_or(|wanted| target.platform.as_ref().is_some_and(|is| is.satisfies(wanted)))
    };
    let all: Vec<&TargetReport> = report.targets.iter().filter(fits).collect();
    let named: Vec<&TargetReport> = all.iter().copied().filter(|target| Some(&target.name) == other).collect();
    let shown = text::line(word);
    match (named.as_slice(), all.as_slice()) {
        ([target, ..], _) | ([], [target]) => {
            let name = if report.targets.len() > 1 { format!("{word} ({})", target.name) } else { word.to_owned() };
            Ok(Side::Report { name, target: Box::new((*target).clone()) })
        }
        (_, []) => Err(Error::new(Class::Usage, format!("`{shown}` has no target to compare with"))
            .with_hint("It has none on this platform, or none at all.")),
        (_, several) => {
            let names: Vec<&str> = several.iter().map(|target| target.name.as_str()).take(12).collect();
            Err(Error::new(Class::Usage, format!("`{shown}` has {} targets: {}", several.len(), names.join(", ")))
                .with_hint("The other image has to be a target of the same name: `imgbudget diff main.json api`."))
        }
    }
}

/// What a baseline says of a target.
///
/// # Errors
/// It says nothing of it.
pub(crate) fn of_earlier(
    name: &str,
    earlier: &Earlier,
    target: &TargetName,
    platform: &Platform,
) -> Result<Side, Error> {
    let lacks = |what: &str| Error::new(Class::Usage, format!("{} {what}", text::line(name)));
    match earlier.before(target, platform) {
        Before::Sizes { report: Some(report), .. } => {
            Ok(Side::Report { name: name.to_owned(), target: Box::new(report.clone()) })
        }
        Before::Sizes { size, base, .. } => {
            Ok(Side::Sizes { name: name.to_owned(), platform: platform.clone(), size, base })
        }
        Before::OtherDefinition => Err(match earlier {
            Earlier::OtherDefinition(definition) => other_definition(name, definition),
            _ => other_definition(name, "unknown"),
        }),
        Before::NotMeasured => Err(lacks(&format!("did not measure the size of `{target}`"))),
        Before::NotThere { .. } => Err(lacks(&format!("does not have `{target}` on {platform}"))
            .with_hint("Name two images to compare others: `imgbudget diff OLD NEW`.")),
        Before::NoBaseline => Err(match earlier {
            Earlier::Missing(why) => Error::new(Class::Usage, format!("there is no baseline yet: {}", text::line(why))),
            _ => no_baseline(),
        }),
    }
}

/// Where the baseline of a target is: that of the flags, or of budgets.toml.
///
/// # Errors
/// There is none, or it cannot be read.
pub(crate) fn baseline(args: &DiffArgs, new: &Subject, session: &Session) -> Result<baseline::Found, Error> {
    let asked = BaselineArgs {
        baseline: args.baseline.clone(),
        baseline_ref: args.baseline_ref.clone(),
        ..BaselineArgs::default()
    };
    let found = baseline::find(&asked, &new.budgets, session.ci.commit.as_deref(), session)?;
    found.filter(|found| found.against.is_asked()).ok_or_else(no_baseline)
}

fn no_baseline() -> Error {
    Error::new(Class::Usage, "there is nothing to compare with")
        .with_hint("Name two images, give --baseline FILE, or set [baseline] in budgets.toml.")
}

/// The one platform of a target on which it is compared.
///
/// # Errors
/// It has several.
pub(crate) fn one_platform(target: &Target) -> Result<Option<Platform>, Error> {
    match target.platforms.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only.clone())),
        [first, ..] => {
            Err(Error::new(Class::Usage, format!("`{}` has {} platforms", target.name, target.platforms.len()))
                .with_hint(format!("Compare one at a time: --platform {first}.")))
        }
    }
}
