//! Names of tools: a group, a command the catalogue knows, one it does not know, or a typo.

use std::ops::Range;

use super::Decoder;
use crate::catalogue;
use crate::domain::ToolPattern;
use crate::text;

/// Shorter words are one letter away from too many names to call any of them a typo.
const SHORTEST_TYPO: usize = 4;

/// Why a word names no tool, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongTool {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// Reads `@group` or `name`.
///
/// # Errors
/// A group that there is not, a word that is no command's name, or one that looks like a slip of a known one.
pub fn tool_pattern(word: &str) -> Result<ToolPattern, WrongTool> {
    let wrong = |message: String, hint: String| Err(WrongTool { message, hint });
    let groups = || catalogue::groups().iter().map(|group| group.name);
    if let Some(group) = word.strip_prefix('@') {
        if groups().any(|known| known == group) {
            return Ok(ToolPattern::Group(group.to_owned()));
        }
        let hint = match text::nearest(group, groups()) {
            Some(meant) => format!("Did you mean `@{meant}`?"),
            None => "`imgbudget tools` lists the groups.".to_owned(),
        };
        return wrong(format!("no group of tools is called `@{group}`"), hint);
    }
    if groups().any(|known| known == word) && !is_name(word) {
        return wrong(format!("`{word}` is a group of tools, not a tool"), format!("Write `@{word}`."));
    }
    let is_path = |c: char| matches!(c, '/' | '*' | '?' | '[' | ']' | '{' | '}') || c.is_whitespace();
    if word.is_empty() || word.contains(is_path) {
        let hint = "Write the bare name of a command, such as \"curl\"; paths and globs go into `forbid-paths`.";
        return wrong(format!("`{word}` is not the name of a command"), hint.to_owned());
    }
    if let Some(meant) = typo_of(word) {
        let hint = format!(
            "Did you mean `{meant}`? A command that really is called `{word}` can be forbidden by its path: \
             forbid-paths = [\"**/{word}\"]."
        );
        return wrong(format!("no tool is called `{word}`"), hint);
    }
    Ok(ToolPattern::Name(word.to_owned()))
}

fn is_name(word: &str) -> bool {
    catalogue::names().any(|name| name == word)
}

/// The name that `word` was perhaps meant to be, when it is not a name itself, or a version of one, or another command's.
fn typo_of(word: &str) -> Option<&'static str> {
    if catalogue::identify(word.as_bytes()).is_some() || catalogue::is_a_neighbour(word) {
        return None;
    }
    // Most names are too long or too short, and a file may have many words.
    catalogue::names().filter(|name| name.len().abs_diff(word.len()) <= 1).find(|name| is_typo(word, name))
}

impl Decoder<'_> {
    /// `@group` or `name`.
    pub(super) fn tool(&mut self, word: &str, span: Range<usize>) -> Option<ToolPattern> {
        match tool_pattern(word) {
            Ok(pattern) => Some(pattern),
            Err(WrongTool { message, hint }) => self.refuse(span, message, hint),
        }
    }
}

/// Whether `word` is `name` with one slip of the finger: two letters swapped, one doubled, or, in words long enough to be told
/// apart, one wrong, missing or too much inside. Not `java` for `javac` or `ssh` for `ash`: commands like to be called so.
fn is_typo(word: &str, name: &str) -> bool {
    if text::edits(word, name) != 1 {
        return false;
    }
    let (word, name): (Vec<char>, Vec<char>) = (word.chars().collect(), name.chars().collect());
    let is_long = word.len() >= SHORTEST_TYPO;
    if word.len() == name.len() {
        let wrong = word.iter().zip(&name).filter(|(a, b)| a != b).count();
        return wrong == 2 || is_long;
    }
    let (long, short) = if word.len() > name.len() { (&word, &name) } else { (&name, &word) };
    let is_doubled = |pair: &[char]| matches!(pair, [a, b] if a == b);
    if long.starts_with(short) {
        return is_doubled(&long[long.len().saturating_sub(2)..]);
    }
    if long.ends_with(short) {
        return is_doubled(&long[..2.min(long.len())]);
    }
    is_long
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger() {
        for (word, name) in [("nmp", "npm"), ("curll", "curl"), ("crul", "curl"), ("yard", "yarn"), ("comake", "cmake")]
        {
            assert!(is_typo(word, name), "{word}");
        }
        for (word, name) in [("java", "javac"), ("ssh", "ash"), ("make", "cmake"), ("terraform", "npm"), ("x", "")] {
            assert!(!is_typo(word, name), "{word}");
        }
    }

    #[test]
    fn commands_that_are_called_almost_like_a_tool_can_be_forbidden() {
        for command in
            ["python", "perl", "ssh", "patch", "kill", "watch", "gh", "nvim", "gcc-12", "x86_64-linux-gnu-gcc"]
        {
            assert_eq!(tool_pattern(command), Ok(ToolPattern::Name(command.to_owned())));
        }
        for slip in ["nmp", "curll", "pyhton3x", "wgte"] {
            assert_eq!(tool_pattern(slip).is_err(), slip != "pyhton3x", "{slip}");
        }
    }
}
