//! Which files the final file system shows whose content is wanted and not known.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::Bytes;
use crate::image::Stack;
use crate::image::node::{Node, NodeId, NodeKind};
use crate::layer::{Keep, LayerFiles, program};
use crate::memory::{OutOfMemory, Reserved};
use crate::reading::fetch::{Wanted, What};

/// Directories into which the packages of distributions install (Filesystem Hierarchy Standard 3.0), but for `/usr/local`.
const OF_PACKAGES: [&[u8]; 5] = [b"/usr/", b"/bin/", b"/sbin/", b"/lib/", b"/lib64/"];

/// Files that only a layer has in which packages were installed.
const DATABASES: [(&[u8], &[u8]); 6] = [
    (b"status", b"/var/lib/dpkg/status"),
    (b"installed", b"/lib/apk/db/installed"),
    (b"installed", b"/usr/lib/apk/db/installed"),
    (b"rpmdb.sqlite", b"/var/lib/rpm/rpmdb.sqlite"),
    (b"rpmdb.sqlite", b"/usr/lib/sysimage/rpm/rpmdb.sqlite"),
    (b"Packages.db", b"/usr/lib/sysimage/rpm/Packages.db"),
];

/// A file that is wanted.
#[derive(Debug)]
pub(super) struct Lacking {
    /// A node that shows it.
    pub(super) node: NodeId,
    pub(super) wanted: Wanted,
}

/// What is wanted and not known, and what it takes of memory.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) files: Vec<Lacking>,
    _reserved: Reserved,
}

/// Looks through all that the file system shows.
///
/// # Errors
/// There is no memory for it.
pub(super) fn find(stack: &Stack<'_>, files: &[Arc<LayerFiles>], keep: &Keep) -> Result<Found, OutOfMemory> {
    /// What a wanted file takes beside its path.
    const EACH: usize = 256;
    let mut reserved = stack.memory().reserve();
    let has_packages = with_packages(stack);
    let mut found: Vec<Lacking> = Vec::new();
    let mut by_content: HashMap<NodeId, usize> = HashMap::new();
    let is_lacking = |node: &Node<'_>| files.get(stack.node(node.content).layer).is_none_or(|it| !it.is_complete());
    for (id, node) in stack.live() {
        let NodeKind::File { size, content } = node.kind else { continue };
        if size == 0 || by_content.contains_key(&content) || !is_lacking(&node) {
            continue;
        }
        let path = stack.path(id);
        let layer = stack.node(content).layer;
        let bound = path.strip_prefix(b"/").and_then(|path| keep.bound(path));
        let what = match bound {
            Some(_) => What::Whole,
            None if is_own_program(&node, &path, has_packages.get(layer) == Some(&true)) => What::Program,
            None => continue,
        };
        let key = stack.path(content).split_off(1);
        if files.get(layer).is_some_and(|files| files.get(&key).is_some()) {
            continue;
        }
        let left = bound
            .filter(|bound| size > *bound)
            .map(|bound| format!("has {}, more than the {} that are read", Bytes(size), Bytes(bound)));
        reserved.grow(EACH.saturating_add(path.len()).saturating_add(key.len()))?;
        by_content.insert(content, found.len());
        let wanted = Wanted { layer, path: key, names: Vec::new(), size, what, left };
        found.push(Lacking { node: id, wanted });
    }
    // A directory's tar has the bytes at whichever name comes first.
    let shown = (!found.is_empty()).then(|| stack.live());
    for (id, node) in shown.into_iter().flatten() {
        if let NodeKind::File { content, .. } = node.kind
            && let Some(lacking) = by_content.get(&content).and_then(|number| found.get_mut(*number))
        {
            let name = stack.path(id);
            reserved.grow(EACH.saturating_add(name.len()))?;
            lacking.wanted.names.push(name);
        }
    }
    Ok(Found { files: found, _reserved: reserved })
}

/// Whether a file may be a program that did not come in a package of the distribution, which says all there is to know of its own.
fn is_own_program(node: &Node<'_>, path: &[u8], came_with_packages: bool) -> bool {
    let is_of_packages =
        || OF_PACKAGES.iter().any(|directory| path.starts_with(directory)) && !path.starts_with(b"/usr/local/");
    program::may_be_program(u32::from(node.mode), node.bytes()) && !(came_with_packages && is_of_packages())
}

/// Of each layer whether packages were installed in it.
fn with_packages(stack: &Stack<'_>) -> Vec<bool> {
    let mut layers = vec![false; stack.layers()];
    for (id, node) in stack.since(0) {
        let mut named = DATABASES.iter().filter(|(name, _)| *name == node.name).peekable();
        if named.peek().is_none() {
            continue;
        }
        let path = stack.path(id);
        if named.any(|(_, database)| *database == path)
            && let Some(layer) = layers.get_mut(node.layer)
        {
            *layer = true;
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DiffId, Digest};
    use crate::layer::{Entry, EntryKind, Kept, LayerIndex, LayerIndexBuilder};
    use crate::memory::Memory;

    fn layer(entries: &[(&str, EntryKind<'_>)]) -> LayerIndex {
        let mut draft = LayerIndexBuilder::default();
        for (path, kind) in entries {
            draft.push(Entry { path: path.as_bytes(), kind: *kind, mode: 0o755 }).expect("room");
        }
        draft.finish(DiffId(Digest::of(""))).expect("room")
    }

    fn file<'a>(size: u64) -> EntryKind<'a> {
        EntryKind::File { size }
    }

    fn keep() -> Keep {
        Keep::new(|path| path.ends_with(b".json").then_some(1000), &Memory::default())
    }

    fn found(layers: &[LayerIndex], files: &[Arc<LayerFiles>]) -> Vec<String> {
        let mut stack = Stack::default();
        for layer in layers {
            stack.push(layer).expect("room");
        }
        let line = |lacking: Lacking| {
            let Wanted { layer, path, names, what, left, .. } = lacking.wanted;
            let names: Vec<_> = names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
            let left = left.map(|why| format!(" ({why})")).unwrap_or_default();
            format!("{layer} {} at {} {what:?}{left}", String::from_utf8_lossy(&path), names.join(" "))
        };
        find(&stack, files, &keep()).expect("room").files.into_iter().map(line).collect()
    }

    #[test]
    fn only_what_is_shown_and_not_known() {
        let below = layer(&[("a.json", file(1)), ("b.json", file(2)), ("c.json", file(3)), ("empty.json", file(0))]);
        let above = layer(&[("a.json", file(5)), ("b.json", EntryKind::Whiteout), ("d.json", file(1001))]);
        let mut known = LayerFiles::default();
        known.insert(*b"c.json", Kept::Left("is known".into()));
        let files = [Arc::new(known), Arc::default()];
        assert_eq!(
            found(&[below, above], &files),
            ["1 a.json at /a.json Whole", "1 d.json at /d.json Whole (has 1.0 kB, more than the 1.0 kB that are read)"]
        );
    }

    #[test]
    fn all_of_a_layer_that_was_seen_is_known() {
        let mut seen = LayerFiles::default();
        seen.set_complete();
        assert_eq!(found(&[layer(&[("a.json", file(1))])], &[Arc::new(seen)]), [""; 0]);
    }

    #[test]
    fn a_file_of_several_names_is_wanted_once_where_its_layer_has_it() {
        let link = EntryKind::HardLink { target: b"store/1" };
        let one = layer(&[("store/1", file(7)), ("a.json", link), ("b.json", link)]);
        assert_eq!(found(&[one], &[]), ["0 store/1 at /store/1 /a.json /b.json Whole"]);
    }

    #[test]
    fn programs_of_packages_are_theirs() {
        let base = layer(&[("var/lib/dpkg/status", file(9)), ("usr/bin/perl", file(4_000_000))]);
        let own = layer(&[("usr/bin/api", file(9_000_000)), ("opt/api", file(200_000)), ("opt/small", file(1000))]);
        let local = layer(&[("var/lib/dpkg/status", file(10)), ("usr/local/bin/api", file(200_000))]);
        assert_eq!(
            found(&[base, own, local], &[]),
            [
                "1 usr/bin/api at /usr/bin/api Program",
                "1 opt/api at /opt/api Program",
                "2 usr/local/bin/api at /usr/local/bin/api Program"
            ]
        );
    }
}
