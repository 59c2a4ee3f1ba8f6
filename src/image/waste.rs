//! Bytes that every node pulls and no process sees: of files and links that a later layer deleted, replaced or copied again.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::bits::Bits;
use super::measurement::{HiddenHow, Wasted, WastedPart, WastedPath};
use super::node::{Hiding, NodeId};
use super::stack::Stack;
use crate::domain::Bytes;
use crate::memory::{List, Memory, OutOfMemory, Reserved};

/// As many paths are named one by one.
const FEW: usize = 5;
/// How many paths are kept by name.
pub const MOST_NAMED: usize = 20;

/// What one layer hid at once, as a directory or as a file, or together below a directory.
#[derive(Debug, Clone, Copy)]
struct Top {
    bytes: u64,
    /// What was hidden, or the directory that all of it was in.
    node: NodeId,
    /// The first of them.
    first: NodeId,
    /// The first part of its path: found once, as paths may be deep and tops many.
    part: NodeId,
    by: u32,
}

/// What is wasted in all layers together. With the bytes that the file system shows it makes up the whole content size, but for
/// paths that are too long for any file system.
///
/// # Errors
/// When there is no memory for it.
pub fn wasted(stack: &Stack<'_>) -> Result<Wasted, OutOfMemory> {
    let mut seen = Bits::new(stack.len());
    for (_, node) in stack.live() {
        seen.insert(node.content);
    }
    let mut again = Bits::new(stack.len());
    for (before, _) in stack.replaced().filter(|(before, now)| stack.is_same(*before, *now)) {
        again.insert(before);
    }
    let mut parts = Parts::new(stack.memory());
    let mut tops = List::new(stack.memory());
    for (id, node) in stack.since(0) {
        let Some(hidden) = node.hidden else { continue };
        // What one layer hid at once, as a directory, counts at the directory.
        if stack.node(node.parent).hidden == Some(hidden) {
            continue;
        }
        let how = match hidden.how {
            Hiding::Whiteout | Hiding::Opaque => HiddenHow::Deleted,
            Hiding::Replaced if again.contains(id) => HiddenHow::Again,
            Hiding::Replaced => HiddenHow::Replaced,
        };
        // Its bytes stay as long as another name of it is shown, and are counted once however many names are not.
        let mut bytes = 0_u64;
        for at in std::iter::once(id).chain(stack.below(id)) {
            let below = stack.node(at);
            if below.hidden == Some(hidden) && seen.insert(below.content) && below.bytes() > 0 {
                bytes = bytes.saturating_add(below.bytes());
                parts.add(stack.brought_by(at), hidden.by, how, below.bytes())?;
            }
        }
        if bytes == 0 {
            continue;
        }
        let by = u32::try_from(hidden.by).unwrap_or(u32::MAX);
        tops.push(Top { bytes, node: id, first: id, part: ancestor(stack, id, 1), by })?;
    }
    let parts = parts.finish();
    let bytes = parts.iter().map(|part| part.bytes).sum();
    let (paths, more_paths) = largest(stack, &mut tops);
    Ok(Wasted { bytes, parts, paths, more_paths })
}

/// Wasted bytes by who brought them, who hides them, and how.
struct Parts {
    bytes: BTreeMap<(usize, usize, HiddenHow), u64>,
    /// There may be as many as files are hidden.
    taken: Reserved,
}

impl Parts {
    fn new(memory: &Memory) -> Self {
        Self { bytes: BTreeMap::new(), taken: memory.reserve() }
    }

    fn add(&mut self, brought: usize, by: usize, how: HiddenHow, bytes: u64) -> Result<(), OutOfMemory> {
        // An entry of the tree, and what becomes of it.
        const EACH: usize = 2 * size_of::<((usize, usize, HiddenHow), u64)>();
        match self.bytes.entry((brought, by, how)) {
            Entry::Occupied(known) => {
                let known = known.into_mut();
                *known = known.saturating_add(bytes);
            }
            Entry::Vacant(new) => {
                self.taken.grow(EACH)?;
                new.insert(bytes);
            }
        }
        Ok(())
    }

    fn finish(self) -> Vec<WastedPart> {
        let part = |((brought, by, how), bytes)| WastedPart { brought, by, how, bytes: Bytes(bytes) };
        self.bytes.into_iter().map(part).collect()
    }
}

/// The largest paths, and how many more there are. Where they are many, what one layer hides below a directory is one of them: a
/// `chown -R` names the directory and not a thousand files.
fn largest(stack: &Stack<'_>, tops: &mut List<Top>) -> (Vec<WastedPath>, u64) {
    if tops.len() > FEW {
        tops.sort_unstable_by_key(|top| (top.by, top.part, top.first));
        let mut kept = 0;
        for position in 1..tops.len() {
            let (top, known) = (tops[position], tops[kept]);
            if (top.by, top.part) == (known.by, known.part) {
                let node = common(stack, known.node, top.node);
                tops[kept] = Top { bytes: known.bytes.saturating_add(top.bytes), node, ..known };
            } else {
                kept += 1;
                tops[kept] = top;
            }
        }
        tops.truncate(kept + 1);
    }
    let order = |a: &Top, b: &Top| match b.bytes.cmp(&a.bytes) {
        Ordering::Equal if a.node == b.node => a.by.cmp(&b.by),
        Ordering::Equal => stack.path(a.node).cmp(&stack.path(b.node)),
        unequal => unequal,
    };
    let more = u64::try_from(tops.len().saturating_sub(MOST_NAMED)).unwrap_or(u64::MAX);
    if tops.len() > MOST_NAMED {
        tops.select_nth_unstable_by(MOST_NAMED, order);
        tops.truncate(MOST_NAMED);
    }
    tops.sort_unstable_by(order);
    let path = |top: &Top| WastedPath {
        path: stack.path(top.node),
        layer: stack.node(top.first).layer,
        by: top.by as usize,
        size: Bytes(top.bytes),
    };
    (tops.iter().map(path).collect(), more)
}

/// How many parts a node's path has.
fn depth(stack: &Stack<'_>, id: NodeId) -> usize {
    std::iter::successors(Some(id), |at| Some(stack.node(*at).parent)).take_while(|at| *at != NodeId::ROOT).count()
}

/// What is above a node, or itself, `depth` parts below the root.
fn ancestor(stack: &Stack<'_>, id: NodeId, wanted: usize) -> NodeId {
    let up = depth(stack, id).saturating_sub(wanted);
    (0..up).fold(id, |at, _| stack.node(at).parent)
}

/// The directory that both are in or below, or one of them that the other is below.
fn common(stack: &Stack<'_>, a: NodeId, b: NodeId) -> NodeId {
    let shallow = depth(stack, a).min(depth(stack, b));
    let (mut a, mut b) = (ancestor(stack, a, shallow), ancestor(stack, b, shallow));
    while a != b {
        (a, b) = (stack.node(a).parent, stack.node(b).parent);
    }
    a
}
