//! Which of our comments this one is: several budget files of one repository keep a comment each.

use std::fmt;
use std::str::FromStr;

use crate::domain::Digest;

/// `[A-Za-z0-9._-]{1,64}`: stands in the marker, where nothing may need escaping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentKey(String);

/// The text cannot be a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot be a comment key: keys have 1 to 64 of A-Z a-z 0-9 . _ -")]
pub struct CommentKeyError(String);

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

impl CommentKey {
    /// The key of a budget file, from its path relative to the repository: `budgets.toml`, `services-api-budgets.toml`. A path
    /// that had to be bent carries eight digits of its sha256, so that two paths never share a key.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let path = path.trim_start_matches("./");
        let bent: String = path.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        if bent == path && (1..=64).contains(&bent.len()) {
            return Self(bent);
        }
        let hash = Digest::of(path).hex();
        // ASCII by construction, so any byte is a boundary; the end of a path says more than its start.
        let tail = &bent[bent.len().saturating_sub(55)..];
        Self(format!("{}-{}", &hash[..8], tail))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommentKey {
    type Err = CommentKeyError;

    fn from_str(text: &str) -> Result<Self, CommentKeyError> {
        if text.chars().all(is_plain) && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(CommentKeyError(text.chars().take(100).collect()))
        }
    }
}

impl fmt::Display for CommentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_make_different_keys_that_fit() {
        assert_eq!(CommentKey::of_path("budgets.toml").as_str(), "budgets.toml");
        let paths = ["a/b.toml", "a-b.toml", "é.toml", "", &"x/".repeat(90), "a b.toml", " -->"];
        let keys: std::collections::BTreeSet<String> =
            paths.iter().map(|p| CommentKey::of_path(p).to_string()).collect();
        assert_eq!(keys.len(), paths.len());
        assert!(keys.iter().all(|key| key.parse::<CommentKey>().is_ok()), "{keys:?}");
    }
}
