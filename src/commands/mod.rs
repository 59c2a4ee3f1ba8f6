//! One file a subcommand: what the person asked for, in terms of the rooms behind.

mod adhoc;
mod bake;
mod baseline;
mod check;
mod comment;
mod completions;
mod git;
mod init;
mod merge;
mod output_file;
mod publish;
mod report_files;
mod repository;
mod runtime;
mod schema;
mod select;
mod stop;
mod tools;
mod untrusted;
mod update;
mod write_files;

use std::io::Read as _;
use std::path::PathBuf;

use crate::ci::{Ci, Environment};
use crate::cli::{Cli, Command};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::terminal::Terminal;

/// What every command may look at.
#[derive(Debug)]
pub struct Context {
    /// Streams, colour, progress.
    pub terminal: Terminal,
    /// The environment, read once. Variables that are not UTF-8 are not in it.
    pub environment: Environment,
    /// What CI says about the run.
    pub ci: Ci,
    /// Where the user stands.
    pub working_directory: PathBuf,
}

/// Does what was typed, and says what stopped it.
#[must_use]
pub fn run(cli: &Cli) -> Exit {
    let environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let ci = Ci::detect(&environment, event(&environment).as_deref());
    let terminal = Terminal::new(cli.color, cli.quiet, ci.provider);
    let outcome = std::env::current_dir()
        .map_err(|error| Error::new(Class::Io, "cannot tell the working directory").caused_by(error))
        .and_then(|working_directory| {
            let context = Context { terminal, environment, ci, working_directory };
            match &cli.command {
                Command::Check(args) => check::run(args, &context),
                Command::Update(args) => update::run(args, &context),
                Command::Merge(args) => merge::run(args, &context),
                Command::Comment(args) => comment::run(args, &context),
                Command::Init(args) => init::run(args, &context),
                Command::Tools(args) => tools::run(args, &context),
                Command::Schema(args) => schema::run(args, &context),
                Command::Completions(args) => completions::run(args, &context),
            }
        });
    outcome.unwrap_or_else(|error| {
        terminal.error(&error);
        Exit::from(error.class())
    })
}

/// The text of the event that started the job. Payloads have at most 25 MB; what is larger is none.
fn event(environment: &Environment) -> Option<String> {
    const LARGEST: u64 = 32 << 20;
    let path = environment.get("GITHUB_EVENT_PATH").filter(|path| !path.is_empty())?;
    let file = std::fs::File::open(path).ok().filter(|file| file.metadata().is_ok_and(|about| about.is_file()))?;
    let mut text = String::new();
    let read = file.take(LARGEST + 1).read_to_string(&mut text).ok()?;
    (read as u64 <= LARGEST).then_some(text)
}
