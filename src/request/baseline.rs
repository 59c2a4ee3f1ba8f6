//! What a run is compared with: `--baseline`, `--baseline-ref`, or `[baseline]` of budgets.toml.

use std::path::{Path, PathBuf};

use super::git;
use crate::baseline::{Against, Earlier};
use crate::ci::is_commit;
use crate::cli::BaselineArgs;
use crate::domain::{Budgets, How};
use crate::error::{Class, Error};
use crate::report::{self, lock};
use crate::session::Session;
use crate::{files, text};

/// The baseline of this run, for a measurement of `commit`; `None` when nobody asked for one.
///
/// # Errors
/// There is a baseline and it cannot be read. One that is not there is a state of its own.
pub(crate) fn find(
    args: &BaselineArgs,
    budgets: &Budgets,
    commit: Option<&str>,
    session: &Session,
) -> Result<Option<Against>, Error> {
    let mut against = if let Some(reference) = &args.baseline_ref {
        at_reference(reference, &lock_file(budgets, session), session)?
    } else if let Some(path) = &args.baseline {
        in_file(&session.working_directory.join(path), files::read_named, session)?
    } else if let Some(path) = &budgets.baseline {
        in_file(path, files::read, session)?
    } else {
        tell_of_unread_lock(budgets, session);
        return Ok(None);
    };
    // A report comes from a file, and may call anything its commit.
    let said = against.earlier.commit().filter(|commit| is_commit(commit)).map(str::to_owned);
    against.commit = against.commit.or(said);
    let ends = against.commit.as_deref().zip(commit);
    against.behind =
        ends.and_then(
            |(then, now)| {
                if then == now { Some(0) } else { git::commits_between(&session.working_directory, then, now) }
            },
        );
    Ok(Some(against))
}

/// Growth is not judged for want of a baseline, and the file for it lies there: somebody thinks that it counts.
fn tell_of_unread_lock(budgets: &Budgets, session: &Session) {
    let lock = lock_file(budgets, session);
    let wants_one = budgets.targets.iter().any(|target| target.rules.max_growth.is_some());
    if wants_one && budgets.file.is_some() && lock.is_file() {
        let hint = format!("Write `[baseline] file = \"{}\"` into budgets.toml.", lock::FILE_NAME);
        let what = format!("{} is there, and nothing is compared with it", shown(&lock, session));
        session.terminal.notice(&what, Some(&hint), false);
    }
}

/// The lock file: that of `[baseline]`, or budgets.lock beside budgets.toml.
pub(crate) fn lock_file(budgets: &Budgets, session: &Session) -> PathBuf {
    let beside = || folder(budgets, session).join(lock::FILE_NAME);
    budgets.baseline.clone().unwrap_or_else(beside)
}

/// The folder of budgets.toml; without one, where the user stands.
fn folder(budgets: &Budgets, session: &Session) -> PathBuf {
    let file = budgets.file.as_deref().and_then(Path::parent);
    file.map_or_else(|| session.working_directory.clone(), |folder| session.working_directory.join(folder))
}

/// A path as the user would write it.
pub(crate) fn shown(path: &Path, session: &Session) -> String {
    let below = path.strip_prefix(&session.working_directory).ok().filter(|below| !below.as_os_str().is_empty());
    let path = below.unwrap_or(path);
    text::line_within(&path.display().to_string(), 1000)
}

fn in_file(path: &Path, read: fn(&Path, u64) -> std::io::Result<Vec<u8>>, session: &Session) -> Result<Against, Error> {
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

fn at_reference(reference: &str, path: &Path, session: &Session) -> Result<Against, Error> {
    if !is_plain(reference) {
        let shown = text::line(reference);
        return Err(Error::new(Class::Usage, format!("--baseline-ref: `{shown}` is not the name of a commit"))
            .with_hint("Give a branch, a tag or a commit: --baseline-ref origin/main"));
    }
    let found = |earlier, commit| Against { how: How::Ref, commit, ..Against::new(reference, earlier) };
    let missing = |why: String, commit| found(Earlier::Missing(why), commit);
    let directory = path.parent().filter(|folder| folder.is_dir()).unwrap_or(&session.working_directory);
    let Ok(relative) = path.strip_prefix(directory) else {
        return Ok(missing(format!("`{}` is outside of every folder that is here", shown(path, session)), None));
    };
    let Some(commit) = git::commit(directory, reference) else {
        let why = if git::is_repository(directory) {
            "git has no such commit here; a clone of CI may have to fetch it"
        } else {
            "this is no git repository, or git is not installed"
        };
        return Ok(missing(why.to_owned(), None));
    };
    let name = format!("{} at {}", shown(path, session), text::line(reference));
    let not_here = || {
        Error::new(Class::Io, format!("git cannot show `{name}`")).with_hint(
            "It has to be a file that was committed. Nothing is fetched for it: in a partial clone, `git show REF:FILE` brings it.",
        )
    };
    let Some(blob) = git::file(directory, &commit, &relative.to_string_lossy()).map_err(|_| not_here())? else {
        return Ok(missing(format!("it has no {}", shown(path, session)), Some(commit)));
    };
    let bytes = git::content(directory, &blob, report::LARGEST).ok_or_else(not_here)?;
    let earlier = Earlier::read(&bytes, &name)?;
    Ok(found(earlier, Some(commit)))
}

/// Whether git can only take it for a revision: no option, no path in a commit, no range, one line.
fn is_plain(reference: &str) -> bool {
    let harmless = |c: char| !text::is_hidden(c) && !c.is_whitespace() && c != ':';
    (1..=255).contains(&reference.len())
        && !reference.starts_with('-')
        && !reference.contains("..")
        && reference.chars().all(harmless)
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn references_cannot_be_options() {
        for good in ["main", "origin/main", "v1.2.3", "HEAD~2", "main@{1}", "0123abc", "größe"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "-", "--output=x", "-n1", "main:file", "a..b", "a b", "a\nb", "a\0b", "\u{202e}main"] {
            assert!(!is_plain(bad), "{bad:?}");
        }
        assert!(!is_plain(&"a".repeat(256)));
    }
}
