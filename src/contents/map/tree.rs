//! Which paths are large enough to be shown, the largest directory opened first; the rest of a directory is one node.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::stored::Stored;
use crate::domain::{MapKind, MapNode};
use crate::image::Stack;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, Names, OutOfMemory};

/// What is less than this part of the image is merged.
const LEAST_PART: u64 = 1000;
/// The most nodes of a map: each level of directories could have a thousand large ones.
const MOST_NODES: usize = 5000;
/// The deepest directory that is opened.
const DEEPEST: usize = 64;
/// No place yet.
const NOWHERE: u32 = u32::MAX;

/// The nodes of a map, without what is measured on them, and which of them each node of the stack is a part of.
pub(super) struct Tree {
    /// As in [`Map`](crate::domain::Map).
    pub(super) nodes: Vec<MapNode>,
    /// Where the nodes of the stack are.
    pub(super) within: Within,
}

/// The node of the map that each node of the stack is, or is a part of.
pub(super) struct Within(List<u32>);

impl Within {
    /// The one of a node.
    pub(super) fn of_node(&self, id: NodeId) -> usize {
        self.0.get(id.index()).map_or(0, |within| *within as usize)
    }
}

impl Tree {
    /// Chooses the nodes.
    pub(super) fn of(stack: &Stack<'_>, stored: &Stored) -> Result<Self, OutOfMemory> {
        let mut growing = Growing::new(stack, stored)?;
        while let Some((_, Reverse(node))) = growing.open.pop() {
            growing.expand(node)?;
        }
        let Growing { nodes, mut within, .. } = growing;
        // A parent goes before its children, so its place is known.
        for (id, node) in stack.since(0) {
            if within[id.index()] == NOWHERE {
                within[id.index()] = within[node.parent.index()];
            }
        }
        Ok(Self { nodes, within: Within(within) })
    }
}

/// A tree in the making.
struct Growing<'a> {
    stack: &'a Stack<'a>,
    stored: &'a Stored,
    least: u64,
    nodes: Vec<MapNode>,
    /// Of each node of the map what it is in the stack: what is at its path, and what was there before; and its depth.
    members: Vec<(usize, Vec<NodeId>)>,
    open: BinaryHeap<(u64, Reverse<usize>)>,
    within: List<u32>,
    /// Of what was looked at last, its group.
    group: List<u32>,
}

/// What is at one path of a directory: its bytes, and one of the nodes there.
type Group = (u64, NodeId);

/// Of groups by their positions what else is at the same path.
type Joined = BTreeMap<usize, Vec<NodeId>>;

impl<'a> Growing<'a> {
    fn new(stack: &'a Stack<'a>, stored: &'a Stored) -> Result<Self, OutOfMemory> {
        let (mut within, mut group) = (List::new(stack.memory()), List::new(stack.memory()));
        within.resize(stack.len(), NOWHERE)?;
        group.resize(stack.len(), NOWHERE)?;
        let mut growing = Self {
            stack,
            stored,
            least: (stored.all(NodeId::ROOT) / LEAST_PART).max(1),
            nodes: Vec::new(),
            members: Vec::new(),
            open: BinaryHeap::new(),
            within,
            group,
        };
        growing.add(0, 0, MapKind::Directory, String::new(), vec![NodeId::ROOT], stored.all(NodeId::ROOT));
        Ok(growing)
    }

    /// Adds a node, to be opened where it is a directory that may have something large in it.
    fn add(
        &mut self,
        parent: usize,
        depth: usize,
        kind: MapKind,
        name: String,
        members: Vec<NodeId>,
        bytes: u64,
    ) -> usize {
        let position = self.nodes.len();
        for id in &members {
            self.within[id.index()] = u32::try_from(position).unwrap_or(NOWHERE);
        }
        self.nodes.push(MapNode::new(parent, kind, name));
        if kind == MapKind::Directory && bytes >= self.least && depth < DEEPEST {
            self.open.push((bytes, Reverse(position)));
        }
        self.members.push((depth, members));
        position
    }

    /// Puts what is in a directory into nodes of its own, where some of it is large and there is room.
    fn expand(&mut self, node: usize) -> Result<(), OutOfMemory> {
        let Some((depth, members)) = self.members.get_mut(node).map(std::mem::take) else { return Ok(()) };
        let (groups, joined) = self.groups(&members)?;
        let is_large = |group: &Group| group.0 >= self.least;
        let mut large: Vec<usize> = (0..groups.len()).filter(|position| is_large(&groups[*position])).collect();
        let is_room = self.nodes.len().saturating_add(large.len()) < MOST_NODES;
        if large.is_empty() || !is_room {
            return Ok(());
        }
        let name = |position: &usize| self.stack.node(groups[*position].1).name;
        large.sort_by(|a, b| groups[*b].0.cmp(&groups[*a].0).then_with(|| name(a).cmp(name(b))));
        for position in large {
            self.add_group(node, depth, position, &groups, &joined);
        }
        // A file that a directory took the place of is a part of that directory.
        let files = members.into_iter().filter(|id| self.stored.own(*id) > 0);
        let mut rest: Vec<NodeId> = files.collect();
        let mut small = (0..groups.len()).filter(|position| groups[*position].0 < self.least);
        match (small.next(), small.next()) {
            (Some(only), None) if rest.is_empty() => self.add_group(node, depth, only, &groups, &joined),
            (None, _) if rest.is_empty() => {}
            (first, second) => {
                let small = first.into_iter().chain(second).chain(small);
                let before = |position: usize| joined.get(&position).into_iter().flatten().copied();
                for position in small {
                    rest.push(groups[position].1);
                    rest.extend(before(position));
                }
                self.add(node, depth, MapKind::Rest, String::new(), rest, 0);
            }
        }
        Ok(())
    }

    fn add_group(&mut self, parent: usize, depth: usize, position: usize, groups: &[Group], joined: &Joined) {
        let (bytes, first) = groups[position];
        let mut members = vec![first];
        members.extend(joined.get(&position).into_iter().flatten());
        let is_directory = members.iter().any(|id| self.stack.node(*id).kind == NodeKind::Directory);
        let kind = if is_directory { MapKind::Directory } else { MapKind::File };
        let name = String::from_utf8_lossy(self.stack.node(first).name).into_owned();
        self.add(parent, depth.saturating_add(1), kind, name, members, bytes);
    }

    /// What is in a directory by path, and what else was at the same path.
    fn groups(&mut self, members: &[NodeId]) -> Result<(List<Group>, Joined), OutOfMemory> {
        let (stack, stored) = (self.stack, self.stored);
        let mut groups: List<Group> = List::new(stack.memory());
        let mut joined = Joined::new();
        let mut taken = stack.memory().reserve();
        let children = || members.iter().flat_map(|member| stored.children(*member)).copied();
        for id in children().filter(|id| stack.node(*id).hidden.is_none()) {
            self.group[id.index()] = u32::try_from(groups.len()).unwrap_or(NOWHERE);
            groups.push((stored.all(id), id))?;
        }
        let shown = members.iter().find(|id| stack.node(**id).hidden.is_none());
        let mut hidden = Names::new(stack.memory());
        let mut known: List<NodeId> = List::new(stack.memory());
        for id in children().filter(|id| stack.node(*id).hidden.is_some()) {
            let name = stack.node(id).name;
            let live = shown.and_then(|directory| stack.child(*directory, name)).filter(|live| stored.all(*live) > 0);
            let key_of = |number: u32| (0, known.get(number as usize).map_or(&b""[..], |id| stack.node(*id).name));
            let same =
                live.or_else(|| hidden.find((0, name), key_of).and_then(|number| known.get(number as usize).copied()));
            if let Some(same) = same {
                let position = self.group[same.index()] as usize;
                groups[position].0 = groups[position].0.saturating_add(stored.all(id));
                taken.grow(2 * size_of::<(usize, Vec<NodeId>)>())?;
                joined.entry(position).or_default().push(id);
                continue;
            }
            self.group[id.index()] = u32::try_from(groups.len()).unwrap_or(NOWHERE);
            groups.push((stored.all(id), id))?;
            let number = u32::try_from(known.len()).unwrap_or(NOWHERE);
            known.push(id)?;
            hidden
                .insert(number, |number| (0, known.get(number as usize).map_or(&b""[..], |id| stack.node(*id).name)))?;
        }
        Ok((groups, joined))
    }
}
