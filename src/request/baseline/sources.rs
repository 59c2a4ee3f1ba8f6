//! Baselines in files, as they lie there and as they stand at a commit.

use std::path::Path;

use super::shown;
use crate::baseline::{Against, Earlier};
use crate::domain::How;
use crate::error::{Class, Error};
use crate::report;
use crate::request::git;
use crate::session::Session;

/// The report or lock file at `path`.
///
/// # Errors
/// It is there and cannot be read.
pub(super) fn in_file(
    path: &Path,
    read: fn(&Path, u64) -> std::io::Result<Vec<u8>>,
    session: &Session,
) -> Result<Against, Error> {
    let name = shown(path, session);
    let earlier = match read(path, report::LARGEST as u64) {
        Ok(bytes) => Earlier::read(&bytes, &name)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Earlier::Missing("no such file".to_owned()),
        Err(error) => {
            return Err(Error::new(Class::Io, format!("cannot read the baseline `{name}`"))
                .with_hint("Name a JSON report or a lock file that can be read.")
                .caused_by(error));
        }
    };
    Ok(Against::new(name, earlier))
}

/// The report or lock file at `path`, as it stands at the commit `id`, which people call `name`.
///
/// # Errors
/// Git cannot show it, or it cannot be read.
pub(super) fn at_commit(path: &Path, id: &str, name: &str, session: &Session) -> Result<Against, Error> {
    let file = shown(path, session);
    let source = format!("{file} at {name}");
    let found = |earlier, commit| Against { how: How::Ref, commit, ..Against::new(source.clone(), earlier) };
    let missing = |why: String, commit| found(Earlier::Missing(why), commit);
    let directory = path.parent().filter(|folder| folder.is_dir()).unwrap_or(&session.working_directory);
    let Ok(relative) = path.strip_prefix(directory) else {
        return Ok(missing(format!("`{file}` is outside of every folder that is here"), None));
    };
    let not_here = || {
        Error::new(Class::Io, format!("git cannot show `{source}`")).with_hint(
            "It has to be a file that was committed. Nothing is fetched for it: in a partial clone, `git show REF:FILE` brings it.",
        )
    };
    let Some(blob) = git::file(directory, id, &relative.to_string_lossy()).map_err(|_| not_here())? else {
        return Ok(missing(format!("it has no {file}"), Some(id.to_owned())));
    };
    let bytes = git::content(directory, &blob, report::LARGEST).ok_or_else(not_here)?;
    Ok(found(Earlier::read(&bytes, &source)?, Some(id.to_owned())))
}
