//! Paragraphs of fields, as dpkg reads its database: deb822(5).
//!
//! A field is a line `Name: value` and the lines below it that begin with a space or a tab. A paragraph ends at an empty line, and dpkg
//! writes one after the last, too.

/// A paragraph.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stanza<'a> {
    /// Its lines.
    pub(super) text: &'a [u8],
    /// Number of its first line, from 1.
    pub(super) line: usize,
    /// Whether an empty line ends it.
    pub(super) is_closed: bool,
}

/// What is wrong in a paragraph: at which line, and what.
pub(super) type Wrong = (usize, &'static str);

/// The paragraphs of a file.
pub(super) fn stanzas(text: &[u8]) -> impl Iterator<Item = Stanza<'_>> {
    let mut rest = text;
    let mut line = 1_usize;
    std::iter::from_fn(move || {
        while let Some(after) = rest.strip_prefix(b"\n") {
            (rest, line) = (after, line.saturating_add(1));
        }
        if rest.is_empty() {
            return None;
        }
        let end = memchr_pair(rest);
        let (text, after) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
        let stanza = Stanza { text, line, is_closed: end.is_some() };
        line = line.saturating_add(text.split(|byte| *byte == b'\n').count().saturating_sub(1));
        rest = after;
        Some(stanza)
    })
}

/// Where the first of two line ends in a row is.
fn memchr_pair(text: &[u8]) -> Option<usize> {
    text.windows(2).position(|pair| pair == b"\n\n")
}

impl<'a> Stanza<'a> {
    /// The values of some fields, and the first thing that is wrong. The case of names does not matter; lines of a value that follow the
    /// first are in it with their line ends. Of a field that is there twice, which dpkg refuses, the first counts.
    pub(super) fn fields<const N: usize>(&self, names: [&str; N]) -> ([Option<&'a [u8]>; N], Option<Wrong>) {
        let mut values = [None; N];
        let mut wrong = None;
        let mut rest = self.text;
        let mut line = self.line;
        while !rest.is_empty() {
            let (field, lines, after) = field(rest);
            let at = line;
            (rest, line) = (after, line.saturating_add(lines));
            let colon = field.iter().position(|byte| *byte == b':' || *byte == b'\n');
            let name = colon.filter(|colon| field[*colon] == b':').map(|colon| field[..colon].trim_ascii_end());
            let Some((name, colon)) = name.filter(|name| is_name(name)).zip(colon) else {
                wrong = wrong.or(Some((at, "is not a field")));
                continue;
            };
            let value = field[colon + 1..].trim_ascii();
            for (wanted, known) in names.iter().zip(&mut values) {
                if name.eq_ignore_ascii_case(wanted.as_bytes()) {
                    if known.is_some() {
                        wrong = wrong.or(Some((at, "has a field that is there twice")));
                    } else {
                        *known = Some(value);
                    }
                }
            }
        }
        (values, wrong)
    }
}

/// The first field with the lines that belong to it, how many lines those are, and what follows.
fn field(text: &[u8]) -> (&[u8], usize, &[u8]) {
    let mut end = 0;
    let mut lines = 0;
    while end < text.len() && (lines == 0 || matches!(text[end], b' ' | b'\t')) {
        end += text[end..].iter().position(|byte| *byte == b'\n').map_or(text.len() - end, |line| line + 1);
        lines += 1;
    }
    let (field, after) = text.split_at(end);
    (field, lines, after)
}

/// Whether dpkg takes it for the name of a field.
fn is_name(name: &[u8]) -> bool {
    name.first().is_some_and(|first| !matches!(first, b'-' | b'#')) && name.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(usize, bool, Vec<String>, Option<Wrong>)> {
        let words = |value: Option<&[u8]>| value.map_or("-".to_owned(), |value| String::from_utf8_lossy(value).into());
        stanzas(text.as_bytes())
            .map(|stanza| {
                let (values, wrong) = stanza.fields(["Package", "Depends"]);
                (stanza.line, stanza.is_closed, values.map(words).to_vec(), wrong)
            })
            .collect()
    }

    #[test]
    fn fields_may_go_on_below_and_their_names_have_no_case() {
        assert_eq!(
            said("\n\nPACKAGE : a\ndepends:\n b,\n\tc\nX: \n\nPackage: b\n"),
            [
                (3, true, vec!["a".to_owned(), "b,\n\tc".to_owned()], None),
                (9, false, vec!["b".to_owned(), "-".to_owned()], None),
            ]
        );
        assert_eq!(said("").len(), 0);
    }

    #[test]
    fn what_is_not_a_field_is_told_at_its_line_and_the_rest_is_read() {
        let wrong = |text| said(text).pop().map(|(_, _, fields, wrong)| (fields, wrong)).expect("a paragraph");
        let fields = |package: &str| vec![package.to_owned(), "-".to_owned()];
        assert_eq!(wrong("X: y\n\n \nPackage: a\n"), (fields("a"), Some((3, "is not a field"))));
        assert_eq!(wrong("Package: a\n# no comment\n"), (fields("a"), Some((2, "is not a field"))));
        assert_eq!(wrong("Package: a\n\u{202e}Depends: b\n"), (fields("a"), Some((2, "is not a field"))));
        assert_eq!(wrong("Package: a\npackage: b\n"), (fields("a"), Some((2, "has a field that is there twice"))));
    }
}
