//! Reading a file of the user's: missing, unreadable, too large and not text are four answers.

use std::io::ErrorKind;
use std::path::Path;

use crate::domain::path_from;
use crate::{Class, Error, files};

/// The largest budgets.toml that is read: far more than a person writes.
pub(super) const LARGEST: u64 = 1024 * 1024;

/// The text of `path`, which is shown as `name`.
pub(super) fn read(path: &Path, name: &str) -> Result<String, Error> {
    text(files::read(path, LARGEST), name)
}

/// [`read`] for the path of `--config`, which may be a pipe of the shell.
pub(super) fn read_named(path: &Path, name: &str) -> Result<String, Error> {
    text(files::read_named(path, LARGEST), name)
}

fn text(bytes: std::io::Result<Vec<u8>>, name: &str) -> Result<String, Error> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => Error::new(Class::Config, format!("there is no file {name}"))
            .with_hint("`imgbudget init` writes a first budgets.toml; --config names one that lies elsewhere."),
        ErrorKind::PermissionDenied => Error::new(Class::Config, format!("cannot read {name}"))
            .with_hint("Give the user who runs imgbudget the right to read it.")
            .caused_by(error),
        ErrorKind::IsADirectory => Error::new(Class::Config, format!("{name} is a directory"))
            .with_hint("Name the file itself, such as budgets.toml."),
        ErrorKind::FileTooLarge => Error::new(Class::Config, format!("{name} is larger than 1 MiB"))
            .with_hint("Is it the right file? Budgets of many teams can be split up with `include`."),
        _ => Error::new(Class::Config, format!("cannot read {name}"))
            .with_hint("Check that it is a file that can be read.")
            .caused_by(error),
    };
    String::from_utf8(bytes.map_err(failed)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        Error::new(Class::Config, format!("{name} is not UTF-8 text: line {line} has other bytes"))
            .with_hint("Save it as UTF-8.")
    })
}

/// `path` as people name it from where they stand.
pub(super) fn name(path: &Path, cwd: &Path) -> String {
    path_from(path, cwd).to_string_lossy().into_owned()
}
