//! `imgbudget inspect`: what is in one image, and who brought it.

use super::measure::{measure, tell_unmeasured};
use crate::cli::{InspectArgs, Shape};
use crate::delivery::publish;
use crate::delivery::screen;
use crate::delivery::write_files::{self, WriteFiles};
use crate::domain::{Format, Report};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::output::{self, html, inspect as shown};
use crate::request::{self, Inspected};
use crate::session::{Session, Stop};

/// Looks into the image and prints what is in it. Nothing is judged.
pub(super) fn run(args: &InspectArgs, session: &Session) -> Result<Exit, Error> {
    inspect(args, session).or_else(|stop| stop.show(session))
}

fn inspect(args: &InspectArgs, session: &Session) -> Result<Exit, Stop> {
    let look = &args.look;
    refuse_forms(args)?;
    let mut asked = request::inspected(args, session)?;
    request::refuse(&look.build, &look.source, &mut asked.targets, session)?;
    request::refuse_offline(&look.reach, &look.source, None)?;
    let files = WriteFiles::open(&args.show.write, &write_files::inputs(&asked.budgets, &asked.targets), session)?;
    let mut options = request::options(&look.build, &look.permits, &look.limits, &look.reach, &asked.budgets, session)?;
    options.wants_sizes = true;
    if asked.stages.is_empty() {
        options.contents = request::all_but_the_map(args.show.all, args.show.own);
        options.without.clone_from(&asked.without);
    }
    let format = match args.show.format {
        Shape::Table => Format::Table,
        Shape::Json => Format::Json,
        Shape::Html => Format::Html,
    };
    request::for_forms(&mut options, std::iter::once(format).chain(args.show.write.iter().map(|write| write.format)));
    let (report, interrupted) = measure(&asked.budgets, std::mem::take(&mut asked.targets), &options, session)?;
    if interrupted {
        return Err(Stop::Interrupted);
    }
    screen::print(rendered(format, &report, args, &asked, true, session), session)?;
    if asked.stages.is_empty() {
        tell_unmeasured(&report, session);
    }
    files.write_as(|format| match format {
        Format::Cyclonedx => write_files::rendered(format, &report, &output::Options::default()),
        _ => Ok(rendered(format, &report, args, &asked, false, session)),
    })?;
    let is_measured = report.targets.iter().all(|target| target.error.is_none() && target.size.is_some());
    Ok(if is_measured { Exit::Within } else { Exit::NotChecked })
}

/// The result in one form. In a file nothing is coloured, and lines are as long as they are.
fn rendered(
    format: Format,
    report: &Report,
    args: &InspectArgs,
    asked: &Inspected,
    is_on_screen: bool,
    session: &Session,
) -> Vec<u8> {
    if format == Format::Json {
        return shown::json(report).into_bytes();
    }
    if format == Format::Html {
        let links = publish::links(report.commit.as_deref(), session);
        let name = || report.targets.first().map_or_else(String::new, |target| target.name.to_string());
        let inspected = Some(asked.title.clone().unwrap_or_else(name));
        return html::render(report, &html::Options { links, inspected }).into_bytes();
    }
    let terminal = Some(session.terminal).filter(|_| is_on_screen);
    let options = shown::Options {
        title: asked.title.clone(),
        width: terminal.and_then(|terminal| terminal.width()),
        colour: terminal.is_some_and(|terminal| terminal.colour()),
        all: args.show.all,
        own: args.show.own,
    };
    if !asked.stages.is_empty() {
        let names: Vec<(String, u32)> =
            asked.stages.iter().map(|stage| (stage.shown().to_owned(), stage.line)).collect();
        let chosen = asked.stages.iter().position(|stage| stage.is_target).unwrap_or_default();
        return shown::stages(report, &names, chosen, &options).into_bytes();
    }
    match (&asked.on_base, report.targets.split_last()) {
        (Some(base), Some((other, targets))) => shown::screens(targets, Some((base, other)), &options),
        _ => shown::screens(&report.targets, None, &options),
    }
    .into_bytes()
}

/// Refuses the forms that only a verdict has.
fn refuse_forms(args: &InspectArgs) -> Result<(), Error> {
    let is_written = |format| matches!(format, Format::Table | Format::Json | Format::Html | Format::Cyclonedx);
    let other = args.show.write.iter().find(|write| !is_written(write.format));
    other.map_or(Ok(()), |write| {
        Err(Error::new(Class::Usage, format!("`inspect` does not write {}", write.format.as_str()))
            .with_hint("It writes table, json, html and cyclonedx; `imgbudget check --write` writes the other forms."))
    })
}
