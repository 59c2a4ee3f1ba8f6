//! One pattern of a .dockerignore file.
//!
//! Docker's documentation speaks of Go's `filepath.Match`; what moby/patternmatcher does is to check the pattern with it and then
//! to rewrite it as a Go regular expression. Some patterns mean something else there than one would read in them (`a^b` matches
//! nothing, `\d` is a digit, `[*]` is no star), and they mean it here too.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

/// The most bytes that a compiled pattern takes, and what is remembered while it runs. A pattern as long as a path fits many times.
const LARGEST: usize = 1 << 20;
const LARGEST_CACHE: usize = 1 << 18;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// The path itself.
    Exact,
    /// `dir/**`: everything that begins so.
    Prefix,
    /// `**/name`: everything that ends so.
    Suffix,
    Expression(Regex),
}

/// Characters, or all but these.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Set {
    negated: bool,
    ranges: Vec<(char, char)>,
}

impl Set {
    /// The set in the words of the `regex` crate, whose classes know more than Go's.
    fn expression(&self) -> String {
        let range = |(low, high): &(char, char)| format!("\\x{{{:x}}}-\\x{{{:x}}}", u32::from(*low), u32::from(*high));
        let ranges: String = self.ranges.iter().map(range).collect();
        format!("[{}{ranges}]", if self.negated { "^" } else { "" })
    }
}

impl Pattern {
    /// Compiles a pattern that is clean as a path.
    ///
    /// # Errors
    /// Why Docker refuses it: the end of a sentence that begins with the pattern.
    pub fn new(text: &str) -> Result<Self, &'static str> {
        check(text)?;
        let (kind, rewritten) = rewrite(text);
        let kind = match kind {
            Shortcut::Exact => Kind::Exact,
            Shortcut::Prefix => Kind::Prefix,
            Shortcut::Suffix => Kind::Suffix,
            Shortcut::None => Kind::Expression(compiled(&rewritten)?),
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    /// Whether it matches `path`, relative to the context, without looking at the path's parents.
    pub fn matches(&self, path: &[u8]) -> bool {
        let text = self.text.as_bytes();
        match &self.kind {
            Kind::Exact => path == text,
            Kind::Prefix => path.starts_with(&text[..text.len() - 2]),
            Kind::Suffix => {
                let suffix = &text[2..];
                path.ends_with(suffix) || suffix.strip_prefix(b"/").is_some_and(|name| name == path)
            }
            Kind::Expression(expression) => expression.is_match(&text_of(path)),
        }
    }

    /// Whether some path below the directory could match. It may say so in vain, never the reverse.
    pub fn may_match_below(&self, directory: &[u8]) -> bool {
        let literal = self.text.find(['*', '?', '[', '\\', '^']).map_or(self.text.as_str(), |at| &self.text[..at]);
        let below = [directory, b"/"].concat();
        literal.as_bytes().starts_with(&below)
            || (literal.len() < self.text.len() && below.starts_with(literal.as_bytes()))
    }
}

/// The syntax that `filepath.Match` accepts.
fn check(text: &str) -> Result<(), &'static str> {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return Err("ends with a backslash that escapes nothing"),
            '[' => {
                chars.next_if_eq(&'^');
                let mut ranges = 0;
                while ranges == 0 || chars.next_if_eq(&']').is_none() {
                    class_end(&mut chars)?;
                    if chars.next_if_eq(&'-').is_some() {
                        class_end(&mut chars)?;
                    }
                    ranges += 1;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// One end of a range in a class, as `filepath.Match` reads it.
fn class_end(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<(), &'static str> {
    const WRONG: &str = "has a `[` whose characters do not end with `]`, or with a `-` or `]` that needs a backslash";
    let end = match chars.next() {
        Some('\\') => chars.next(),
        Some('-' | ']') | None => None,
        end => end,
    };
    end.and(chars.peek()).map(drop).ok_or(WRONG)
}

/// What Docker does instead of running its regular expression.
#[derive(Clone, Copy)]
enum Shortcut {
    Exact,
    Prefix,
    Suffix,
    None,
}

/// The regular expression that Docker makes, and which shortcut it takes instead of using it.
fn rewrite(text: &str) -> (Shortcut, String) {
    let mut kind = Shortcut::Exact;
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                kind = match (chars.peek(), kind) {
                    (None, Shortcut::Exact) => Shortcut::Prefix,
                    (rest, _) => {
                        out.push_str(if rest.is_none() { ".*" } else { "(.*/)?" });
                        Shortcut::None
                    }
                };
                if first {
                    kind = Shortcut::Suffix;
                }
            }
            '*' => {
                out.push_str("[^/]*");
                kind = Shortcut::None;
            }
            '?' => {
                out.push_str("[^/]");
                kind = Shortcut::None;
            }
            '.' | '+' | '(' | ')' | '|' | '{' | '}' | '$' => out.extend(['\\', c]),
            '\\' => {
                out.push('\\');
                out.extend(chars.next());
                kind = Shortcut::None;
            }
            '[' | ']' => {
                out.push(c);
                kind = Shortcut::None;
            }
            _ => out.push(c),
        }
        first = false;
    }
    (kind, out)
}

/// The regular expression that [`rewrite`] made, which is one of Go's, compiled.
fn compiled(expression: &str) -> Result<Regex, &'static str> {
    let mut ours = String::from(r"\A");
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        if let Some((wild, after)) =
            ["(.*/)?", ".*"].into_iter().find_map(|wild| Some((wild, rest.strip_prefix(wild)?)))
        {
            ours.push_str(wild);
            rest = after;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '^' => ours.push_str(r"\A"),
            '\\' => {
                let mut set = Set { negated: false, ranges: Vec::new() };
                rest = escaped(rest, &mut set)?;
                ours.push_str(&set.expression());
            }
            '[' => {
                let (set, after) = class(rest)?;
                let repeated = after.strip_prefix('*');
                rest = repeated.unwrap_or(after);
                ours.push_str(&set.expression());
                ours.push_str(if repeated.is_some() { "*" } else { "" });
            }
            _ => ours.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    ours.push_str(r"\z");
    let built = RegexBuilder::new(&ours).size_limit(LARGEST).dfa_size_limit(LARGEST_CACHE).build();
    built.map_err(|_| "is too long")
}

/// What follows a backslash in a Go regular expression, and the text after it.
fn escaped<'a>(rest: &'a str, set: &mut Set) -> Result<&'a str, &'static str> {
    let c = rest.chars().next().ok_or("ends with a backslash that escapes nothing")?;
    match c {
        'd' => set.ranges.push(('0', '9')),
        'w' => set.ranges.extend([('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]),
        's' => set.ranges.extend([('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')]),
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => set.ranges.push((c, c)),
        _ => return Err("has a backslash in front of a letter or digit, which Docker takes for a regular expression"),
    }
    Ok(&rest[c.len_utf8()..])
}

/// A character class of a Go regular expression after its `[`, and the text after it.
fn class(text: &str) -> Result<(Set, &str), &'static str> {
    const OPEN: &str = "has a `[` without its `]`";
    let (negated, mut rest) = text.strip_prefix('^').map_or((false, text), |rest| (true, rest));
    let mut set = Set { negated, ranges: Vec::new() };
    let mut first = true;
    loop {
        let c = rest.chars().next().ok_or(OPEN)?;
        if c == ']' && !first {
            return Ok((set, &rest[1..]));
        }
        if rest.starts_with("[:") && rest.contains(":]") {
            return Err("has a class of the form `[:name:]`; write its characters instead");
        }
        first = false;
        let escape = c == '\\';
        rest = &rest[c.len_utf8()..];
        let before = set.ranges.len();
        if escape {
            rest = escaped(rest, &mut set)?;
        } else {
            set.ranges.push((c, c));
        }
        let single = set.ranges.get(before).filter(|_| set.ranges.len() == before + 1).copied();
        let (Some((low, end)), Some(after)) = (single, rest.strip_prefix('-')) else { continue };
        // A `-` in front of the closing bracket is itself.
        if low != end || after.starts_with(']') {
            continue;
        }
        let mut high = Set { negated: false, ranges: Vec::new() };
        let c = after.chars().next().ok_or(OPEN)?;
        rest = if c == '\\' { escaped(&after[1..], &mut high)? } else { &after[c.len_utf8()..] };
        let high = if c == '\\' { high.ranges.first().map_or(c, |(low, _)| *low) } else { c };
        if high < low {
            return Err("has a range whose end comes before its start");
        }
        set.ranges[before].1 = high;
    }
}

/// A path as Go sees it: each byte that is not UTF-8 is one U+FFFD.
fn text_of(path: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(path) {
        return Cow::Borrowed(text);
    }
    let characters = path.utf8_chunks().flat_map(|chunk| {
        let broken = std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len());
        chunk.valid().chars().chain(broken)
    });
    Cow::Owned(characters.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matches_like_docker() {
        let cases: [(&str, &[&str], &[&str]); 26] = [
            ("a", &["a"], &["b", "a/b", "x/a"]),
            ("*.md", &["x.md", ".md"], &["a/x.md", "xmd"]),
            ("a/*", &["a/b"], &["a", "a/b/c"]),
            ("a?c", &["abc", "aéc"], &["ac", "a/c"]),
            ("**", &["a", "a/b"], &[]),
            ("**/a", &["a", "x/a", "x/y/a"], &["ba", "a/x"]),
            ("**a", &["a", "ba", "x/ba"], &["ab"]),
            ("**/*.go", &["x.go", "a/b/x.go"], &["x.goo"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "ab"]),
            ("a**", &["a", "ab", "a/b"], &["b"]),
            ("a/**/z", &["a/z", "a/b/z", "a/b/c/z"], &["az", "a/bz"]),
            ("a**z", &["az", "abc/z"], &["abz"]),
            ("**/b/**", &["b/c", "a/b/c/d"], &["b", "a/b"]),
            ("[a-c]x", &["ax", "cx"], &["dx", "x"]),
            ("[^a]x", &["bx"], &["ax"]),
            ("[!a]x", &["!x", "ax"], &["bx"]),
            (r"a\*b", &["a*b"], &["axb"]),
            ("a.b", &["a.b"], &["axb"]),
            ("a^b", &["a^b"], &[]),
            ("a^b*", &[], &["a^b", "ab"]),
            (r"\d", &["7"], &["d"]),
            ("[a&&b]", &["a", "&", "b"], &["c", "a&&b"]),
            ("[a[b]x", &["ax", "[x", "bx"], &["cx", "]x"]),
            ("?b", &["\nb", "ab"], &["/b"]),
            ("?**", &["x", "xy/z"], &["x\ny"]),
            ("[a*]", &["a]", "/[a]", "]"], &["a", "*"]),
        ];
        for (text, yes, no) in cases {
            let pattern = Pattern::new(text).expect(text);
            for (path, expected) in yes.iter().map(|path| (path, true)).chain(no.iter().map(|path| (path, false))) {
                assert_eq!(pattern.matches(path.as_bytes()), expected, "{text} {path}");
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert!(Pattern::new("a??").unwrap().matches(b"a\xff\xfe"));
        assert!(!Pattern::new("a?").unwrap().matches(b"a\xff\xfe"));
    }

    #[test]
    fn refusals() {
        for text in ["[", "[a", "[]a]", "[-a]", "[a-]", "a\\", "[b-a]", r"\b", "[^]", "[[:alpha:]]"] {
            assert!(Pattern::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        assert!(Pattern::new(&"[a-z]*".repeat(1 << 16)).is_err_and(|why| why == "is too long"));
        let pattern = Pattern::new(&"*a".repeat(60)).unwrap();
        assert!(!pattern.matches("a".repeat(200).replace("aa", "ab").as_bytes()));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in r"[a-c*?\[\]^\\/!.-]{1,12}", path in "[a-c/.*]{0,12}") {
            if let Ok(pattern) = Pattern::new(&text) {
                let matched = pattern.matches(path.as_bytes());
                if let Some((parent, _)) = path.rsplit_once('/').filter(|_| matched) {
                    prop_assert!(pattern.may_match_below(parent.as_bytes()), "{text} {path}");
                }
            }
        }
    }
}
