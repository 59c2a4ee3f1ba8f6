//! Paths of a tar as an engine understands them: below the root, whatever is written.

/// Appends `raw` to `out` as a path below the root: no leading slash, no empty component, `.` and `..` resolved, and `..` at the root
/// stays there.
pub fn normalise(raw: &[u8], out: &mut Vec<u8>) {
    let root = out.len();
    for component in raw.split(|byte| *byte == b'/') {
        match component {
            b"" | b"." => {}
            b".." => {
                let parent = out[root..].iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                out.truncate(root + parent);
            }
            name => {
                if out.len() > root {
                    out.push(b'/');
                }
                out.extend_from_slice(name);
            }
        }
    }
}

/// A path and what its name means for lower layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// An entry of the file system.
    Entry,
    /// Hides a path: `DIRECTORY` and `NAME` of `DIRECTORY/.wh.NAME`.
    Whiteout(&'a [u8], &'a [u8]),
    /// Hides the lower layers' content of this directory.
    Opaque(&'a [u8]),
    /// A note that AUFS left to itself.
    Meta,
}

/// What a normalised path means (OCI layer.md, "Whiteouts"; Docker's `pkg/archive` for the AUFS notes).
///
/// Only its own name says so. What lies below a directory with such a name is in the file system of overlay2 and containerd; drivers that
/// drop it show less, and the larger reading counts.
pub(super) fn meaning(path: &[u8]) -> Meaning<'_> {
    const MARK: &[u8] = b".wh.";
    let slash = path.iter().rposition(|byte| *byte == b'/');
    let (directory, name) = slash.map_or((&b""[..], path), |slash| (&path[..slash], &path[slash + 1..]));
    match name.strip_prefix(MARK) {
        None => Meaning::Entry,
        Some(b".wh..opq") => Meaning::Opaque(directory),
        // `.wh.` alone and `.wh...` would hide the directory itself or what is above it: no engine writes them.
        Some(b"" | b"." | b"..") => Meaning::Meta,
        Some(hidden) if hidden.starts_with(MARK) => Meaning::Meta,
        Some(hidden) => Meaning::Whiteout(directory, hidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(raw: &str) -> String {
        let mut out = b"before".to_vec();
        normalise(raw.as_bytes(), &mut out);
        String::from_utf8(out.split_off(6)).expect("UTF-8")
    }

    #[test]
    fn paths_stay_below_the_root() {
        for (raw, expected) in [
            ("a/b", "a/b"),
            ("./a//b/", "a/b"),
            ("/a/./b", "a/b"),
            ("../../etc/passwd", "etc/passwd"),
            ("a/../../b", "b"),
            ("a/b/../c", "a/c"),
            ("a/..", ""),
            ("./", ""),
            ("", ""),
            ("..a/.b", "..a/.b"),
        ] {
            assert_eq!(clean(raw), expected, "{raw}");
        }
    }

    #[test]
    fn names_that_hide() {
        assert_eq!(meaning(b"a/.wh.b"), Meaning::Whiteout(b"a", b"b"));
        assert_eq!(meaning(b".wh.b"), Meaning::Whiteout(b"", b"b"));
        assert_eq!(meaning(b"a/.wh..wh..opq"), Meaning::Opaque(b"a"));
        assert_eq!(meaning(b".wh..wh..opq"), Meaning::Opaque(b""));
        for meta in [".wh..wh.aufs", ".wh..wh.plnk", "a/.wh..wh.orph", ".wh.", "a/.wh...", "a/.wh.."] {
            assert_eq!(meaning(meta.as_bytes()), Meaning::Meta, "{meta}");
        }
        for entry in
            ["a", "a/b.wh.c", ".whx", "a/.w", ".wh..wh.plnk/12.3", ".wh..wh.bin/gcc", ".wh..wh..opq/x", "a/.wh.b/c"]
        {
            assert_eq!(meaning(entry.as_bytes()), Meaning::Entry, "{entry}");
        }
    }
}
