//! Finding budgets.toml from wherever in the repository a person stands.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::{FILE_NAME, glob_walk, read};
use crate::Error;

/// The budgets.toml that holds for `cwd`, an absolute path: the nearest upward to the root of the repository, or the outermost
/// that includes it, so that a service's own file is judged with the defaults of its repository.
/// `None` when there is none. Outside a repository only `cwd` itself is looked at: what lies further up may be anybody's.
///
/// # Errors
/// A budgets.toml further up that cannot be read, because it might have included the nearest.
pub fn discover(cwd: &Path) -> Result<Option<PathBuf>, Error> {
    let candidates: Vec<PathBuf> = within_repository(cwd)
        .iter()
        .map(|directory| directory.join(FILE_NAME))
        .filter(|path| path.exists() && !path.is_dir())
        .collect();
    let Some((nearest, further)) = candidates.split_first() else { return Ok(None) };
    for outer in further.iter().rev() {
        if includes(outer, nearest, cwd)? {
            return Ok(Some(outer.clone()));
        }
    }
    Ok(Some(nearest.clone()))
}

/// Files of that name one or two folders below `cwd`, for somebody who stands too high; relative to it, and not more than `most`.
pub fn below(cwd: &Path, most: usize) -> Vec<PathBuf> {
    let found = ["*", "*/*"].into_iter().flat_map(|folder| {
        // What cannot be looked into has nothing to offer.
        glob_walk::files(cwd, &format!("{folder}/{FILE_NAME}")).unwrap_or_default()
    });
    found.filter_map(|path| Some(path.strip_prefix(cwd).ok()?.to_owned())).take(most).collect()
}

/// `cwd` and its parents up to the root of the repository.
fn within_repository(cwd: &Path) -> Vec<&Path> {
    let is_root = |directory: &Path| directory.join(".git").exists();
    match cwd.ancestors().position(is_root) {
        Some(depth) => cwd.ancestors().take(depth + 1).collect(),
        None => vec![cwd],
    }
}

/// Whether `outer` includes `nearest`. A file with errors includes what can be made out; loading it tells of them.
fn includes(outer: &Path, nearest: &Path, cwd: &Path) -> Result<bool, Error> {
    let text = read::read(outer, &read::name(outer, cwd))?;
    let (table, _) = DeTable::parse_recoverable(&text);
    let directory = outer.parent().unwrap_or(Path::new(""));
    let patterns = table.get_ref().get("include").and_then(|value| value.get_ref().as_array());
    Ok(patterns.into_iter().flat_map(|list| list.iter()).filter_map(|pattern| pattern.get_ref().as_str()).any(
        |pattern| {
            glob_walk::files(directory, pattern).is_ok_and(|files| files.iter().any(|file| is_same(file, nearest)))
        },
    ))
}

/// Those of `paths` that the budget file with this `text` may include, relative to its folder as they are; more than it does include, where
/// its patterns are told apart by what lies in folders.
pub fn may_include<'a>(text: &str, paths: &[&'a Path]) -> Vec<&'a Path> {
    let (table, _) = DeTable::parse_recoverable(text);
    let patterns = table.get_ref().get("include").and_then(|value| value.get_ref().as_array());
    let patterns = patterns.into_iter().flat_map(|list| list.iter()).filter_map(|pattern| pattern.get_ref().as_str());
    // Where `..` leads cannot be told from a name.
    let globs: Vec<_> = patterns
        .filter_map(|pattern| globset::Glob::new(pattern.trim_start_matches("./")).ok())
        .map(|glob| glob.compile_matcher())
        .collect();
    paths.iter().copied().filter(|path| globs.iter().any(|glob| glob.is_match(path))).collect()
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[test]
    fn nearest_upward_to_the_repository() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), "budgets.toml", "");
        write(root.path(), "repo/a/b/x", "");
        let deep = root.path().join("repo/a/b");
        assert_eq!(discover(&deep).unwrap(), None, "not above a directory that is no repository");
        write(root.path(), "repo/.git/HEAD", "");
        assert_eq!(discover(&deep).unwrap(), None, "not above the repository");
        write(root.path(), "repo/budgets.toml", "");
        assert_eq!(discover(&deep).unwrap(), Some(root.path().join("repo/budgets.toml")));
        write(root.path(), "repo/a/budgets.toml", "");
        assert_eq!(discover(&deep).unwrap(), Some(root.path().join("repo/a/budgets.toml")));
    }

    #[test]
    fn the_outermost_that_includes_the_nearest() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), ".git/HEAD", "");
        write(root.path(), "services/a/budgets.toml", "");
        write(root.path(), "services/budgets.toml", "include = [\"a/*.toml\"]");
        write(root.path(), "budgets.toml", "include = [\"services/*/budgets.toml\"]\nbroken =");
        let service = root.path().join("services/a");
        assert_eq!(discover(&service).unwrap(), Some(root.path().join("budgets.toml")));
        write(root.path(), "budgets.toml", "");
        assert_eq!(discover(&service).unwrap(), Some(root.path().join("services/budgets.toml")));
    }
}
