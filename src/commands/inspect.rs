//! `imgbudget inspect`: what is in one image, and who brought it.

use super::measure::measure;
use crate::cli::{InspectArgs, Shape};
use crate::delivery::screen;
use crate::delivery::write_files::{self, WriteFiles};
use crate::domain::{Format, Report};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::output::inspect as shown;
use crate::request::{self, subject};
use crate::session::{Session, Stop};

/// Looks into the image and prints what is in it. Nothing is judged.
pub(super) fn run(args: &InspectArgs, session: &Session) -> Result<Exit, Error> {
    inspect(args, session).or_else(|stop| stop.show(session))
}

fn inspect(args: &InspectArgs, session: &Session) -> Result<Exit, Stop> {
    let look = &args.look;
    let subject = subject::of(args.what.as_deref(), look, "inspect", session)?;
    let (budgets, title, mut targets) = (subject.budgets, subject.title, vec![subject.target]);
    request::refuse(&look.build, &look.source, &mut targets, session)?;
    request::refuse_offline(&look.reach, &look.source, None)?;
    refuse_forms(args)?;
    let files = WriteFiles::open(&args.show.write, &write_files::inputs(&budgets, &targets), session)?;
    let mut options = request::options(&look.build, &look.permits, &look.limits, &look.reach, &budgets, session)?;
    options.wants_sizes = true;
    options.contents = request::all_but_the_map();
    let (report, interrupted) = measure(&budgets, targets, &options, session)?;
    if interrupted {
        return Err(Stop::Interrupted);
    }
    let rendered = |format: Format, on_screen: bool| rendered(format, &report, args, title.clone(), on_screen, session);
    let format = match args.show.format {
        Shape::Table => Format::Table,
        Shape::Json => Format::Json,
    };
    screen::print(rendered(format, true), session)?;
    files.write_as(|format| Ok(rendered(format, false)))?;
    Ok(if report.targets.iter().any(|target| target.error.is_some() || target.contents.is_none()) {
        Exit::NotChecked
    } else {
        Exit::Within
    })
}

/// The result in one form. In a file nothing is coloured, and lines are as long as they are.
fn rendered(
    format: Format,
    report: &Report,
    args: &InspectArgs,
    title: Option<String>,
    on_screen: bool,
    session: &Session,
) -> Vec<u8> {
    let terminal = session.terminal;
    let options = shown::Options {
        title,
        width: terminal.width().filter(|_| on_screen),
        colour: terminal.colour() && on_screen,
        all: args.show.all,
    };
    match format {
        Format::Json => shown::json(report).into_bytes(),
        _ => shown::screen(report, &options).into_bytes(),
    }
}

/// Refuses the forms that only a verdict has.
fn refuse_forms(args: &InspectArgs) -> Result<(), Error> {
    let other = args.show.write.iter().find(|write| !matches!(write.format, Format::Table | Format::Json));
    other.map_or(Ok(()), |write| {
        Err(Error::new(Class::Usage, format!("`inspect` does not write {}", write.format.as_str()))
            .with_hint("It writes table and json; `imgbudget check --write` writes the other forms."))
    })
}
