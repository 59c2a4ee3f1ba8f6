//! One file for each subcommand: what the person asked for, in terms of the rooms behind.

mod allow;
mod cache;
mod check;
mod comment;
mod compare;
mod completions;
mod diff;
mod edits;
mod explain;
mod init;
mod inspect;
mod measure;
mod merge;
mod ratchet;
mod schema;
mod tools;
mod update;
mod why;

use crate::ci::Ci;
use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::session::{self, Session};
use crate::terminal::Terminal;

/// Does what was typed, and says what stopped it.
#[must_use]
pub fn run(cli: &Cli) -> Exit {
    let environment = session::environment();
    let ci = Ci::detect(&environment, session::event(&environment).as_deref());
    let terminal = Terminal::new(cli.color, cli.quiet, ci.provider);
    let outcome = Session::start(terminal, environment, ci).and_then(|session| match &cli.command {
        Command::Check(args) => check::run(args, &session),
        Command::Inspect(args) => inspect::run(args, &session),
        Command::Why(args) => why::run(args, &session),
        Command::Diff(args) => diff::run(args, &session),
        Command::Update(args) if args.ratchet => ratchet::run(args, &session),
        Command::Update(args) => update::run(args, &session),
        Command::Allow(args) => allow::run(args, &session),
        Command::Merge(args) => merge::run(args, &session),
        Command::Comment(args) => comment::run(args, &session),
        Command::Init(args) => init::run(args, &session),
        Command::Tools(args) => tools::run(args, &session),
        Command::Explain(args) => explain::run(args, &session),
        Command::Cache(args) => cache::run(args, &session),
        Command::Schema(args) => schema::run(args, &session),
        Command::Completions(args) => completions::run(args, &session),
    });
    outcome.unwrap_or_else(|error| {
        terminal.error(&error);
        Exit::from(error.class())
    })
}
