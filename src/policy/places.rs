//! Paths of an image as findings carry them, and what they weigh together.

use crate::domain::Bytes;
use crate::image::FoundPath;

/// How many paths a finding carries; a glob may match a million.
const MOST: usize = 1000;

/// Paths for a finding: sorted, each once, and how many were left out. Links of Debian's alternatives go last: what they lead to says
/// more.
pub(super) fn shown<'a>(paths: impl IntoIterator<Item = &'a FoundPath>) -> (Vec<String>, u64) {
    let mut found: Vec<&[u8]> = paths.into_iter().map(|found| found.path.as_slice()).collect();
    found.sort_unstable_by_key(|path| (path.starts_with(b"/etc/alternatives/"), *path));
    found.dedup();
    let more = u64::try_from(found.len().saturating_sub(MOST)).unwrap_or(u64::MAX);
    let shown = found.iter().take(MOST).map(|path| super::words::clip(&String::from_utf8_lossy(path))).collect();
    (shown, more)
}

/// Bytes behind the paths, each byte once: links into one package share its content, and a directory holds what lies below it.
pub(super) fn bytes<'a>(paths: impl IntoIterator<Item = &'a FoundPath>) -> Bytes {
    union(paths.into_iter().map(|found| (found.content.as_slice(), found.size)))
}

/// Bytes of contents by their absolute paths, each byte once.
pub(super) fn union<'a>(contents: impl IntoIterator<Item = (&'a [u8], Bytes)>) -> Bytes {
    // With `/` before every other byte a directory stands right before all that is below it.
    let order = |content: &[u8]| content.iter().map(|byte| if *byte == b'/' { 0 } else { *byte }).collect::<Vec<u8>>();
    let mut contents: Vec<(Vec<u8>, Bytes)> =
        contents.into_iter().map(|(content, size)| (order(content), size)).collect();
    contents.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut total = Bytes::ZERO;
    let mut counted: Option<&[u8]> = None;
    for (content, size) in &contents {
        let within = counted
            .and_then(|above| content.strip_prefix(above))
            .is_some_and(|rest| rest.first().is_none_or(|byte| *byte == 0));
        if !within {
            total = total + *size;
            counted = Some(content);
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, size: u64, content: &str) -> FoundPath {
        let shares = Vec::new();
        let layer = Some(0);
        FoundPath { path: path.into(), layer, touched_again: None, size: Bytes(size), shares, content: content.into() }
    }

    #[test]
    fn shared_and_nested_content_counts_once() {
        let paths = [
            found("/bin/npm", 5, "/lib/npm/bin/npm"),
            found("/bin/npx", 5, "/lib/npm/bin/npm"),
            found("/lib/npm", 100, "/lib/npm"),
            found("/lib/npm-x", 7, "/lib/npm-x"),
            found("/lib/npm/z", 9, "/lib/npm/z"),
        ];
        assert_eq!(bytes(&paths), Bytes(107));
        assert_eq!(bytes(&[]), Bytes::ZERO);
    }

    #[test]
    fn long_lists_say_how_much_longer() {
        let many: Vec<FoundPath> = (0..1500).map(|n| found(&format!("/a/{n:04}"), 1, "/a")).collect();
        let (paths, more) = shown(&many);
        assert_eq!((paths.len(), more), (MOST, 500));
        assert_eq!(shown(&[found("/b", 1, "/b"), found("/a", 1, "/a"), found("/a", 1, "/a")]).0, ["/a", "/b"]);
        let gcc = [found("/etc/alternatives/cc", 1, "/a"), found("/usr/bin/gcc", 1, "/a")];
        assert_eq!(shown(&gcc).0, ["/usr/bin/gcc", "/etc/alternatives/cc"]);
    }
}
