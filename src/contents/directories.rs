//! The largest directories of the final file system, picked so that each says something: not `/`, `/usr` and `/usr/lib` one after the
//! other where one directory below explains them all.

use std::collections::BTreeMap;

use super::view::View;
use crate::domain::{Bytes, Directory, Origin};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};

/// Which directories are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pick {
    /// More of them, and smaller ones.
    pub more: bool,
    /// Only what the target's own layers brought counts.
    pub own: bool,
}

impl Pick {
    /// How many rows there are at most.
    fn most(self) -> usize {
        if self.more { 60 } else { 8 }
    }

    /// How many of the packages in a directory of packages are told.
    fn most_nested(self) -> usize {
        if self.more { 8 } else { 2 }
    }

    /// What is not worth a row, in an image that shows so many bytes.
    fn least(self, all: u64) -> u64 {
        (all / if self.more { 1000 } else { 100 }).max(1)
    }
}

/// Directories that are one thing: what is in them explains nothing.
const WHOLE: [&[u8]; 10] =
    [b".git", b".hg", b".svn", b".cache", b".npm", b".m2", b".gradle", b".cargo", b".rustup", b"__pycache__"];

/// Directories of packages: they are one thing, too, and their largest packages are told below them.
const PACKAGES: [&[u8]; 3] = [b"node_modules", b"site-packages", b"dist-packages"];

/// The largest directories, each before those in it.
///
/// # Errors
/// There is no memory for it.
pub fn largest(view: &View<'_>, pick: Pick) -> Result<Vec<Directory>, OutOfMemory> {
    let sums = Sums::of(view, pick)?;
    let least = pick.least(sums.at(NodeId::ROOT));
    let mut rows = Vec::new();
    for place in places(view, &sums, pick, least) {
        let is_of_packages = is_one_of(view, place.id, &PACKAGES);
        let inside = if is_of_packages { packages(view, &sums, place, pick, least) } else { Vec::new() };
        match inside.first() {
            // One package that is nearly all of them says it alone.
            Some(first) if is_part(first.bytes, place.bytes, 9, 10) => rows.push(Row { depth: 0, ..*first }),
            _ => {
                rows.push(Row { id: place.id, depth: 0, bytes: place.bytes });
                rows.extend(inside);
            }
        }
    }
    while rows.len() > pick.most() {
        // The last of the smallest: nothing hangs below it.
        let Some(smallest) = rows.iter().map(|row| row.bytes).min() else { break };
        let Some(at) = rows.iter().rposition(|row| row.bytes == smallest) else { break };
        rows.remove(at);
    }
    let brought = brought(view, &sums, &rows)?;
    let shown = |(row, brought): (&Row, Vec<(usize, Bytes)>)| Directory {
        path: String::from_utf8_lossy(&view.stack.path(row.id)).into_owned(),
        depth: row.depth,
        bytes: Bytes(row.bytes),
        brought,
    };
    Ok(rows.iter().zip(brought).map(shown).collect())
}

/// A directory that is told.
#[derive(Debug, Clone, Copy)]
struct Row {
    id: NodeId,
    depth: usize,
    bytes: u64,
}

/// A directory that is perhaps told.
#[derive(Debug, Clone, Copy)]
struct Place {
    id: NodeId,
    bytes: u64,
    is_final: bool,
}

/// The bytes that count, of each node alone and with all below it.
struct Sums {
    alone: List<u64>,
    below: List<u64>,
}

impl Sums {
    fn of(view: &View<'_>, pick: Pick) -> Result<Self, OutOfMemory> {
        let stack = view.stack;
        let is_base = |layer: usize| view.layers.get(layer).is_some_and(|layer| layer.origin == Origin::Base);
        let mut alone = List::new(stack.memory());
        alone.resize(stack.len(), 0_u64)?;
        let mut below = List::new(stack.memory());
        below.resize(stack.len(), 0_u64)?;
        let mut parents = List::new(stack.memory());
        parents.resize(stack.len(), NodeId::ROOT)?;
        let mut is_counted = List::new(stack.memory());
        is_counted.resize(stack.len(), false)?;
        for (id, node) in stack.live() {
            parents[id.index()] = node.parent;
            // The bytes of hard links count at their first name that is shown.
            let is_first = !std::mem::replace(&mut is_counted[node.content.index()], true);
            if is_first && node.bytes() > 0 && !(pick.own && is_base(stack.brought_by(id))) {
                alone[id.index()] = node.bytes();
                below[id.index()] = node.bytes();
            }
        }
        // A parent's position is smaller than its children's.
        for index in (1..stack.len()).rev() {
            let parent = parents[index].index();
            below[parent] = below[parent].saturating_add(below[index]);
        }
        Ok(Self { alone, below })
    }

    fn at(&self, id: NodeId) -> u64 {
        self.below.get(id.index()).copied().unwrap_or_default()
    }
}

/// Directories none of which is in another, the largest first. The largest gives way to those in it while they explain it: one that has
/// most of its bytes, or several that have nearly all and for which there is room.
fn places(view: &View<'_>, sums: &Sums, pick: Pick, least: u64) -> Vec<Place> {
    let mut places = vec![Place { id: NodeId::ROOT, bytes: sums.at(NodeId::ROOT), is_final: false }];
    loop {
        let open = places.iter().enumerate().filter(|(_, place)| !place.is_final);
        let Some((at, _)) = open.max_by_key(|(_, place)| place.bytes) else { break };
        let place = places.swap_remove(at);
        let is_root = place.id == NodeId::ROOT;
        let is_whole = is_one_of(view, place.id, &WHOLE) || is_one_of(view, place.id, &PACKAGES);
        let mut inside = if is_whole { Vec::new() } else { inside(view, sums, place.id, least) };
        inside.truncate(pick.most().saturating_sub(places.len()).max(1));
        let explained = inside.iter().fold(0_u64, |sum, place| sum.saturating_add(place.bytes));
        if is_root || is_part(explained, place.bytes, 4, 5) {
            places.extend(inside);
        } else {
            places.push(Place { is_final: true, ..place });
        }
    }
    // Of equals in the order of their paths.
    places.sort_by_cached_key(|place| (std::cmp::Reverse(place.bytes), view.stack.path(place.id)));
    places
}

/// The directories in one that have so many bytes, the largest first.
fn inside(view: &View<'_>, sums: &Sums, directory: NodeId, least: u64) -> Vec<Place> {
    let children = view.stack.children(directory).filter(|id| sums.at(*id) >= least);
    let directories = children.filter(|id| view.stack.node(*id).kind == NodeKind::Directory);
    let mut inside: Vec<Place> = directories.map(|id| Place { id, bytes: sums.at(id), is_final: false }).collect();
    inside.sort_by_key(|place| (std::cmp::Reverse(place.bytes), view.stack.node(place.id).name));
    inside
}

/// The largest packages of a directory of packages: those of a scope, and in the store of pnpm, are one level down.
fn packages(view: &View<'_>, sums: &Sums, of: Place, pick: Pick, least: u64) -> Vec<Row> {
    let least = least.max(of.bytes / 20);
    let mut found = Vec::new();
    for place in inside(view, sums, of.id, least) {
        let name = view.stack.node(place.id).name;
        if name.starts_with(b"@") || name == b".pnpm" {
            found.extend(inside(view, sums, place.id, least));
        } else {
            found.push(place);
        }
    }
    found.sort_by_cached_key(|place| (std::cmp::Reverse(place.bytes), view.stack.path(place.id)));
    found.truncate(pick.most_nested());
    found.into_iter().map(|place| Row { id: place.id, depth: 1, bytes: place.bytes }).collect()
}

/// Who brought what is in each row, the most first. Where the layers were not read, that is not known.
fn brought(view: &View<'_>, sums: &Sums, rows: &[Row]) -> Result<Vec<Vec<(usize, Bytes)>>, OutOfMemory> {
    const NONE: u8 = u8::MAX;
    let mut by: Vec<BTreeMap<usize, u64>> = vec![BTreeMap::new(); rows.len()];
    if view.layers.is_empty() {
        return Ok(vec![Vec::new(); rows.len()]);
    }
    // Of each node the deepest row that it is in.
    let mut row_of = List::new(view.stack.memory());
    row_of.resize(view.stack.len(), NONE)?;
    for (number, row) in rows.iter().enumerate() {
        row_of[row.id.index()] = u8::try_from(number).unwrap_or(NONE);
    }
    let parent = |number: usize| {
        let depth = rows.get(number).map_or(0, |row| row.depth);
        (0..number).rev().find(|above| rows.get(*above).is_some_and(|row| row.depth < depth))
    };
    for (id, node) in view.stack.live() {
        if row_of[id.index()] == NONE {
            row_of[id.index()] = row_of[node.parent.index()];
        }
        let bytes = sums.alone.get(id.index()).copied().unwrap_or_default();
        let number = row_of[id.index()];
        if bytes == 0 || number == NONE {
            continue;
        }
        let layer = view.stack.brought_by(id);
        let mut number = Some(usize::from(number));
        while let Some(at) = number {
            if let Some(by) = by.get_mut(at) {
                let sum = by.entry(layer).or_default();
                *sum = sum.saturating_add(bytes);
            }
            number = parent(at);
        }
    }
    Ok(by.into_iter().map(most_first).collect())
}

fn most_first(by: BTreeMap<usize, u64>) -> Vec<(usize, Bytes)> {
    let mut by: Vec<(usize, Bytes)> = by.into_iter().map(|(layer, bytes)| (layer, Bytes(bytes))).collect();
    by.sort_by_key(|(layer, bytes)| (std::cmp::Reverse(*bytes), *layer));
    by
}

fn is_one_of(view: &View<'_>, id: NodeId, names: &[&[u8]]) -> bool {
    names.contains(&view.stack.node(id).name)
}

/// Whether `bytes` are at least so much of `all`.
fn is_part(bytes: u64, all: u64, part: u128, of: u128) -> bool {
    u128::from(bytes) * of >= u128::from(all) * part && bytes > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::Told;
    use crate::domain::{DiffId, Digest};
    use crate::image::{MeasuredLayer, Stack};
    use crate::layer::{Entry, EntryKind, LayerIndex, LayerIndexBuilder};

    const MB: u64 = 1_000_000;

    fn layer(files: &[(&str, u64)]) -> LayerIndex {
        let mut builder = LayerIndexBuilder::default();
        for (path, size) in files {
            let kind = EntryKind::File { size: *size };
            builder.push(Entry { path: path.as_bytes(), kind, mode: 0o644 }).expect("an engine would unpack it");
        }
        builder.finish(DiffId(Digest::from_sha256([7; 32]))).expect("can be counted")
    }

    /// `depth bytes path by layers`, of layers of which the first is the base.
    fn shown(layers: &[LayerIndex], pick: Pick, are_layers: bool) -> Vec<String> {
        let told: Vec<MeasuredLayer> = layers
            .iter()
            .enumerate()
            .map(|(number, index)| MeasuredLayer {
                diff_id: index.diff_id().clone(),
                size: Some(index.size()),
                compressed_size: None,
                created_by: None,
                origin: if number == 0 { Origin::Base } else { Origin::Own },
                dockerfile: None,
                copied_from: None,
            })
            .collect();
        let mut stack = Stack::default();
        stack.tell_origins(told.iter().map(|layer| layer.origin).collect());
        for index in layers {
            stack.push(index).expect("small enough");
        }
        let layers = if are_layers { told.as_slice() } else { &[] };
        let view = View { stack: &stack, layers, files: &[], told: Told::default() };
        let line = |directory: Directory| {
            let by: Vec<String> = directory.brought.iter().map(|(layer, bytes)| format!("{layer}:{bytes}")).collect();
            format!(
                "{:indent$}{} {} {}",
                "",
                directory.bytes,
                directory.path,
                by.join(" "),
                indent = directory.depth * 2
            )
            .trim_end()
            .to_owned()
        };
        largest(&view, pick).expect("enough memory").into_iter().map(line).collect()
    }

    fn image() -> [LayerIndex; 2] {
        let base = layer(&[
            ("usr/lib/x86_64-linux-gnu/libc.so", 300 * MB),
            ("usr/lib/x86_64-linux-gnu/perl/base.so", 20 * MB),
            ("usr/lib/gcc/x86_64-linux-gnu/12/cc1", 188 * MB),
            ("usr/bin/bash", 4 * MB),
            ("etc/passwd", 900),
        ]);
        let own = layer(&[
            ("app/node_modules/typescript/lib.js", 23 * MB),
            ("app/node_modules/@babel/core/index.js", 9 * MB),
            ("app/node_modules/a/index.js", 30_000),
            ("app/.git/objects/pack/1", 18 * MB),
            ("app/server.js", 50_000),
        ]);
        [base, own]
    }

    #[test]
    fn each_says_something() {
        assert_eq!(
            shown(&image(), Pick::default(), true),
            [
                "320.0 MB /usr/lib/x86_64-linux-gnu 0:320.0 MB",
                "188.0 MB /usr/lib/gcc/x86_64-linux-gnu/12 0:188.0 MB",
                "32.0 MB /app/node_modules 1:32.0 MB",
                "  23.0 MB /app/node_modules/typescript 1:23.0 MB",
                "  9.0 MB /app/node_modules/@babel/core 1:9.0 MB",
                "18.0 MB /app/.git 1:18.0 MB",
            ]
        );
        let own = Pick { own: true, ..Pick::default() };
        assert_eq!(shown(&image(), own, true)[0], "32.0 MB /app/node_modules 1:32.0 MB");
    }

    #[test]
    fn of_a_file_system_alone_nobody_knows_who_brought_it() {
        let [base, _] = image();
        let rows = shown(&[base], Pick::default(), false);
        assert_eq!(rows[0], "320.0 MB /usr/lib/x86_64-linux-gnu");
    }

    #[test]
    fn many_directories_of_one_size_are_some_and_all_are_more() {
        let files: Vec<(String, u64)> = (0..100).map(|number| (format!("srv/{number:02}/data"), MB)).collect();
        let files: Vec<(&str, u64)> = files.iter().map(|(path, size)| (path.as_str(), *size)).collect();
        let layers = [layer(&files)];
        // None of them stands out.
        assert_eq!(shown(&layers, Pick::default(), true), ["100.0 MB /srv 0:100.0 MB"]);
        let more = Pick { more: true, ..Pick::default() };
        assert_eq!(shown(&layers, more, true).len(), 1);
        let few: Vec<(&str, u64)> = files.iter().take(9).copied().collect();
        assert_eq!(shown(&[layer(&few)], Pick::default(), true).len(), 8);
    }

    #[test]
    fn files_beside_no_directory_and_nothing_at_all_have_none() {
        assert!(shown(&[layer(&[("app", 7)])], Pick::default(), true).is_empty());
        assert!(shown(&[], Pick::default(), true).is_empty());
    }
}
