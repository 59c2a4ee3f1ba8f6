//! One instruction.

use std::ops::Range;

use super::Heredoc;

/// Every keyword of the Dockerfile reference.
pub const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// One instruction. Its text is whoever's wrote the Dockerfile: untrusted, not escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The keyword in upper case.
    pub keyword: String,
    /// The flags before the arguments.
    pub flags: Vec<Flag>,
    /// What follows, continuations joined, variables not replaced.
    pub arguments: String,
    /// 1-based line of the keyword.
    pub line: u32,
    /// Its bytes in the file, here-documents included.
    pub span: Range<usize>,
    /// Here-documents.
    pub heredocs: Vec<Heredoc>,
    /// What ONBUILD keeps for whoever builds FROM this stage.
    pub trigger: Option<Box<Self>>,
}

/// `--name=value` or `--name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name in lower case, without the dashes.
    pub name: String,
    /// The value; `None` where there is no `=`.
    pub value: Option<String>,
}

impl Instruction {
    /// Whether BuildKit makes a layer of it, always: RUN, COPY, ADD and WORKDIR, and nothing else.
    #[must_use]
    pub fn makes_layer(&self) -> bool {
        matches!(self.keyword.as_str(), "RUN" | "COPY" | "ADD" | "WORKDIR")
    }

    /// The values of a flag that may be repeated.
    pub fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.flags.iter().filter(move |flag| flag.name == name).filter_map(|flag| flag.value.as_deref())
    }
}

/// The flags at the start of `text`, and what follows them. `--` ends them and is neither.
pub(super) fn flags(text: &str) -> (Vec<Flag>, &str) {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix("--") {
        let end = flag_end(after);
        let (flag, tail) = after.split_at(end);
        rest = tail.trim_start();
        if flag.is_empty() {
            break;
        }
        let (name, value) = flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value)));
        let value = value.map(|value| value.chars().filter(|c| !matches!(c, '"' | '\'')).collect());
        found.push(Flag { name: name.to_ascii_lowercase(), value });
    }
    (found, rest)
}

/// Where the flag at the start of `text` ends: at white space outside quotes.
fn flag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_end_at_the_first_word_that_is_none() {
        let (found, rest) = flags("--Link --from=\"a b\"  x --not y");
        let flag = |name: &str, value: Option<&str>| Flag { name: name.to_owned(), value: value.map(str::to_owned) };
        assert_eq!(found, [flag("link", None), flag("from", Some("a b"))]);
        assert_eq!(rest, "x --not y");
        assert_eq!(flags("-- --a b").1, "--a b");
        assert_eq!(flags("a --b").0, []);
    }
}
