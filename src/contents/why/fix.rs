//! What to do to be without something: it depends on the instruction that brought it. Nothing is proposed that may be wrong.

use super::Look;
use crate::domain::{Ecosystem, HiddenBy, Origin, Package, Thing};
use crate::image::{CopiedFrom, MeasuredLayer};
use crate::text;

/// What to do, in the imperative.
pub(super) fn of(look: &Look<'_>, thing: &Thing, owner: Option<&Package>) -> Option<String> {
    let (index, _) = thing.brought.first()?;
    let layer = look.view.layers.get(*index)?;
    let instruction = layer.created_by.as_deref().map(text::instruction).unwrap_or_default();
    match layer.origin {
        Origin::Base => {
            let base = look.view.told.base.map_or("the base image", |base| base.reference.as_str());
            return Some(format!("use another base than {base}; deleting it in a later layer frees nothing"));
        }
        Origin::Unknown => return None,
        Origin::Own => {}
    }
    let is_copied = layer.copied_from.is_some() || ["COPY ", "ADD "].iter().any(|word| instruction.starts_with(word));
    match (thing.hidden, is_copied) {
        (Some(_), true) => return Some(of_copied(layer)),
        (Some((_, HiddenBy::Deleted)), false) => return Some("delete it in the RUN that makes it".to_owned()),
        (Some((_, HiddenBy::Replaced)), false) => return Some("make it once, in its last form".to_owned()),
        (None, _) => {}
    }
    let again = thing.again.and_then(|again| look.view.layers.get(again)?.created_by.as_deref());
    if is_copied && again.is_some_and(|created_by| created_by.contains("chown ")) {
        return Some("set its owner with COPY --chown, so it ships once".to_owned());
    }
    if is_copied {
        return Some(of_copied(layer));
    }
    match owner {
        Some(package) if package.ecosystem.is_of_os() => of_os(thing, &instruction),
        Some(package) if package.ecosystem == Ecosystem::Npm && package.is_dev == Some(true) => {
            Some("leave out development dependencies: npm ci --omit=dev".to_owned())
        }
        None if thing.packages.is_empty() && instruction.starts_with("RUN ") => {
            Some("remove it in the RUN that makes it".to_owned())
        }
        _ => None,
    }
}

fn of_copied(layer: &MeasuredLayer) -> String {
    match layer.copied_from {
        Some(CopiedFrom::Context) => "leave it out with .dockerignore",
        Some(CopiedFrom::Stage) => "copy only what runs from that stage",
        None => "leave it out of the COPY",
    }
    .to_owned()
}

/// A package of the operating system, by the package of its chain that the instruction names.
fn of_os(thing: &Thing, instruction: &str) -> Option<String> {
    let facts = thing.package.as_ref()?;
    let installs = [" install", "apk add", "apk --"].iter().any(|word| instruction.contains(word));
    if !installs {
        return None;
    }
    if facts.is_recommended && instruction.contains("apt") && !instruction.contains("--no-install-recommends") {
        return Some("leave out what is only recommended: apt-get install --no-install-recommends".to_owned());
    }
    let asked_for = facts.chain.first()?;
    let is_named = instruction
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '"' | '\''))
        .filter_map(|word| word.split(['=', '<', '>', '~', '@']).next())
        .any(|word| word == asked_for);
    is_named.then(|| format!("leave {asked_for} out, or install it in an earlier stage and copy only what runs"))
}
