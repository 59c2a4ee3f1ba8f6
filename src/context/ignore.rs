//! .dockerignore: which paths stay out of a build context (moby/patternmatcher and its `ignorefile`).

use super::pattern::Pattern;
use crate::domain::Place;
use crate::error::{Class, Error};
use crate::text;

/// The longest line that Docker reads.
const LONGEST_LINE: usize = 64 * 1024;

/// The rules of a .dockerignore file; the last one that matches decides.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: Pattern,
    /// `!`: brings back what earlier rules left out.
    exception: bool,
}

/// What the rules say about one path.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// It stays out.
    pub excluded: bool,
    /// Which rules matched it or a directory above it: what is needed to judge what lies below.
    matched: Vec<bool>,
}

impl Ignore {
    /// Reads the rules of the file shown as `name`.
    ///
    /// # Errors
    /// A pattern that Docker refuses, at its line.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut rules = Vec::new();
        for (number, line) in (1_u32..).zip(bytes.split(|byte| *byte == b'\n')) {
            let wrong = |shown: &str, why: &str| {
                Error::new(Class::Config, format!("`{}` {why}", text::line(shown)))
                    .with_hint("Correct the pattern; see the syntax of .dockerignore.")
                    .at(Place { file: name.to_owned(), line: number, column: 1 })
            };
            if line.len() > LONGEST_LINE {
                return Err(wrong("this line", "is longer than 64 KiB, more than Docker reads"));
            }
            let Ok(line) = std::str::from_utf8(line) else {
                return Err(wrong(&String::from_utf8_lossy(line), "is not UTF-8"));
            };
            let shown = line.trim();
            if line.starts_with('#') || shown.is_empty() {
                continue;
            }
            let cleaned = normalised(shown);
            let (exception, pattern) = cleaned.strip_prefix('!').map_or((false, cleaned.as_str()), |rest| (true, rest));
            if pattern.is_empty() {
                return Err(wrong(shown, "names nothing to bring back"));
            }
            let pattern = Pattern::new(pattern).map_err(|why| wrong(shown, why))?;
            rules.push(Rule { pattern, exception });
        }
        Ok(Self { rules })
    }

    /// Judges a path relative to the context. `parent` is what was said about its directory; the default for the context's own.
    pub fn judge(&self, path: &[u8], parent: &Judged) -> Judged {
        let mut judged = Judged { excluded: false, matched: Vec::with_capacity(self.rules.len()) };
        for (at, rule) in self.rules.iter().enumerate() {
            let inherited = parent.matched.get(at).copied().unwrap_or(false);
            let matches = inherited || rule.pattern.matches(path);
            judged.matched.push(matches);
            if matches {
                judged.excluded = !rule.exception;
            }
        }
        judged
    }

    /// Whether something below an excluded directory could be brought back, so that it has to be walked.
    pub fn may_bring_back_below(&self, directory: &[u8]) -> bool {
        self.rules.iter().any(|rule| rule.exception && rule.pattern.may_match_below(directory))
    }
}

/// The pattern as Docker keeps it: a clean relative path after an optional `!`.
fn normalised(line: &str) -> String {
    let (mark, path) = line.strip_prefix('!').map_or(("", line), |rest| ("!", rest.trim()));
    let cleaned = if path.is_empty() { String::new() } else { clean(path) };
    let relative = cleaned.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(&cleaned);
    // Docker cleans a second time with the mark in front, which makes `!/` a bare mark.
    clean(&format!("{mark}{relative}"))
}

/// Go's `path.Clean`.
fn clean(path: &str) -> String {
    let root = if path.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if !root.is_empty() => {}
            _ => parts.push(part),
        }
    }
    let joined = format!("{root}{}", parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether the path stays out, judged directory by directory.
    fn excluded(rules: &str, path: &str) -> bool {
        let ignore = Ignore::parse(".dockerignore", rules.as_bytes()).expect(rules);
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.fold(Judged::default(), |parent, end| ignore.judge(&path.as_bytes()[..end], &parent)).excluded
    }

    #[test]
    fn rules_decide_like_docker() {
        let cases = [
            ("a", "a/b/c", true),
            ("/a/", "a/b", true),
            ("./a/../b", "b", true),
            ("a\n!a/b", "a/b", false),
            ("a\n!a/b", "a/c", true),
            ("!a/b\na", "a/b", true),
            ("a\n!a/b\na/b/c", "a/b/c", true),
            // No CLI to compare with: 20.10 sends the bare directories, buildx 0.29 sends the file empty.
            ("a\n!a/b/c\na/b", "a/b/c", true),
            ("**\n!keep", "keep/x/y", false),
            ("*\n!**/*.md", "doc/x.md", false),
            (" \t a \r", "a", true),
            (" # a", "# a", true),
            ("# a", "# a", false),
            ("\u{feff}a", "a", true),
            ("! a\na\n!  a", "a", false),
            ("..\n.\n/", "a", false),
            ("\\#a", "#a", true),
            ("\\!a", "!a", true),
        ];
        for (rules, path, expected) in cases {
            assert_eq!(excluded(rules, path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn a_wrong_pattern_is_told_at_its_line() {
        for (rules, line) in [("a\n\n[b", 3), ("!", 1), ("# c\n!/", 2), ("a\\", 1)] {
            let error = Ignore::parse(".dockerignore", rules.as_bytes()).expect_err(rules);
            assert_eq!(error.place().map(|place| place.line), Some(line), "{rules:?}");
        }
        assert!(Ignore::parse("f", b"\xff").is_err());
        assert!(Ignore::parse("f", "a".repeat(70_000).as_bytes()).is_err());
    }

    #[test]
    fn clean_paths() {
        for (path, expected) in [("", "."), ("a//b/./c/", "a/b/c"), ("/..", "/"), ("../a/..", ".."), ("a/../..", "..")]
        {
            assert_eq!(clean(path), expected, "{path}");
        }
    }

    proptest! {
        #[test]
        fn skipping_a_directory_loses_nothing(
            rules in prop::collection::vec("!?[ab*/]{1,5}", 1..5),
            path in "[ab](/[ab]){1,3}",
        ) {
            let Ok(ignore) = Ignore::parse("f", rules.join("\n").as_bytes()) else { return Ok(()) };
            let mut judged = Judged::default();
            let mut skipped = false;
            for end in path.match_indices('/').map(|(at, _)| at).chain([path.len()]) {
                let here = &path.as_bytes()[..end];
                judged = ignore.judge(here, &judged);
                prop_assert!(!skipped || judged.excluded, "{rules:?} {path}");
                skipped |= judged.excluded && !ignore.may_bring_back_below(here);
            }
        }
    }
}
