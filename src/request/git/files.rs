//! Files as they stand at a commit.

use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::Stdio;

use super::{git, read, say};
use crate::ci::is_commit;

/// The most bytes of names that are read of one commit.
const MOST_NAMES: usize = 32 << 20;

/// Git cannot tell, as in a clone without its folders.
#[derive(Debug)]
pub(crate) struct Unanswered;

/// A regular file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// From the root of the repository.
    pub(crate) path: PathBuf,
    /// The id of its content.
    pub(crate) blob: String,
}

/// The id of the file `path`, relative to `directory`, in a commit; `None` when the commit does not have it.
///
/// # Errors
/// Git cannot tell.
pub(crate) fn file(directory: &Path, commit: &str, path: &str) -> Result<Option<String>, Unanswered> {
    let entry = say(directory, &["ls-tree", commit, "--", path]).ok_or(Unanswered)?;
    // `100644 blob ID<tab>PATH` (git-ls-tree, output format). What a link holds is a path, and no file.
    let mut fields = entry.split_whitespace();
    let is_regular = fields.next().is_some_and(|mode| mode.starts_with("100"));
    let id = fields.nth(1).map(str::to_owned);
    Ok(id.filter(|id| is_regular && is_commit(id)))
}

/// The content of a blob, at most one byte more than `most`.
pub(crate) fn content(directory: &Path, blob: &str, most: usize) -> Option<Vec<u8>> {
    read(git(directory, &["cat-file", "blob", blob]), most)
}

/// The regular files of a commit whose path from the root is `wanted`. `None` where git cannot tell, or there are too many to look through.
pub(crate) fn listing(top: &Path, commit: &str, wanted: &dyn Fn(&Path) -> bool) -> Option<Vec<Entry>> {
    let bytes = read(git(top, &["ls-tree", "-r", "-z", "--full-tree", commit]), MOST_NAMES)?;
    if bytes.len() > MOST_NAMES {
        return None;
    }
    let entries = bytes.split(|byte| *byte == 0).filter_map(|line| {
        let tab = line.iter().position(|byte| *byte == b'\t')?;
        let (about, path) = (std::str::from_utf8(&line[..tab]).ok()?, &line[tab + 1..]);
        let mut fields = about.split(' ');
        let is_regular = fields.next()?.starts_with("100");
        let blob = fields.nth(1).filter(|id| is_regular && is_commit(id))?;
        Some(Entry { path: PathBuf::from(std::ffi::OsStr::from_bytes(path)), blob: blob.to_owned() })
    });
    Some(entries.filter(|entry| is_plain(&entry.path) && wanted(&entry.path)).collect())
}

/// Whether a path leads to where it says: git refuses others, and whoever writes a tree by hand does not ask git.
fn is_plain(path: &Path) -> bool {
    let mut parts = path.components();
    let is_name = |part: Component<'_>| matches!(part, Component::Normal(name) if name != ".git");
    path.components().next().is_some() && parts.all(is_name)
}

/// The contents of several blobs, in their order, at most `most` bytes together. `None` where one is missing, or there are more.
pub(crate) fn contents(top: &Path, blobs: &[&str], most: usize) -> Option<Vec<Vec<u8>>> {
    if !blobs.iter().all(|blob| is_commit(blob)) {
        return None;
    }
    // Each answer begins with `ID blob SIZE` (git-cat-file, batch output), and ends with a line feed.
    let overhead = blobs.len().checked_mul(128)?;
    let mut command = git(top, &["cat-file", "--batch"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let mut stdout = child.stdout.take()?;
    let bound = u64::try_from(most.checked_add(overhead)?).ok()?;
    let mut bytes = Vec::new();
    let read = std::thread::scope(|scope| {
        // It answers while it is still being asked.
        scope.spawn(move || blobs.iter().try_for_each(|blob| writeln!(stdin, "{blob}")));
        std::io::Read::read_to_end(&mut std::io::Read::take(&mut stdout, bound), &mut bytes)
    });
    drop(stdout);
    let ended = child.wait().ok()?;
    if read.is_err() || !ended.success() {
        return None;
    }
    let mut rest = bytes.as_slice();
    blobs.iter().map(|_| answer(&mut rest)).collect()
}

/// The first answer of `--batch`, taken off `rest`.
fn answer(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (head, after) = rest.split_at(end);
    let mut fields = std::str::from_utf8(head).ok()?.split(' ');
    let size: usize = fields.nth(1).filter(|kind| *kind == "blob").and_then(|_| fields.next())?.parse().ok()?;
    let content = after.get(1..)?.get(..size)?;
    *rest = after.get(size.checked_add(2)?..)?;
    Some(content.to_vec())
}
