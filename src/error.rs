//! One error type for all rooms: what went wrong, what caused it, what to do, and whose turn it is.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

/// What kind of thing went wrong; decides the exit code (see `exit.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The command line asks for something that cannot be.
    Usage,
    /// budgets.toml, a Dockerfile, a .dockerignore or a lock file is wrong.
    Config,
    /// No engine, or it went away, or it refused.
    Engine,
    /// The engine could not build the target.
    Build,
    /// The image is not there, not whole, or not what it says it is.
    Image,
    /// A file of the user's machine could not be read or written.
    Io,
    /// Ctrl-C, or `--timeout`.
    Interrupted,
}

/// An error as people meet it: `message: cause: cause`, and under it a hint. Cloned where one cause stops several targets.
///
/// Messages are lower-case fragments without a final full stop. Text from images, daemons and Dockerfiles may be in them
/// unescaped: who prints an error escapes it for its medium.
#[derive(Debug, Clone)]
pub struct Error {
    class: Class,
    message: String,
    hint: Option<String>,
    detail: Vec<String>,
    place: Option<Box<crate::domain::Place>>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    is_gone: bool,
}

impl Error {
    /// An error of `class` that says `message`.
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            hint: None,
            detail: Vec::new(),
            place: None,
            source: None,
            is_gone: false,
        }
    }

    /// Adds what to do about it: one sentence.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds lines that are shown beneath the message, such as the end of a log.
    #[must_use]
    pub fn with_detail(mut self, lines: Vec<String>) -> Self {
        self.detail = lines;
        self
    }

    /// Adds the place in the user's file that it is about.
    #[must_use]
    pub fn at(mut self, place: crate::domain::Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Says that what was asked for is not there, and nothing else is wrong: whoever has a second choice may take it.
    #[must_use]
    pub fn gone(mut self) -> Self {
        self.is_gone = true;
        self
    }

    /// Whether what was asked for is just not there.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.is_gone
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Lines to show beneath the message. Untrusted.
    #[must_use]
    pub fn detail(&self) -> &[String] {
        &self.detail
    }

    /// The place in the user's file that it is about.
    #[must_use]
    pub fn place(&self) -> Option<&crate::domain::Place> {
        self.place.as_deref()
    }

    /// The message and its causes in one line, each cause that only repeats what was said left out.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.message.clone();
        let mut source = self.source();
        while let Some(cause) = source {
            let said = cause.to_string();
            if !said.is_empty() && !text.ends_with(&said) {
                text.push_str(": ");
                text.push_str(&said);
            }
            source = cause.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_says_each_cause_once() {
        let io = std::io::Error::other("no space");
        let error = Error::new(Class::Io, "cannot write x").caused_by(Error::new(Class::Io, "inner").caused_by(io));
        assert_eq!(error.chain(), "cannot write x: inner: no space");
        let repeated = Error::new(Class::Io, "cannot write: boom").caused_by(std::io::Error::other("boom"));
        assert_eq!(repeated.chain(), "cannot write: boom");
    }
}
