//! Why a run ends without a verdict, for the person at the terminal and for the job around it.

use super::Session;
use crate::config::ConfigError;
use crate::diagnostics::{self, Problem};
use crate::domain::TargetError;
use crate::error::Error;
use crate::exit::Exit;

/// What stopped a run.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What is wrong in the budget files.
    Problems(Vec<Problem>),
    /// Anything else that was asked for and cannot be done.
    Failed(Error),
    /// Ctrl-C; what was measured has been shown.
    Interrupted,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ConfigError> for Stop {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Problems(problems) => Self::Problems(problems),
            ConfigError::Failed(error) => Self::Failed(error),
        }
    }
}

/// Shows what was perhaps not meant as it is written, and stops nothing.
pub(crate) fn warn(warnings: &[Problem], session: &Session) {
    if !warnings.is_empty() {
        session.terminal.diagnostics(|colour| diagnostics::render(warnings, colour));
    }
}

impl Stop {
    /// What to tell the job, each with its place where there is one.
    pub(crate) fn causes(&self) -> Vec<TargetError> {
        let cause = |message: String, hint: Option<&str>, place| TargetError {
            message,
            hint: hint.map(str::to_owned),
            detail: Vec::new(),
            place,
        };
        match self {
            Self::Problems(problems) => problems
                .iter()
                .map(|problem| cause(problem.message.clone(), problem.hint.as_deref(), Some(problem.place())))
                .collect(),
            Self::Failed(error) => vec![cause(error.chain(), error.hint(), error.place().cloned())],
            Self::Interrupted => Vec::new(),
        }
    }

    /// Shows problems at their lines; an error is for the caller to show.
    ///
    /// # Errors
    /// The error that it is.
    pub(crate) fn show(self, session: &Session) -> Result<Exit, Error> {
        match self {
            Self::Problems(problems) => session.terminal.diagnostics(|colour| diagnostics::render(&problems, colour)),
            Self::Failed(error) => return Err(error),
            Self::Interrupted => {}
        }
        Ok(Exit::NotChecked)
    }
}
