//! What git is asked. A repository without git, or git without the commit, is an ordinary answer: `None`.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::ci::is_commit;
use crate::credentials::is_our_secret;

/// The commit that `revision` means. Whoever calls has seen to it that it cannot be an option.
pub(crate) fn commit(directory: &Path, revision: &str) -> Option<String> {
    object(directory, &format!("{revision}^{{commit}}"))
}

/// Whether `directory` is in a repository.
pub(crate) fn is_repository(directory: &Path) -> bool {
    say(directory, &["rev-parse", "--git-dir"]).is_some()
}

/// Git cannot tell, as in a clone without its folders.
#[derive(Debug)]
pub(crate) struct Unanswered;

/// The id of the file `path`, relative to `directory`, in a commit; `None` when the commit does not have it.
///
/// # Errors
/// Git cannot tell.
pub(crate) fn file(directory: &Path, commit: &str, path: &str) -> Result<Option<String>, Unanswered> {
    let entry = say(directory, &["ls-tree", commit, "--", path]).ok_or(Unanswered)?;
    // `100644 blob ID<tab>PATH` (git-ls-tree, output format).
    let id = entry.split_whitespace().nth(2).map(str::to_owned);
    Ok(id.filter(|id| is_commit(id)))
}

/// The content of a blob, at most one byte more than `most`.
pub(crate) fn content(directory: &Path, blob: &str, most: usize) -> Option<Vec<u8>> {
    let mut child = git(directory, &["cat-file", "blob", blob]).stdout(Stdio::piped()).spawn().ok()?;
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = child.stdout.take().map(|stdout| stdout.take(bound).read_to_end(&mut bytes));
    // The pipe is closed by now, so a git that has more to say ends, too.
    let ended = child.wait().ok()?;
    let whole = ended.success() || bytes.len() > most;
    read.and_then(Result::ok).filter(|_| whole).map(|_| bytes)
}

/// How many commits `newer` has that `older` has not. A shallow clone would count too few, so it is not asked.
pub(crate) fn commits_between(directory: &Path, older: &str, newer: &str) -> Option<u64> {
    // Reports are read from files, and what they call a commit may be anything.
    if !is_commit(older) || !is_commit(newer) || say(directory, &["rev-parse", "--is-shallow-repository"])? != "false" {
        return None;
    }
    say(directory, &["rev-list", "--count", &format!("{older}..{newer}"), "--"])?.parse().ok()
}

/// Whether the link at `path` is in the index of the repository around it, so that it came with a commit. Where there is a repository
/// and git cannot say, it is.
pub(super) fn is_tracked(path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else { return true };
    match say(folder, &["ls-files", "--cached", "--", name]) {
        Some(found) => !found.is_empty(),
        None => folder.ancestors().any(|above| above.join(".git").symlink_metadata().is_ok()),
    }
}

/// Whether `directory`, which is there, holds files of the repository around it. Where there is a repository and git cannot say, it does.
pub(super) fn tracks_below(directory: &Path) -> bool {
    if !directory.ancestors().any(|above| above.join(".git").symlink_metadata().is_ok()) {
        return false;
    }
    let Ok(mut child) = git(directory, &["ls-files", "--cached", "--", "."]).stdout(Stdio::piped()).spawn() else {
        return true;
    };
    // One byte tells; there may be a million files.
    let mut first = [0; 1];
    let read = child.stdout.take().map(|mut stdout| stdout.read(&mut first));
    let ended = child.wait().is_ok_and(|ended| ended.success());
    !(ended && matches!(read, Some(Ok(0))))
}

fn object(directory: &Path, name: &str) -> Option<String> {
    say(directory, &["rev-parse", "--verify", "--quiet", name]).filter(|id| is_commit(id))
}

fn say(directory: &Path, args: &[&str]) -> Option<String> {
    let output = git(directory, args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// What git is told before anything else. Whoever wrote the checkout may have written its configuration: no program that it names is
/// started, and nothing is fetched.
const CALM: [&str; 7] = [
    // A folder that looks like a bare repository is content of the repository around it.
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.askPass=false",
    "protocol.allow=never",
];

fn git(directory: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(["--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs"]);
    command.args(CALM.iter().flat_map(|setting| ["-c", setting]));
    command.args(args).current_dir(directory).stdin(Stdio::null()).stderr(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_our_secret)) {
        command.env_remove(name);
    }
    // A clone without its blobs would fetch one when it is asked for, by a program that its configuration names. Older versions of git do
    // not know the first variable, and every version the second, which counts more than `protocol.*.allow` of a configuration.
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_TERMINAL_PROMPT", "0");
    command
}
