//! What later layers delete, replace or have again: bytes that ship and that nobody sees.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Frees, Piece};
use super::ground::Ground;
use crate::catalogue::owner;
use crate::catalogue::paths::caches;
use crate::catalogue::paths::fix::{Step, ignored};
use crate::domain::CanGoKind;
use crate::image::node::{Hiding, NodeId};
use crate::memory::OutOfMemory;

/// How bytes came to be hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Deleted,
    Replaced,
    Again,
}

pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    if ground.view.layers.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: BTreeMap<(usize, usize, How), Candidate> = BTreeMap::new();
    for (id, node) in stack.since(0) {
        let Some(hidden) = node.hidden else { continue };
        // What one layer hid at once, as a directory, is one thing.
        if stack.node(node.parent).hidden == Some(hidden) || ground.size_of(id) == 0 || !ground.is_own(node.layer) {
            continue;
        }
        let how = match hidden.how {
            Hiding::Whiteout | Hiding::Opaque => How::Deleted,
            Hiding::Replaced if is_there_again(ground, id) => How::Again,
            Hiding::Replaced => How::Replaced,
        };
        let memory = stack.memory();
        let row = rows
            .entry((stack.brought_by(id), hidden.by, how))
            .or_insert_with(|| Candidate::new(CanGoKind::Wasted, "", "", memory));
        row.pieces.push(Piece { top: id, frees: Frees::All })?;
    }
    Ok(rows
        .into_iter()
        .map(|((brought, by, how), mut row)| {
            let path = place(ground, &row);
            let later = ground.where_is(by);
            row.what = match how {
                How::Deleted => format!("{path}, deleted {later}"),
                How::Replaced => format!("{path}, replaced {later}"),
                How::Again => format!("{path}, again {later}"),
            };
            row.fix = fix(ground, brought, by, how, &path);
            row
        })
        .collect())
}

/// Whether what replaced a file is the same file once more, by its size.
fn is_there_again(ground: &Ground<'_>, id: NodeId) -> bool {
    let stack = ground.view.stack;
    let node = stack.node(id);
    let now = stack.child(node.parent, node.name).map(|now| stack.node(now));
    node.bytes() > 0 && now.is_some_and(|now| now.bytes() == node.bytes())
}

/// The deepest directory that all of it is in, or the path where it is one thing.
fn place(ground: &Ground<'_>, row: &Candidate) -> String {
    let stack = ground.view.stack;
    let mut tops = row.pieces.iter().map(|piece| piece.top);
    let Some(mut common) = tops.next() else { return String::new() };
    let ups = |id: NodeId| {
        let mut ups: Vec<NodeId> =
            std::iter::successors(Some(id), |at| Some(stack.node(*at).parent).filter(|up| up != at)).collect();
        ups.reverse();
        ups
    };
    let mut above = ups(common);
    for top in tops {
        // Each time shorter, so all of it takes no more than the tops have parts.
        let other = ups(top);
        let same = above.iter().zip(&other).take_while(|(a, b)| a == b).count();
        above.truncate(same);
        common = above.last().copied().unwrap_or(NodeId::ROOT);
    }
    if common != NodeId::ROOT {
        return ground.path(common);
    }
    let largest = row.pieces.iter().max_by_key(|piece| (ground.size_of(piece.top), std::cmp::Reverse(piece.top)));
    largest.map(|piece| ground.path(piece.top)).unwrap_or_default()
}

/// What to change about the layer that brought it.
fn fix(ground: &Ground<'_>, brought: usize, by: usize, how: How, path: &str) -> String {
    let later = ground.instruction(by);
    let is_copied = matches!(ground.step(Some(brought)), Step::FromContext | Step::FromStage | Step::Copied);
    match how {
        How::Again if later.starts_with("COPY ") || later.starts_with("ADD ") => format!("copy {path} once"),
        How::Again => match (is_copied, owner(&later), later.contains("chmod ")) {
            (true, Some(owner), _) => format!("COPY --chown={owner}"),
            (true, None, true) => "COPY --chmod".to_owned(),
            (false, Some(_), _) => "chown in the same RUN".to_owned(),
            (false, None, true) => "chmod in the same RUN".to_owned(),
            (_, None, false) => "make files once, in their last form".to_owned(),
        },
        How::Deleted => match ground.step(Some(brought)) {
            Step::FromContext => format!("add {} to .dockerignore", ignored(path)),
            Step::FromStage | Step::Copied => format!("leave {path} out of the COPY"),
            Step::Run | Step::Other => of_cache(path).unwrap_or_else(|| format!("delete {path} in the same RUN")),
        },
        // What the context brings over what a RUN installed, or the other way round, comes from one of the two alone.
        How::Replaced if path.contains("/node_modules") && ground.step(Some(by)) == Step::FromContext => {
            "add node_modules to .dockerignore".to_owned()
        }
        How::Replaced => "make files once, in their last form".to_owned(),
    }
}

/// The fix of the cache that a path is in.
fn of_cache(path: &str) -> Option<String> {
    let ends = path.match_indices('/').map(|(end, _)| end).skip(1).chain([path.len()]);
    let above = ends.filter_map(|end| path.get(..end));
    let (place, cache) = above.filter_map(|above| Some((above, caches::at(above.as_bytes()).next()?))).last()?;
    let sure = cache.has.is_empty() && cache.beside.is_empty();
    sure.then(|| cache.fix.replace("{name}", &ignored(place)).replace("{}", place))
}
