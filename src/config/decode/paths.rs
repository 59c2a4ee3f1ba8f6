//! What a word means where paths go: a group of the catalogue, a glob, or something else that looks like a group.

use crate::catalogue;
use crate::domain::{PathGlob, PathGroup, PathPattern};
use crate::text;

/// A word that stands for no paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WrongPath {
    /// It looks like a group, and as a glob it would match nothing and pass.
    Group {
        /// The word.
        word: String,
        /// The group of paths that was meant, with its `@`.
        meant: Option<PathGroup>,
        /// Else the group of tools that was meant, with its `@`.
        tools: Option<String>,
    },
    /// It is not a glob: why.
    Glob(String),
}

impl WrongPath {
    /// What is wrong: a lower-case fragment. `None` for a glob, of which each place has its own words.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let Self::Group { word, meant, tools } = self else { return None };
        Some(match (meant, tools) {
            (None, Some(_)) => format!("`{word}` looks like a group of tools, not of paths"),
            _ => format!("no group of paths is called `{word}`"),
        })
    }

    /// What to do about it; `forbidding` writes down how a tool is forbidden.
    #[must_use]
    pub fn hint(&self, forbidding: impl Fn(&str) -> String) -> String {
        match self {
            Self::Group { meant: Some(group), .. } => format!("Did you mean `{group}`?"),
            Self::Group { word, tools: Some(group), .. } if group == word => format!("Write {}.", forbidding(group)),
            Self::Group { tools: Some(group), .. } => format!("Did you mean {}?", forbidding(group)),
            Self::Group { word, .. } => {
                format!("`imgbudget tools` lists the groups; a path that begins with @ is written /{word}.")
            }
            Self::Glob(_) => "`*`, `?`, `[ab]` and `{a,b}` have a meaning in globs; close what was opened.".to_owned(),
        }
    }
}

/// Reads `@group` or a glob.
///
/// # Errors
/// It is neither.
pub fn path_pattern(word: &str) -> Result<PathPattern, WrongPath> {
    let Some(name) = word.strip_prefix('@') else {
        return PathGlob::new(word).map(PathPattern::Glob).map_err(WrongPath::Glob);
    };
    if let Ok(group) = word.parse() {
        return Ok(PathPattern::Group(group));
    }
    let of_tools = || catalogue::groups().iter().map(|group| group.name);
    let tools = of_tools().find(|known| *known == name);
    // A group of tools that is written as it should be is not a slip of another group.
    let meant = text::nearest(word, PathGroup::ALL.map(PathGroup::as_str)).filter(|_| tools.is_none());
    let tools = tools.or_else(|| text::nearest(name, of_tools())).map(|group| format!("@{group}"));
    Err(WrongPath::Group { word: word.to_owned(), meant: meant.and_then(|meant| meant.parse().ok()), tools })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_an_at_is_a_group_or_refused() {
        for group in PathGroup::ALL {
            assert_eq!(path_pattern(group.as_str()), Ok(PathPattern::Group(group)));
        }
        let wrong = |word: &str| {
            let wrong = path_pattern(word).expect_err(word);
            (wrong.message().unwrap_or_default(), wrong.hint(|group| format!("forbid {group}")))
        };
        let told = |message: &str, hint: &str| (message.to_owned(), hint.to_owned());
        assert_eq!(
            wrong("@shells"),
            told("`@shells` looks like a group of tools, not of paths", "Write forbid @shells.")
        );
        assert_eq!(wrong("@shels").1, "Did you mean forbid @shells?");
        assert_eq!(wrong("@cache"), told("no group of paths is called `@cache`", "Did you mean `@caches`?"));
        assert_eq!(wrong("@secret").1, "Did you mean `@secrets`?");
        for word in ["@scope/pkg/**", "@"] {
            assert!(wrong(word).1.ends_with(&format!("is written /{word}.")), "{word}");
        }
        for word in ["/@scope/**", "**/@scope/pkg", "a@b", "/usr/**"] {
            assert!(matches!(path_pattern(word), Ok(PathPattern::Glob(_))), "{word}");
        }
        assert!(matches!(path_pattern("/a/["), Err(WrongPath::Glob(_))));
    }
}
