//! What can go: one file for each kind of thing, each from the [`Ground`] that advice may stand on to [`Candidate`]s.
//!
//! A false alarm is worse than none. So advice is about own layers alone, and about files that no package of the operating system owns. What is less
//! than a megabyte or a hundredth of what the own layers have is not worth a line.

mod base;
mod candidate;
mod claims;
mod context;
mod dependency_tests;
mod dev_dependencies;
mod duplicates;
mod ground;
mod groups;
mod jdk;
mod names;
mod symbols;
#[cfg(test)]
mod tests;
mod wasted;
mod words;

pub use base::on_another_base;
pub use candidate::{Candidate, Frees, Piece};
pub use ground::Ground;

use std::cmp::Reverse;

use super::packages::Found;
use super::view::View;
use crate::domain::{Bytes, CanGo};
use crate::memory::{List, OutOfMemory};
use claims::Claims;

/// One kind of advice.
type Analysis = fn(&Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory>;

/// All kinds. Which comes first means nothing.
const ANALYSES: &[Analysis] = &[
    groups::find,
    wasted::find,
    duplicates::find,
    context::find,
    base::find,
    dev_dependencies::find,
    dependency_tests::find,
    symbols::find,
    jdk::find,
];

/// How many paths of one thing are named.
const MOST_PATHS: usize = 20;

/// What can go, the most bytes first, and what goes with all of it, each byte counted once.
///
/// # Errors
/// There is no memory for it.
pub fn find(view: &View<'_>, found: &Found) -> Result<(Vec<CanGo>, Bytes), OutOfMemory> {
    let ground = Ground::new(view, found)?;
    let mut all = Claims::new(view);
    let mut can_go = Vec::new();
    for analysis in ANALYSES {
        for candidate in analysis(&ground)? {
            if let Some(worth) = settled(&ground, &candidate, &mut all)? {
                can_go.push(worth);
            }
        }
    }
    can_go.sort_by(|a, b| order(a).cmp(&order(b)));
    let (together, _) = all.weigh(&ground);
    // Two that each have a name of one file free it together, and neither promises it.
    let promised = can_go.iter().filter_map(|it| it.bytes).sum();
    Ok((can_go, together.min(promised)))
}

/// What promises bytes first, and the most of it.
fn order(it: &CanGo) -> impl Ord + '_ {
    (Reverse(it.bytes), it.kind, &it.what, &it.paths)
}

/// A candidate with its bytes, where it is worth a line; what it claims is added to `all`.
fn settled(ground: &Ground<'_>, candidate: &Candidate, all: &mut Claims) -> Result<Option<CanGo>, OutOfMemory> {
    let mut claims = Claims::new(ground.view);
    for piece in candidate.pieces.iter() {
        claims.add(ground, *piece)?;
    }
    let (bytes, layer) = claims.weigh(ground);
    let is_promised = !candidate.pieces.is_empty();
    if is_promised && !candidate.is_always_told && bytes < ground.least {
        return Ok(None);
    }
    all.append(&claims)?;
    let (paths, more_paths) = paths(ground, candidate)?;
    let layer = layer.or(candidate.layer).filter(|_| !ground.view.layers.is_empty());
    let line = layer.and_then(|layer| ground.view.layers.get(layer)?.dockerfile.clone());
    let line = line.or_else(|| candidate.line.clone());
    Ok(Some(CanGo {
        kind: candidate.kind,
        what: candidate.what.clone(),
        paths,
        more_paths,
        bytes: is_promised.then_some(bytes),
        layer,
        line,
        fix: candidate.fix.clone(),
        is_new: None,
    }))
}

/// Where a candidate is: the largest of its pieces, sorted by path, and how many more there are.
fn paths(ground: &Ground<'_>, candidate: &Candidate) -> Result<(Vec<String>, u64), OutOfMemory> {
    let stack = ground.view.stack;
    let mut tops = List::new(stack.memory());
    for piece in candidate.pieces.iter() {
        tops.push((Reverse(ground.size_of(piece.top)), piece.top))?;
    }
    for named in &candidate.named {
        tops.push((Reverse(0), *named))?;
    }
    tops.sort_unstable();
    let more = u64::try_from(tops.len().saturating_sub(MOST_PATHS)).unwrap_or(u64::MAX);
    let named = tops.iter().take(MOST_PATHS).map(|(_, top)| stack.path(*top));
    let mut paths: Vec<String> = named.map(|path| String::from_utf8_lossy(&path).into_owned()).collect();
    paths.sort_unstable();
    Ok((paths, more))
}
