//! One thing of an image: what it is, whose bytes it has, and who hides it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Look, fix, package};
use crate::domain::{Bytes, Earlier, HiddenBy, PackageFacts, Thing, ThingKind};
use crate::image::node::{Hiding, NodeId, NodeKind};
use crate::image::{FoundPath, FoundTool, Stack};
use crate::memory::OutOfMemory;

/// How many packages of a directory are named.
const MOST_PACKAGES: usize = 3;
/// How many other names of a tool.
const MOST_ALSO: usize = 20;

/// What is told of.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// What the final file system shows.
    Node(NodeId),
    /// What a later layer hides.
    Gone(NodeId),
    /// A tool at some paths that lead to one content, the one to tell of first.
    Tool(&'a FoundTool, Vec<&'a FoundPath>),
    /// A package, by its position.
    Package(usize),
}

/// The package that a part belongs to.
pub(super) fn owner(look: &Look<'_>, part: &Part<'_>) -> Option<usize> {
    match part {
        Part::Node(id) => owner_of(look, *id),
        Part::Gone(_) => None,
        Part::Tool(_, paths) => owner_of_tool(look, paths),
        Part::Package(position) => Some(*position),
    }
}

/// What there is to say of it.
pub(super) fn of(look: &Look<'_>, part: &Part<'_>) -> Result<Thing, OutOfMemory> {
    let owner = owner(look, part);
    let facts = owner.map(|owner| package::facts(look, owner)).transpose()?;
    let mut thing = match part {
        Part::Node(id) => of_node(look, *id, facts),
        Part::Gone(id) => of_gone(look, *id),
        Part::Tool(tool, paths) => of_tool(look, tool, paths, facts),
        Part::Package(position) => of_package(look, *position, facts),
    };
    let owner = owner.and_then(|owner| look.found.packages.list.get(owner));
    thing.fix = fix::of(look, &thing, owner);
    Ok(thing)
}

/// A thing of which nothing but this is known.
fn plain(kind: ThingKind, path: Option<String>, package: Option<PackageFacts>) -> Thing {
    Thing {
        kind,
        path,
        tool: None,
        also: Vec::new(),
        bytes: Bytes::ZERO,
        files: 0,
        package,
        packages: Vec::new(),
        brought: Vec::new(),
        again: None,
        earlier: Vec::new(),
        hidden: None,
        fix: None,
    }
}

fn of_node(look: &Look<'_>, id: NodeId, package: Option<PackageFacts>) -> Thing {
    let stack = look.view.stack;
    let end = stack.end(id);
    let mut thing = plain(kind(look, id), Some(look.path(id)), package);
    let holder = end.unwrap_or(id);
    thing.bytes = bytes_of(look, id);
    let below = Below::of(stack, holder);
    thing.files = below.files;
    (thing.brought, thing.again) = below.shares(look);
    if stack.node(holder).kind == NodeKind::Directory && thing.package.is_none() {
        thing.packages = packages_below(look, holder);
    }
    thing.earlier = earlier(look, id);
    thing
}

fn of_tool(look: &Look<'_>, tool: &FoundTool, paths: &[&FoundPath], package: Option<PackageFacts>) -> Thing {
    let Some(first) = paths.first() else { return plain(ThingKind::Other, None, package) };
    let shown = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
    let mut thing = match look.view.stack.resolve_link(NodeId::ROOT, &first.path) {
        Some(id) => of_node(look, id, package),
        None => plain(ThingKind::Other, Some(shown(&first.path)), package),
    };
    thing.tool = Some(tool.name.clone());
    thing.also = paths.iter().skip(1).take(MOST_ALSO).map(|path| shown(&path.path)).collect();
    thing.also.sort();
    thing.bytes = first.size;
    if !look.view.layers.is_empty() {
        thing.brought = first.shares.iter().map(|share| (share.layer, share.bytes)).collect();
        thing.brought.sort_by_key(|(layer, bytes)| (Reverse(*bytes), *layer));
        thing.again = first.touched_again;
    }
    thing
}

fn of_package(look: &Look<'_>, position: usize, facts: Option<PackageFacts>) -> Thing {
    let Some(package) = look.found.packages.list.get(position) else { return plain(ThingKind::Package, None, facts) };
    let brought = if look.view.layers.is_empty() { Vec::new() } else { package.brought.clone() };
    Thing {
        bytes: package.bytes,
        files: package.files,
        brought,
        ..plain(ThingKind::Package, package.path.clone(), facts)
    }
}

fn of_gone(look: &Look<'_>, id: NodeId) -> Thing {
    let stack = look.view.stack;
    let node = stack.node(id);
    let below = Below::of(stack, id);
    let files = below.files;
    let (brought, again) = below.shares(look);
    let hidden = node.hidden.map(|hidden| {
        let how = match hidden.how {
            Hiding::Whiteout | Hiding::Opaque => HiddenBy::Deleted,
            Hiding::Replaced => HiddenBy::Replaced,
        };
        (hidden.by, how)
    });
    let kind = match kind(look, id) {
        ThingKind::Link { to, .. } => ThingKind::Link { to, end: None },
        kind => kind,
    };
    let bytes = bytes_below(stack, id);
    Thing { bytes, files, brought, again, hidden, ..plain(kind, Some(look.path(id)), None) }
}

fn kind(look: &Look<'_>, id: NodeId) -> ThingKind {
    let stack = look.view.stack;
    match stack.node(id).kind {
        NodeKind::File { .. } => ThingKind::File,
        NodeKind::Directory => ThingKind::Directory,
        NodeKind::Other => ThingKind::Other,
        NodeKind::Symlink { target } => ThingKind::Link {
            to: String::from_utf8_lossy(target).into_owned(),
            end: stack.end(id).map(|end| look.path(end)),
        },
    }
}

/// The package that a node belongs to: that of the file, of what a link leads to, or the copy whose directory it is.
fn owner_of(look: &Look<'_>, id: NodeId) -> Option<usize> {
    let owners = &look.found.owners;
    let end = || look.view.stack.end(id);
    let owner = owners.of(id).or_else(|| owners.of(end()?));
    owner.or_else(|| copy_at(look, &look.path(end()?)))
}

fn owner_of_tool(look: &Look<'_>, paths: &[&FoundPath]) -> Option<usize> {
    let first = paths.first()?;
    let content = look.view.stack.resolve_link(NodeId::ROOT, &first.content)?;
    let of_content = owner_of(look, content);
    // A package's own directory holds its command.
    of_content.or_else(|| owner_of(look, look.view.at(&first.path)?))
}

/// The copy whose directory or file is at a path.
fn copy_at(look: &Look<'_>, path: &str) -> Option<usize> {
    look.found.packages.list.iter().position(|package| package.path.as_deref() == Some(path))
}

/// What the final file system shows at and below a node, links followed.
pub(super) fn bytes_of(look: &Look<'_>, id: NodeId) -> Bytes {
    let stack = look.view.stack;
    match stack.end(id) {
        Some(end) if stack.node(end).kind == NodeKind::Directory => Bytes(look.totals.of(end)),
        Some(end) => Bytes(stack.node(end).bytes()),
        None => Bytes(stack.node(id).bytes()),
    }
}

/// What is at and below a node, which may be hidden. The bytes of hard links are with their first name.
pub(super) fn bytes_below(stack: &Stack<'_>, id: NodeId) -> Bytes {
    Bytes(Below::of(stack, id).brought.values().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes)))
}

/// What is at and below a node, by layer.
#[derive(Default)]
struct Below {
    files: u64,
    brought: BTreeMap<usize, u64>,
    again: BTreeMap<usize, u64>,
}

impl Below {
    fn of(stack: &Stack<'_>, top: NodeId) -> Self {
        let mut all = Self::default();
        for id in std::iter::once(top).chain(stack.below(top)) {
            let node = stack.node(id);
            if matches!(node.kind, NodeKind::File { .. }) {
                all.files = all.files.saturating_add(1);
            }
            // Alone a name stands for its content, wherever that is.
            if node.bytes() == 0 || node.content != id && id != top {
                continue;
            }
            let brought = stack.brought_by(node.content);
            let add = |bytes: &mut u64| *bytes = bytes.saturating_add(node.bytes());
            add(all.brought.entry(brought).or_default());
            if brought != node.layer {
                add(all.again.entry(node.layer).or_default());
            }
        }
        all
    }

    /// Who brought it, the most first, and who has most of it again; nothing where the final file system alone was read.
    fn shares(self, look: &Look<'_>) -> (Vec<(usize, Bytes)>, Option<usize>) {
        if look.view.layers.is_empty() {
            return (Vec::new(), None);
        }
        let mut brought: Vec<(usize, Bytes)> =
            self.brought.into_iter().map(|(layer, bytes)| (layer, Bytes(bytes))).collect();
        brought.sort_by_key(|(layer, bytes)| (Reverse(*bytes), *layer));
        (brought, self.again.into_iter().max_by_key(|(_, bytes)| *bytes).map(|(layer, _)| layer))
    }
}

/// The packages that have most below a directory.
fn packages_below(look: &Look<'_>, top: NodeId) -> Vec<(String, Bytes)> {
    let mut by: BTreeMap<usize, u64> = BTreeMap::new();
    for id in look.view.stack.below(top) {
        let node = look.view.stack.node(id);
        if let Some(owner) = look.found.owners.of(id).filter(|_| node.content == id) {
            let bytes = by.entry(owner).or_default();
            *bytes = bytes.saturating_add(node.bytes());
        }
    }
    let mut by: Vec<(usize, u64)> = by.into_iter().filter(|(_, bytes)| *bytes > 0).collect();
    by.sort_by_key(|(owner, bytes)| (Reverse(*bytes), *owner));
    let named = |(owner, bytes): (usize, u64)| Some((look.found.packages.list.get(owner)?.name.clone(), Bytes(bytes)));
    by.into_iter().take(MOST_PACKAGES).filter_map(named).collect()
}

/// Copies of a file's path in lower layers, from the bottom.
fn earlier(look: &Look<'_>, id: NodeId) -> Vec<Earlier> {
    let stack = look.view.stack;
    let node = stack.node(id);
    if look.view.layers.is_empty() || node.kind == NodeKind::Directory {
        return Vec::new();
    }
    let path = stack.path(id);
    let same =
        stack.since(0).filter(|(_, other)| other.hidden.is_some() && other.name == node.name && other.bytes() > 0);
    same.filter(|(other, _)| stack.path(*other) == path)
        .filter_map(|(_, other)| {
            Some(Earlier { layer: other.layer, by: other.hidden?.by, bytes: Bytes(other.bytes()) })
        })
        .collect()
}
