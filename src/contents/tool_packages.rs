//! Which package each of some tools comes with, and what removing that frees.

use std::collections::BTreeMap;

use super::packages::{self, Found};
use super::removal::Needs;
use super::view::View;
use crate::domain::{FoundPackage, ToolPackages, ToolRemoval};
use crate::image::FoundPath;
use crate::image::node::NodeId;
use crate::memory::OutOfMemory;

/// Of how many paths of tools it is told.
const MOST_PATHS: usize = 1000;
/// Of how many packages it is told what goes with them: each is a walk over all.
const MOST_PACKAGES: usize = 64;
/// How many packages may go with all of these together.
const MOST_GONE: usize = 200_000;

/// The packages behind some paths of tools.
///
/// # Errors
/// There is no memory for it.
pub fn of(view: &View<'_>, paths: &[&FoundPath]) -> Result<ToolPackages, OutOfMemory> {
    let found = packages::find(view)?;
    let needs = Needs::new(&found.packages.list, view.stack.memory())?;
    let copies = copies(&found);
    let mut told = ToolPackages::default();
    let mut positions: BTreeMap<usize, usize> = BTreeMap::new();
    let mut gone = 0_usize;
    for path in paths.iter().take(MOST_PATHS) {
        let Some(owner) = owner(view, &found, &copies, path) else { continue };
        let removal = match positions.get(&owner) {
            Some(removal) => *removal,
            None if told.removals.len() >= MOST_PACKAGES || gone >= MOST_GONE => continue,
            None => {
                let Some(package) = found.packages.list.get(owner) else { continue };
                let removal = needs.removal(&[owner])?.ok();
                let goes = removal.as_ref().map(|removal| removal.goes.clone()).unwrap_or_default();
                gone = gone.saturating_add(goes.len());
                for position in &goes {
                    let Some(package) = found.packages.list.get(*position) else { continue };
                    let brought = if view.layers.is_empty() { Vec::new() } else { package.brought.clone() };
                    told.brought.entry(*position).or_insert(brought);
                }
                let package = FoundPackage {
                    ecosystem: package.ecosystem,
                    name: package.name.clone(),
                    version: package.version.clone(),
                    frees: removal.map(|removal| removal.bytes),
                    goes: u64::try_from(goes.len()).unwrap_or(u64::MAX),
                };
                told.removals.push(ToolRemoval { package, goes: goes.into_iter().collect() });
                positions.insert(owner, told.removals.len() - 1);
                told.removals.len() - 1
            }
        };
        told.owners.insert(path.content.clone(), removal);
    }
    Ok(told)
}

/// Copies by the directory or file that they are.
fn copies(found: &Found) -> BTreeMap<&[u8], usize> {
    let list = found.packages.list.iter().enumerate();
    list.filter_map(|(position, package)| Some((package.path.as_deref()?.as_bytes(), position))).collect()
}

/// The package that the content of a tool belongs to, or is; else that of the path itself.
fn owner(view: &View<'_>, found: &Found, copies: &BTreeMap<&[u8], usize>, path: &FoundPath) -> Option<usize> {
    let at = |path: &[u8]| view.stack.resolve_link(NodeId::ROOT, path).and_then(|id| found.owners.of(id));
    at(&path.content).or_else(|| copies.get(path.content.as_slice()).copied()).or_else(|| at(&path.path))
}
