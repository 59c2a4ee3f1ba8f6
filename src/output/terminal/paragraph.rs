//! Lines that fit a terminal, broken between words and never within a path.

use crate::text::width;

/// The narrowest column that text is broken into; a narrower terminal breaks lines itself.
const NARROWEST: usize = 20;

/// Writes `text` after `first`, its further lines under its own beginning. Without a width it is one line.
pub(super) fn hang(first: &str, text: &str, columns: Option<usize>) -> Vec<String> {
    let indent = width(first);
    let room = columns.map(|columns| columns.saturating_sub(indent).max(NARROWEST));
    wrap(text, room)
        .into_iter()
        .enumerate()
        .map(|(number, line)| if number == 0 { format!("{first}{line}") } else { format!("{:indent$}{line}", "") })
        .collect()
}

fn wrap(text: &str, room: Option<usize>) -> Vec<String> {
    let Some(room) = room else { return vec![text.to_owned()] };
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        if !line.is_empty() && width(&line) + 1 + width(&word) > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

/// Words, a number together with its unit.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let is_unit = matches!(word.trim_end_matches([',', ')', '.', ':', ';', '"']), "B" | "kB" | "MB" | "GB");
        match words.last_mut() {
            Some(number) if is_unit && number.ends_with(|c: char| c.is_ascii_digit()) => {
                number.push(' ');
                number.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_lines_stand_under_the_first() {
        assert_eq!(hang("  a: ", "one two three", Some(12)), ["  a: one two three"]);
        assert_eq!(hang("- ", "one two three four five", Some(22)), ["- one two three four", "  five"]);
        assert_eq!(hang("- ", &"word ".repeat(100), None).len(), 1);
    }

    #[test]
    fn a_number_keeps_its_unit() {
        assert_eq!(hang("", "it is in the image (9.8 MB)", Some(24)), ["it is in the image", "(9.8 MB)"]);
    }

    #[test]
    fn long_words_stay_whole() {
        let path = "/usr/local/lib/node_modules/npm/bin/npm-cli.js";
        assert_eq!(hang("", &format!("at {path}"), Some(20)), ["at", path]);
    }
}
