//! Ways to read an image of an engine, and what each says of the same image.

mod fake;
mod inside;
mod kept;
mod ladder;
mod live;
mod split;

use imgbudget::layer::LayerIndex;

/// Every path with all that an index knows of it.
fn entries(index: &LayerIndex) -> Vec<String> {
    let entry = |position| format!("{} {:?}", String::from_utf8_lossy(&index.path(position)), index.node(position));
    (1..=index.len()).map(entry).collect()
}
