//! Rows of an amount, what it is about, and a word about it at the right edge, so that numbers stand under numbers.

use crate::output::terminal::paint::Paint;
use crate::output::terminal::rows::cut;
use crate::text::width;

/// Cells before the amounts.
const INDENT: usize = 2;
/// Cells that the widest usual amount takes: `123.4 MB`.
const AMOUNT: usize = 8;
/// Cells between columns.
pub(super) const GAP: usize = 2;
/// The least room for what an amount is about.
const LEAST: usize = 16;

/// One row.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// `147.1 MB`.
    pub(super) amount: String,
    /// What it is about.
    pub(super) what: What,
    /// What stands at the right edge.
    pub(super) aside: String,
}

/// What an amount is about, and how it gives way where it has no room.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// Text, which is cut at its end.
    Text(String),
    /// A path after some cells of indentation, which loses parts of its middle.
    Path(usize, String),
}

impl Default for What {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl What {
    fn width(&self) -> usize {
        match self {
            Self::Text(text) => width(text),
            Self::Path(indent, path) => indent.saturating_add(width(path)),
        }
    }

    fn within(&self, room: usize) -> String {
        match self {
            Self::Text(text) => cut(text, room),
            Self::Path(indent, path) => {
                let indent = (*indent).min(room.saturating_sub(LEAST));
                format!("{:indent$}{}", "", super::path::shorten(path, room.saturating_sub(indent)))
            }
        }
    }
}

/// Cells before what a row is about.
pub(super) fn start(rows: &[Row]) -> usize {
    INDENT + rows.iter().map(|row| width(&row.amount)).max().unwrap_or(0).max(AMOUNT) + GAP
}

/// The rows beneath their headings: one at the left edge, one above what stands at the right edge.
pub(super) fn lines(
    heading: &str,
    above_asides: &str,
    rows: &[Row],
    columns: Option<usize>,
    paint: Paint,
) -> Vec<String> {
    let start = start(rows);
    let aside = rows.iter().map(|row| width(&row.aside)).chain([width(above_asides)]).max().unwrap_or(0);
    let wanted = rows.iter().map(|row| row.what.width()).max().unwrap_or(0).max(width(heading).saturating_sub(start));
    let beside = if aside == 0 { 0 } else { aside + GAP };
    let room = match columns {
        Some(columns) => columns.saturating_sub(start + beside).max(LEAST),
        None => wanted,
    };
    let head = format!("{heading:room$}", room = start + room);
    let mut lines = vec![format!("{}{:GAP$}{above_asides}", paint.bold(&head), "")];
    for row in rows {
        let amount = format!("{:>amount$}", row.amount, amount = start - GAP);
        let what = row.what.within(room);
        let fill = room.saturating_sub(width(&what));
        lines.push(format!("{amount}{:GAP$}{what}{:fill$}{:GAP$}{}", "", "", "", row.aside));
    }
    lines
}
