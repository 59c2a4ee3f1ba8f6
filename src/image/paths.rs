//! Which paths of the final file system a glob matches.

use super::measurement::{FoundPath, MatchedPaths};
use super::node::{NodeId, NodeKind};
use super::share::Shares;
use super::stack::{Stack, Totals};
use crate::catalogue;
use crate::domain::{Bytes, PathGlob};
use crate::memory::{List, OutOfMemory, Reserved};

/// How many paths of one glob are kept by name, as long as their names take no more than [`MOST_BYTES`]; the rest is counted.
pub const MOST_NAMED: usize = 100_000;
/// How much the names of one glob's paths may take together.
const MOST_BYTES: usize = 8 << 20;

/// What each glob matches, in the order of the globs. Below a directory that matched nothing is listed again.
/// Their names are taken from what `names` draws from.
///
/// # Errors
/// When there is no memory for it.
pub fn match_paths(
    stack: &Stack<'_>,
    globs: &[&PathGlob],
    names: &mut Reserved,
) -> Result<Vec<MatchedPaths>, OutOfMemory> {
    let mut matched: Vec<_> = globs.iter().map(|glob| MatchedPaths::new(glob.as_str())).collect();
    if globs.is_empty() {
        return Ok(matched);
    }
    let totals = stack.totals()?;
    let mut path = Vec::new();
    let mut room = vec![MOST_BYTES; globs.len()];
    // For each glob the length of the matched directory that the walk is inside of.
    let mut inside: Vec<Option<usize>> = vec![None; globs.len()];
    let mut open = List::new(stack.memory());
    open.push(Visit { node: NodeId::ROOT, above: 0 })?;
    while let Some(Visit { node, above }) = open.pop() {
        path.truncate(above as usize);
        let above = above as usize;
        if node != NodeId::ROOT {
            path.push(b'/');
            path.extend_from_slice(stack.node(node).name);
        }
        for (((glob, inside), matched), room) in globs.iter().zip(&mut inside).zip(&mut matched).zip(&mut room) {
            if inside.is_some_and(|length| above < length) {
                *inside = None;
            }
            if inside.is_none()
                && node != NodeId::ROOT
                && glob.matches(&path)
                && !is_left_over(stack, node, &path, glob)
            {
                *inside = Some(path.len());
                matched.count = matched.count.saturating_add(1);
                matched.bytes = matched.bytes + Bytes(totals.of(node));
                // A name is kept twice where a hard link leads elsewhere.
                if matched.paths.len() < MOST_NAMED && path.len() * 2 <= *room {
                    *room = room.saturating_sub(path.len() * 2);
                    let found = found(stack, &totals, node, &path);
                    names.grow(FoundPath::weight(path.len() * 2, found.shares.len()))?;
                    matched.paths.push(found);
                }
            }
        }
        if stack.node(node).kind == NodeKind::Directory {
            let (start, above) = (open.len(), u32::try_from(path.len()).unwrap_or(u32::MAX));
            for node in stack.children(node) {
                open.push(Visit { node, above })?;
            }
            open[start..].sort_unstable_by(|a, b| stack.node(b.node).name.cmp(stack.node(a.node).name));
        }
    }
    Ok(matched)
}

/// Whether a path is empty and apt's own, so that it is there again after every clean-up: a pattern does not mean it, unless it is the
/// very path.
fn is_left_over(stack: &Stack<'_>, id: NodeId, path: &[u8], glob: &PathGlob) -> bool {
    let is_the_path = path.strip_prefix(b"/") == Some(glob.as_str().trim_start_matches('/').as_bytes());
    !is_the_path && is_empty_of_apt(stack, id, path)
}

/// The paths that apt leaves are a few and lie at most two below one another, and so deep does this go.
fn is_empty_of_apt(stack: &Stack<'_>, id: NodeId, path: &[u8]) -> bool {
    let below = |child: NodeId| [path, b"/", stack.node(child).name].concat();
    catalogue::is_left_by_apt(path)
        && match stack.node(id).kind {
            NodeKind::File { size, .. } => size == 0,
            NodeKind::Directory => stack.children(id).all(|child| is_empty_of_apt(stack, child, &below(child))),
            NodeKind::Symlink { .. } | NodeKind::Other => false,
        }
}

/// A step of the walk: a node, and the length of its directory's path.
struct Visit {
    node: NodeId,
    above: u32,
}

/// A path with the layer that brought it; of a directory the one that brought most of what is in it, whoever made the directory itself.
fn found(stack: &Stack<'_>, totals: &Totals, id: NodeId, path: &[u8]) -> FoundPath {
    let content = match stack.node(id).kind {
        NodeKind::File { content, .. } if content != id => stack.path(content),
        _ => path.to_vec(),
    };
    let shares = Shares::below(stack, id);
    FoundPath {
        path: path.to_vec(),
        layer: Some(shares.most().unwrap_or_else(|| stack.brought_by(id))),
        touched_again: shares.again(),
        size: Bytes(totals.of(id)),
        shares: shares.into_parts(),
        content,
    }
}

impl MatchedPaths {
    fn new(glob: &str) -> Self {
        Self { glob: glob.to_owned(), ..Self::default() }
    }
}
