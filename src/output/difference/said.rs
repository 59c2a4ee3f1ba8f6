//! What the forms of a difference say in the same words.

use crate::domain::{Bytes, Comparison, DifferenceRest, DifferenceRow, DifferenceState, DifferentThing, Place};
use crate::output::delta::Delta;
use crate::output::packages::{signed, versions};
use crate::text;

/// Names of one kind that are shown.
const NAMES: usize = 5;

/// `shop-api:main → shop-api`; one name where both have the same. Not escaped.
pub(in crate::output) fn title(comparison: &Comparison) -> String {
    let (old, new) = (&comparison.old.name, &comparison.new.name);
    if old == new { new.clone() } else { format!("{old} → {new}") }
}

/// `316.1 → 840.8 MB`, `950.0 kB → 1.2 MB`, `840.8 MB` where it is the same.
pub(in crate::output) fn sizes(comparison: &Comparison) -> String {
    let (old, new) = (comparison.old.size.to_string(), comparison.new.size.to_string());
    if comparison.old.size == comparison.new.size {
        return new;
    }
    match (old.split_once(' '), new.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} → {new}"),
        _ => format!("{old} → {new}"),
    }
}

/// `+524.7 MB (+166.0 %)`, `±0`.
pub(in crate::output) fn sum(comparison: &Comparison) -> String {
    let (before, after) = (comparison.old.size, comparison.new.size);
    if before == after { "±0".to_owned() } else { Delta { before, after }.to_string() }
}

/// `base ±0 · yours +524.7 MB`; where there is no base nothing is said of it.
pub(in crate::output) fn shares(comparison: &Comparison) -> Option<String> {
    let shares = comparison.shares()?;
    let has_base = shares.base != (Bytes::ZERO, Bytes::ZERO);
    let change = |(before, after): (Bytes, Bytes)| signed(i128::from(after.0) - i128::from(before.0));
    has_base.then(|| format!("base {} · yours {}", change(shares.base), change(shares.own)))
}

/// What a row is, in a word or two.
pub(in crate::output) fn kind(row: &DifferenceRow) -> &'static str {
    match (&row.what, row.state) {
        (DifferentThing::Layer { .. }, DifferenceState::New) => "new layer",
        (DifferentThing::Layer { .. }, DifferenceState::Gone) => "gone layer",
        (DifferentThing::Layer { .. }, DifferenceState::Changed) => "layer",
        (DifferentThing::Base, _) => "base image",
        (DifferentThing::Package { .. }, _) => "package",
        (DifferentThing::Directory { .. }, _) => "directory",
        (DifferentThing::File { .. }, _) => "file",
    }
}

/// What a row is about, and what else is to be said of it. Not escaped.
pub(in crate::output) fn named_and_more(row: &DifferenceRow) -> (String, String) {
    let state = match row.state {
        DifferenceState::New => ", new",
        DifferenceState::Gone => ", gone",
        DifferenceState::Changed => "",
    };
    match &row.what {
        DifferentThing::Layer { created_by, hidden } => {
            let instruction = created_by.as_deref().map(text::instruction_short).filter(|text| !text.is_empty());
            let number = row.new_layer.or(row.old_layer).map_or(0, |at| at.saturating_add(1));
            let hides = row.state != DifferenceState::Gone && hidden.0 > row.after.0 / 2;
            let more = if hides { ": what it hides still ships" } else { "" };
            (instruction.unwrap_or_else(|| format!("layer {number}")), more.to_owned())
        }
        DifferentThing::Base => ("what no package or directory tells".to_owned(), String::new()),
        DifferentThing::Package { name, .. } => {
            let versions = versions(row);
            let gap = if versions.is_empty() { "" } else { " " };
            (name.clone(), format!("{gap}{versions}{state}"))
        }
        DifferentThing::Directory { path, files } => match row.state {
            DifferenceState::Changed => {
                (path.clone(), format!(", {files} {}", if *files == 1 { "file" } else { "files" }))
            }
            _ => (path.clone(), state.to_owned()),
        },
        DifferentThing::File { path } => (path.clone(), state.to_owned()),
    }
}

/// `and 31 smaller, +218.1 MB together`; nothing where nothing was left out.
pub(in crate::output) fn smaller(rest: DifferenceRest) -> Option<String> {
    (rest.rows > 0).then(|| format!("and {} smaller, {} together", rest.rows, signed(rest.difference())))
}

/// `gcc, g++, make and 12 more`, each as `shown` has it.
pub(in crate::output) fn named(names: &[String], shown: impl Fn(&str) -> String) -> String {
    let most = if names.len() > NAMES { NAMES - 1 } else { NAMES };
    let few = names.iter().take(most).map(|name| shown(name)).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(most) {
        0 => few,
        more => format!("{few} and {more} more"),
    }
}

/// Where a row was made: `:24` where all rows are of one file.
pub(in crate::output) fn line(place: &Place, is_one_file: bool) -> String {
    if is_one_file { format!(":{}", place.line) } else { format!("{}:{}", place.file, place.line) }
}

/// Whether all lines are of one Dockerfile.
pub(in crate::output) fn is_one_file(rows: &[DifferenceRow]) -> bool {
    let mut files = rows.iter().filter_map(|row| row.line.as_ref()).map(|place| &place.file);
    let first = files.next();
    files.all(|file| Some(file) == first)
}
