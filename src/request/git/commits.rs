//! Commits: what a name means, what came before, and what two have in common.

use std::path::{Path, PathBuf};

use super::{git, read, say};
use crate::ci::is_commit;

/// The largest commit object that is read, in bytes: a commit has a few parents and a message.
const LARGEST: usize = 1 << 20;

/// The commit that `revision` means. Whoever calls has seen to it that it cannot be an option.
pub(crate) fn commit(directory: &Path, revision: &str) -> Option<String> {
    let name = format!("{revision}^{{commit}}");
    say(directory, &["rev-parse", "--verify", "--quiet", &name]).filter(|id| is_commit(id))
}

/// Whether `directory` is in a repository.
pub(crate) fn is_repository(directory: &Path) -> bool {
    say(directory, &["rev-parse", "--git-dir"]).is_some()
}

/// The root of the checkout around `directory`, without links; `None` where there is none, or a configuration puts it elsewhere.
pub(crate) fn top(directory: &Path) -> Option<PathBuf> {
    let top = PathBuf::from(say(directory, &["rev-parse", "--show-toplevel"])?).canonicalize().ok()?;
    directory.canonicalize().ok()?.starts_with(&top).then_some(top)
}

/// Whether the clone ends somewhere, so that git does not know what came before.
pub(crate) fn is_shallow(directory: &Path) -> bool {
    say(directory, &["rev-parse", "--is-shallow-repository"]).is_some_and(|said| said == "true")
}

/// Whether the clone has the commit `id`, and not its name alone.
pub(crate) fn has(directory: &Path, id: &str) -> bool {
    is_commit(id) && say(directory, &["cat-file", "-e", &format!("{id}^{{tree}}")]).is_some()
}

/// The parents of the commit `id`, the first one first, also where a shallow clone has none of them: the commit itself names them
/// (gitformat-commit).
pub(crate) fn parents(directory: &Path, id: &str) -> Option<Vec<String>> {
    if !is_commit(id) {
        return None;
    }
    let bytes = read(git(directory, &["cat-file", "commit", id]), LARGEST)?;
    let head = bytes.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let named = head.filter_map(|line| std::str::from_utf8(line).ok()?.strip_prefix("parent "));
    Some(named.filter(|id| is_commit(id)).map(str::to_owned).collect())
}

/// The commit where two branches parted. A shallow clone may not have it, or take another for it, so it is not asked.
pub(crate) fn merge_base(directory: &Path, one: &str, other: &str) -> Option<String> {
    if !is_commit(one) || !is_commit(other) || is_shallow(directory) {
        return None;
    }
    say(directory, &["merge-base", one, other]).filter(|id| is_commit(id))
}

/// Whether `older` came before `newer`, or is the same. A shallow clone does not know.
pub(crate) fn is_ancestor(directory: &Path, older: &str, newer: &str) -> bool {
    is_commit(older)
        && is_commit(newer)
        && (older == newer || say(directory, &["merge-base", "--is-ancestor", older, newer]).is_some())
}

/// How many commits `newer` has that `older` has not. A shallow clone would count too few, so it is not asked.
pub(crate) fn commits_between(directory: &Path, older: &str, newer: &str) -> Option<u64> {
    // Reports are read from files, and what they call a commit may be anything.
    if !is_commit(older) || !is_commit(newer) || is_shallow(directory) {
        return None;
    }
    say(directory, &["rev-list", "--count", &format!("{older}..{newer}"), "--"])?.parse().ok()
}
