//! The one place where text from strangers is made harmless, one function for each medium.
//!
//! Names in layers, layer commands, Dockerfile text and daemon errors come from whoever opened the pull request. A terminal
//! obeys escape codes, bidi marks reorder what a reader sees, and a line break makes a second line that looks like ours.

pub mod html;
pub mod markdown;
pub mod near;
pub mod paragraph;
pub mod shell;
pub mod wording;
pub mod workflow;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

pub use html::script_json;
pub use markdown::{markdown_cell, markdown_code, markdown_command, markdown_prose};
pub use near::{edits, nearest};
pub use paragraph::{command, hang};
pub use shell::{is_shell_words, shell_word};
pub use wording::{count, instruction, instruction_again, instruction_short, pair, percent, width};
pub use workflow::{workflow_data, workflow_property};

/// The longest piece of untrusted text that is shown, in characters.
pub const LONGEST: usize = 120;

/// Whether a character acts instead of being seen: Cc, Cf, Zl, Zp, Cs of Unicode.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::Surrogate
    )
}

/// Untrusted text for one line of a terminal or of plain text: hidden characters become U+FFFD, at most [`LONGEST`] characters
/// with an ellipsis, and nothing at all reads `(empty)`.
#[must_use]
pub fn line(text: &str) -> String {
    line_within(text, LONGEST)
}

/// [`line()`] with a bound of the caller's: for log lines, which are longer than names.
#[must_use]
pub fn line_within(text: &str, longest: usize) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    let mut shown: String =
        text.chars().take(longest).map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if text.chars().nth(longest).is_some() {
        shown.pop();
        shown.push('…');
    }
    // A GitHub runner obeys `##[command]` anywhere in a line, on any stream.
    shown.replace("##[", "##\u{fffd}")
}

/// JSON whose strings show what they hold: hidden characters become `\u` escapes, which mean the same to every reader.
#[must_use]
pub fn json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        // A line break stands between values only: within strings it is escaped already.
        if is_hidden(c) && c != '\n' {
            shown.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_hides_nothing_and_means_the_same() {
        assert_eq!(json("{\n \"\u{202e}é\u{e0001}\u{7f}\"\n}"), "{\n \"\\u202eé\\udb40\\udc01\\u007f\"\n}");
    }

    #[test]
    fn hostile_names_become_one_visible_line() {
        assert_eq!(line("a\nb\u{1b}[31mc\u{202e}d"), "a\u{fffd}b\u{fffd}[31mc\u{fffd}d");
        assert_eq!(line(""), "(empty)");
        assert_eq!(line(&"x".repeat(4000)).chars().count(), LONGEST);
        assert_eq!(line(&"x".repeat(LONGEST)), "x".repeat(LONGEST));
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_and_bounded(text in any::<String>()) {
            let shown = line(&text);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert!(shown.chars().count() <= LONGEST);
        }
    }
}
