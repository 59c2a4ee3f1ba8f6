//! A file system as a list of paths, made of our measurement or of an engine's export, so that the two can be compared.

use std::collections::BTreeMap;
use std::io::Read as _;

use imgbudget::image::node::NodeKind;
use imgbudget::image::stack::Stack;
use imgbudget::source::{Limits, Wanted, archive};

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A regular file.
    File { size: u64, executable: bool },
    /// A symbolic link.
    Link,
    /// A directory, which engines also make where only a name below it says so, or a device: neither has content.
    Empty,
}

/// A file system.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// By absolute path.
    paths: BTreeMap<Vec<u8>, What>,
    /// Bytes of its regular files, those of hard links once.
    pub(super) bytes: u64,
    /// The size of the image; of an export the same as `bytes`.
    pub(super) size: u64,
}

/// What an engine puts into every container.
fn is_the_engines(path: &[u8]) -> bool {
    const FILES: [&[u8]; 8] = [
        b"/.dockerenv",
        b"/etc",
        b"/etc/hosts",
        b"/etc/hostname",
        b"/etc/mtab",
        b"/etc/resolv.conf",
        b"/run",
        b"/run/.containerenv",
    ];
    const FOLDERS: [&[u8]; 4] = [b"/dev", b"/proc", b"/sys", b"/run/secrets"];
    let below =
        |folder: &&[u8]| path.strip_prefix(*folder).is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b'/'));
    FILES.contains(&path) || FOLDERS.iter().any(below)
}

/// Our own reading of an archive: the tree that we see, or why we could not measure.
pub(super) fn measured(bytes: &[u8]) -> Result<Tree, String> {
    let image = archive::read(bytes, &Wanted::default(), "corpus.tar", &Limits::default(), &mut |_| {})
        .map_err(|error| error.chain())?;
    let mut stack = Stack::default();
    for layer in &image.layers {
        stack.push(layer).map_err(|error| error.to_string())?;
    }
    let mut tree = Tree { size: image.layers.iter().map(|layer| layer.size().0).sum(), ..Tree::default() };
    let mut counted = std::collections::BTreeSet::new();
    for (id, node) in stack.live() {
        let path = stack.path(id);
        let what = match node.kind {
            NodeKind::File { size, content } => {
                tree.bytes += if counted.insert(content) && !is_the_engines(&path) { size } else { 0 };
                What::File { size, executable: node.mode & 0o111 != 0 }
            }
            NodeKind::Symlink { .. } => What::Link,
            _ => What::Empty,
        };
        tree.paths.insert(path, what);
    }
    Ok(tree)
}

impl Tree {
    /// An engine's export of a container, without what the engine puts into each.
    pub(super) fn exported(tar: &[u8]) -> Self {
        let mut tree = Self::default();
        for entry in tar::Archive::new(tar).entries().expect("a tar") {
            let mut entry = entry.expect("an engine writes whole tars");
            let mut path = b"/".to_vec();
            path.extend_from_slice(entry.path_bytes().strip_suffix(b"/").unwrap_or(&entry.path_bytes()));
            let kind = entry.header().entry_type();
            let what = if kind.is_file() {
                // A sparse file has the size that it appears to have.
                let size = std::io::copy(&mut entry.by_ref(), &mut std::io::sink()).expect("in memory");
                What::File { size, executable: entry.header().mode().expect("a mode") & 0o111 != 0 }
            } else if kind.is_hard_link() {
                let target = entry.link_name_bytes().expect("a hard link leads somewhere");
                let target = [b"/", target.as_ref().strip_prefix(b"/").unwrap_or(&target)].concat();
                tree.paths.get(&target).cloned().expect("a hard link follows its target")
            } else if kind.is_symlink() {
                What::Link
            } else {
                What::Empty
            };
            if !is_the_engines(&path) {
                if let (true, What::File { size, .. }) = (kind.is_file(), &what) {
                    tree.bytes += size;
                }
                tree.paths.insert(path, what);
            }
        }
        tree.size = tree.bytes;
        tree
    }

    /// What `other` shows and this one does not, or smaller.
    pub(super) fn lacks(&self, other: &Self) -> Vec<String> {
        let mut lacking = Vec::new();
        if self.size < other.bytes {
            lacking.push(format!("{} bytes of {}", self.size, other.bytes));
        }
        if self.bytes < other.bytes {
            lacking.push(format!("shows {} bytes of {}", self.bytes, other.bytes));
        }
        for (path, theirs) in &other.paths {
            let ours = self.paths.get(path);
            let enough = match (theirs, ours) {
                (What::File { size, executable }, Some(What::File { size: our_size, executable: ours })) => {
                    our_size >= size && (*ours || !executable)
                }
                (What::Link, ours) => ours == Some(&What::Link) || is_the_engines(path),
                (What::File { .. }, _) => is_the_engines(path),
                (What::Empty, _) => true,
            };
            if !enough {
                lacking.push(format!("{} is {theirs:?}, and we see {ours:?}", String::from_utf8_lossy(path)));
            }
        }
        lacking
    }
}
