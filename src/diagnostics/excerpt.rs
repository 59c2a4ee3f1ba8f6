//! The line that is worth showing: nothing hidden in it, and cut after the part that is wrong.

use std::ops::Range;

use super::SourceFile;
use crate::text;

/// Characters after the beginning of the span that are shown.
const AFTER: usize = 100;

/// A line ready to be printed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line from its beginning, so that columns stay what they are; the renderer cuts what is left of the screen.
    /// Hidden characters are U+FFFD, tabs stay, and a cut end is an ellipsis.
    pub(super) text: String,
    /// Bytes of `text` to underline; empty where the problem is that something is missing.
    pub(super) span: Range<usize>,
}

impl Excerpt {
    /// The line on which `span` begins. A span of several lines is underlined to the end of its first.
    pub(super) fn of(file: &SourceFile, span: &Range<usize>) -> Self {
        let (line_start, line) = file.line_around(span.start);
        let mut text = String::new();
        let (mut start, mut end) = (None, None);
        let mut after = 0;
        for (at, c) in line.char_indices() {
            if line_start + at >= span.start {
                start.get_or_insert(text.len());
                after += 1;
            }
            if line_start + at >= span.end {
                end.get_or_insert(text.len());
            }
            if after > AFTER {
                text.push('…');
                break;
            }
            text.push(if c != '\t' && text::is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c });
        }
        let start = start.unwrap_or(text.len());
        Self { span: start..end.unwrap_or(text.len()).max(start), text }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn excerpt(text: &str, span: Range<usize>) -> Excerpt {
        Excerpt::of(&SourceFile::new("f", text), &span)
    }

    #[test]
    fn several_lines_are_underlined_to_the_end_of_the_first() {
        assert_eq!(excerpt("a = [\r\n1,\n]\n", 4..12), Excerpt { text: "a = [".to_owned(), span: 4..5 });
        assert_eq!(excerpt("a =", 3..3), Excerpt { text: "a =".to_owned(), span: 3..3 });
    }

    proptest! {
        #[test]
        fn any_span_of_any_text(text in any::<String>(), start in 0usize..80, length in 0usize..80) {
            let excerpt = excerpt(&text, start..start + length);
            prop_assert!(excerpt.text.get(excerpt.span.clone()).is_some());
            prop_assert!(!excerpt.text.chars().any(|c| c != '\t' && text::is_hidden(c)));
        }
    }
}
