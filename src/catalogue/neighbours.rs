//! Commands that are in no group and are called almost like a tool, so that nobody is told that `python` is a slip of `cython`.

/// Found by comparing the names of the catalogue with what 240 packages of Debian, and images of common services, have on PATH.
/// Sorted.
const NEIGHBOURS: &[&str] = &[
    "chsh", "co65", "cp", "da65", "dcmd", "dget", "dnet", "egrep", "fgrep", "fold", "gh", "gpic", "hd", "kill", "ldd",
    "mtrace", "naga", "nstat", "nvim", "od65", "patch", "perl", "pgrep", "pmap", "ptar", "python", "raku", "rdma",
    "rgrep", "rrsync", "rvim", "sass", "sprof", "ssh", "stat", "tasm", "tc", "tclsh", "test", "vala", "watch", "wish",
    "zcat", "zgrep",
];

/// Whether a command of this name is none of the tools, and no slip of one.
pub fn is_a_neighbour(command: &str) -> bool {
    NEIGHBOURS.binary_search(&command).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{identify, names};
    use crate::text::edits;

    #[test]
    fn neighbours_are_no_tools_and_live_next_to_one() {
        assert!(NEIGHBOURS.is_sorted());
        for command in NEIGHBOURS {
            assert!(identify(command.as_bytes()).is_none(), "{command}");
            assert!(names().any(|name| edits(command, name) == 1), "{command}");
        }
    }
}
