//! The tree that every writer is given: names that need extensions, links, holes, and sizes around a block.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// How much a format can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    /// 99 bytes and no more: v7.
    Short,
    /// A prefix and a name: ustar.
    Split,
    /// Anything.
    Long,
}

/// A tree on disk.
pub(super) struct Tree {
    folder: TempDir,
    /// Bytes of its regular files, those with two names once, and of the targets of its links.
    pub(super) size: u64,
    /// Bytes of the file that has two names.
    pub(super) linked: u64,
}

const LINKED: usize = 30_000;
const HOLE: u64 = 256 << 10;

impl Tree {
    /// A tree whose names a format can hold.
    pub(super) fn new(names: Names) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Self { folder, size: 0, linked: LINKED as u64 };
        fs::create_dir_all(tree.root().join("usr/bin")).unwrap();
        tree.file("usr/bin/gcc", &vec![7; LINKED]);
        fs::hard_link(tree.root().join("usr/bin/gcc"), tree.root().join("usr/bin/cc")).unwrap();
        fs::set_permissions(tree.root().join("usr/bin/gcc"), fs::Permissions::from_mode(0o755)).unwrap();
        tree.link("bin", "usr/bin");
        for (name, size) in [("empty", 0), ("one", 1), ("block", 512), ("more", 513)] {
            tree.file(name, &vec![1; size]);
        }
        tree.holes("holes", &[(0, b"head"), (HOLE, b"tail")], HOLE + 4);
        tree.holes("hollow", &[], HOLE);
        tree.holes("many-holes", &(0..30).map(|hole| (hole * 8192, &b"x"[..])).collect::<Vec<_>>(), 30 * 8192);
        tree.file("line\nbreak", b"1");
        tree.file("gr\u{f6}\u{df}e", b"2");
        if names >= Names::Split {
            let folder = format!("{}/{}", "s".repeat(80), "t".repeat(60));
            fs::create_dir_all(tree.root().join(&folder)).unwrap();
            tree.file(&format!("{folder}/{}", "u".repeat(90)), b"split");
        }
        if names == Names::Long {
            tree.file(&"l".repeat(200), b"long");
            tree.file(&format!("usr/{}", "\u{e9}".repeat(100)), b"both");
            tree.link("to-long", &"l".repeat(200));
            tree.link("far", &"../far/".repeat(300));
        }
        tree
    }

    /// The top of the tree.
    pub(super) fn root(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    /// A folder beside it for what a writer needs.
    pub(super) fn beside(&self) -> &Path {
        self.folder.path()
    }

    fn file(&mut self, path: &str, content: &[u8]) {
        fs::write(self.root().join(path), content).unwrap();
        self.size += content.len() as u64;
    }

    fn link(&mut self, path: &str, target: &str) {
        symlink(target, self.root().join(path)).unwrap();
        self.size += target.len() as u64;
    }

    fn holes(&mut self, path: &str, data: &[(u64, &[u8])], size: u64) {
        let mut file = fs::File::create(self.root().join(path)).unwrap();
        for (offset, bytes) in data {
            file.seek(SeekFrom::Start(*offset)).unwrap();
            file.write_all(bytes).unwrap();
        }
        file.set_len(size).unwrap();
        self.size += size;
    }
}
