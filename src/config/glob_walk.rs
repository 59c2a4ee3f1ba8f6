//! The files that an include pattern means, found without looking where it does not point.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

/// Directories that one pattern may look into, so that `/**/x` ends.
const MOST_DIRECTORIES: usize = 20_000;
/// Directories that `**` does not enter: large, and nobody's own work.
const SKIPPED: [&str; 2] = [".git", "node_modules"];

/// One part of a pattern between slashes.
enum Part {
    /// A name or `..`, taken as it is.
    Literal(PathBuf),
    /// A glob within one directory.
    Glob(GlobMatcher),
    /// `**`: any depth, none included. Links to directories are not followed, so that it ends.
    AnyDepth,
}

/// Files that match `pattern`, which is relative to `directory`, sorted.
///
/// # Errors
/// The sentence that says why the pattern cannot be followed.
pub(super) fn files(directory: &Path, pattern: &str) -> Result<BTreeSet<PathBuf>, String> {
    let mut found: BTreeSet<PathBuf> = BTreeSet::from([directory.to_owned()]);
    let mut budget = MOST_DIRECTORIES;
    let parts = parts(pattern)?;
    let is_named = matches!(parts.last(), Some(Part::Literal(_)));
    for part in parts {
        found = match part {
            Part::Literal(name) => {
                found.into_iter().map(|path| path.join(&name)).filter(|path| path.exists()).collect()
            }
            Part::Glob(glob) => {
                let mut next = BTreeSet::new();
                for path in &found {
                    next.extend(
                        entries(path, &mut budget)?
                            .into_iter()
                            .filter(|entry| entry.file_name().is_some_and(|name| glob.is_match(name))),
                    );
                }
                next
            }
            Part::AnyDepth => below(found, &mut budget)?,
        };
    }
    // What is named in full and is a pipe or a device is for its reader to refuse; a glob passes over it.
    found.retain(|path| if is_named { !path.is_dir() } else { path.is_file() });
    Ok(found)
}

fn parts(pattern: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    for component in Path::new(pattern).components() {
        let name = match component {
            Component::CurDir => continue,
            Component::Normal(name) => name.to_string_lossy(),
            other => {
                parts.push(Part::Literal(PathBuf::from(other.as_os_str())));
                continue;
            }
        };
        parts.push(if name == "**" {
            Part::AnyDepth
        } else if name.contains(['*', '?', '[', '{']) {
            let glob = GlobBuilder::new(&name).literal_separator(true).build();
            Part::Glob(glob.map_err(|error| error.kind().to_string())?.compile_matcher())
        } else {
            Part::Literal(PathBuf::from(name.as_ref()))
        });
    }
    Ok(parts)
}

/// `directories` and every directory below them.
fn below(directories: BTreeSet<PathBuf>, budget: &mut usize) -> Result<BTreeSet<PathBuf>, String> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<PathBuf> = directories.into_iter().collect();
    while let Some(directory) = waiting.pop() {
        let is_new = directory.is_dir() && found.insert(directory.clone());
        if !is_new {
            continue;
        }
        waiting.extend(entries(&directory, budget)?.into_iter().filter(|entry| {
            let is_skipped = entry.file_name().is_some_and(|name| SKIPPED.iter().any(|skipped| name == *skipped));
            !is_skipped && entry.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
        }));
    }
    Ok(found)
}

/// What lies in a directory; nothing where it is none.
fn entries(directory: &Path, budget: &mut usize) -> Result<Vec<PathBuf>, String> {
    *budget = budget.checked_sub(1).ok_or_else(|| format!("it looks into more than {MOST_DIRECTORIES} directories"))?;
    match std::fs::read_dir(directory) {
        Ok(entries) => Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(format!("{} cannot be read", directory.display()))
        }
        Err(_) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_files() {
        let root = tempfile::tempdir().unwrap();
        for file in ["a/b.toml", "c/b.toml", "c/d/b.toml", "node_modules/x/b.toml", "b.toml"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        std::os::unix::fs::symlink("..", root.path().join("c/loop")).unwrap();
        let found = |pattern: &str| -> Vec<String> {
            let files = files(root.path(), pattern).unwrap();
            files.iter().map(|path| path.strip_prefix(root.path()).unwrap().display().to_string()).collect()
        };
        assert_eq!(found("*/b.toml"), ["a/b.toml", "c/b.toml"]);
        assert_eq!(found("./a/b.toml"), ["a/b.toml"]);
        assert_eq!(found("**/b.toml"), ["a/b.toml", "b.toml", "c/b.toml", "c/d/b.toml"]);
        assert_eq!(found("a/../c/b.toml"), ["a/../c/b.toml"]);
        assert_eq!(found("*"), ["b.toml"]);
        assert!(found("x/*").is_empty());
        assert!(files(root.path(), "[/b.toml").is_err());
    }
}
