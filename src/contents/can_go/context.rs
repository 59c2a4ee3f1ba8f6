//! What a `COPY . .` brings along: what only editors and CI systems read goes; of the rest the largest folders are named.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Frees, Piece};
use super::ground::Ground;
use super::words;
use crate::catalogue::paths::fix::{Step, ignored};
use crate::domain::CanGoKind;
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// Directories that nothing in a container reads.
const OF_DEVELOPERS: [&str; 14] = [
    ".github",
    ".gitlab",
    ".circleci",
    ".vscode",
    ".idea",
    ".vs",
    ".devcontainer",
    ".husky",
    ".nyc_output",
    ".tox",
    ".nox",
    ".terraform",
    ".vagrant",
    ".history",
];

/// A folder is named from one in so many of the own layers' bytes on.
const LEAST_FOLDER: u64 = 10;

/// How many folders are named.
const MOST_FOLDERS: usize = 3;

pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let mut candidates = Vec::new();
    for layer in 0..ground.view.layers.len() {
        if ground.step(Some(layer)) == Step::FromContext && ground.is_own(layer) {
            candidates.extend(of_developers(ground, layer)?);
            candidates.extend(largest(ground, layer)?);
        }
    }
    Ok(candidates)
}

/// What the layer brought that only people at their desks use.
fn of_developers(ground: &Ground<'_>, layer: usize) -> Result<Option<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    let mut found = Candidate::new(CanGoKind::Context, "", "", stack.memory());
    for (id, node) in stack.live() {
        let is_one = node.kind == NodeKind::Directory
            && node.layer == layer
            && OF_DEVELOPERS.iter().any(|name| name.as_bytes() == node.name);
        if is_one {
            found.pieces.push(Piece { top: id, frees: Frees::All })?;
        }
    }
    let largest = found.pieces.iter().max_by_key(|piece| (ground.size_of(piece.top), std::cmp::Reverse(piece.top)));
    let Some(largest) = largest.map(|piece| ground.path(piece.top)) else { return Ok(None) };
    found.fix = format!("add {} to .dockerignore", ignored(&largest));
    found.what = match found.pieces.len() {
        1 => largest,
        _ => words::labelled("for developers", found.pieces.iter().map(|piece| ground.path(piece.top))),
    };
    Ok(Some(found))
}

/// The largest folders of what a COPY of the whole context brought. Which of them run nobody knows from outside, so no bytes are promised.
fn largest(ground: &Ground<'_>, layer: usize) -> Result<Option<Candidate>, OutOfMemory> {
    let stack = ground.view.stack;
    if !ground.copies_all(layer) {
        return Ok(None);
    }
    // Bytes of the layer at and below each node. A parent has a smaller number than its children.
    let mut sums = List::new(stack.memory());
    sums.resize(stack.len(), 0_u64)?;
    let mut ids = List::new(stack.memory());
    for (id, node) in stack.live() {
        ids.push(id)?;
        if node.kind != NodeKind::Directory && stack.brought_by(id) == layer && node.content == id && ground.may_go(id)
        {
            sums[id.index()] = node.bytes();
        }
    }
    for id in ids.iter().rev() {
        let sum = sums[id.index()];
        let above = &mut sums[stack.node(*id).parent.index()];
        *above = above.saturating_add(sum);
    }
    let all = sums[NodeId::ROOT.index()];
    // Down to where the context was copied: as long as one directory has all of it.
    let mut top = NodeId::ROOT;
    while let Some(next) = stack
        .children(top)
        .find(|child| stack.node(*child).kind == NodeKind::Directory && sums[child.index()] == all && all > 0)
    {
        top = next;
    }
    let least = ground.least.0.max(ground.own.0 / LEAST_FOLDER);
    let mut folders: BTreeMap<(u64, Vec<u8>), NodeId> = BTreeMap::new();
    for child in stack.children(top) {
        let node = stack.node(child);
        if node.kind == NodeKind::Directory && sums[child.index()] >= least && !ground.is_told_elsewhere(child) {
            folders.insert((sums[child.index()], node.name.to_vec()), child);
        }
    }
    if folders.is_empty() {
        return Ok(None);
    }
    let named = folders
        .iter()
        .rev()
        .take(MOST_FOLDERS)
        .map(|((bytes, name), _)| format!("{} {}", String::from_utf8_lossy(name), crate::domain::Bytes(*bytes)));
    let named: Vec<String> = named.collect();
    let mut found = Candidate::new(
        CanGoKind::Context,
        words::labelled("the whole context", named),
        "leave out what does not run with .dockerignore",
        stack.memory(),
    );
    found.layer = Some(layer);
    found.named = folders.into_values().rev().take(MOST_FOLDERS).collect();
    Ok(Some(found))
}
