//! Branches and tags.

use std::path::Path;

use super::{git, read, say};

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
