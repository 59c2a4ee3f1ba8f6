//! A text of the user's with its lines counted once.

use crate::domain::Place;

/// A file that the user wrote, and where its lines begin.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    is_quoted: bool,
}

impl SourceFile {
    /// A file shown as `name` that holds `text`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, line_starts, is_quoted: true }
    }

    /// The same, for a text of which nothing may be shown: it may not be what it was taken for.
    #[must_use]
    pub fn unquoted(self) -> Self {
        Self { is_quoted: false, ..self }
    }

    /// Whether lines of it may be shown.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.is_quoted
    }

    /// The name to show: relative to where the user stands when it lies below.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line that holds a byte offset: where it begins, and its text without the line break.
    pub fn line_around(&self, offset: usize) -> (usize, &str) {
        let (offset, line) = self.line_of(offset);
        let start = self.line_starts[line - 1];
        let end = self.text[offset..].find('\n').map_or(self.text.len(), |length| offset + length);
        (start, self.text[start..end].trim_end_matches('\r'))
    }

    /// The 1-based line of a byte offset.
    pub fn line(&self, offset: usize) -> usize {
        self.line_of(offset).1
    }

    /// The offset moved back to a character of the text, and its 1-based line.
    fn line_of(&self, offset: usize) -> (usize, usize) {
        let offset = (0..=offset.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        (offset, self.line_starts.partition_point(|start| *start <= offset).max(1))
    }

    /// The place of a byte offset; offsets past the end are the end.
    pub fn place(&self, offset: usize) -> Place {
        let (offset, line) = self.line_of(offset);
        let column = self.text[self.line_starts[line - 1]..offset].chars().count() + 1;
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place { file: self.name.clone(), line: narrow(line), column: narrow(column) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_one_based_and_in_characters() {
        let file = SourceFile::new("f", "ab\nä=1\n");
        let at = |offset| (file.place(offset).line, file.place(offset).column);
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(4), (2, 1));
        assert_eq!(at(5), (2, 2));
        assert_eq!(at(99), (3, 1));
    }
}
