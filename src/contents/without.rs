//! The size of an image as if some of its paths had never come into it.

use std::collections::BTreeMap;

use super::view::View;
use crate::domain::{Bytes, PathGlob, Without, WithoutGlob};
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

/// No glob matches.
const NONE: u16 = u16::MAX;

/// What goes with all that the globs match in the final file system, and what is below it. What a later layer deleted or replaced is not
/// shown, so it stays, and is wasted as before. Bytes with several names go where all of them do.
///
/// # Errors
/// There is no memory for it.
pub fn without(view: &View<'_>, globs: &[PathGlob]) -> Result<Without, OutOfMemory> {
    let stack = view.stack;
    let mut matched = List::new(stack.memory());
    matched.resize(stack.len(), NONE)?;
    // What shows the same bytes under a name that stays.
    let mut stays = List::new(stack.memory());
    stays.resize(stack.len(), false)?;
    let mut parts: Vec<WithoutGlob> =
        globs.iter().map(|glob| WithoutGlob { glob: glob.as_str().to_owned(), bytes: Bytes::ZERO, files: 0 }).collect();
    for (id, node) in stack.live() {
        let above = matched[node.parent.index()];
        let number = if above == NONE { first(globs, &stack.path(id)) } else { above };
        matched[id.index()] = number;
        if number == NONE {
            stays[node.content.index()] = true;
        }
    }
    let mut by: BTreeMap<usize, u64> = BTreeMap::new();
    let mut all = 0_u64;
    for (id, node) in stack.live() {
        let Some(part) = parts.get_mut(usize::from(matched[id.index()])) else { continue };
        let is_directory = node.kind == crate::image::node::NodeKind::Directory;
        part.files = part.files.saturating_add(u64::from(!is_directory));
        // Of several names the first that goes has the bytes.
        let is_told = std::mem::replace(&mut stays[node.content.index()], true);
        if is_told || is_directory {
            continue;
        }
        let bytes = node.bytes();
        part.bytes = Bytes(part.bytes.0.saturating_add(bytes));
        all = all.saturating_add(bytes);
        let of_layer = by.entry(layer(view, id)).or_default();
        *of_layer = of_layer.saturating_add(bytes);
    }
    let are_layers = !view.layers.is_empty();
    let brought = by.into_iter().map(|(layer, bytes)| (layer, Bytes(bytes))).filter(|_| are_layers).collect();
    let size = are_layers.then(|| stack.size().saturating_sub(Bytes(all)));
    Ok(Without { globs: parts, bytes: Bytes(all), brought, size })
}

/// The layer whose size has the bytes of a node: the one that holds them, whoever brought the file first.
fn layer(view: &View<'_>, id: NodeId) -> usize {
    view.stack.node(view.stack.node(id).content).layer
}

/// The first glob that matches a path.
fn first(globs: &[PathGlob], path: &[u8]) -> u16 {
    let found = globs.iter().position(|glob| glob.matches(path));
    found.and_then(|found| u16::try_from(found).ok()).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::Told;
    use crate::domain::{DiffId, Digest, Origin};
    use crate::image::{MeasuredLayer, Stack};
    use crate::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};

    fn layer(entries: &[(&str, EntryKind<'_>)]) -> LayerIndex {
        let mut builder = LayerIndexBuilder::default();
        for (path, kind) in entries {
            builder.push(Entry { path: path.as_bytes(), kind: *kind, mode: 0o644 }).expect("an engine would unpack it");
        }
        builder.finish(DiffId(Digest::from_sha256([7; 32]))).expect("can be counted")
    }

    fn of(layers: &[LayerIndex], globs: &[&str]) -> Without {
        let told = |index: &LayerIndex| MeasuredLayer {
            diff_id: index.diff_id().clone(),
            size: Some(index.size()),
            compressed_size: None,
            created_by: None,
            origin: Origin::Own,
            dockerfile: None,
            copied_from: None,
        };
        let told: Vec<MeasuredLayer> = layers.iter().map(told).collect();
        let mut stack = Stack::default();
        for index in layers {
            stack.push(index).expect("small enough");
        }
        let globs: Vec<PathGlob> = globs.iter().map(|glob| PathGlob::new(glob).expect("a glob")).collect();
        let view = View { stack: &stack, layers: &told, files: &[], told: Told::default() };
        without(&view, &globs).expect("enough memory")
    }

    #[test]
    fn what_matches_goes_with_all_below_it_once() {
        let file = |size| EntryKind::File { size };
        let layers = [
            layer(&[
                ("app/.git/pack", file(70)),
                ("app/.git/HEAD", file(5)),
                ("app/main.js", file(20)),
                ("old", file(9)),
            ]),
            layer(&[("app/.git/pack", file(70)), ("old", EntryKind::Whiteout)]),
        ];
        let found = of(&layers, &["**/.git", "**/*.js", "/app", "/nothing"]);
        let parts: Vec<(u64, u64)> = found.globs.iter().map(|part| (part.bytes.0, part.files)).collect();
        // `/app` matches above both: it has all of it.
        assert_eq!(parts, [(0, 0), (0, 0), (95, 3), (0, 0)]);
        let found = of(&layers, &["**/.git", "**/*.js"]);
        assert_eq!((found.bytes, found.size), (Bytes(95), Some(Bytes(174 - 95))));
        assert_eq!(found.brought, [(0, Bytes(25)), (1, Bytes(70))], "the first copy of the pack stays wasted");
    }

    #[test]
    fn bytes_stay_while_one_of_their_names_does() {
        let layers = [layer(&[("a", EntryKind::File { size: 50 }), ("b", EntryKind::HardLink { target: b"a" })])];
        assert_eq!(of(&layers, &["/a"]).bytes, Bytes::ZERO);
        let both = of(&layers, &["/a", "/b"]);
        assert_eq!((both.bytes, both.globs[0].bytes, both.globs[1].files), (Bytes(50), Bytes(50), 1));
    }
}
