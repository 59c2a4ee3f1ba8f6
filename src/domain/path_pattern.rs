//! What a budget says of paths: globs, and groups that the catalogue knows.

use std::fmt;
use std::str::FromStr;

/// An entry of `forbid-paths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPattern {
    /// `/root/.cache/**`
    Glob(PathGlob),
    /// `@caches`
    Group(PathGroup),
}

impl PathPattern {
    /// The entry as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Glob(glob) => glob.as_str(),
            Self::Group(group) => group.as_str(),
        }
    }

    /// Whether it is a glob that matches an absolute path. What a group means is told by more than a path.
    #[must_use]
    pub fn matches(&self, absolute_path: &[u8]) -> bool {
        matches!(self, Self::Glob(glob) if glob.matches(absolute_path))
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A group of paths that hardly any image needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathGroup {
    /// What package managers and compilers keep to be faster next time.
    Caches,
    /// Version control.
    Vcs,
    /// Keys and passwords.
    Secrets,
    /// What crashed programs leave.
    CoreDumps,
    /// Manuals and documentation; not licences.
    Docs,
    /// Maps from compiled scripts to their sources.
    SourceMaps,
    /// What compilers of C and C++ include.
    Headers,
    /// Libraries that only linkers read.
    StaticLibs,
}

impl PathGroup {
    /// Every one, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Caches,
        Self::Vcs,
        Self::Secrets,
        Self::CoreDumps,
        Self::Docs,
        Self::SourceMaps,
        Self::Headers,
        Self::StaticLibs,
    ];

    /// As it is written in budgets.toml.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caches => "@caches",
            Self::Vcs => "@vcs",
            Self::Secrets => "@secrets",
            Self::CoreDumps => "@core-dumps",
            Self::Docs => "@docs",
            Self::SourceMaps => "@source-maps",
            Self::Headers => "@headers",
            Self::StaticLibs => "@static-libs",
        }
    }
}

impl fmt::Display for PathGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// No group of paths is called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownPathGroup;

impl FromStr for PathGroup {
    type Err = UnknownPathGroup;

    /// Reads `@caches`.
    fn from_str(word: &str) -> Result<Self, UnknownPathGroup> {
        Self::ALL.into_iter().find(|group| group.as_str() == word).ok_or(UnknownPathGroup)
    }
}

/// A glob over absolute paths of the final file system. `*` stays within one directory, `**` does not.
#[derive(Debug, Clone)]
pub struct PathGlob {
    text: String,
    matcher: globset::GlobMatcher,
}

impl PartialEq for PathGlob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PathGlob {}

impl PathGlob {
    /// Compiles `text`. A pattern without a leading `/` or `**` means one below the root.
    ///
    /// # Errors
    /// The sentence that says why it is not a glob.
    pub fn new(text: &str) -> Result<Self, String> {
        let absolute =
            if text.starts_with('/') || text.starts_with("**") { text.to_owned() } else { format!("/{text}") };
        let glob = globset::GlobBuilder::new(&absolute)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|error| error.kind().to_string())?;
        Ok(Self { text: text.to_owned(), matcher: glob.compile_matcher() })
    }

    /// The compiled pattern alone.
    #[must_use]
    pub fn into_matcher(self) -> globset::GlobMatcher {
        self.matcher
    }

    /// The pattern as the user wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches an absolute path, which need not be UTF-8.
    #[must_use]
    pub fn matches(&self, absolute_path: &[u8]) -> bool {
        use std::os::unix::ffi::OsStrExt as _;
        self.matcher.is_match(std::ffi::OsStr::from_bytes(absolute_path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_stay_in_their_directory() {
        let glob = |text: &str| PathGlob::new(text).expect(text);
        assert!(glob("/root/.npm/**").matches(b"/root/.npm/a/b"));
        assert!(!glob("/usr/*").matches(b"/usr/lib/a"));
        assert!(glob("usr/*").matches(b"/usr/lib"));
        assert!(glob("**/.git").matches(b"/srv/app/.git"));
        assert!(glob("**/.git").matches(b"/.git"));
        assert!(glob("/a/*").matches(b"/a/\xff"));
        assert!(PathGlob::new("/a/[").is_err());
    }

    #[test]
    fn groups_are_written_as_they_are_read() {
        for group in PathGroup::ALL {
            assert_eq!(group.as_str().parse(), Ok(group));
            assert_eq!(PathPattern::Group(group).to_string(), group.as_str());
        }
        assert_eq!("caches".parse::<PathGroup>(), Err(UnknownPathGroup));
    }
}
