//! Text in Markdown: what could mean more than itself stands in a code span.

use super::{line, line_within};

/// A code span of Markdown: nothing in it is markup, a mention, an address or an end of the span.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    code_span(&line(text))
}

/// [`markdown_code`] for a command, which is shown whole or not at all: the caller sees to its length.
#[must_use]
pub fn markdown_command(command: &str) -> String {
    code_span(&line_within(command, usize::MAX))
}

/// A sentence of ours with names of strangers in it, as Markdown. Words and numbers stay; whatever could mean more than itself
/// (markup, a mention, an address, a reference to an issue) stands in a code span, neighbours in one together.
/// At most `longest` characters of `text` are shown.
#[must_use]
pub fn markdown_prose(text: &str, longest: usize) -> String {
    let shown = line_within(text, longest);
    let mut out: Vec<String> = Vec::new();
    let mut code: Vec<&str> = Vec::new();
    let mut quoted = false;
    let mut words = shown.split(' ').filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        let was_quoted = quoted;
        quoted ^= word.matches('`').count() % 2 == 1;
        // The left side of an assignment belongs to it.
        let is_assigned = words.peek() == Some(&"=");
        let is_first = out.is_empty() && code.is_empty();
        if was_quoted || is_assigned || !is_plain_word(word) || (is_first && begins_a_list(word)) {
            code.push(word);
            if !quoted && word.ends_with([',', '.', ';', ':', '!', '?']) {
                out.extend(spans(&mut code));
            }
        } else {
            out.extend(spans(&mut code));
            out.push(word.to_owned());
        }
    }
    out.extend(spans(&mut code));
    out.join(" ")
}

/// Whether a line that begins with this word is an item of a list (CommonMark, "List items").
fn begins_a_list(word: &str) -> bool {
    let number = word.strip_suffix(['.', ')']);
    word == "+" || number.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The words as one code span; brackets and the full stop around it stay outside, and so do backticks that meant the same.
fn spans(words: &mut Vec<&str>) -> Option<String> {
    if words.is_empty() {
        return None;
    }
    let text = std::mem::take(words).join(" ");
    let inner = text.trim_end_matches([',', '.', ';', ':', '!', '?', ')']);
    let after = text.strip_prefix(inner).unwrap_or_default();
    let (before, inner) = inner.strip_prefix('(').map_or(("", inner), |rest| ("(", rest));
    let bare = inner.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    let inner = bare.filter(|bare| !bare.is_empty() && !bare.contains('`')).unwrap_or(inner);
    // What consists of punctuation alone has no inside.
    if inner.is_empty() { Some(code_span(&text)) } else { Some(format!("{before}{}{after}", code_span(inner))) }
}

/// Whether a word means itself in Markdown and to every forge: letters, or a number, with the punctuation of sentences around it.
fn is_plain_word(word: &str) -> bool {
    let core = word.trim_start_matches('(').trim_end_matches([',', '.', ';', ':', '!', '?', ')']);
    let letters = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '+' | '\''))
    };
    // Seven hexadecimal digits may name a commit.
    let number = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
            && text.split(['.', ',']).all(|digits| (1..7).contains(&digits.len()))
    };
    letters(core) || number(core) || matches!(core, "%" | "+" | "–" | "—" | "·" | "…" | "→" | "≤")
}

/// `text`, which is one line already, between backticks that it cannot close.
fn code_span(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A reader takes one space off each end, but not off spaces alone.
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let pad = if touches && text.contains(|c| c != ' ') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Markdown for a cell of a table, where `|` would begin the next one, even in a code span.
#[must_use]
pub fn markdown_cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is left of Markdown when its code spans are taken out, as CommonMark pairs backticks.
    fn without_code(markdown: &str) -> String {
        let mut rest = markdown;
        let mut bare = String::new();
        while let Some(start) = rest.find('`') {
            bare.push_str(&rest[..start]);
            let fence = rest[start..].chars().take_while(|c| *c == '`').count();
            let inside = &rest[start + fence..];
            let mut at = 0;
            let end = loop {
                let open = at + inside[at..].find('`').expect("every span is closed");
                let run = inside[open..].chars().take_while(|c| *c == '`').count();
                if run == fence {
                    break open + run;
                }
                at = open + run;
            };
            rest = &inside[end..];
        }
        bare + rest
    }

    #[test]
    fn code_spans_cannot_be_left() {
        assert_eq!(markdown_code("a*b"), "`a*b`");
        assert_eq!(markdown_code("a``b`"), "``` a``b` ```");
        assert_eq!(markdown_code(" a"), "`  a `");
        assert_eq!(markdown_code("  "), "`  `");
        assert_eq!(markdown_code(""), "`(empty)`");
        assert_eq!(markdown_code("a\n# b\u{202e}"), "`a\u{fffd}# b\u{fffd}`");
        assert_eq!(markdown_code("##[error]x"), "`##\u{fffd}error]x`");
        assert_eq!(markdown_cell(&markdown_code("a|b")), "`a\\|b`");
    }

    #[test]
    fn prose_keeps_words_and_fences_the_rest() {
        for (text, markdown) in [
            ("npm, npx and g++ are in the image (9.8 MB)", "npm, npx and g++ are in the image (9.8 MB)"),
            ("/srv/a*b is in the image (12 B)", "`/srv/a*b` is in the image (12 B)"),
            ("Set max-size = \"110 MB\" (measured + 25 %).", "Set `max-size = \"110 MB\"` (measured + 25 %)."),
            ("often `apt-get install --x` leaves it out.", "often `apt-get install --x` leaves it out."),
            ("use USER 65532:65532.", "use USER `65532:65532`."),
            ("ask @team, see #12 or GH-12", "ask `@team`, see `#12` or `GH-12`"),
            ("www.evil.example (https://evil.example)", "`www.evil.example (https://evil.example`)"),
            ("commit 1234567 or deadbeef1", "commit `1234567` or `deadbeef1`"),
            ("a < b && c", "a `<` b `&&` c"),
            ("a | b", "a `|` b"),
            ("1. of 2 + 3) and 4.", "`1`. of 2 + 3) and 4."),
            ("+ 3", "`+` 3"),
            ("an open ` stays open", "an open `` ` stays open ``"),
            ("...", "`...`"),
            ("", "(empty)"),
        ] {
            assert_eq!(markdown_prose(text, 200), markdown, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_code_span_is_closed_by_its_own_fence_only(text in "[`a|#<@ \\\\\n-]{0,40}|\\PC{0,200}") {
            let span = markdown_code(&text);
            let fence = span.chars().take_while(|c| *c == '`').count();
            let inside = &span[fence..span.len() - fence];
            prop_assert!(span.ends_with(&"`".repeat(fence)));
            prop_assert!(!inside.starts_with('`') && !inside.ends_with('`'));
            prop_assert!(inside.split(|c| c != '`').all(|run| run.len() < fence));
            prop_assert!(!span.contains(['\n', '\r']) && !span.contains("##["));
        }

        #[test]
        fn prose_outside_of_code_has_no_markup(text in "[a-zGH@#`:/.<>&*_~|()\\[\\]!=\\\\ 0-9\n-]{0,80}|\\PC{0,200}") {
            let prose = markdown_prose(&text, 1000);
            prop_assert!(!prose.contains(['\n', '\r']));
            let bare = without_code(&prose);
            prop_assert!(!bare.contains(['@', '#', '<', '>', '&', '*', '_', '~', '|', '[', ']', '\\', '`', '/', '$', '=']), "{bare}");
            prop_assert!(!bare.contains("GH-") && !bare.contains("www."), "{bare}");
        }
    }
}
