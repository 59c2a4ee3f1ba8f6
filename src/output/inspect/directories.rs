//! The largest directories, with who brought them.

use super::rows::{self, Row, What};
use super::{Options, whom};
use crate::domain::{Contents, Directory, TargetReport};
use crate::output::terminal::paint::Paint;
use crate::text;

/// The longest path that is shown, in characters.
const LONGEST: usize = 1000;

pub(super) fn lines(target: &TargetReport, options: &Options, paint: Paint) -> Vec<String> {
    let Some(contents) = target.contents.as_ref().filter(|contents| !contents.directories.is_empty()) else {
        return Vec::new();
    };
    let rows: Vec<Row> =
        contents.directories.iter().enumerate().map(|(at, directory)| row(at, directory, contents, target)).collect();
    let above = if rows.iter().any(|row| !row.aside.is_empty()) { "brought by" } else { "" };
    rows::lines(
        if options.own { "Largest directories, yours" } else { "Largest directories" },
        above,
        &rows,
        options.width,
        paint,
    )
}

fn row(at: usize, directory: &Directory, contents: &Contents, target: &TargetReport) -> Row {
    let shown = match parent(at, directory, contents) {
        // Below a row the path goes on where that ends.
        Some(parent) => directory.path.strip_prefix(&format!("{}/", parent.path)).unwrap_or(&directory.path),
        None => &directory.path,
    };
    Row {
        amount: directory.bytes.to_string(),
        what: What::Path(directory.depth.saturating_mul(2), text::line_within(shown, LONGEST)),
        aside: whom::all(&directory.brought, target),
    }
}

/// The row above that it is in.
fn parent<'a>(at: usize, directory: &Directory, contents: &'a Contents) -> Option<&'a Directory> {
    let above = contents.directories.get(..at)?.iter().rev();
    above.into_iter().find(|other| other.depth < directory.depth)
}
