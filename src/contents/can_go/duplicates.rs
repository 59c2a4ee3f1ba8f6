//! Files that are there several times: of one size and one sum, under contents of their own.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Frees, Piece};
use super::ground::Ground;
use super::words;
use crate::catalogue::paths::dependencies::is_in_dependency;
use crate::catalogue::paths::fix::Step;
use crate::domain::CanGoKind;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// Smaller files are not worth it.
const LEAST: u64 = 1_000_000;

/// A name of a large file: its size, its sum, its content, and the name.
type Name = (u64, u64, NodeId, NodeId);
/// One content: whether it is not of a package, its first path, and its names.
type Same<'n> = (bool, Vec<u8>, &'n [Name]);

pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    // All names of large files whose sum is known, those of one content beside each other.
    let mut files: List<Name> = List::new(stack.memory());
    for (id, node) in stack.live() {
        let NodeKind::File { content, size } = node.kind else { continue };
        if size >= LEAST
            && ground.may_go(id)
            && let Some(sum) = sum(ground, content)
        {
            files.push((size, sum, content, id))?;
        }
    }
    files.sort_unstable();
    let mut rows: BTreeMap<usize, Candidate> = BTreeMap::new();
    for same in files.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        // The one that stays: what a package brings, then the first by path.
        let mut contents: Vec<Same<'_>> = same
            .chunk_by(|a, b| a.2 == b.2)
            .map(|names| {
                let first = names.iter().map(|(_, _, _, name)| stack.path(*name)).min().unwrap_or_default();
                (!is_in_dependency(&first), first, names)
            })
            .collect();
        contents.sort();
        // What packages have twice is for them to change.
        for (_, _, names) in contents.into_iter().skip(1).filter(|(is_ours, ..)| *is_ours) {
            let Some((_, _, _, first)) = names.first() else { continue };
            let memory = stack.memory();
            let row = rows
                .entry(stack.brought_by(*first))
                .or_insert_with(|| Candidate::new(CanGoKind::Duplicates, "", "", memory));
            for (_, _, _, name) in names {
                row.pieces.push(Piece { top: *name, frees: Frees::All })?;
            }
        }
    }
    let told = rows.into_iter().map(|(layer, mut row)| {
        row.what = words::labelled("the same again", row.pieces.iter().map(|piece| ground.path(piece.top)));
        row.fix = match ground.step(Some(layer).filter(|_| !ground.view.layers.is_empty())) {
            Step::Run => "link it: ln instead of cp".to_owned(),
            Step::FromContext | Step::FromStage | Step::Copied => "copy it once, and link it".to_owned(),
            Step::Other => "keep it once, and link it".to_owned(),
        };
        row
    });
    Ok(told.collect())
}

/// The sum of a content, where it is known.
fn sum(ground: &Ground<'_>, content: NodeId) -> Option<u64> {
    let path = ground.view.stack.path(content);
    let files = ground.view.files.get(ground.view.stack.node(content).layer)?;
    files.sum(path.strip_prefix(b"/").unwrap_or(&path))
}
