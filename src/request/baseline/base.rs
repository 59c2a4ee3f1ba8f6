//! The commit that a change was made on: what its image is compared with, and what its budget is read from.

use std::path::Path;

use crate::ci::{Change, ChangeKind};
use crate::domain::How;
use crate::request::git;
use crate::session::Session;

/// A commit to compare with, and why that one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    /// Its id.
    pub(crate) id: String,
    /// Why that one.
    pub(crate) how: How,
    /// What is worth knowing of the choice, as a sentence without its end.
    pub(crate) note: Option<String>,
}

/// The commit that the change in `folder` was made on, by what the job says and git confirms.
///
/// # Errors
/// Why it is not known, as a fragment.
pub(crate) fn of_change(change: &Change, folder: &Path, session: &Session) -> Result<Base, String> {
    let head = git::commit(folder, "HEAD").ok_or_else(|| no_commit(folder))?;
    let plain = |id: &str, how| Base { id: id.to_owned(), how, note: None };
    match (change.kind, &change.base) {
        (ChangeKind::MergeGroup, Some(base)) => return Ok(plain(base, How::MergeGroupBase)),
        (ChangeKind::MergeRequest, Some(base)) => return Ok(plain(base, How::MergeBase)),
        _ => {}
    }
    let parents = git::parents(folder, &head).unwrap_or_default();
    if let [first, second] = parents.as_slice()
        && (change.head.as_ref() == Some(second) || change.merge.as_ref() == Some(&head))
    {
        return Ok(plain(first, How::MergeParent));
    }
    let is_octopus = parents.len() > 2 && change.merge.as_ref() == Some(&head);
    let tip = tip(change, folder).ok_or_else(|| unknown(folder, session))?;
    let id = git::merge_base(folder, &head, &tip).ok_or_else(|| unknown(folder, session))?;
    let branch = change.branch.as_deref().map_or_else(|| "the base branch".to_owned(), crate::text::line);
    let note = if is_octopus {
        let parents = parents.len();
        Some(format!(
            "the commit that is checked out has {parents} parents, so what {branch} changed since {} counts here, too",
            &id[..7]
        ))
    } else if id != tip && change.head.as_ref() != Some(&head) {
        Some(format!("what {branch} changed since {} may count here, too", &id[..7]))
    } else {
        None
    };
    Ok(Base { id, how: How::MergeBase, note })
}

/// The commit that is checked out in `folder` was made on, where no change is judged: where its branch began; on the base branch itself
/// the commit before, and at a desk what is checked out, since what counts there is not committed yet.
///
/// # Errors
/// Why it is not known, as a fragment.
pub(crate) fn of_checkout(folder: &Path, session: &Session) -> Result<Base, String> {
    let head = git::commit(folder, "HEAD").ok_or_else(|| no_commit(folder))?;
    let plain = |id: String, how| Base { id, how, note: None };
    let began = git::base_branch(folder).and_then(|(_, tip)| git::merge_base(folder, &head, &tip));
    match began {
        Some(began) if began != head => Ok(plain(began, How::MergeBase)),
        _ if !session.ci.is_job => Ok(plain(head, How::Ref)),
        _ => match git::parents(folder, &head).unwrap_or_default().into_iter().next() {
            Some(parent) => Ok(plain(parent, How::Parent)),
            None => Err("the commit that is checked out is the first one".to_owned()),
        },
    }
}

/// The last commit of the branch that a change goes to.
fn tip(change: &Change, folder: &Path) -> Option<String> {
    let branch = change.branch.as_deref().filter(|name| git::is_plain(name));
    let named = branch.and_then(|name| {
        git::commit(folder, &format!("refs/remotes/origin/{name}"))
            .or_else(|| git::commit(folder, &format!("refs/heads/{name}")))
    });
    named.or_else(|| change.tip.clone().filter(|tip| git::has(folder, tip)))
}

fn no_commit(folder: &Path) -> String {
    if git::is_repository(folder) { "the repository has no commit yet".to_owned() } else { NO_REPOSITORY.to_owned() }
}

/// Where git has nothing to say.
pub(super) const NO_REPOSITORY: &str = "this is not a git repository, or git is not installed";

fn unknown(folder: &Path, session: &Session) -> String {
    if git::is_shallow(folder) {
        return format!("this clone is shallow; {}", deeper(session));
    }
    "git does not know where this branch began; fetch its base branch, too".to_owned()
}

/// What brings the commits that a shallow clone lacks.
pub(crate) fn deeper(session: &Session) -> &'static str {
    match session.ci.provider {
        crate::ci::Provider::GitHub => "set `fetch-depth: 0` at actions/checkout",
        crate::ci::Provider::GitLab => "set `GIT_DEPTH: 0` for the job",
        crate::ci::Provider::Other => "run `git fetch --unshallow`",
    }
}
