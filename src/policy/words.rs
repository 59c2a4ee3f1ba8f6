//! How amounts and names are put into sentences.

use crate::domain::Bytes;

/// The longest name or instruction that a report keeps, in characters. Layers may hold names of a megabyte.
const LONGEST: usize = 1024;

/// An untrusted name, not longer than a report keeps.
pub(super) fn clip(name: &str) -> String {
    clip_within(name, LONGEST)
}

/// Untrusted text of at most so many characters.
pub(super) fn clip_within(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// ` (9.8 MB)`, or nothing when there are none.
pub(super) fn in_brackets(bytes: Bytes) -> String {
    if bytes == Bytes::ZERO { String::new() } else { format!(" ({bytes})") }
}

/// `npm`, `npm and npx`, `npm, npx and corepack`, `cc, gcc, g++ and 4 more`.
pub(super) fn list(names: &[&str]) -> String {
    const MOST: usize = 4;
    let shown: Vec<String> = names.iter().map(|name| crate::text::line(name)).collect();
    match shown.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if shown.len() <= MOST => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", shown[..MOST - 1].join(", "), shown.len() - MOST + 1),
    }
}

/// The deepest directory that all paths are in, when it is not the root.
pub(super) fn directory<'t>(paths: &[&'t str]) -> Option<&'t str> {
    let mut directory = paths.first()?.rsplit_once('/')?.0;
    while !paths.iter().all(|path| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))) {
        directory = directory.rsplit_once('/')?.0;
    }
    (!directory.is_empty()).then_some(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end() {
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b"]), "a and b");
        assert_eq!(list(&["a", "b", "c", "d"]), "a, b, c and d");
        assert_eq!(list(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(clip("short"), "short");
        assert_eq!(clip(&"é".repeat(4000)).chars().count(), LONGEST + 1);
        assert_eq!(clip(&"é".repeat(LONGEST)), "é".repeat(LONGEST));
    }
}
