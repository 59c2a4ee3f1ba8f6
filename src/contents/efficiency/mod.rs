//! dive's two figures, so that whoever moves over from dive can compare: `efficiency` and `wastedBytes`.
//!
//! They are not what imgbudget calls wasted. dive looks at each layer's tar by itself and at the leaves of its tree alone: files, links,
//! whiteouts, directories in which that layer has nothing. A leaf counts with the size in its tar header, a whiteout with that of the
//! directory that it removes, and with nothing where it removes a file. Of each path dive keeps the sum and the smallest of these:
//! `efficiency` is the smallest ones by the sums, `wastedBytes` are the sums of paths that are leaves of several layers.
//!
//! Its stack is not an engine's: opaque markers are passed over, what replaces a directory keeps what was in it, and a directory that a
//! layer does not state is one no longer. A whiteout of what is not there ends the walk over its layer, which goes by name. All that is
//! remade here, since it changes the figures (dive 0.12, `dive/filetree`).

mod paths;
#[cfg(test)]
mod tests;
mod walk;

use super::view::View;
use crate::domain::{Bytes, Efficiency};
use crate::layer::LayerIndex;
use crate::layer::index::NodeKind;
use crate::memory::{List, OutOfMemory};
use paths::{Paths, Payload};

/// The figures; `None` where the layers were not read, and where their indexes cannot tell what dive would see: a tar that says a path twice,
/// or has something below a name that begins with `.wh.`.
///
/// # Errors
/// There is no memory for it.
pub fn figures(view: &View<'_>) -> Result<Option<Efficiency>, OutOfMemory> {
    let layers = view.stack.indexes();
    if view.layers.is_empty() || !layers.iter().all(|layer| is_told(layer)) {
        return Ok(None);
    }
    let mut paths = Paths::new(layers, view.stack.memory())?;
    let mut above_first = Some(0_u64);
    for number in 0..layers.len() {
        let bytes = add(&mut paths, number)?;
        if number > 0 {
            above_first = above_first.zip(bytes).and_then(|(sum, bytes)| sum.checked_add(bytes));
        }
    }
    let (Some(sums), Some(above_first)) = (paths.sums(), above_first) else { return Ok(None) };
    Ok(Some(Efficiency { above_first: Bytes(above_first), ..sums }))
}

/// Whether the index of a layer says all that dive would see in its tar.
fn is_told(layer: &LayerIndex) -> bool {
    let is_odd = |position: usize| {
        let node = layer.node(position);
        node.name.starts_with(b".wh.") && node.kind != NodeKind::Whiteout
    };
    layer.is_as_written() && !(1..=layer.len()).any(is_odd)
}

/// Counts the leaves of a layer, and stacks it. Gives the bytes in its tar; `None` where they cannot be counted.
fn add(paths: &mut Paths<'_>, number: usize) -> Result<Option<u64>, OutOfMemory> {
    let Some(layer) = paths.layer(number) else { return Ok(None) };
    let places = paths.places(number)?;
    let mut is_leaf = List::new(paths.memory());
    is_leaf.resize(layer.len() + 1, true)?;
    // Whiteouts come first: they are about the layers below alone. Two of one layer are never about the same bytes, since its tree has
    // nothing below a whiteout.
    let mut removed = List::new(paths.memory());
    let mut missed = List::new(paths.memory());
    let mut bytes = Some(0_u64);
    for position in 1..=layer.len() {
        let node = layer.node(position);
        is_leaf[node.parent] = false;
        bytes = bytes.and_then(|sum| sum.checked_add(size(node.kind)));
        if node.kind == NodeKind::Whiteout {
            let size = paths.remove(places[position])?;
            removed.push(size.unwrap_or_default())?;
            if size.is_none() {
                missed.push(u32::try_from(position).unwrap_or(u32::MAX))?;
            }
        }
    }
    let end = walk::end(layer, &missed, paths.memory())?;
    let mut removed = removed.iter().copied();
    for position in 1..=layer.len() {
        let kind = layer.node(position).kind;
        let size = if kind == NodeKind::Whiteout { removed.next().unwrap_or_default() } else { size(kind) };
        if end.as_ref().is_some_and(|end| end.at == position) {
            paths.miss(places[position]);
        } else if is_leaf[position] && end.as_ref().is_none_or(|end| end.goes_before(position)) {
            paths.count(places[position], size);
        }
    }
    for position in 1..=layer.len() {
        let payload = match layer.node(position).kind {
            NodeKind::Whiteout => continue,
            NodeKind::Directory { stated, .. } => Payload { is_directory: stated, size: 0 },
            kind => Payload { is_directory: false, size: size(kind) },
        };
        paths.put(places[position], payload);
    }
    Ok(bytes)
}

/// The size in the header of an entry.
fn size(kind: NodeKind<'_>) -> u64 {
    if let NodeKind::File { size } = kind { size } else { 0 }
}
