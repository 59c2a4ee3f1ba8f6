//! `imgbudget completions`.

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::session::Session;

/// Prints the completions of a shell, made from the command line's own definition.
pub(super) fn run(args: &CompletionsArgs, session: &Session) -> Result<Exit, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "imgbudget", &mut script);
    session
        .terminal
        .result(&script)
        .map_err(|error| Error::new(Class::Io, "cannot write to standard output").caused_by(error))?;
    Ok(Exit::Within)
}
