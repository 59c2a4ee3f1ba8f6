//! The paths of a context in a fixed order: each directory's names sorted as bytes, a directory before what it holds.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::ignore::{Ignore, Judged};
use crate::error::{Class, Error};

/// Something that is sent.
#[derive(Debug)]
pub(super) struct Found {
    /// Relative to the context.
    pub(super) path: PathBuf,
    /// What it is; links are not followed.
    pub(super) metadata: Metadata,
}

/// A directory whose names are being gone through.
struct Open {
    path: PathBuf,
    /// Names still to come, the next one last.
    names: Vec<OsString>,
    judged: Judged,
    /// The directory itself, while it is excluded and nothing below it has been brought back.
    unsent: Option<Metadata>,
}

/// Walks a context.
pub(super) struct Walk<'a> {
    root: &'a Path,
    ignore: &'a Ignore,
    /// A path that is sent whatever the rules say.
    always: Option<&'a Path>,
    open: Vec<Open>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Path, ignore: &'a Ignore, always: Option<&'a Path>) -> Result<Self, Error> {
        let top = Open { path: PathBuf::new(), names: names(root)?, judged: Judged::default(), unsent: None };
        Ok(Self { root, ignore, always, open: vec![top] })
    }

    /// The next path with the directories above it that have not been sent yet, those first. Empty: there is no more.
    pub(super) fn next(&mut self) -> Result<Vec<Found>, Error> {
        while let Some(directory) = self.open.last_mut() {
            let Some(name) = directory.names.pop() else {
                self.open.pop();
                continue;
            };
            let path = directory.path.join(name);
            let judged = self.ignore.judge(path.as_os_str().as_bytes(), &directory.judged);
            let wanted = !judged.excluded || self.always == Some(&path);
            let full = self.root.join(&path);
            let metadata = match fs::symlink_metadata(&full) {
                Ok(metadata) => metadata,
                Err(_) if !wanted => continue,
                Err(error) => return Err(unreadable(&full, error)),
            };
            if metadata.is_dir() {
                let below = judged.excluded
                    && (self.ignore.may_bring_back_below(path.as_os_str().as_bytes())
                        || self.always.is_some_and(|always| always.starts_with(&path)));
                if wanted || below {
                    let names = match names(&full) {
                        Ok(names) => names,
                        Err(_) if !wanted => continue,
                        Err(error) => return Err(error),
                    };
                    let unsent = (!wanted).then(|| metadata.clone());
                    self.open.push(Open { path: path.clone(), names, judged, unsent });
                }
            }
            if wanted {
                let above = self
                    .open
                    .iter_mut()
                    .filter_map(|open| open.unsent.take().map(|metadata| Found { path: open.path.clone(), metadata }));
                let mut found: Vec<Found> = above.collect();
                found.push(Found { path, metadata });
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }
}

/// The names in a directory, the first one last.
fn names(directory: &Path) -> Result<Vec<OsString>, Error> {
    let read = || fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<Vec<_>>>();
    let mut names = read().map_err(|error| unreadable(directory, error))?;
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

/// The error of a path that cannot be read.
pub(super) fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::new(Class::Io, format!("cannot read {} for the build context", path.display()))
        .with_hint("Make it readable, or leave it out with a line in .dockerignore.")
        .caused_by(error)
}
