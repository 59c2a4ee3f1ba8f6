//! What there is to say of a thing, in words. Names and instructions are escaped here.

use crate::domain::{Bytes, Freed, Origin, PackageFacts, Thing, UnreadFile, WhyReport};
use crate::text;

/// How many packages are named.
const MOST: usize = 3;
/// The longest chain that is told whole.
const LONGEST_CHAIN: usize = 6;
/// The longest instruction, in characters.
const LONGEST: usize = 400;
/// Who brought less than one of so many parts is not named beside who brought most.
const LEAST: u64 = 20;

/// What a thing is called: its path or, of a package, its name and version.
pub(super) fn name(thing: &Thing) -> String {
    match (&thing.package, &thing.path) {
        (Some(facts), _) if thing.kind == crate::domain::ThingKind::Package => package(facts),
        (_, Some(path)) => text::line_within(path, LONGEST),
        (_, None) => "(no path)".to_owned(),
    }
}

/// `4,512 files` without the comma.
pub(super) fn files(count: u64) -> String {
    text::count(usize::try_from(count).unwrap_or(usize::MAX), "file", "files")
}

/// `gcc-12 12.2.0-14 (deb)`.
pub(super) fn package(facts: &PackageFacts) -> String {
    format!("{} ({})", short(facts), facts.ecosystem)
}

/// `gcc-12 12.2.0-14`.
pub(super) fn short(facts: &PackageFacts) -> String {
    let version = facts.version.as_deref().map(|version| format!(" {}", text::line(version))).unwrap_or_default();
    format!("{}{version}", text::line(&facts.name))
}

/// Who asked for it.
pub(super) fn pulled_in(facts: &PackageFacts) -> Option<String> {
    let links: Vec<String> = facts.chain.iter().map(|name| text::line(name)).collect();
    let (last, first) = links.split_last()?;
    if first.is_empty() {
        return Some("by nothing: it was installed by name".to_owned());
    }
    let shown = if links.len() > LONGEST_CHAIN {
        let skipped = links.len().saturating_sub(LONGEST_CHAIN - 1);
        let begin = links.get(..3).unwrap_or_default().join(" → ");
        format!("{begin} → {skipped} more → {} → {last}", first.last().map_or("", String::as_str))
    } else {
        links.join(" → ")
    };
    Some(if facts.is_recommended { format!("{shown} (recommended)") } else { shown })
}

/// Who needs it, where nobody knows who asked for it.
pub(super) fn needed_by(facts: &PackageFacts) -> Option<String> {
    (facts.chain.is_empty() && !facts.needed_by.is_empty()).then(|| some(&facts.needed_by, facts.needed_by_more))
}

/// `libc6 12.8 MB, gcc-12 8.1 MB`.
pub(super) fn packages(packages: &[(String, Bytes)]) -> String {
    let shown: Vec<String> = packages.iter().map(|(name, bytes)| format!("{} {bytes}", text::line(name))).collect();
    shown.join(", ")
}

/// What goes with a package.
pub(super) fn frees(facts: &PackageFacts) -> String {
    match &facts.removal {
        Freed::Goes { bytes, packages, broken, broken_more } => {
            let many = usize::try_from(*packages).unwrap_or(usize::MAX);
            let also =
                if many > 1 { format!(" ({})", text::count(many, "package", "packages")) } else { String::new() };
            let broken = match broken.as_slice() {
                [] => String::new(),
                names => format!("; {} cannot be without it", some(names, *broken_more)),
            };
            format!("frees {bytes}{also}{broken}")
        }
        Freed::Essential(name) if *name == facts.name => "is not possible: it is essential".to_owned(),
        Freed::Essential(name) => format!("is not possible: {} needs it and is essential", text::line(name)),
        Freed::Linked => "is not possible: it is a part of a program".to_owned(),
    }
}

/// The layer that brought most of it.
pub(super) fn brought(report: &WhyReport, thing: &Thing) -> Option<String> {
    let (first, _) = thing.brought.first()?;
    Some(layer(report, *first))
}

/// The other layers that brought a part worth a word.
pub(super) fn others(report: &WhyReport, thing: &Thing) -> Option<String> {
    let worth = thing.bytes.0 / LEAST;
    let others: Vec<String> = thing
        .brought
        .iter()
        .skip(1)
        .filter(|(_, bytes)| bytes.0 > worth)
        .take(MOST)
        .map(|(index, bytes)| format!("{} {bytes}", place(report, *index)))
        .collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// The layer that has it once more.
pub(super) fn again(report: &WhyReport, thing: &Thing) -> Option<String> {
    thing.again.map(|index| layer(report, index))
}

/// Copies in lower layers that are not seen.
pub(super) fn earlier(report: &WhyReport, thing: &Thing) -> Option<String> {
    let bytes: Bytes = thing.earlier.iter().map(|earlier| earlier.bytes).sum();
    let places: Vec<String> = thing.earlier.iter().take(MOST).map(|earlier| place(report, earlier.layer)).collect();
    (!places.is_empty()).then(|| format!("{bytes} of an earlier copy from {}", places.join(", ")))
}

/// In one word who brought most of it.
pub(super) fn whom(report: &WhyReport, thing: &Thing) -> Option<String> {
    thing.brought.first().map(|(index, _)| place(report, *index))
}

/// `Dockerfile:4  RUN apt-get install gcc`, `base node:20  ADD rootfs /`.
pub(super) fn layer(report: &WhyReport, index: usize) -> String {
    let created_by = report.layers.get(index).and_then(|layer| layer.created_by.as_deref());
    let instruction = created_by.map(text::instruction).filter(|text| !text.is_empty());
    let instruction = instruction.map(|said| format!("  {}", text::line_within(&said, LONGEST))).unwrap_or_default();
    format!("{}{instruction}", place(report, index))
}

/// `Dockerfile:4`, `base node:20`, `layer 3`.
pub(super) fn place(report: &WhyReport, index: usize) -> String {
    let Some(layer) = report.layers.get(index) else { return format!("layer {}", index.saturating_add(1)) };
    match (&layer.dockerfile, layer.origin) {
        (Some(place), _) => format!("{}:{}", text::line(&place.file), place.line),
        (None, Origin::Base) => match &report.base {
            Some(base) => format!("base {}", text::line(&base.reference)),
            None => "the base image".to_owned(),
        },
        (None, _) => format!("layer {} of {}", index.saturating_add(1), report.layers.len()),
    }
}

/// Which files would have told more of packages.
pub(super) fn unread(files: &[UnreadFile], width: Option<usize>) -> Vec<String> {
    const LONGEST_WHY: usize = 200;
    let Some(first) = files.first() else { return Vec::new() };
    let more = match files.len() {
        1 => String::new(),
        all => format!(" (and {} more)", all - 1),
    };
    let said = format!("{} {}{more}", text::line(&first.path), text::line_within(&first.why, LONGEST_WHY));
    text::hang("not all packages are known: ", &said, width)
}

/// `a, b, c and 4 more`.
fn some(names: &[String], more: u64) -> String {
    let shown: Vec<String> = names.iter().take(MOST).map(|name| text::line(name)).collect();
    let rest = u64::try_from(names.len().saturating_sub(MOST)).unwrap_or(u64::MAX).saturating_add(more);
    let shown = shown.join(", ");
    if rest > 0 { format!("{shown} and {rest} more") } else { shown }
}
