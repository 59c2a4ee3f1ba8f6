//! Branches and tags.

use std::path::Path;

use super::{git, read, say};
use crate::text;

/// The most bytes of names that are read, for a hint alone.
const MOST: usize = 1 << 20;

/// What the branches are usually called that others are made on.
const USUAL: [&str; 4] = ["origin/main", "origin/master", "main", "master"];

/// Branches, those of remotes, and tags, by their short names.
pub(crate) fn refs(directory: &Path) -> Vec<String> {
    let args = ["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags"];
    let bytes = read(git(directory, &args), MOST).unwrap_or_default();
    String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
}

/// The branch that others are made on, and its commit: what the remote says it is, else one with a usual name.
pub(crate) fn base_branch(directory: &Path) -> Option<(String, String)> {
    let told = say(directory, &["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
    let names = told.into_iter().chain(USUAL.map(str::to_owned));
    names.filter(|name| !name.starts_with('-')).find_map(|name| {
        let id = super::commit(directory, &name)?;
        Some((name, id))
    })
}

/// Whether git can only take it for a revision: no option, no path in a commit, no range, one line.
pub(crate) fn is_plain(reference: &str) -> bool {
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
