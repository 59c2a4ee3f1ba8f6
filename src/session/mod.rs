//! One run of the program: where the user stands, what the environment and CI say, the terminal, and how the run ends early.

pub(crate) mod repository;
pub(crate) mod runtime;
pub(crate) mod stop;

use std::path::{Path, PathBuf};

use crate::ci::{Ci, Environment};
use crate::error::{Class, Error};
use crate::files;
use crate::terminal::Terminal;

pub(crate) use runtime::{block_on, interruptible};
pub(crate) use stop::Stop;

/// What every command may look at.
#[derive(Debug)]
pub(crate) struct Session {
    /// Streams, colour, progress.
    pub(crate) terminal: Terminal,
    /// The environment, read once. Variables that are not UTF-8 are not in it.
    pub(crate) environment: Environment,
    /// What CI says about the run.
    pub(crate) ci: Ci,
    /// Where the user stands.
    pub(crate) working_directory: PathBuf,
}

impl Session {
    /// The session of a process with this environment.
    ///
    /// # Errors
    /// The working directory is gone, or nothing can be heard of signals.
    pub(crate) fn start(terminal: Terminal, environment: Environment, ci: Ci) -> Result<Self, Error> {
        runtime::listen()?;
        let working_directory = std::env::current_dir()
            .map_err(|error| Error::new(Class::Io, "cannot tell the working directory").caused_by(error))?;
        Ok(Self { terminal, environment, ci, working_directory })
    }
}

/// The environment of this process.
pub(crate) fn environment() -> Environment {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// The text of the event that started the job. Payloads have at most 25 MB; what is larger is none.
pub(crate) fn event(environment: &Environment) -> Option<String> {
    const LARGEST: u64 = 32 << 20;
    let path = environment.get("GITHUB_EVENT_PATH").filter(|path| !path.is_empty())?;
    String::from_utf8(files::read(Path::new(path), LARGEST).ok()?).ok()
}
