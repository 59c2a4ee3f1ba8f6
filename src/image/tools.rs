//! Which tools an image has, and which it had before a later layer deleted them.
//!
//! A tool is there when a path whose file name is known is a regular file with an execute bit, or a link that ends at one, in any
//! directory, unless it is a small helper that nobody calls; when a file is there that its interpreter runs without such a bit; or when
//! the directory of its package is there. Nothing is ever run.
//!
//! The search looks after each layer, because whether a link ended at a program can only be told while the program is there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::measurement::{FoundPath, FoundTool};
use super::node::{NodeId, NodeKind};
use super::share::Shares;
use super::stack::Stack;
use crate::catalogue::{self, Ecosystem, busybox};
use crate::domain::Bytes;
use crate::memory::{List, Memory, OutOfMemory, Reserved};

/// Tools in the final file system, and tools that were in it once.
#[derive(Debug, Default)]
pub struct Tools {
    /// In the final file system, sorted by name.
    pub present: Vec<FoundTool>,
    /// Deleted by a later layer, and not present anywhere. Sorted by name.
    pub shadowed: Vec<FoundTool>,
}

/// A search that goes along while layers are stacked.
#[derive(Debug)]
pub struct ToolSearch<'q> {
    /// Names that were asked for and the catalogue does not know.
    asked: BTreeSet<&'q str>,
    candidates: List<Candidate<'q>>,
    /// How many nodes were looked at.
    mark: usize,
    /// Contents that are BusyBox under any of their names.
    busyboxes: HashSet<NodeId>,
}

/// A path with the name of a tool.
#[derive(Debug)]
struct Candidate<'q> {
    node: NodeId,
    name: &'q str,
    family: &'q str,
    /// What makes it a tool.
    needs: Needs,
    /// What it led to when it became a tool.
    led_to: Option<NodeId>,
    /// Whether that was BusyBox.
    applet: bool,
}

/// What a path has to lead to, besides having the right name. The directory of a package will do as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// A file that can be executed and is larger than a helper of that name and place may be.
    Program { larger_than: Option<u64> },
    /// A file.
    Archive,
}

/// The names of those that are no part of BusyBox, which has hundreds of them.
#[must_use]
pub fn names(found: &[FoundTool]) -> Vec<String> {
    found.iter().filter(|tool| !tool.applet).map(|tool| tool.name.clone()).collect()
}

impl<'q> ToolSearch<'q> {
    /// A search for the tools of the catalogue and for commands called one of `asked`.
    pub fn new(asked: impl IntoIterator<Item = &'q str>, memory: &Memory) -> Self {
        let unknown = asked.into_iter().filter(|name| catalogue::identify(name.as_bytes()).is_none()).collect();
        Self { asked: unknown, candidates: List::new(memory), mark: 0, busyboxes: HashSet::new() }
    }

    /// Looks at what the last layer brought. To be called after each.
    ///
    /// # Errors
    /// When there is no memory for what has the name of a tool.
    pub fn look(&mut self, stack: &Stack<'_>) -> Result<(), OutOfMemory> {
        for (id, node) in stack.since(self.mark) {
            if let NodeKind::File { content, .. } = node.kind
                && busybox::is_busybox(node.name)
            {
                self.busyboxes.insert(content);
            }
            if let Some((name, family, needs)) = self.named(stack, id) {
                self.candidates.push(Candidate { node: id, name, family, needs, led_to: None, applet: false })?;
            }
        }
        self.mark = stack.len();
        for candidate in self.candidates.iter_mut().filter(|candidate| candidate.led_to.is_none()) {
            candidate.led_to = program(stack, candidate.node, candidate.needs);
            candidate.applet =
                candidate.led_to.is_some_and(|end| is_applet(stack, candidate.node, end, &self.busyboxes));
        }
        Ok(())
    }

    /// What was found, after the last layer. The names of its paths are taken from what `names` draws from.
    ///
    /// # Errors
    /// When there is no memory for them.
    pub fn finish(self, stack: &Stack<'_>, names: &mut Reserved) -> Result<Tools, OutOfMemory> {
        let mut sizes = Sizes { stack, names, below: HashMap::new() };
        let (mut present, mut gone) = (Vec::new(), Vec::new());
        for candidate in self.candidates.iter() {
            match (program(stack, candidate.node, candidate.needs), candidate.led_to) {
                (Some(end), _) => {
                    let applet = is_applet(stack, candidate.node, end, &self.busyboxes);
                    present.push(Found { candidate, end, applet });
                }
                // Without its link an applet leaves no bytes behind that ship in vain: they are BusyBox's.
                (None, Some(end)) if candidate.applet && stack.node(end).hidden.is_none() => {}
                (None, Some(end)) => gone.push(Found { candidate, end, applet: candidate.applet }),
                (None, None) => {}
            }
        }
        let names: BTreeSet<_> = present.iter().map(|found| found.candidate.name).collect();
        gone.retain(|found| !names.contains(found.candidate.name));
        Ok(Tools { present: gather(present, &mut sizes)?, shadowed: gather(gone, &mut sizes)? })
    }

    /// Name and family of the tool that a node would be by its name and place, and what it needs to be one.
    fn named(&self, stack: &Stack<'_>, id: NodeId) -> Option<(&'q str, &'q str, Needs)> {
        let node = stack.node(id);
        let known = |tool: &'static catalogue::Tool, needs| (tool.name, tool.family, needs);
        let executable = match node.kind {
            NodeKind::File { .. } => node.mode & 0o111 != 0,
            NodeKind::Symlink { .. } => true,
            NodeKind::Directory => return package(stack, id).map(|tool| known(tool, PACKAGE)),
            NodeKind::Other => return None,
        };
        if let Some(tool) = catalogue::identify_archive(node.name) {
            return Some(known(tool, Needs::Archive));
        }
        if !executable {
            return None;
        }
        let asked = || self.asked.iter().find(|asked| is_or_is_a_version_of(node.name, asked.as_bytes()));
        let by_name = catalogue::identify(node.name).map(|tool| (tool.name, tool.family));
        let by_place = || inner(stack, id).map(|tool| (tool.name, tool.family));
        if let Some((name, family)) = by_name.or_else(|| asked().map(|name| (*name, *name))).or_else(by_place) {
            let larger_than = catalogue::helper_limit(&stack.path(node.parent), node.name);
            return Some((name, family, Needs::Program { larger_than }));
        }
        package(stack, id).map(|tool| known(tool, PACKAGE))
    }
}

/// What a directory needs is in it.
const PACKAGE: Needs = Needs::Program { larger_than: None };

/// A path that is a tool.
struct Found<'c, 'q> {
    candidate: &'c Candidate<'q>,
    /// What it leads to.
    end: NodeId,
    /// Whether that is BusyBox.
    applet: bool,
}

/// The tool that runs a program, which is known by where it lies.
fn inner(stack: &Stack<'_>, id: NodeId) -> Option<&'static catalogue::Tool> {
    let node = stack.node(id);
    let directory = stack.node(node.parent);
    let above = stack.node(directory.parent);
    catalogue::identify_inner([stack.node(above.parent).name, above.name], node.name)
}

/// Whether a file name is `asked`, or that with a version behind it: `python3.11` is the `python3` that somebody forbade.
fn is_or_is_a_version_of(file_name: &[u8], asked: &[u8]) -> bool {
    let Some(rest) = file_name.strip_prefix(asked) else { return false };
    let version = rest.strip_prefix(b"-").or_else(|| rest.strip_prefix(b".")).unwrap_or(rest);
    rest.is_empty()
        || version.first().is_some_and(u8::is_ascii_digit) && version.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

/// The tool whose package directory a node is, by where it lies.
fn package(stack: &Stack<'_>, id: NodeId) -> Option<&'static catalogue::Tool> {
    let node = stack.node(id);
    let parent = stack.node(node.parent);
    let below = |home: &[u8]| {
        let above = stack.node(parent.parent);
        // A package inside of another's directory: `@scope/name`, `poetry/console`.
        (above.name == home).then(|| [parent.name, b"/", node.name].concat())
    };
    match parent.name {
        b"node_modules" => catalogue::identify_package(Ecosystem::Node, node.name),
        // Debian's home of Node packages.
        b"nodejs" if stack.node(parent.parent).name == b"share" => {
            catalogue::identify_package(Ecosystem::Node, node.name)
        }
        b"site-packages" | b"dist-packages" => catalogue::identify_package(Ecosystem::Python, node.name),
        b"sdk" if node.name.first().is_some_and(u8::is_ascii_digit) => {
            catalogue::identify_package(Ecosystem::DotNet, b"sdk")
        }
        scope if scope.starts_with(b"@") => {
            let scoped = below(b"node_modules").or_else(|| below(b"nodejs"))?;
            catalogue::identify_package(Ecosystem::Node, &scoped)
        }
        _ => {
            let nested = below(b"site-packages").or_else(|| below(b"dist-packages"))?;
            catalogue::identify_package(Ecosystem::Python, &nested)
        }
    }
}

/// What a path leads to now, when that makes it a tool: a program, an archive, or a package directory with something in it.
fn program(stack: &Stack<'_>, id: NodeId, needs: Needs) -> Option<NodeId> {
    if stack.node(id).hidden.is_some() {
        return None;
    }
    let end = stack.end(id)?;
    let is_tool = match (stack.node(end).kind, needs) {
        (NodeKind::File { size, .. }, Needs::Program { larger_than }) => {
            stack.node(end).mode & 0o111 != 0 && larger_than.is_none_or(|largest| size > largest)
        }
        (NodeKind::File { .. }, Needs::Archive) => true,
        (NodeKind::Directory, _) => package(stack, id).is_some() && is_package(stack, id, end),
        (NodeKind::Symlink { .. } | NodeKind::Other, _) => false,
    };
    is_tool.then_some(end)
}

/// Whether a directory, or a link that ends at it, holds the package that its name and place promise.
fn is_package(stack: &Stack<'_>, id: NodeId, end: NodeId) -> bool {
    let is_sdk = stack.node(stack.node(id).parent).name == b"sdk";
    if is_sdk { stack.child(end, b"dotnet.dll").is_some() } else { holds_files(stack, end) }
}

/// Whether a path with the name of an applet ends at BusyBox. A link to BusyBox with another name is told as any program: that file
/// can only be something else called `busybox`, or know more than is known of it here.
fn is_applet(stack: &Stack<'_>, id: NodeId, end: NodeId, busyboxes: &HashSet<NodeId>) -> bool {
    let name = stack.node(id).name;
    let leads_to_busybox =
        matches!(stack.node(end).kind, NodeKind::File { content, .. } if busyboxes.contains(&content));
    leads_to_busybox && busybox::provides(name) && !busybox::is_busybox(name)
}

fn holds_files(stack: &Stack<'_>, directory: NodeId) -> bool {
    stack.below(directory).any(|id| matches!(stack.node(id).kind, NodeKind::File { .. }))
}

/// What was found as tools, sorted by name, their paths sorted. Applets are told apart from programs of the same name, and are of
/// BusyBox's family: they come and go with it.
fn gather(found: Vec<Found<'_, '_>>, sizes: &mut Sizes<'_>) -> Result<Vec<FoundTool>, OutOfMemory> {
    let mut tools: BTreeMap<(&str, bool), FoundTool> = BTreeMap::new();
    for Found { candidate, end, applet } in found {
        let tool = tools.entry((candidate.name, applet)).or_insert_with(|| FoundTool {
            name: candidate.name.to_owned(),
            family: if applet { busybox::NAME } else { candidate.family }.to_owned(),
            applet,
            paths: Vec::new(),
        });
        tool.paths.push(sizes.found(candidate, end)?);
    }
    let mut tools: Vec<_> = tools.into_values().collect();
    for tool in &mut tools {
        tool.paths.sort();
    }
    Ok(tools)
}

/// Where the bytes of a tool lie, and how many they are.
struct Sizes<'s> {
    stack: &'s Stack<'s>,
    names: &'s mut Reserved,
    /// Bytes below package directories that were asked for.
    below: HashMap<NodeId, (u64, Shares)>,
}

impl Sizes<'_> {
    /// A path, and the file or package directory that it leads to. A package's own command shares the package's bytes, and came with
    /// it whatever was linked or changed owner later; another program inside a package, as npm's node-gyp, is only itself. A link to
    /// what a later layer brought became a tool there.
    fn found(&mut self, candidate: &Candidate<'_>, end: NodeId) -> Result<FoundPath, OutOfMemory> {
        let stack = self.stack;
        let path = candidate.node;
        let package = self.package_of(candidate, end);
        let holder = package.unwrap_or_else(|| match stack.node(end).kind {
            NodeKind::File { content, .. } => content,
            _ => end,
        });
        let (size, shares) = match stack.node(holder).kind {
            NodeKind::File { size, .. } => (size, Shares::of_file(stack, holder)),
            _ => self.below.entry(holder).or_insert_with(|| bytes_below(stack, holder)).clone(),
        };
        let touched_again = shares.again();
        let shares = shares.into_parts();
        let text = stack.path_length(path).saturating_add(stack.path_length(holder));
        self.names.grow(FoundPath::weight(text, shares.len()))?;
        let became_one = || stack.brought_by(path).max(stack.brought_by(end));
        Ok(FoundPath {
            path: stack.path(path),
            layer: Some(package.map_or_else(became_one, |package| stack.node(package).layer)),
            touched_again,
            size: Bytes(size),
            shares,
            content: stack.path(holder),
        })
    }

    /// The outermost package directory at or above a node that is the tool's, or its family's as npm is npx's.
    fn package_of(&self, candidate: &Candidate<'_>, id: NodeId) -> Option<NodeId> {
        let above = std::iter::successors(Some(id), |at| Some(self.stack.node(*at).parent).filter(|up| up != at));
        let directories = above.filter(|at| self.stack.node(*at).kind == NodeKind::Directory);
        let own = |at: &NodeId| {
            package(self.stack, *at).is_some_and(|tool| [candidate.name, candidate.family].contains(&tool.name))
        };
        directories.filter(own).last()
    }
}

/// Bytes of everything below a directory; for a hidden one, of what was hidden with it. Hard links count once.
fn bytes_below(stack: &Stack<'_>, directory: NodeId) -> (u64, Shares) {
    // Files have one name nearly always: only those whose first name is elsewhere have to be remembered.
    let is_below = |id: NodeId| {
        let by = |id: NodeId| stack.node(id).hidden.map(|hidden| hidden.by);
        let mut up = std::iter::successors(Some(id), |at| Some(stack.node(*at).parent).filter(|up| up != at));
        by(id) == by(directory) && up.any(|at| at == directory)
    };
    let mut counted = HashSet::new();
    let mut counts = |(id, content): (NodeId, NodeId)| id == content || !is_below(content) && counted.insert(content);
    let below = stack.below(directory).map(|id| (id, stack.node(id)));
    let bytes = below
        .filter(|(id, node)| counts((*id, node.content)))
        .fold(0_u64, |sum, (_, node)| sum.saturating_add(node.bytes()));
    (bytes, Shares::below(stack, directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_names_that_were_asked_for() {
        for version in ["python3", "python3.11", "python3-11", "python3.11.2"] {
            assert!(is_or_is_a_version_of(version.as_bytes(), b"python3"), "{version}");
        }
        for other in ["python", "python3-config", "python3.11-config", "python3.", "python3-", "xpython3"] {
            assert!(!is_or_is_a_version_of(other.as_bytes(), b"python3"), "{other}");
        }
    }
}
