//! Caches, repositories, secrets and core dumps: what `forbid-paths` knows as groups, by the instruction that brought it.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Frees, Piece};
use super::ground::Ground;
use super::words;
use crate::catalogue::paths::caches;
use crate::catalogue::paths::fix::fix;
use crate::contents::path_groups::members;
use crate::domain::{CanGoKind, PathGroup};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::OutOfMemory;

/// The groups that hardly any image needs. Those that some need are for budgets alone.
const GROUPS: [(PathGroup, CanGoKind); 4] = [
    (PathGroup::Caches, CanGoKind::Caches),
    (PathGroup::Vcs, CanGoKind::Vcs),
    (PathGroup::Secrets, CanGoKind::Secrets),
    (PathGroup::CoreDumps, CanGoKind::CoreDumps),
];

pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let mut candidates = Vec::new();
    for (group, kind) in GROUPS {
        let members = members(ground.view, ground.found, group)?;
        // One row for each instruction, and for each tool of which it is a cache: so that one fix fits.
        let mut rows: BTreeMap<(Option<usize>, &'static str), Candidate> = BTreeMap::new();
        for top in members.shown.iter() {
            let Some(brought) = layer_of(ground, *top) else { continue };
            let layer = Some(brought).filter(|_| !ground.view.layers.is_empty());
            let tool = tool(ground, group, *top);
            let memory = ground.view.stack.memory();
            let row = rows.entry((layer, tool)).or_insert_with(|| Candidate::new(kind, "", "", memory));
            row.pieces.push(Piece { top: *top, frees: Frees::All })?;
        }
        for ((layer, tool), mut row) in rows {
            let largest =
                row.pieces.iter().max_by_key(|piece| (ground.size_of(piece.top), std::cmp::Reverse(piece.top)));
            let path = largest.map(|piece| ground.path(piece.top)).unwrap_or_default();
            row.what = what(ground, group, tool, &row, &path);
            row.fix = fix(group, &path, ground.step(layer));
            // How large a key is says nothing about what it opens.
            row.is_always_told = group == PathGroup::Secrets;
            candidates.push(row);
        }
    }
    Ok(candidates)
}

/// The layer that brought most of what may go at and below a member; `None` where nothing may.
fn layer_of(ground: &Ground<'_>, top: NodeId) -> Option<usize> {
    let stack = ground.view.stack;
    let mut layers = BTreeMap::<usize, u64>::new();
    for id in std::iter::once(top).chain(stack.below(top)) {
        if stack.node(id).kind != NodeKind::Directory && ground.may_go(id) {
            let bytes = layers.entry(stack.brought_by(id)).or_default();
            *bytes = bytes.saturating_add(stack.node(id).bytes());
        }
    }
    layers.into_iter().rev().max_by_key(|(_, bytes)| *bytes).map(|(layer, _)| layer)
}

/// Whose cache a directory is; nothing for other groups.
fn tool(ground: &Ground<'_>, group: PathGroup, top: NodeId) -> &'static str {
    if group != PathGroup::Caches {
        return "";
    }
    let path = ground.view.stack.path(top);
    caches::at(&path).next().map_or("", |cache| cache.tool)
}

fn what(ground: &Ground<'_>, group: PathGroup, tool: &str, row: &Candidate, largest: &str) -> String {
    if row.pieces.len() == 1 {
        return largest.to_owned();
    }
    let label = match group {
        PathGroup::Caches => format!("caches of {tool}"),
        PathGroup::Vcs => "repositories".to_owned(),
        PathGroup::Secrets => "secrets".to_owned(),
        _ => "core dumps".to_owned(),
    };
    words::labelled(&label, row.pieces.iter().map(|piece| ground.path(piece.top)))
}
