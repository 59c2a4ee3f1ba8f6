//! Report files of earlier runs: data of strangers until they are read.

use std::path::{Path, PathBuf};

use crate::domain::{Bytes, Report};
use crate::error::{Class, Error};
use crate::{files, report, text};

/// The most files that are joined.
const MOST: usize = 256;
/// The most bytes of all of them: what a report holds takes several times its size in memory.
const LARGEST_TOGETHER: u64 = 64 << 20;

/// Reads the reports and joins them. With `expect` there must be that many.
///
/// # Errors
/// A file that cannot be read or is no report, another number of files than expected, reports that do not belong together.
pub(crate) fn joined(paths: &[PathBuf], expect: Option<usize>) -> Result<Report, Error> {
    if let Some(expected) = expect.filter(|expected| *expected != paths.len()) {
        let found = paths.len();
        return Err(Error::new(Class::Io, format!("{found} of {expected} reports are there"))
            .with_hint("A leg that failed before it wrote its report is missing; look at the legs first."));
    }
    if paths.len() > MOST {
        return Err(Error::new(Class::Io, format!("{} reports are more than the {MOST} that are joined", paths.len()))
            .with_hint("Join them in groups first with `imgbudget merge`."));
    }
    let mut left = LARGEST_TOGETHER;
    let parts = paths.iter().map(|path| read(path, &mut left)).collect::<Result<_, Error>>()?;
    report::merge(parts)
}

/// One report, with its path as it is shown. Its bytes are taken from those that are `left`.
fn read(path: &Path, left: &mut u64) -> Result<(String, Report), Error> {
    let shown = text::line(&path.display().to_string());
    let failed = |error: std::io::Error| Error::new(Class::Io, format!("cannot read `{shown}`")).caused_by(error);
    let bytes = files::read_named(path, report::LARGEST as u64).map_err(failed)?;
    *left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
        Error::new(Class::Io, format!("the reports are larger than {} together", Bytes(LARGEST_TOGETHER)))
            .with_hint("Join fewer of them.")
    })?;
    let report = report::from_json(&bytes).map_err(|error| {
        let hint = error.hint().unwrap_or_default().to_owned();
        Error::new(Class::Io, format!("`{shown}` cannot be used")).with_hint(hint).caused_by(error)
    })?;
    Ok((format!("`{shown}`"), report))
}
