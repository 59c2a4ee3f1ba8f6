//! Words for a POSIX shell: what is printed to be pasted must do nothing else than it seems to.

use super::is_hidden;

/// A text as one word, in quotes where it needs them; `None` for what would end them, cannot be seen, or begins like an option.
#[must_use]
pub fn shell_word(text: &str) -> Option<String> {
    if text.is_empty() || text.starts_with('-') || !text.chars().all(can_be_quoted) {
        return None;
    }
    Some(if text.chars().all(is_bare) { text.to_owned() } else { format!("'{text}'") })
}

/// Whether a line is words and nothing else: each bare or in single quotes, one space between them.
#[must_use]
pub fn is_shell_words(line: &str) -> bool {
    let mut rest = line;
    loop {
        let end = match rest.strip_prefix('\'') {
            Some(quoted) => {
                let Some(end) = quoted.find('\'').filter(|end| quoted[..*end].chars().all(can_be_quoted)) else {
                    return false;
                };
                end + 2
            }
            None => rest.find(|c| !is_bare(c)).unwrap_or(rest.len()),
        };
        match (end, rest.get(end..)) {
            (1.., Some("")) => return true,
            (1.., Some(more)) => match more.strip_prefix(' ') {
                Some(more) => rest = more,
                None => return false,
            },
            _ => return false,
        }
    }
}

/// What means nothing to any shell, and is shown as it is.
fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._/@%+:,".contains(c)
}

/// What single quotes make harmless, and people can see.
fn can_be_quoted(c: char) -> bool {
    c != '\'' && !is_hidden(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_quoted_where_they_need_it() {
        let word = |text| shell_word(text);
        assert_eq!(word("gcc-12").as_deref(), Some("gcc-12"));
        assert_eq!(word("@shells").as_deref(), Some("@shells"));
        assert_eq!(word("**/.git").as_deref(), Some("'**/.git'"));
        assert_eq!(word("/a b;$(x)`y`!\\").as_deref(), Some("'/a b;$(x)`y`!\\'"));
        assert_eq!(word("~/x").as_deref(), Some("'~/x'"));
        for refused in ["", "it's", "a\nb", "\u{1b}[2J", "\u{202e}x", "--reason", "-"] {
            assert_eq!(word(refused), None, "{refused:?}");
        }
    }

    #[test]
    fn lines_that_do_more_than_they_seem_to() {
        for line in ["imgbudget allow api gcc", "a '**/.git' --up-to 1MB", "'a b'"] {
            assert!(is_shell_words(line), "{line}");
        }
        for line in ["", " ", "a  b", "a ", "a; b", "a $(b)", "a 'b", "a 'b'c", "a\nb", "a 'b\u{202e}'", "a > b"] {
            assert!(!is_shell_words(line), "{line}");
        }
    }

    proptest! {
        #[test]
        fn words_make_a_line_of_words(texts in prop::collection::vec(".{1,12}", 1..4)) {
            let words: Option<Vec<String>> = texts.iter().map(|text| shell_word(text)).collect();
            if let Some(words) = words {
                prop_assert!(is_shell_words(&words.join(" ")));
            }
        }
    }
}
