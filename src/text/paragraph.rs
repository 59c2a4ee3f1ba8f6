//! Lines that fit a terminal, broken between words, and within a path only at a slash.

use super::width;

/// The narrowest column that text is broken into; a narrower terminal breaks lines itself.
const NARROWEST: usize = 20;

/// Writes `text` after `first`, its further lines under its own beginning. Without a width it is one line.
#[must_use]
pub fn hang(first: &str, text: &str, columns: Option<usize>) -> Vec<String> {
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
        for part in parts(&word, room) {
            if !line.is_empty() && width(&line) + width(part) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(part);
        }
    }
    lines.push(line);
    lines
}

/// A word, or the parts of a path that is longer than a line: it breaks after a slash.
fn parts(word: &str, room: usize) -> Vec<&str> {
    if width(word) <= room { vec![word] } else { word.split_inclusive('/').collect() }
}

/// A command after `first`, to be copied: where it is longer than a line it goes on after a backslash. What is quoted stays together.
#[must_use]
pub fn command(first: &str, text: &str, columns: Option<usize>) -> Vec<String> {
    let indent = width(first);
    let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(indent).max(NARROWEST));
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let arguments = arguments(text);
    let last = arguments.len().saturating_sub(1);
    for (position, argument) in arguments.into_iter().enumerate() {
        // All lines but the last need room for their backslash.
        let beside = if position == last { 0 } else { 2 };
        if !line.is_empty() && width(&line).saturating_add(1 + width(argument) + beside) > room {
            lines.push(format!("{} \\", std::mem::take(&mut line)));
            line.push(' ');
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(argument);
    }
    lines.push(line);
    let lead = |number: usize| if number == 0 { first.to_owned() } else { " ".repeat(indent) };
    lines.into_iter().enumerate().map(|(number, line)| format!("{}{line}", lead(number))).collect()
}

/// The arguments of a command line, each with its quotes.
fn arguments(text: &str) -> Vec<&str> {
    let mut arguments = Vec::new();
    let (mut start, mut quote) = (0, None);
    for (position, c) in text.char_indices() {
        match (quote, c) {
            (None, ' ') => {
                arguments.push(text.get(start..position).unwrap_or_default());
                start = position + 1;
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    arguments.push(text.get(start..).unwrap_or_default());
    arguments.retain(|argument| !argument.is_empty());
    arguments
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
    fn a_path_breaks_at_a_slash_where_it_must() {
        let path = "/usr/local/lib/node_modules/npm/bin/npm-cli.js";
        assert_eq!(
            hang("", &format!("at {path}"), Some(20)),
            ["at", "/usr/local/lib/", "node_modules/npm/", "bin/npm-cli.js"]
        );
        assert_eq!(hang("", "see /usr/local/lib/node", Some(20)), ["see", "/usr/local/lib/node"]);
    }

    #[test]
    fn a_command_can_be_copied() {
        let said = "imgbudget allow api growth --up-to 65MB --reason \"why not\"";
        assert_eq!(command("  Needed? ", said, None), [format!("  Needed? {said}")]);
        assert_eq!(
            command("  Needed? ", said, Some(50)),
            ["  Needed? imgbudget allow api growth --up-to \\", "            65MB --reason \"why not\""]
        );
    }
}
