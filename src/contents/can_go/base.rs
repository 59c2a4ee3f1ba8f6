//! The base image: what of it is for building, and which smaller one there is. What another one would free is not known until it is
//! measured, so no bytes are promised.

use super::candidate::Candidate;
use super::ground::Ground;
use crate::catalogue::{self, group_members};
use crate::domain::{Bytes, CanGoKind, Origin};
use crate::memory::OutOfMemory;

/// How many tools are named.
const MOST_TOOLS: usize = 4;

pub(super) fn find(ground: &Ground<'_>) -> Result<Vec<Candidate>, OutOfMemory> {
    let Some(base) = ground.view.told.base else { return Ok(Vec::new()) };
    let is_of_base = |layer: Option<usize>| {
        layer.and_then(|layer| ground.view.layers.get(layer)).is_some_and(|layer| layer.origin == Origin::Base)
    };
    let is_for_building = |name: &str| group_members("build-tools").into_iter().flatten().any(|tool| tool.name == name);
    let mut tools: Vec<(Bytes, &str)> = ground
        .view
        .told
        .tools
        .iter()
        .filter(|tool| !tool.applet && is_for_building(&tool.name))
        .filter(|tool| tool.paths.iter().any(|path| is_of_base(path.layer)))
        .map(|tool| (tool.paths.iter().map(|path| path.size).max().unwrap_or_default(), tool.name.as_str()))
        .collect();
    tools.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let slim = catalogue::slim(&base.reference);
    let what = match (tools.len(), slim.is_some()) {
        (0, false) => return Ok(Vec::new()),
        (0, true) => "has a smaller variant".to_owned(),
        (count, _) => {
            let named: Vec<&str> = tools.iter().take(MOST_TOOLS).map(|(_, name)| *name).collect();
            let more = count.saturating_sub(MOST_TOOLS);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("{}{more} (build tools)", named.join(", "))
        }
    };
    let fix = slim.map_or_else(|| "try a base image without them".to_owned(), |slim| format!("{slim}: try it"));
    let mut fact = Candidate::of(CanGoKind::Base, what, fix, ground.view.stack.memory(), [])?;
    fact.line = Some(base.place.clone());
    Ok(vec![fact])
}

/// The size of an image whose own layers stand on another base image. Layers that depend on what is in the base may come out otherwise when
/// they are built on it.
#[must_use]
pub fn on_another_base(own: Bytes, base: Bytes) -> Option<Bytes> {
    own.checked_add(base)
}
