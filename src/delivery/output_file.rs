//! Files that a run writes: opened before the work, so that a path that cannot be written fails at once, and put in place whole.
//! Pipes and devices, such as `/dev/stdout`, are written to and stay what they are.

use std::fs::{File, Metadata};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::error::{Class, Error};
use crate::session::interruptible;

/// A file that will be written at the end. Dropped without [`OutputFile::write`], it leaves what was there before.
#[derive(Debug)]
pub(crate) struct OutputFile {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Moved to the path when it is whole.
    Draft(NamedTempFile),
    /// Nothing that a file could be put in place of.
    Stream(File),
}

impl OutputFile {
    /// Makes a draft in the folder of `path`, or in the nearest above it that is there; opens a pipe or device.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error| failed(path, &error).with_hint("Give a path in a folder that can be written to.");
        if path.is_dir() {
            return Err(failed(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
        }
        if is_stream(path) {
            // A pipe is opened when somebody reads it.
            let stream = path.to_owned();
            let stream = interruptible(move || File::options().append(true).open(stream))?.map_err(failed)?;
            return Ok(Self { path: path.to_owned(), place: Place::Stream(stream) });
        }
        // A folder that is missing is made with the file: a run that fails leaves none behind.
        let there = folder(path).ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        sweep(there);
        let draft = tempfile::Builder::new().prefix(DRAFT).rand_bytes(RANDOM).tempfile_in(there).map_err(failed)?;
        // For the sweep of other runs: this one is in use. Where a file system knows no locks they leave it all the same, for a while.
        let _ = draft.as_file().try_lock();
        Ok(Self { path: path.to_owned(), place: Place::Draft(draft) })
    }

    /// [`write`](Self::write), but never over something: `false` where something was there by then.
    pub(crate) fn write_new(self, bytes: &[u8]) -> Result<bool, Error> {
        let path = self.path;
        let failed = |error| failed(&path, &error);
        let Place::Draft(mut draft) = self.place else { return Ok(false) };
        draft.write_all(bytes).map_err(failed)?;
        readable_as_others(draft.as_file()).map_err(failed)?;
        std::fs::create_dir_all(folder(&path)).map_err(failed)?;
        match draft.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(failed(error.error)),
        }
    }

    /// [`write`](Self::write) for a file of the person's that is edited: who may read and write it stays.
    pub(crate) fn replace(self, bytes: &[u8]) -> Result<(), Error> {
        let before = self.path.metadata().map(|there| there.permissions()).ok();
        let path = self.path.clone();
        self.write(bytes)?;
        match before {
            Some(permissions) => std::fs::set_permissions(&path, permissions).map_err(|error| failed(&path, &error)),
            None => Ok(()),
        }
    }

    /// Puts `bytes` in place of whatever was there, in one step.
    pub(crate) fn write(self, bytes: &[u8]) -> Result<(), Error> {
        let path = self.path;
        let failed = |error| failed(&path, &error);
        match self.place {
            Place::Stream(mut stream) => {
                let bytes = bytes.to_vec();
                interruptible(move || stream.write_all(&bytes))?.map_err(failed)
            }
            Place::Draft(mut draft) => {
                draft.write_all(bytes).map_err(failed)?;
                readable_as_others(draft.as_file()).map_err(failed)?;
                std::fs::create_dir_all(folder(&path)).map_err(failed)?;
                draft.persist(&path).map_err(|error| failed(error.error))?;
                Ok(())
            }
        }
    }
}

/// How the names of drafts begin, and how many letters and digits follow.
const DRAFT: &str = ".imgbudget-";
const RANDOM: usize = 6;

/// Removes drafts that nobody holds: a run that was killed had no time to. Nothing depends on it, so nothing is said where it fails.
fn sweep(folder: &Path) {
    const MOST_ENTRIES: usize = 10_000;
    // Long enough for a draft that was made just now to be locked.
    const YOUNG: Duration = Duration::from_secs(10 * 60);
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.take(MOST_ENTRIES).flatten() {
        let is_draft =
            entry.file_name().to_str().and_then(|name| name.strip_prefix(DRAFT)).is_some_and(|random| {
                random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        let is_old_file = || {
            let modified = entry.metadata().ok().filter(Metadata::is_file).and_then(|there| there.modified().ok());
            modified.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > YOUNG)
        };
        if is_draft && is_old_file() && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// What went wrong with `path`. The name of the draft, which tempfile adds, means nothing to anybody.
fn failed(path: &Path, error: &std::io::Error) -> Error {
    let said = error.to_string();
    let cause = said.split_once(" at path ").map_or(said.as_str(), |(cause, _)| cause);
    Error::new(Class::Io, format!("cannot write `{}`", path.display())).caused_by(cause)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether something other than a file is at `path`. `/dev/stdout` is, even where it leads to a file: that file is in use.
/// Other links to files are replaced, not followed: they may be a stranger's.
fn is_stream(path: &Path) -> bool {
    let is_open_file = path.is_symlink() && (path.starts_with("/dev") || path.starts_with("/proc"));
    is_open_file || path.metadata().is_ok_and(|there| !there.is_file())
}

/// Drafts are private (0600); a report is a file like any other, for the next step of a job to read.
#[cfg(unix)]
fn readable_as_others(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("tempdir");
        let path = folder.path().join("deep/report.json");
        drop(OutputFile::open(&path).expect("opens"));
        assert!(!path.exists());
        OutputFile::open(&path).expect("opens").write(b"1").expect("writes");
        drop(OutputFile::open(&path).expect("opens"));
        assert_eq!(std::fs::read(&path).expect("reads"), b"1");
        assert_eq!(std::fs::read_dir(path.parent().expect("has one")).expect("lists").count(), 1);
        assert!(OutputFile::open(folder.path()).is_err());
    }

    #[test]
    fn drafts_of_killed_runs_are_swept_and_nothing_else() {
        let folder = tempfile::tempdir().expect("tempdir");
        let old = |name: &str| {
            let file = File::create(folder.path().join(name)).expect("creates");
            file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("sets the time");
            file
        };
        old(".imgbudget-Ab3xYz");
        let held = old(".imgbudget-held01");
        held.lock().expect("locks");
        old(".imgbudget-notes.txt");
        old("report.json");
        File::create(folder.path().join(".imgbudget-young1")).expect("creates");
        std::fs::create_dir(folder.path().join(".imgbudget-folder")).expect("creates");
        drop(OutputFile::open(&folder.path().join("out.json")).expect("opens"));
        let listed = std::fs::read_dir(folder.path()).expect("lists").flatten();
        let mut names: Vec<_> = listed.map(|entry| entry.file_name().into_string().expect("plain")).collect();
        names.sort();
        let kept =
            [".imgbudget-folder", ".imgbudget-held01", ".imgbudget-notes.txt", ".imgbudget-young1", "report.json"];
        assert_eq!(names, kept);
    }

    #[test]
    fn a_run_that_fails_leaves_no_folder() {
        let folder = tempfile::tempdir().expect("tempdir");
        drop(OutputFile::open(&folder.path().join("a/b/report.json")).expect("opens"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_name_of_the_draft_is_not_told() {
        let error = OutputFile::open(Path::new("/proc/report.json")).expect_err("nobody writes there");
        assert_eq!(error.chain(), "cannot write `/proc/report.json`: No such file or directory (os error 2)");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_is_written_to_and_not_replaced() {
        let folder = tempfile::tempdir().expect("tempdir");
        for (device, is_written) in [("/dev/null", true), ("/dev/full", false)] {
            // Through a link: a failing test must not put a file in place of the machine's device.
            let path = folder.path().join(device.trim_start_matches("/dev/"));
            std::os::unix::fs::symlink(device, &path).expect("links");
            let written = OutputFile::open(&path).expect("opens").write(b"1");
            assert_eq!(written.is_ok(), is_written, "{device}");
            assert!(path.is_symlink(), "{device} was replaced");
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_link_to_a_file_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().expect("tempdir");
        let (theirs, path) = (folder.path().join("profile"), folder.path().join("report.json"));
        std::fs::write(&theirs, b"theirs").expect("writes");
        std::os::unix::fs::symlink(&theirs, &path).expect("links");
        OutputFile::open(&path).expect("opens").write(b"1").expect("writes");
        assert_eq!(std::fs::read(&theirs).expect("reads"), b"theirs");
        assert_eq!(std::fs::read(&path).expect("reads"), b"1");
    }
}
