//! A package: why it is there, and what goes with it.

use super::Look;
use crate::contents::removal::{Removal, Stays};
use crate::domain::{Bytes, Freed, PackageFacts};
use crate::memory::OutOfMemory;

/// How many packages are named.
const MOST: usize = 10;

/// What is known of the package at a position.
pub(super) fn facts(look: &Look<'_>, position: usize) -> Result<PackageFacts, OutOfMemory> {
    let list = &look.found.packages.list;
    let name = |position: usize| list.get(position).map(|package| package.name.clone()).unwrap_or_default();
    let chain = look.needs.chain(position)?;
    let needed_by = look.needs.needed_by(position);
    let (needed_by, needed_by_more) = named(&needed_by, &name);
    let removal = match look.needs.removal(&[position])? {
        Ok(Removal { goes, broken, bytes }) => {
            let (broken, broken_more) = named(&broken, &name);
            Freed::Goes { bytes, packages: u64::try_from(goes.len()).unwrap_or(u64::MAX), broken, broken_more }
        }
        Err(Stays::Essential(which)) => Freed::Essential(name(which)),
        Err(Stays::Linked(_)) => Freed::Linked,
    };
    let package = list.get(position);
    Ok(PackageFacts {
        ecosystem: package.map_or(crate::domain::Ecosystem::Deb, |package| package.ecosystem),
        name: name(position),
        version: package.and_then(|package| package.version.clone()),
        path: package.and_then(|package| package.path.clone()),
        bytes: package.map_or(Bytes::ZERO, |package| package.bytes),
        files: package.map_or(0, |package| package.files),
        is_recommended: chain.as_ref().is_some_and(|chain| chain.is_recommended),
        chain: chain.map(|chain| chain.links.into_iter().map(name).collect()).unwrap_or_default(),
        needed_by,
        needed_by_more,
        removal,
    })
}

/// The first names, sorted, each once, and how many more there are.
fn named(positions: &[usize], name: &impl Fn(usize) -> String) -> (Vec<String>, u64) {
    let mut names: Vec<String> = positions.iter().map(|position| name(*position)).collect();
    names.sort();
    names.dedup();
    let more = u64::try_from(names.len().saturating_sub(MOST)).unwrap_or(u64::MAX);
    names.truncate(MOST);
    (names, more)
}
