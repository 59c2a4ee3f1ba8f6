//! What git is asked. A repository without git, or git without the commit, is an ordinary answer: `None`.

mod commits;
mod differences;
mod files;
mod refs;

pub(crate) use commits::{
    commit, commits_between, has, is_ancestor, is_repository, is_shallow, merge_base, parents, top,
};
pub(crate) use differences::{Differences, differences};
pub(crate) use files::{content, contents, file, listing};
pub(crate) use refs::{base_branch, is_plain, refs};

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::credentials::is_our_secret;

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

fn say(directory: &Path, args: &[&str]) -> Option<String> {
    let output = git(directory, args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// What git says, at most one byte more than `most`; `None` where it fails.
fn read(mut command: Command, most: usize) -> Option<Vec<u8>> {
    let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let read = child.stdout.take().map(|stdout| stdout.take(bound).read_to_end(&mut bytes));
    // The pipe is closed by now, so a git that has more to say ends, too.
    let ended = child.wait().ok()?;
    let whole = ended.success() || bytes.len() > most;
    read.and_then(Result::ok).filter(|_| whole).map(|_| bytes)
}

/// What git is told before anything else. Whoever wrote the checkout may have written its configuration: no program that it names is
/// started, and nothing is fetched.
const CALM: [&str; 13] = [
    // A folder that looks like a bare repository is content of the repository around it.
    "safe.bareRepository=explicit",
    "core.fsmonitor=false",
    // What changed is what a look at the files says.
    "core.untrackedCache=false",
    "core.ignoreStat=false",
    "core.checkStat=default",
    "core.trustctime=true",
    "diff.autoRefreshIndex=true",
    "submodule.recurse=false",
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
