//! The binary: parse, call, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use imgbudget::cli::Cli;
use imgbudget::{commands, exit::Exit, terminal};

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => commands::run(&cli).into(),
        Err(error) => {
            // Help and version are results; everything else is a usage error, whose code clap has as 2 already.
            terminal::usage(&error.render().ansi().to_string(), error.use_stderr());
            if error.use_stderr() { Exit::NotChecked.into() } else { ExitCode::SUCCESS }
        }
    }
}
