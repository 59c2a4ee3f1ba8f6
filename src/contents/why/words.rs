//! What a word means in an image: what is there under it, else what was there and is deleted, else what is called nearly so.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::Look;
use super::thing::{self, Part};
use crate::catalogue;
use crate::domain::{Bytes, Ecosystem, PathGlob, Thing, Why};
use crate::image::node::{NodeId, NodeKind};
use crate::image::paths::match_paths;
use crate::image::{FoundPath, FoundTool};
use crate::memory::OutOfMemory;
use crate::text;

/// How many things of one word are told.
const MOST: usize = 50;
/// How many near names.
const MOST_NEAR: usize = 3;

/// The answer to one word.
pub(super) fn answer(look: &Look<'_>, word: &str) -> Result<Why, OutOfMemory> {
    let mut parts = there(look, word);
    if parts.is_empty() && is_glob(word) {
        return globbed(look, word);
    }
    if parts.is_empty() {
        parts = gone(look, word).into_iter().map(Part::Gone).collect();
    }
    let near = if parts.is_empty() { near(look, word) } else { Vec::new() };
    let bytes = each_once(look, &parts);
    Ok(Why { near, ..told(look, word, &parts, bytes, 0)? })
}

/// The first of some parts, and how many more there are beside `more`.
fn told(look: &Look<'_>, word: &str, parts: &[Part<'_>], bytes: Bytes, more: u64) -> Result<Why, OutOfMemory> {
    let things: Vec<Thing> =
        parts.iter().take(MOST).map(|part| thing::of(look, part)).collect::<Result<_, OutOfMemory>>()?;
    let rest = u64::try_from(parts.len().saturating_sub(MOST)).unwrap_or(u64::MAX);
    Ok(Why { asked: word.to_owned(), things, more: rest.saturating_add(more), bytes, near: Vec::new() })
}

/// What the final file system and its databases have under a word.
fn there<'a>(look: &Look<'a>, word: &str) -> Vec<Part<'a>> {
    let at = |path: &str| look.view.stack.resolve_link(NodeId::ROOT, path.as_bytes());
    if word.starts_with('/') {
        return at(word).map(Part::Node).into_iter().collect();
    }
    let mut parts = tools(look, word);
    let owners: Vec<usize> = parts.iter().filter_map(|part| thing::owner(look, part)).collect();
    let packages = look.found.packages.list.iter().enumerate();
    let mut named: Vec<usize> =
        packages.filter(|(_, package)| is_called(package.ecosystem, &package.name, word)).map(|(at, _)| at).collect();
    named.retain(|package| !owners.contains(package));
    named.sort_by_key(|package| look.found.packages.list.get(*package).map(|package| Reverse(package.bytes)));
    parts.extend(named.into_iter().map(Part::Package));
    if parts.is_empty() && word.contains('/') {
        parts.extend(at(word).map(Part::Node));
    }
    if parts.is_empty() && !word.is_empty() {
        let mut nodes: Vec<NodeId> =
            look.view.stack.live().filter(|(_, node)| node.name == word.as_bytes()).map(|(id, _)| id).collect();
        nodes.sort_by_key(|id| (Reverse(look.totals.of(*id)), *id));
        parts.extend(nodes.into_iter().map(Part::Node));
    }
    parts
}

/// Whether a package goes by a word: Python takes `-`, `_` and `.` for the same, and no notice of case.
///
/// <https://packaging.python.org/en/latest/specifications/name-normalization/>
fn is_called(ecosystem: Ecosystem, name: &str, word: &str) -> bool {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', '.'], "-");
    name == word || ecosystem == Ecosystem::Python && plain(name) == plain(word)
}

/// The tools that a word means, one for each content: `gcc` all that are, `gcc-12` that one.
fn tools<'a>(look: &Look<'a>, word: &str) -> Vec<Part<'a>> {
    let known = catalogue::identify(word.as_bytes()).map_or(word, |tool| tool.name);
    let tools = look.view.told.tools.iter().filter(|tool| tool.name == known);
    let all: Vec<(&FoundTool, &FoundPath)> =
        tools.flat_map(|tool| tool.paths.iter().map(move |path| (tool, path))).collect();
    let is_named = |path: &FoundPath| path.path.rsplit(|byte| *byte == b'/').next() == Some(word.as_bytes());
    let exact = word != known && all.iter().any(|(_, path)| is_named(path));
    let mut by_content: BTreeMap<&[u8], (&FoundTool, Vec<&FoundPath>)> = BTreeMap::new();
    for (tool, path) in all.into_iter().filter(|(_, path)| !exact || is_named(path)) {
        by_content.entry(&path.content).or_insert_with(|| (tool, Vec::new())).1.push(path);
    }
    let mut parts: Vec<_> = by_content.into_values().collect();
    for (_, paths) in &mut parts {
        // Debian's alternatives say less than what they lead to, and a name of its own less than the one that was typed.
        paths.sort_by_key(|path| {
            (path.path.starts_with(b"/etc/alternatives/"), !is_named(path), path.path.len(), &path.path)
        });
    }
    parts.sort_by_key(|(_, paths)| paths.first().map(|path| (Reverse(path.size), &path.path)));
    parts.into_iter().map(|(tool, paths)| Part::Tool(tool, paths)).collect()
}

/// What a later layer deleted or replaced by something else: at that path, by that name, or as that tool.
fn gone(look: &Look<'_>, word: &str) -> Vec<NodeId> {
    let stack = look.view.stack;
    let name = word.trim_end_matches('/').rsplit('/').next().unwrap_or_default().as_bytes();
    let tool = catalogue::identify(word.as_bytes()).map(|tool| tool.name).filter(|_| !word.contains('/'));
    let is_tool = |name: &[u8], mode: u16, kind: NodeKind<'_>| {
        let is_program = mode & 0o111 != 0 && matches!(kind, NodeKind::File { .. });
        is_program && tool.is_some() && catalogue::identify(name).map(|tool| tool.name) == tool
    };
    let hidden = stack.since(0).filter(|(_, node)| {
        node.hidden.is_some() && (node.name == name || tool.is_some() && is_tool(node.name, node.mode, node.kind))
    });
    let path = |id: NodeId| stack.path(id);
    let absolute = format!("/{}", word.trim_matches('/'));
    let is_meant = |id: &NodeId| !word.contains('/') || path(*id) == absolute.as_bytes();
    let is_gone = |id: &NodeId| stack.resolve_link(NodeId::ROOT, &path(*id)).is_none();
    let mut gone: Vec<NodeId> =
        hidden.map(|(id, _)| id).filter(is_meant).filter(is_gone).take(MOST.saturating_mul(MOST)).collect();
    gone.sort_by_key(|id| (Reverse(thing::bytes_below(stack, *id)), *id));
    gone
}

/// The paths that a glob matches, the largest first.
fn globbed(look: &Look<'_>, word: &str) -> Result<Why, OutOfMemory> {
    let nothing = || Why { asked: word.to_owned(), ..Why::default() };
    let Ok(glob) = PathGlob::new(word) else { return Ok(nothing()) };
    let stack = look.view.stack;
    let mut names = stack.memory().reserve();
    let matched = match_paths(stack, &[&glob], &mut names)?;
    let Some(matched) = matched.into_iter().next().filter(|matched| matched.count > 0) else {
        let near = format!("**/{}", word.trim_start_matches('/'));
        let is_elsewhere = !word.starts_with("**")
            && PathGlob::new(&near).is_ok_and(|glob| stack.live().any(|(id, _)| glob.matches(&stack.path(id))));
        return Ok(Why { near: is_elsewhere.then_some(near).into_iter().collect(), ..nothing() });
    };
    // What leads to something goes after it.
    let order =
        |id: NodeId| (Reverse(thing::bytes_of(look, id)), matches!(stack.node(id).kind, NodeKind::Symlink { .. }));
    let at = |found: &FoundPath| stack.resolve_link(NodeId::ROOT, &found.path);
    let mut found: Vec<NodeId> = matched.paths.iter().filter_map(at).collect();
    // They are sorted by path, and stay so where they are equal.
    found.sort_by_cached_key(|id| order(*id));
    let parts: Vec<Part<'_>> = found.into_iter().map(Part::Node).collect();
    let more = matched.count.saturating_sub(u64::try_from(parts.len()).unwrap_or(u64::MAX));
    told(look, word, &parts, matched.bytes, more)
}

fn is_glob(word: &str) -> bool {
    word.contains(['*', '?', '[', '{'])
}

/// The bytes of several parts, each once: what lies in another is not counted again.
fn each_once(look: &Look<'_>, parts: &[Part<'_>]) -> Bytes {
    let stack = look.view.stack;
    let mut counted = std::collections::HashSet::new();
    let mut bytes = 0_u64;
    for part in parts {
        let add = match part {
            Part::Node(id) if counted.insert(stack.end(*id).unwrap_or(*id)) => thing::bytes_of(look, *id),
            Part::Gone(id) if counted.insert(*id) => thing::bytes_below(stack, *id),
            Part::Tool(_, paths) => paths.first().map_or(Bytes::ZERO, |path| path.size),
            Part::Package(package) => {
                look.found.packages.list.get(*package).map_or(Bytes::ZERO, |package| package.bytes)
            }
            _ => Bytes::ZERO,
        };
        bytes = bytes.saturating_add(add.0);
    }
    Bytes(bytes)
}

/// What is called nearly so: the same name elsewhere, else a name that is a letter or two off.
fn near(look: &Look<'_>, word: &str) -> Vec<String> {
    let stack = look.view.stack;
    let (directory, name) = word.trim_end_matches('/').rsplit_once('/').unwrap_or(("", word));
    let elsewhere: Vec<String> = stack
        .live()
        .filter(|(_, node)| !name.is_empty() && node.name == name.as_bytes())
        .map(|(id, _)| look.path(id))
        .take(MOST_NEAR)
        .collect();
    if !elsewhere.is_empty() {
        return elsewhere;
    }
    let text = |name: &'_ [u8]| std::str::from_utf8(name).ok().map(str::to_owned);
    if word.contains('/') {
        let above = look.view.at(if directory.is_empty() { b"/" } else { directory.as_bytes() });
        let names: Vec<String> = above
            .into_iter()
            .filter(|id| stack.node(*id).kind == NodeKind::Directory)
            .flat_map(|id| stack.children(id))
            .filter_map(|id| text(stack.node(id).name))
            .collect();
        let near = text::nearest(name, names.iter().map(String::as_str));
        return near.map(|near| format!("{}/{near}", directory.trim_end_matches('/'))).into_iter().collect();
    }
    let packages = look.found.packages.list.iter().map(|package| package.name.as_str());
    let tools = look.view.told.tools.iter().map(|tool| tool.name.as_str());
    if let Some(near) = text::nearest(word, tools.chain(packages)) {
        return vec![near.to_owned()];
    }
    let names = stack.live().filter_map(|(_, node)| std::str::from_utf8(node.name).ok());
    text::nearest(word, names).map(str::to_owned).into_iter().collect()
}
