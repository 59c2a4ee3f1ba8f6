//! Debian's packages, as dpkg and distroless images keep them.
//!
//! - `/var/lib/dpkg/status`: a paragraph for each package, and `info/NAME.list` or `info/NAME:ARCH.list` with its paths.
//! - `/var/lib/dpkg/status.d/NAME` of images made without dpkg: the package's control file, and `NAME.md5sums` with its files.
//!
//! A package is there when dpkg has unpacked it: in every state but `not-installed` and `config-files`, as apt counts. dpkg gives up on
//! a database that it cannot read; here what can be read is told, and what is wrong beside it.
//!
//! <https://manpages.debian.org/bookworm/dpkg/dpkg-query.1.en.html>

mod automatic;
mod files;
mod record;
mod relation;
mod stanza;

use super::Found;
use super::fillers::{Fillers, Needs};
use crate::contents::view::View;
use crate::domain::{Ecosystem, Package};
use crate::image::node::{NodeId, NodeKind};
use crate::memory::{List, OutOfMemory};
use automatic::Automatic;
use files::Files;
use record::{Kind, Record, Records};

/// Where dpkg keeps what it knows.
const ADMIN: &[u8] = b"/var/lib/dpkg";

/// Adds the packages of an image.
pub(super) fn read(view: &View<'_>, found: &mut Found) -> Result<(), OutOfMemory> {
    let Some(admin) = view.at(ADMIN) else { return Ok(()) };
    let mut records = Records::new(view.stack.memory());
    let mut is_read = true;
    if let Some(status) = child(view, admin, b"status") {
        let text = found.bytes(view, status);
        is_read = text.is_some();
        let trouble = records.read(text.unwrap_or_default(), Kind::Status)?;
        if let Some(why) = trouble {
            found.unread(view, status, why);
        }
    }
    for (position, single) in singles(view, admin)?.iter().enumerate() {
        let Some(text) = found.bytes(view, *single) else { continue };
        let trouble = records.read(text, Kind::Single { file: *single, order: position })?;
        if let Some(why) = trouble {
            found.unread(view, *single, why);
        }
    }
    records.finish();
    let mut files = Files::new(view, admin, found)?;
    let automatic = Automatic::read(view, found)?;
    let mut fillers = Fillers::new(view.stack.memory());
    let mut added = List::new(view.stack.memory());
    for record in records.present() {
        let mut package = package(record);
        package.is_automatic = automatic.as_ref().map(|automatic| automatic.has(record.name, record.architecture));
        let owned = files.of(record)?;
        let position = found.add(view, package, owned.iter().copied())?;
        added.push((position, *record))?;
        fillers.add(record.name, position)?;
        let ([provides], _) = record.stanza.fields(["Provides"]);
        for provided in relation::needs(provides.unwrap_or_default()) {
            fillers.add(relation::name(provided), position)?;
        }
    }
    fillers.finish();
    for (position, record) in added.iter() {
        let (values, _) = record.stanza.fields(["Pre-Depends", "Depends", "Recommends", "Suggests"]);
        let needs = filled(&values[..2], *position, &fillers, found)?;
        let wants = filled(&values[2..], *position, &fillers, found)?;
        if let Some(package) = found.packages.list.get_mut(*position) {
            (package.needs, package.wants) = (needs, wants);
        }
    }
    files.tell(found);
    if is_read {
        files.tell_orphans(found, &records);
    }
    Ok(())
}

/// The files of `status.d`, by name.
fn singles(view: &View<'_>, admin: NodeId) -> Result<List<NodeId>, OutOfMemory> {
    let mut singles = List::new(view.stack.memory());
    if let Some(directory) = child(view, admin, b"status.d") {
        for file in view.stack.children(directory) {
            let node = view.stack.node(file);
            let is_file = matches!(node.kind, NodeKind::File { .. } | NodeKind::Symlink { .. });
            if is_file && !node.name.ends_with(files::SUMS) {
                singles.push(file)?;
            }
        }
    }
    singles.sort_unstable_by_key(|file| view.stack.node(*file).name);
    Ok(singles)
}

/// What a directory has under a name, every link followed.
fn child(view: &View<'_>, directory: NodeId, name: &[u8]) -> Option<NodeId> {
    view.stack.end(view.stack.child(directory, name)?)
}

/// A package without its files and needs.
fn package(record: &Record<'_>) -> Package {
    let fields = record.stanza.fields(["Version", "Source", "Essential", "Protected"]);
    let ([version, source, essential, protected], _) = fields;
    let word = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let is_yes = |value: Option<&[u8]>| value.is_some_and(|value| value.eq_ignore_ascii_case(b"yes"));
    let source = source.map(relation::name).filter(|source| !source.is_empty() && *source != record.name);
    Package {
        version: version.filter(|version| !version.is_empty()).map(word),
        architecture: Some(record.architecture).filter(|name| !name.is_empty()).map(word),
        source: source.map(word),
        is_essential: is_yes(essential) || is_yes(protected),
        ..Package::new(Ecosystem::Deb, word(record.name))
    }
}

/// The needs in some fields of a package, with the names of the packages that fill them.
fn filled(
    fields: &[Option<&[u8]>],
    position: usize,
    fillers: &Fillers<&[u8]>,
    found: &mut Found,
) -> Result<Vec<Vec<String>>, OutOfMemory> {
    let mut needs = Needs::default();
    for need in fields.iter().flatten().flat_map(|value| relation::needs(value)) {
        needs.add(found, position, relation::names(need).flat_map(|name| fillers.of(name)))?;
    }
    Ok(needs.finish())
}

#[cfg(test)]
mod tests;
