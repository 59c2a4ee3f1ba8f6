//! What the person at the terminal sees of a result, and the exit code that goes with it.

use super::publish;
use super::write_files::rendered;
use crate::cli::OutputArgs;
use crate::domain::Report;
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::output;
use crate::session::{Session, interruptible};

/// The code of a finished run. Where the screen does not explain it, the last line does.
pub(crate) fn exit(report: &Report, args: &OutputArgs, session: &Session) -> Exit {
    if let Some(reason) = Exit::reason(report, args.fail_on, args.strict) {
        session.terminal.notice(&reason, None, false);
    }
    Exit::of(report, args.fail_on, args.strict)
}

/// Prints the result on standard output.
pub(crate) fn show(report: &Report, args: &OutputArgs, platforms: bool, session: &Session) -> Result<(), Error> {
    let terminal = session.terminal;
    let links = publish::links(report.commit.as_deref(), session);
    let options =
        output::Options { width: terminal.width(), colour: terminal.colour(), platforms, strict: args.strict, links };
    print(rendered(args.format, report, &options)?, session)
}

/// Prints a result on standard output.
pub(crate) fn print(bytes: Vec<u8>, session: &Session) -> Result<(), Error> {
    let terminal = session.terminal;
    interruptible(move || terminal.result(&bytes))?
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))
}
