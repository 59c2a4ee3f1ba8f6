//! References to images: the one parser for `registry/repository:tag@digest`.
//!
//! Grammar: distribution/reference (the package that Docker uses), with Docker's defaults for what is left out.

use std::fmt;
use std::str::FromStr;

use super::Digest;

/// What people call an image.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRef {
    /// Host and port; `None` where it was left out, which means Docker Hub.
    pub registry: Option<String>,
    /// Path of the repository, as written: `node`, `acme/worker`.
    pub repository: String,
    /// The tag, when one was written.
    pub tag: Option<String>,
    /// The digest, when one was written.
    pub digest: Option<Digest>,
}

/// Why a text names no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an image reference: {why}")]
pub struct ReferenceError {
    text: String,
    why: &'static str,
}

fn is_path_component(part: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    edge(part.bytes().next())
        && edge(part.bytes().last())
        && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-'))
}

fn is_host(part: &str) -> bool {
    let name =
        part.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(part, |(n, _)| n);
    let name = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= 128 && tag.bytes().next().is_some_and(word) && tag.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

impl ImageRef {
    /// The registry that this reference is pulled from; `docker.io` when none was written.
    #[must_use]
    pub fn registry_or_hub(&self) -> &str {
        self.registry.as_deref().unwrap_or("docker.io")
    }
}

/// Which image of an archive or a layout is meant, as people type it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageChoice {
    /// One word: a name without a registry, or the tag alone, which may have letters of either case.
    Word(String),
    /// A reference, or a digest.
    Named(ImageRef),
}

impl FromStr for ImageChoice {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if is_tag(text) { Ok(Self::Word(text.to_owned())) } else { text.parse().map(Self::Named) }
    }
}

impl fmt::Display for ImageChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Named(image) => image.fmt(f),
        }
    }
}

impl FromStr for ImageRef {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let wrong = |why| ReferenceError { text: text.chars().take(200).collect(), why };
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                (rest, Some(digest.parse().map_err(|_| wrong("what follows `@` is not a sha256 digest"))?))
            }
            None => (text, None),
        };
        let (registry, path) = match rest.split_once('/') {
            Some((host, path)) if host == "localhost" || host.contains(['.', ':']) => {
                if !is_host(host) {
                    return Err(wrong("its registry is not a host name"));
                }
                (Some(host.to_owned()), path)
            }
            _ => (None, rest),
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) if is_tag(tag) => (repository, Some(tag.to_owned())),
            Some(_) => return Err(wrong("its tag has characters that tags cannot have")),
            None => (path, None),
        };
        if !repository.split('/').all(is_path_component) {
            return Err(wrong("a repository has lower-case letters, digits, and `.`, `_`, `-`, `/` between them"));
        }
        Ok(Self { registry, repository: repository.to_owned(), tag, digest })
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.registry.iter().try_for_each(|registry| write!(f, "{registry}/"))?;
        f.write_str(&self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_not_tags() {
        let parse = |text: &str| text.parse::<ImageRef>().expect(text);
        assert_eq!(parse("localhost:5000/a/b").tag, None);
        assert_eq!(parse("localhost:5000/a/b:1").registry.as_deref(), Some("localhost:5000"));
        assert_eq!(parse("node").registry_or_hub(), "docker.io");
        assert_eq!(parse("acme/worker:main").repository, "acme/worker");
        let pinned = format!("r.example.com/a__b/c-d:v1.0@sha256:{}", "ab".repeat(32));
        assert_eq!(parse(&pinned).to_string(), pinned);
    }

    #[test]
    fn one_word_may_be_a_tag() {
        let choice = |text: &str| text.parse::<ImageChoice>().expect(text);
        for word in ["RC1", "1.2", "app", "v1.0-beta_2"] {
            assert_eq!(choice(word), ImageChoice::Word(word.to_owned()));
        }
        for named in
            ["acme/app", "app:RC1", "app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
        {
            assert_eq!(choice(named).to_string(), named);
            assert!(matches!(choice(named), ImageChoice::Named(_)), "{named}");
        }
        for wrong in ["", "Acme/app", "a b", "app:", "-x"] {
            assert!(wrong.parse::<ImageChoice>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn refusals() {
        for wrong in ["", "Upper", "a b", "a:", "a:b:c/", "/a", "a/", "a@sha256:12", "a\n", "-a", "r.example.com/"] {
            assert!(wrong.parse::<ImageRef>().is_err(), "{wrong:?}");
        }
    }
}
