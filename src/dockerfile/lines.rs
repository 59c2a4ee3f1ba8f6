//! From text to logical lines: directives, comments, continuations and here-documents (BuildKit's `parser` package).

use std::ops::Range;
use std::sync::Arc;

use super::heredoc::{self, Heredoc};
use crate::diagnostics::{Problem, SourceFile};

/// What the comments at the top of a Dockerfile ask for.
#[derive(Debug, Clone)]
pub(super) struct Directives {
    /// `# escape=`: the character that continues a line and hides the next one.
    pub(super) escape: char,
    /// `# syntax=`: the image that the builder reads the file with.
    pub(super) syntax: Option<String>,
}

/// One instruction as text: continuations joined, comments and blank lines inside it gone.
#[derive(Debug, Clone)]
pub(super) struct LogicalLine {
    /// Keyword, flags and arguments.
    pub(super) text: String,
    /// Its bytes in the file, from the keyword to the end of the last line, here-documents included.
    pub(super) span: Range<usize>,
    /// Here-documents that follow it.
    pub(super) heredocs: Vec<Heredoc>,
}

/// A physical line and where it begins.
#[derive(Debug, Clone, Copy)]
struct Physical<'a> {
    start: usize,
    /// Without its line break.
    text: &'a str,
}

impl Physical<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Offset of the first character that is not white space.
    fn first(&self) -> usize {
        self.end() - self.text.trim_start().len()
    }
}

/// The physical lines of a text; a byte order mark and carriage returns before line feeds are not part of them.
fn physical(text: &str) -> impl Iterator<Item = Physical<'_>> {
    let begin = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut start = begin;
    text[begin..].split_inclusive('\n').map(move |whole| {
        let line = Physical { start, text: whole.trim_end_matches('\n').trim_end_matches('\r') };
        start += whole.len();
        line
    })
}

/// `key` and `value` of `# key=value`.
fn directive(line: &str) -> Option<(String, &str)> {
    let (key, value) = line.trim().strip_prefix('#')?.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let is_word = key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(|c| c.is_ascii_alphanumeric());
    (is_word && !value.is_empty()).then(|| (key.to_ascii_lowercase(), value))
}

/// Reads the directives: they end at the first line that has not their form.
pub(super) fn directives(file: &Arc<SourceFile>) -> Result<Directives, Problem> {
    let mut found = Directives { escape: '\\', syntax: None };
    let mut escape_seen = false;
    for line in physical(file.text()) {
        let Some((key, value)) = directive(line.text) else { break };
        let problem =
            |message: String, hint: &str| Problem::new(file, line.first()..line.end(), message).with_hint(hint);
        match (key.as_str(), value) {
            ("escape", _) if escape_seen => {
                return Err(problem("a second `escape` directive".to_owned(), "Keep one of them."));
            }
            ("escape", "\\" | "`") => {
                escape_seen = true;
                found.escape = if value == "`" { '`' } else { '\\' };
            }
            ("escape", _) => {
                let message = format!("`{value}` cannot be the escape character");
                return Err(problem(message, "Write a backslash or a backtick."));
            }
            ("syntax", _) if found.syntax.is_some() => {
                return Err(problem("a second `syntax` directive".to_owned(), "Keep one of them."));
            }
            ("syntax", _) => found.syntax = Some(value.to_owned()),
            _ => {}
        }
    }
    Ok(found)
}

/// The line without its continuation character, and whether it had one. An escaped escape character continues nothing.
fn continued(line: &str, escape: char) -> (&str, bool) {
    match line.trim_end_matches([' ', '\t']).strip_suffix(escape) {
        Some(rest) if !rest.ends_with(escape) => (rest, true),
        _ => (line, false),
    }
}

/// Reads all logical lines.
pub(super) fn logical(file: &Arc<SourceFile>, escape: char) -> Result<Vec<LogicalLine>, Problem> {
    let mut found = Vec::new();
    let mut lines = physical(file.text());
    while let Some(first) = lines.next() {
        let is_nothing = |line: &Physical<'_>| line.text.trim().is_empty() || line.text.trim_start().starts_with('#');
        if is_nothing(&first) {
            continue;
        }
        let (part, mut more) = continued(first.text.trim_start(), escape);
        let mut text = part.to_owned();
        let mut span = first.first()..first.end();
        while more {
            let Some(line) = lines.next() else { break };
            if is_nothing(&line) {
                continue;
            }
            if text.trim().is_empty() {
                span.start = line.first();
            }
            let (part, again) = continued(line.text, escape);
            text.push_str(part);
            span.end = line.end();
            more = again;
        }
        if text.trim().is_empty() {
            continue;
        }
        let text = text.trim().to_owned();
        let mut heredocs = heredoc::announced(&text, escape);
        for document in &mut heredocs {
            let body = lines.by_ref().map(|line| (line.text, line.end()));
            let Some(end) = document.read(body) else {
                let message = format!("the here-document `{}` never ends", document.name);
                let hint = format!("Write a line that is just `{}` where it ends.", document.name);
                return Err(Problem::new(file, span, message).with_hint(hint));
            };
            span.end = end;
        }
        found.push(LogicalLine { text, span, heredocs });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u32, String)> {
        let file = Arc::new(SourceFile::new("Dockerfile", text));
        let escape = directives(&file).unwrap().escape;
        let lines = logical(&file, escape).unwrap();
        lines.into_iter().map(|line| (file.place(line.span.start).line, line.text)).collect()
    }

    #[test]
    fn comments_and_blank_lines_do_not_end_a_continuation() {
        let text = "FROM a\n\n# c\nRUN one && \\\n  # inside\n\n  two \\  \n three\n  USER x\n";
        let expected = [(1, "FROM a"), (4, "RUN one &&   two  three"), (9, "USER x")];
        assert_eq!(read(text), expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn the_end_of_the_file_ends_a_continuation() {
        assert_eq!(read("RUN a \\"), [(1, "RUN a".to_owned())]);
        assert_eq!(read("\\\nRUN a\n\\"), [(2, "RUN a".to_owned())]);
        assert_eq!(read("RUN a\\\\\nUSER b"), [(1, "RUN a\\\\".to_owned()), (2, "USER b".to_owned())]);
    }

    #[test]
    fn carriage_returns_and_a_byte_order_mark_are_not_text() {
        let text = "\u{feff}FROM a\r\nRUN b \\\r\n c\r\n";
        assert_eq!(read(text), [(1, "FROM a".to_owned()), (2, "RUN b  c".to_owned())]);
    }

    #[test]
    fn the_escape_directive_changes_what_continues() {
        let text = "# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n  b\nRUN c \\\nUSER d";
        let lines: Vec<String> = read(text).into_iter().map(|(_, text)| text).collect();
        assert_eq!(lines, ["RUN a   b", "RUN c \\", "USER d"]);
        let late = "FROM a\n# escape=`\nRUN a `\n";
        assert_eq!(read(late)[1].1, "RUN a `");
    }

    #[test]
    fn wrong_directives_are_told() {
        for text in ["# escape=x\n", "# escape=`\n# escape=`\n", "# syntax=a\n# syntax=b\n"] {
            let file = Arc::new(SourceFile::new("Dockerfile", text));
            assert!(directives(&file).is_err(), "{text:?}");
        }
    }
}
