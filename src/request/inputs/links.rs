//! Links that a path leads through: each is a file of its own, and another one there leads elsewhere.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The most links that one path may lead through, as Linux has it (path_resolution(7)).
const MOST: usize = 40;

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// The links on it, each by a path without links before its name.
    pub(super) links: BTreeSet<PathBuf>,
    /// Its end, without links. It need not be there.
    pub(super) end: PathBuf,
}

/// Walks `path`, which is absolute; `None` where there are too many links, as in a circle, or one that cannot be read.
pub(super) fn way(path: &Path) -> Option<Way> {
    let mut found = Way { links: BTreeSet::new(), end: PathBuf::from("/") };
    let mut open = parts(path);
    let mut count = 0_usize;
    while let Some(part) = open.pop_front() {
        if part == ".." {
            found.end.pop();
            continue;
        }
        let next = found.end.join(&part);
        if !next.is_symlink() {
            found.end = next;
            continue;
        }
        count = count.saturating_add(1);
        if count > MOST {
            return None;
        }
        let to = next.read_link().ok()?;
        if to.is_absolute() {
            found.end = PathBuf::from("/");
        }
        for part in parts(&to).into_iter().rev() {
            open.push_front(part);
        }
        found.links.insert(next);
    }
    Some(found)
}

/// Whether `path`, relative to `root`, is a link or leads through one.
pub(super) fn is_linked(root: &Path, path: &Path) -> bool {
    path.ancestors().filter(|above| !above.as_os_str().is_empty()).any(|above| root.join(above).is_symlink())
}

fn parts(path: &Path) -> VecDeque<OsString> {
    let names = path.components().filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir));
    names.map(|part| part.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_link_of_a_chain_is_on_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("a/v1")).unwrap();
        symlink("a/k", root.join("c")).unwrap();
        symlink("../a/./v1", root.join("a/k")).unwrap();
        let found = way(&root.join("c/new/../file")).unwrap();
        assert_eq!(found.links, BTreeSet::from([root.join("c"), root.join("a/k")]));
        assert_eq!(found.end, root.join("a/v1/file"));
        assert!(is_linked(&root, Path::new("c/file")) && !is_linked(&root, Path::new("a/v1/file")));
    }

    #[test]
    fn a_circle_ends() {
        let folder = tempfile::tempdir().unwrap();
        symlink("b", folder.path().join("a")).unwrap();
        symlink("a", folder.path().join("b")).unwrap();
        assert_eq!(way(&folder.path().join("a/x")), None);
    }
}
