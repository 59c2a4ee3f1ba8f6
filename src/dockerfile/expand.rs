//! Variables in FROM, as BuildKit's shell lexer replaces them.

use std::collections::BTreeMap;

/// Variables that the builder sets by itself in front of the first FROM, so that nobody knows them before the build.
pub const SET_BY_BUILDER: [&str; 9] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// How deep `${A:-${B:-…}}` is followed.
const DEEPEST: usize = 16;

/// Replaces `$X`, `${X}`, `${X:-y}`, `${X-y}`, `${X:+y}`, `${X+y}`, `${X:?y}` and `${X?y}`, removes quotes and escapes.
///
/// `None` when the result cannot be known: a variable that the builder sets, a form that is not among these, or an open brace or
/// quote.
#[must_use]
pub fn expand(text: &str, variables: &BTreeMap<String, String>, escape: char) -> Option<String> {
    Expander { variables, escape }.word(text, DEEPEST)
}

struct Expander<'a> {
    variables: &'a BTreeMap<String, String>,
    escape: char,
}

impl Expander<'_> {
    fn word(&self, text: &str, depth: usize) -> Option<String> {
        let depth = depth.checked_sub(1)?;
        let mut out = String::new();
        let mut rest = text;
        let mut quoted = false;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\'' if !quoted => {
                    let (inside, after) = rest.split_once('\'')?;
                    out.push_str(inside);
                    rest = after;
                }
                '"' => quoted = !quoted,
                '$' => {
                    let (value, after) = self.variable(rest, depth)?;
                    out.push_str(&value);
                    rest = after;
                }
                _ if c == self.escape => {
                    out.extend(rest.chars().next());
                    rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..)?;
                }
                _ => out.push(c),
            }
        }
        (!quoted).then_some(out)
    }

    /// The value of the variable at the start of `text`, which follows a `$`, and what comes after it.
    fn variable<'t>(&self, text: &'t str, depth: usize) -> Option<(String, &'t str)> {
        let Some(braced) = text.strip_prefix('{') else {
            let name = name_at(text);
            let value =
                if name.is_empty() { "$".to_owned() } else { self.lookup(name).ok()?.unwrap_or_default().to_owned() };
            return Some((value, &text[name.len()..]));
        };
        let (inside, after) = braced.split_at(closing_brace(braced, self.escape)?);
        let after = &after[1..];
        let name = name_at(inside);
        let modifier = &inside[name.len()..];
        let value = self.lookup(name).ok().filter(|_| !name.is_empty())?;
        let (empty_counts, modifier) = modifier.strip_prefix(':').map_or((true, modifier), |rest| (false, rest));
        let value = value.filter(|value| empty_counts || !value.is_empty());
        let word = modifier.get(1..).unwrap_or_default();
        let value = match (modifier.chars().next(), value) {
            (None, value) if empty_counts => value.unwrap_or_default().to_owned(),
            (Some('-' | '?'), Some(value)) => value.to_owned(),
            (Some('-'), None) | (Some('+'), Some(_)) => self.word(word, depth)?,
            (Some('+'), None) => String::new(),
            _ => return None,
        };
        Some((value, after))
    }

    /// The value of a variable, if it has one.
    fn lookup(&self, name: &str) -> Result<Option<&str>, OnlyBuilderKnows> {
        let value = self.variables.get(name).map(String::as_str);
        if value.is_none() && SET_BY_BUILDER.contains(&name) { Err(OnlyBuilderKnows) } else { Ok(value) }
    }
}

/// The builder sets the variable.
struct OnlyBuilderKnows;

/// The variable name at the start of `text`.
fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { "" } else { &text[..end] }
}

/// Where the brace that was opened before `text` closes.
fn closing_brace(text: &str, escape: char) -> Option<usize> {
    let mut open = 0_usize;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '{' => open += 1,
            '}' => match open.checked_sub(1) {
                None => return Some(at),
                Some(fewer) => open = fewer,
            },
            _ if c == escape => drop(chars.next()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn variables() -> BTreeMap<String, String> {
        [("A", "one"), ("E", ""), ("B_2", "two")].map(|(k, v)| (k.to_owned(), v.to_owned())).into()
    }

    #[test]
    fn forms() {
        let cases = [
            ("a", Some("a")),
            ("x:$A-y", Some("x:one-y")),
            ("$B_2", Some("two")),
            ("${A}b", Some("oneb")),
            ("${N:-d}", Some("d")),
            ("${N-d}", Some("d")),
            ("${E:-d}", Some("d")),
            ("${E-d}", Some("")),
            ("${A:-d}", Some("one")),
            ("${A:+d}", Some("d")),
            ("${E:+d}", Some("")),
            ("${E+d}", Some("d")),
            ("${N:-${A}/${M:-x}}", Some("one/x")),
            ("${A:?no}", Some("one")),
            ("${N:?no}", None),
            ("$N", Some("")),
            ("'$A'\"$A\"", Some("$Aone")),
            (r"\$A", Some("$A")),
            ("$TARGETARCH", None),
            ("${A##o}", None),
            ("${A", None),
            ("${}", None),
            ("${A:}", None),
            ("'a", None),
            ("$", Some("$")),
        ];
        for (text, expected) in cases {
            assert_eq!(expand(text, &variables(), '\\').as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "${N:-".repeat(100_000) + &"}".repeat(100_000);
        assert_eq!(expand(&deep, &variables(), '\\'), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in r#"[$\{\}:+?'"\\AEN#é-]{0,40}"#) {
            let _ = expand(&text, &variables(), '\\');
        }
    }
}
