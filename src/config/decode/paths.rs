//! What looks like something else where a path glob goes.

use crate::catalogue;
use crate::text;

/// A word that is not taken for a path: it looks like a group of tools, and as a glob it would match nothing and pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupForPath {
    word: String,
    /// The group of tools that was meant, with its `@`.
    meant: Option<String>,
}

impl GroupForPath {
    /// What is wrong: a lower-case fragment.
    #[must_use]
    pub fn message(&self) -> String {
        format!("`{}` looks like a group of tools, not a path", self.word)
    }

    /// What to do about it; `forbidding` writes down how a tool is forbidden.
    #[must_use]
    pub fn hint(&self, forbidding: impl Fn(&str) -> String) -> String {
        match &self.meant {
            Some(group) if *group == self.word => format!("Write {}.", forbidding(group)),
            Some(group) => format!("Did you mean {}?", forbidding(group)),
            None => format!(
                "Write the paths themselves, such as /root/.cache/**; a path that begins with @ is written /{}.",
                self.word
            ),
        }
    }
}

/// Whether `word` looks like a group.
#[must_use]
pub fn group_for_path(word: &str) -> Option<GroupForPath> {
    let group = word.strip_prefix('@')?;
    let groups = || catalogue::groups().iter().map(|group| group.name);
    let meant = groups().find(|known| *known == group).or_else(|| text::nearest(group, groups()));
    Some(GroupForPath { word: word.to_owned(), meant: meant.map(|group| format!("@{group}")) })
}

#[cfg(test)]
mod tests {
    use super::group_for_path;

    #[test]
    fn only_what_looks_like_a_group_is_refused() {
        let hint = |word: &str| group_for_path(word).map(|wrong| wrong.hint(|group| format!("forbid {group}")));
        assert_eq!(hint("@shells").as_deref(), Some("Write forbid @shells."));
        assert_eq!(hint("@shels").as_deref(), Some("Did you mean forbid @shells?"));
        for word in ["@caches", "@scope/pkg/**", "@"] {
            assert!(hint(word).is_some_and(|hint| hint.ends_with(&format!("is written /{word}."))), "{word}");
        }
        for word in ["/@scope/**", "**/@scope/pkg", "a@b", "/usr/**"] {
            assert_eq!(group_for_path(word), None, "{word}");
        }
    }
}
