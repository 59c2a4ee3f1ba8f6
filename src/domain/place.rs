//! A place in a file that the user wrote.

use std::fmt;
use std::path::{Component, Path, PathBuf};

/// File, line and column, both 1-based, as editors, compilers and forges count them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as the user would name it: relative to where they stand when it lies below it.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

impl fmt::Display for Place {
    /// `budgets.toml:12`: the column is for editors, not for sentences.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// `path` as people name it from `directory`: relative when it lies below, or beside it in the same tree; else as it is.
///
/// `..` is used where the two share more than the first folder below the root: what is only somewhere on the same machine is clearer
/// in full.
#[must_use]
pub fn path_from(path: &Path, directory: &Path) -> PathBuf {
    let shared = path.components().zip(directory.components()).take_while(|(a, b)| a == b).count();
    let folders = path.components().take(shared).filter(|part| matches!(part, Component::Normal(_))).count();
    let up = directory.components().count() - shared;
    if !path.is_absolute() || (up > 0 && folders < 2) {
        return path.to_owned();
    }
    let shown: PathBuf = std::iter::repeat_n(Component::ParentDir, up).chain(path.components().skip(shared)).collect();
    if shown.as_os_str().is_empty() { PathBuf::from(".") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_named_from_where_one_stands() {
        let from = |path: &str| path_from(Path::new(path), Path::new("/home/me/shop/api")).display().to_string();
        assert_eq!(from("/home/me/shop/api/Dockerfile"), "Dockerfile");
        assert_eq!(from("/home/me/shop/budgets.toml"), "../budgets.toml");
        assert_eq!(from("/home/me/shop/api"), ".");
        assert_eq!(from("/home/you/x"), "/home/you/x");
        assert_eq!(from("/etc/x"), "/etc/x");
        assert_eq!(from("x/y"), "x/y");
    }
}
