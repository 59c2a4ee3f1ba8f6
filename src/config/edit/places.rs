//! Lines and offsets of a text.

use std::ops::Range;

use crate::domain::Place;

/// The byte at which a place begins; `None` where the text is shorter.
pub(super) fn offset(text: &str, place: &Place) -> Option<usize> {
    let (line, column) = (place.line.checked_sub(1)?, place.column.checked_sub(1)?);
    let start = match line {
        0 => 0,
        line => text.match_indices('\n').nth(usize::try_from(line).ok()?.checked_sub(1)?)?.0 + 1,
    };
    let rest = text.get(start..)?;
    let (within, _) = rest.char_indices().nth(usize::try_from(column).ok()?)?;
    Some(start + within)
}

/// Where the line that `at` lies in begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

/// Where the line that `at` lies in ends, its end included.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end + 1)
}

/// Whole lines around a range.
pub(super) fn whole_lines(text: &str, range: &Range<usize>) -> Range<usize> {
    line_start(text, range.start)..line_end(text, range.end.saturating_sub(1).max(range.start))
}

/// What the lines of this text end with: what its first one does.
pub(super) fn end_of_line(text: &str) -> &'static str {
    match text.find('\n') {
        Some(end) if text.get(..end).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}
