//! What goes to the engine, decided before the build, and sent during it.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use tar::EntryType;

use super::ignore::{Ignore, Judged};
use super::tar_writer::{Entry, TarWriter};
use super::walk::{Found, Walk, unreadable};
use crate::error::{Class, Error};
use crate::files::Boundary;
use crate::{files, text};

/// The name in the tar of a Dockerfile that lies outside the context. Fixed, because a random one would spoil the build cache.
const OUTSIDE: &str = ".imgbudget.Dockerfile";

/// The largest .dockerignore, in bytes; people write a few lines.
const LARGEST_IGNORE: u64 = 1 << 20;

/// A build context that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Plan {
    root: PathBuf,
    ignore: Ignore,
    /// The Dockerfile where it really is.
    dockerfile: PathBuf,
    /// Its path in the context; `None` when it lies outside.
    inside: Option<PathBuf>,
    dockerfile_name: String,
    notes: Vec<String>,
}

/// What was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContextFacts {
    /// Files, directories and links.
    pub entries: u64,
    /// Bytes of file content.
    pub bytes: u64,
    /// Sockets and devices, which are never sent.
    pub skipped: u64,
}

/// Looks at a context and its Dockerfile, and reads the .dockerignore that counts: `<Dockerfile>.dockerignore` beside the
/// Dockerfile, else the one at the top of the context.
///
/// # Errors
/// The context is missing or no directory, the Dockerfile is missing or no file, a .dockerignore is wrong or cannot be read, or one of
/// them lies outside of the boundary.
pub fn plan(context: &Path, dockerfile: &Path, boundary: &Boundary) -> Result<Plan, Error> {
    let config = |message: String, hint: &str| Error::new(Class::Config, message).with_hint(hint);
    for (what, path) in [("the build context", context), ("the Dockerfile", dockerfile)] {
        inside(what, path, boundary)?;
    }
    let root = fs::canonicalize(context).map_err(|error| {
        config(
            format!("the build context {} cannot be read", context.display()),
            "`context` is relative to budgets.toml.",
        )
        .caused_by(error)
    })?;
    if !root.is_dir() {
        let message = format!("the build context {} is not a directory", context.display());
        return Err(config(message, "`context` names the directory that COPY reads from."));
    }
    let real = fs::canonicalize(dockerfile).map_err(|error| {
        config(
            format!("the Dockerfile {} cannot be read", dockerfile.display()),
            "`dockerfile` is relative to `context`.",
        )
        .caused_by(error)
    })?;
    if !real.is_file() {
        let message = format!("the Dockerfile {} is not a file", dockerfile.display());
        return Err(config(message, "`dockerfile` names the file itself, not its directory."));
    }

    let ignore = ignore_rules(context, dockerfile, boundary)?;
    // A name in the API is text, so that a Dockerfile whose path is not has to travel like one from outside.
    let inside = real.strip_prefix(&root).ok().filter(|path| path.to_str().is_some()).map(Path::to_path_buf);
    let dockerfile_name = inside.as_ref().map_or_else(|| free_name(&root), |path| path.to_string_lossy().into_owned());
    let why = match &inside {
        Some(path) if is_excluded(&ignore, path) => Some(format!(
            ".dockerignore excludes {}, which the engine needs in the context",
            text::line(&dockerfile_name)
        )),
        Some(_) => None,
        None => {
            let shown = dockerfile.to_string_lossy();
            Some(format!("{} lies outside the context and is sent as {dockerfile_name}", text::line(&shown)))
        }
    };
    let mut notes = Vec::new();
    if let Some(why) = why {
        notes.push(format!("{why}: `COPY . …` copies it, {}", size_of(&real)?));
    }
    Ok(Plan { root, ignore, dockerfile: real, inside, dockerfile_name, notes })
}

/// The rules that count. A file that is not there has none; one that cannot be read is an error.
fn ignore_rules(context: &Path, dockerfile: &Path, boundary: &Boundary) -> Result<Ignore, Error> {
    let mut own = dockerfile.as_os_str().to_owned();
    own.push(".dockerignore");
    for path in [PathBuf::from(own), context.join(".dockerignore")] {
        inside("the ignore file", &path, boundary)?;
        match files::read(&path, LARGEST_IGNORE) {
            Ok(bytes) => {
                let parsed = Ignore::parse(&path.to_string_lossy(), &bytes);
                return if boundary.holds(&path).is_ok() { parsed } else { parsed.map_err(|_| unquoted(&path)) };
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::new(Class::Config, format!("cannot read {}", path.display()))
                    .with_hint("It decides what goes into the build context: make it readable.")
                    .caused_by(error));
            }
        }
    }
    Ok(Ignore::default())
}

/// Whether a path may be read for a build.
fn inside(what: &str, path: &Path, boundary: &Boundary) -> Result<(), Error> {
    boundary.check(path).map_err(|outside| {
        Error::new(Class::Config, format!("{what} {} {outside}", path.display()))
            .with_hint("A repository's files are sent, and no others; --allow-outside lifts that.")
    })
}

/// The error of a text that is not what it should be, and may be anything: nothing of it is said.
fn unquoted(path: &Path) -> Error {
    Error::new(Class::Config, format!("{} is not a .dockerignore", path.display()))
        .with_hint("Nothing of it is shown, because it lies outside of the repository.")
}

fn is_excluded(ignore: &Ignore, path: &Path) -> bool {
    let mut judged = Judged::default();
    let mut above: Vec<&Path> = path.ancestors().filter(|part| !part.as_os_str().is_empty()).collect();
    above.reverse();
    for part in above {
        judged = ignore.judge(part.as_os_str().as_bytes(), &judged);
    }
    judged.excluded
}

fn size_of(file: &Path) -> Result<String, Error> {
    let size = fs::metadata(file).map_err(|error| unreadable(file, error))?.len();
    Ok(text::count(usize::try_from(size).unwrap_or(usize::MAX), "byte", "bytes"))
}

/// The first name of ours that the context does not use, so the same one for the same context.
fn free_name(root: &Path) -> String {
    let mut name = OUTSIDE.to_owned();
    let mut number = 2_u64;
    while fs::symlink_metadata(root.join(&name)).is_ok() {
        name = format!("{OUTSIDE}.{number}");
        number += 1;
    }
    name
}

impl Plan {
    /// The context, without links.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The Dockerfile, without links.
    #[must_use]
    pub fn dockerfile(&self) -> &Path {
        &self.dockerfile
    }

    /// Whether .dockerignore keeps a path of the context out of it, and everything below it, too.
    #[must_use]
    pub fn leaves_out(&self, path: &Path) -> bool {
        is_excluded(&self.ignore, path) && !self.ignore.may_bring_back_below(path.as_os_str().as_bytes())
    }

    /// Path of the Dockerfile in the tar, for the engine's `dockerfile` parameter.
    #[must_use]
    pub fn dockerfile_name(&self) -> &str {
        &self.dockerfile_name
    }

    /// What makes the context differ from the one that the Docker CLI sends: one sentence each, already escaped.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Writes the context as a tar, file by file, in the same order each time.
    ///
    /// # Errors
    /// A file that cannot be read or that changed its size, named; `out` failed. The tar then lacks its end, so that no reader
    /// can take it for whole.
    pub fn write(&self, out: impl Write) -> Result<ContextFacts, Error> {
        let mut sender =
            Sender { root: &self.root, tar: TarWriter::new(out), facts: ContextFacts::default(), seen: HashMap::new() };
        if self.inside.is_none() {
            let metadata = fs::metadata(&self.dockerfile).map_err(|error| unreadable(&self.dockerfile, error))?;
            sender.file(self.dockerfile_name.as_bytes(), &self.dockerfile, &metadata)?;
        }
        let mut walk = Walk::new(&self.root, &self.ignore, self.inside.as_deref())?;
        loop {
            let found = walk.next()?;
            if found.is_empty() {
                break;
            }
            found.into_iter().try_for_each(|found| sender.send(found))?;
        }
        sender.tar.finish().map_err(lost)?;
        Ok(sender.facts)
    }
}

/// The error of a reader that went away.
fn lost(error: io::Error) -> Error {
    Error::new(Class::Engine, "the engine stopped reading the build context")
        .with_hint("Its own message says why; try again if it says nothing.")
        .caused_by(error)
}

/// Turns paths into tar entries.
struct Sender<'a, W> {
    root: &'a Path,
    tar: TarWriter<W>,
    facts: ContextFacts,
    /// Where a file with several names was sent first, by device and inode.
    seen: HashMap<(u64, u64), PathBuf>,
}

impl<W: Write> Sender<'_, W> {
    fn send(&mut self, found: Found) -> Result<(), Error> {
        let Found { path, metadata } = found;
        let full = self.root.join(&path);
        let name = path.as_os_str().as_bytes();
        let kind = metadata.file_type();
        if kind.is_dir() {
            let name = [name, b"/"].concat();
            self.entry(EntryType::Directory, &name, b"", &metadata)
        } else if kind.is_symlink() {
            let target = fs::read_link(&full).map_err(|error| unreadable(&full, error))?;
            self.entry(EntryType::Symlink, name, target.as_os_str().as_bytes(), &metadata)
        } else if kind.is_fifo() {
            self.entry(EntryType::Fifo, name, b"", &metadata)
        } else if !kind.is_file() {
            self.facts.skipped += 1;
            Ok(())
        } else if metadata.nlink() < 2 {
            self.file(name, &full, &metadata)
        } else {
            let identity = (metadata.dev(), metadata.ino());
            if let Some(first) = self.seen.get(&identity).cloned() {
                return self.entry(EntryType::Link, name, first.as_os_str().as_bytes(), &metadata);
            }
            self.file(name, &full, &metadata)?;
            self.seen.insert(identity, path);
            Ok(())
        }
    }

    /// An entry without content.
    fn entry(&mut self, kind: EntryType, path: &[u8], link: &[u8], metadata: &Metadata) -> Result<(), Error> {
        self.facts.entries += 1;
        self.tar.header(&Entry { link, ..described(kind, path, metadata, 0) }).map_err(lost)
    }

    fn file(&mut self, name: &[u8], full: &Path, metadata: &Metadata) -> Result<(), Error> {
        let file = files::open(full).map_err(|error| unreadable(full, error))?;
        let size = metadata.len();
        let changed = || {
            Error::new(Class::Io, format!("{} changed while it was being sent", full.display()))
                .with_hint("Stop what writes to it during the build, or leave it out with a line in .dockerignore.")
        };
        // It may be another file by now: a name is not a promise.
        let now = file.metadata().map_err(|error| unreadable(full, error))?;
        if !now.is_file() || now.len() != size {
            return Err(changed());
        }
        self.facts.entries += 1;
        self.facts.bytes += size;
        self.tar.header(&described(EntryType::Regular, name, metadata, size)).map_err(lost)?;
        let mut reader = Noted { file: &file, error: None };
        let copied = self.tar.content(&mut reader, size);
        if let Some(error) = reader.error {
            return Err(unreadable(full, error));
        }
        let grown = file.metadata().map_err(|error| unreadable(full, error))?.len() != size;
        if copied.map_err(lost)? != size || grown { Err(changed()) } else { Ok(()) }
    }
}

/// An entry with the mode and time of a file.
fn described<'a>(kind: EntryType, path: &'a [u8], metadata: &Metadata, size: u64) -> Entry<'a> {
    let modified = u64::try_from(metadata.mtime()).unwrap_or(0);
    Entry { kind, path, link: b"", mode: metadata.mode() & 0o7777, modified, size }
}

/// A reader that keeps its error, so that a file that cannot be read is told from an engine that went away.
struct Noted<'a> {
    file: &'a File,
    error: Option<io::Error>,
}

impl io::Read for Noted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                self.error = Some(io::Error::from(error.kind()));
            }
        })
    }
}
