//! What a ref on the command line means: a commit, one that this clone does not have, or a typo.

use std::path::Path;

use super::base::{NO_REPOSITORY, deeper};
use crate::error::{Class, Error};
use crate::request::git;
use crate::session::Session;
use crate::text;

/// What stands for the commit that a change was made on.
pub(crate) const AUTO: &str = "auto";

/// What a ref means here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A commit, and the name that git found it by.
    Commit { name: String, id: String },
    /// Nothing that this clone could have, and why.
    Unknown(String),
}

/// The commit of `reference`, which the person gave to `flag`, in the repository around `folder`. A branch that only the remote `origin` has is meant by its
/// name alone, too.
///
/// # Errors
/// It cannot name a commit, or the repository has other branches and commits and not this one.
pub(crate) fn resolve(flag: &str, reference: &str, folder: &Path, session: &Session) -> Result<Meaning, Error> {
    let shown = text::line(reference);
    if !git::is_plain(reference) {
        return Err(Error::new(Class::Usage, format!("{flag}: `{shown}` is not the name of a commit"))
            .with_hint(format!("Give a branch, a tag or a commit: {flag} origin/main")));
    }
    if let Some(id) = git::commit(folder, reference) {
        return Ok(Meaning::Commit { name: reference.to_owned(), id });
    }
    let is_branch = !reference.contains(['~', '^', '@']);
    if let Some(id) = git::commit(folder, &format!("refs/remotes/origin/{reference}")).filter(|_| is_branch) {
        return Ok(Meaning::Commit { name: format!("origin/{reference}"), id });
    }
    if !git::is_repository(folder) {
        return Ok(Meaning::Unknown(NO_REPOSITORY.to_owned()));
    }
    if git::is_shallow(folder) {
        return Ok(Meaning::Unknown(format!("this clone is shallow and does not have it; {}", deeper(session))));
    }
    let refs = git::refs(folder);
    if refs.is_empty() && git::commit(folder, "HEAD").is_none() {
        return Ok(Meaning::Unknown("the repository has no commit yet".to_owned()));
    }
    // `origin/main` where there is no remote, and the other way round.
    let last = reference.rsplit('/').next().unwrap_or(reference);
    let named = || refs.iter().map(String::as_str).find(|name| name.rsplit('/').next() == Some(last));
    let hint = match text::nearest(reference, refs.iter().map(String::as_str)).or_else(named) {
        Some(near) => format!("Did you mean `{}`? `git fetch` brings what only the remote has.", text::line(near)),
        None => {
            "Give a branch, a tag or a commit that is here; `git fetch` brings what only the remote has.".to_owned()
        }
    };
    Err(Error::new(Class::Usage, format!("{flag}: this repository has no `{shown}`")).with_hint(hint))
}
