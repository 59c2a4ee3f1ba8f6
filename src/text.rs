//! The one place where text from strangers is made harmless, one function a medium.
//!
//! Names in layers, layer commands, Dockerfile text and daemon errors come from whoever opened the pull request. A terminal
//! obeys escape codes, bidi marks reorder what a reader sees, and a line break makes a second line that looks like ours.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};
use unicode_width::UnicodeWidthChar as _;

use crate::domain::{Amount, Bytes};

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

/// A code span of Markdown: nothing in it is markup, a mention, an address or an end of the span.
#[must_use]
pub fn markdown_code(text: &str) -> String {
    code_span(&line(text))
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
        if was_quoted || is_assigned || !is_plain_word(word) {
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
    letters(core) || number(core) || matches!(core, "%" | "+" | "–" | "—" | "·" | "…")
}

/// `text`, which is one line already, between backticks that it cannot close.
fn code_span(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Markdown for a cell of a table, where `|` would begin the next one, even in a code span.
#[must_use]
pub fn markdown_cell(markdown: &str) -> String {
    markdown.replace('|', "\\|")
}

/// An amount and its limit as a sentence shows them: as exact bytes when they would read alike.
#[must_use]
pub fn pair(actual: Amount, limit: Amount) -> (String, String) {
    let (shown, against) = (actual.to_string(), limit.to_string());
    match (actual, limit) {
        (Amount::Bytes(actual), Amount::Bytes(limit)) if shown == against => (exact(actual), exact(limit)),
        _ => (shown, against),
    }
}

/// `150,000,001 bytes`.
fn exact(bytes: Bytes) -> String {
    let digits = bytes.0.to_string();
    let mut shown = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + if bytes.0 == 1 { " byte" } else { " bytes" }
}

/// A layer's `created_by` as people read it: the instruction, without the shell that BuildKit and the classic builder put around it.
/// Not escaped.
#[must_use]
pub fn instruction(created_by: &str) -> String {
    let text = created_by.trim();
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim();
    let nop = text.strip_prefix("/bin/sh -c #(nop)").map(str::trim);
    let text = match nop {
        Some(rest) => rest.to_owned(),
        None => match text.strip_prefix("/bin/sh -c ") {
            Some(command) => format!("RUN {command}"),
            None => {
                text.strip_prefix("RUN /bin/sh -c ").map_or_else(|| text.to_owned(), |command| format!("RUN {command}"))
            }
        },
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Width on a terminal, in cells.
#[must_use]
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// `1 layer`, `2 layers`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
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

/// The data part of a GitHub workflow command, where `%`, CR and LF would end or forge it.
#[must_use]
pub fn workflow_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a GitHub workflow command, which `:` and `,` would end as well.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The candidate nearest to `word`, when it is near enough to be what was meant: one or two edits. Of equals, one as long as the word.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let bound = if word.chars().count() <= 4 { 1 } else { 2 };
    candidates
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, candidate)| (*distance, candidate.chars().count().abs_diff(word.chars().count())))
        .map(|(_, candidate)| candidate)
}

/// Damerau–Levenshtein distance (optimal string alignment): a swap of neighbours is one edit.
#[must_use]
pub fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 3 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
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

    #[test]
    fn instructions_lose_their_shell() {
        assert_eq!(instruction("RUN /bin/sh -c apt-get update # buildkit"), "RUN apt-get update");
        assert_eq!(instruction("/bin/sh -c #(nop) COPY file:ab in / "), "COPY file:ab in /");
        assert_eq!(instruction("/bin/sh -c make   all"), "RUN make all");
        assert_eq!(instruction("COPY a b # buildkit"), "COPY a b");
        assert_eq!(instruction("RUN |1 A=b /bin/sh -c make # buildkit"), "RUN |1 A=b /bin/sh -c make");
    }

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
    fn amounts_that_read_alike_are_exact() {
        let bytes = |n| Amount::Bytes(Bytes(n));
        let texts = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(pair(bytes(162_000_000), bytes(150_000_000)), texts("162.0 MB", "150.0 MB"));
        assert_eq!(pair(bytes(150_000_001), bytes(150_000_000)), texts("150,000,001 bytes", "150,000,000 bytes"));
        assert_eq!(pair(bytes(1), bytes(0)), texts("1 B", "0 B"));
        assert_eq!(pair(Amount::Count(13), Amount::Count(12)), texts("13", "12"));
        assert_eq!(exact(Bytes(1)), "1 byte");
        assert_eq!(exact(Bytes(1000)), "1,000 bytes");
    }

    #[test]
    fn code_spans_cannot_be_left() {
        assert_eq!(markdown_code("a*b"), "`a*b`");
        assert_eq!(markdown_code("a``b`"), "``` a``b` ```");
        assert_eq!(markdown_code(" a"), "`  a `");
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
            ("an open ` stays open", "an open `` ` stays open ``"),
            ("...", "`...`"),
            ("", "(empty)"),
        ] {
            assert_eq!(markdown_prose(text, 200), markdown, "{text}");
        }
    }

    #[test]
    fn near_words() {
        assert_eq!(nearest("nmp", ["npm", "npx"]), Some("npm"));
        assert_eq!(nearest("nmp", ["nm", "npm"]), Some("npm"), "a swap before a letter too many");
        assert_eq!(nearest("terraform", ["npm", "npx"]), None);
        assert_eq!(edits("max-sise", "max-size"), 1);
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_and_bounded(text in any::<String>()) {
            let shown = line(&text);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert!(shown.chars().count() <= LONGEST);
        }

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

        #[test]
        fn workflow_properties_cannot_end(text in any::<String>()) {
            let shown = workflow_property(&text);
            prop_assert!(!shown.contains(['\r', '\n', ':', ',']));
        }

        #[test]
        fn workflow_data_cannot_end_its_command(text in any::<String>()) {
            let shown = workflow_data(&text);
            prop_assert!(!shown.contains(['\r', '\n']));
            prop_assert_eq!(shown.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%"), text);
        }
    }
}
