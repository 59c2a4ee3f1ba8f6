//! Packages of rpm: `rpmdb.sqlite`, or `Packages.db` of its ndb, in one of the places where distributions have them.
//!
//! Both keep a package as its header. What requires a package is written as names, as what others provide (`libc.so.6()(64bit)`), and
//! as paths. Needs that hang on a condition, `(a if b)`, are left out, and so are those of rpm itself. Keys that were imported are
//! packages to rpm, `gpg-pubkey`, and so they are here.

mod bytes;
#[cfg(test)]
mod fixture;
mod header;
mod ndb;
mod sqlite;

use std::collections::BTreeSet;

use super::Found;
use super::fillers::{Fillers, Needs};
use super::places::Places;
use crate::contents::view::View;
use crate::domain::{Ecosystem, Package};
use crate::image::node::NodeId;
use crate::memory::{List, Memory, OutOfMemory};
use header::{Header, Tag};

/// Where the databases are: of Red Hat's and SUSE's, of newer ones, and of those that are updated as a whole.
const FOLDERS: [&[u8]; 3] = [b"/usr/lib/sysimage/rpm", b"/var/lib/rpm", b"/usr/share/rpm"];
const SQLITE: &[u8] = b"rpmdb.sqlite";
const NDB: &[u8] = b"Packages.db";
/// What SQLite writes beside a database while it changes it.
const UNFINISHED: [&[u8]; 2] = [b"rpmdb.sqlite-wal", b"rpmdb.sqlite-journal"];
const BERKELEY: &[u8] = b"Packages";

/// `RPMFILE_STATE_REPLACED`: the file is another package's now.
const REPLACED: u8 = 1;

/// Why a database is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// It is not as it has to be: how, as a fragment.
    Why(&'static str),
    /// There is no memory for it.
    Memory(OutOfMemory),
}

impl From<OutOfMemory> for Refused {
    fn from(error: OutOfMemory) -> Self {
        Self::Memory(error)
    }
}

/// A database.
#[derive(Debug, Clone, Copy)]
enum Database<'a> {
    Sqlite(&'a [u8]),
    Ndb(&'a [u8]),
}

impl Database<'_> {
    /// Calls `each` with every header.
    fn each(self, memory: &Memory, mut each: impl FnMut(Header<'_>) -> Result<(), Refused>) -> Result<(), Refused> {
        let each = |blob: &[u8]| {
            let header = Header::new(blob).ok_or(Refused::Why("has a header that is damaged"))?;
            header.trouble().map_or(Ok(()), |why| Err(Refused::Why(why)))?;
            each(header)
        };
        match self {
            Self::Sqlite(bytes) => sqlite::Database::new(bytes)?.blobs(b"Packages", memory, each),
            Self::Ndb(bytes) => ndb::blobs(bytes, memory, each),
        }
    }
}

/// Adds the packages of an image. A database that cannot be read to its end counts nothing.
pub(super) fn read(view: &View<'_>, found: &mut Found) -> Result<(), OutOfMemory> {
    let memory = view.stack.memory();
    let databases = databases(view, found)?;
    let mut seen = BTreeSet::new();
    // Where each header went, in their order; one that an earlier database has, too, went nowhere.
    let mut positions: List<Option<usize>> = List::new(memory);
    let mut fillers = Fillers::new(memory);
    let mut places = Places::new(view);
    for database in &databases {
        whole(database.each(memory, |header| {
            let package = described(header);
            if databases.len() > 1 {
                let key = (package.name.clone(), package.version.clone(), package.architecture.clone());
                found.hold(size_of_val(&key).saturating_add(3 * package.name.len()))?;
                if !seen.insert(key) {
                    return Ok(positions.push(None)?);
                }
            }
            let files = files(view, header, &mut places)?;
            let position = found.add(view, package, files.iter().copied())?;
            positions.push(Some(position))?;
            let own = header.word(Tag::Name).into_iter();
            for name in own.chain(header.words(Tag::ProvideName)).filter(|name| !name.is_empty()) {
                found.hold(name.len())?;
                fillers.add(Box::<[u8]>::from(name), position)?;
            }
            Ok(())
        }))?;
    }
    fillers.finish();
    let mut positions = positions.iter().copied();
    for database in &databases {
        whole(database.each(memory, |header| {
            let Some(position) = positions.next().flatten() else { return Ok(()) };
            let mut fill = |tags: &[Tag]| -> Result<Vec<Vec<String>>, OutOfMemory> {
                let mut needs = Needs::default();
                for need in tags.iter().flat_map(|tag| header.words(*tag)).filter(|need| is_of_packages(need)) {
                    let place = if need.starts_with(b"/") { places.at(need)? } else { None };
                    let owner = place.and_then(|place| found.owners.of(place));
                    needs.add(found, position, fillers.of(need).chain(owner))?;
                }
                Ok(needs.finish())
            };
            let (needs, wants) = (fill(&[Tag::RequireName])?, fill(&[Tag::RecommendName, Tag::SuggestName])?);
            if let Some(package) = found.packages.list.get_mut(position) {
                (package.needs, package.wants) = (needs, wants);
            }
            Ok(())
        }))?;
    }
    Ok(())
}

/// What reading a database for another time came to, which was read to its end before.
fn whole(outcome: Result<(), Refused>) -> Result<(), OutOfMemory> {
    match outcome {
        Err(Refused::Memory(error)) => Err(error),
        Ok(()) | Err(Refused::Why(_)) => Ok(()),
    }
}

/// The databases that can be read to their ends.
fn databases<'a>(view: &View<'a>, found: &mut Found) -> Result<Vec<Database<'a>>, OutOfMemory> {
    let mut folders: Vec<NodeId> = Vec::new();
    let mut databases = Vec::new();
    for folder in FOLDERS.iter().filter_map(|folder| view.at(folder)) {
        if folders.contains(&folder) {
            continue;
        }
        folders.push(folder);
        let Some((file, database)) = database(view, found, folder) else { continue };
        match database.each(view.stack.memory(), |_| Ok(())) {
            Ok(()) => databases.push(database),
            Err(Refused::Memory(error)) => return Err(error),
            Err(Refused::Why(why)) => found.unread(view, file, why),
        }
    }
    Ok(databases)
}

/// The database of a folder. What else is there is named.
fn database<'a>(view: &View<'a>, found: &mut Found, folder: NodeId) -> Option<(NodeId, Database<'a>)> {
    let named = |name: &[u8]| view.stack.end(view.stack.child(folder, name)?);
    let has_bytes = |file: &NodeId| view.stack.node(*file).bytes() > 0;
    let (sqlite, ndb) = (named(SQLITE), named(NDB));
    if let Some(file) = named(BERKELEY).filter(has_bytes) {
        found.unread(view, file, "is a Berkeley DB, which imgbudget does not read");
    }
    if let Some(ndb) = ndb.filter(|_| sqlite.is_some()) {
        found.unread(view, ndb, "is not read, because rpmdb.sqlite is beside it");
    }
    if let Some(file) = sqlite {
        if let Some(changes) = UNFINISHED.iter().filter_map(|name| named(name)).find(has_bytes) {
            found.unread(view, changes, "has changes to rpmdb.sqlite that are not in it yet, so neither is read");
            return None;
        }
        return Some((file, Database::Sqlite(found.bytes(view, file)?)));
    }
    let file = ndb?;
    Some((file, Database::Ndb(found.bytes(view, file)?)))
}

/// A package without its files and needs.
fn described(header: Header<'_>) -> Package {
    let word = |tag| header.word(tag).map(|word| String::from_utf8_lossy(word).into_owned());
    let epoch = header.numbers(Tag::Epoch).next().map(|epoch| format!("{epoch}:")).unwrap_or_default();
    let version = word(Tag::Version).zip(word(Tag::Release));
    let name = word(Tag::Name).unwrap_or_default();
    // NAME-VERSION-RELEASE.src.rpm
    let source = word(Tag::SourceRpm).and_then(|file| file.rsplitn(3, '-').nth(2).map(str::to_owned));
    Package {
        version: version.map(|(version, release)| format!("{epoch}{version}-{release}")),
        architecture: word(Tag::Architecture),
        source: source.filter(|source| *source != name),
        licences: word(Tag::Licence).into_iter().collect(),
        ..Package::new(Ecosystem::Rpm, name)
    }
}

/// The files that a header lists and that are there.
fn files(view: &View<'_>, header: Header<'_>, places: &mut Places<'_, '_>) -> Result<List<NodeId>, OutOfMemory> {
    let memory = view.stack.memory();
    let mut directories = List::new(memory);
    for directory in header.words(Tag::DirNames) {
        directories.push(places.directory(directory)?)?;
    }
    let mut files = List::new(memory);
    let states = header.states();
    let named = header.words(Tag::BaseNames).zip(header.numbers(Tag::DirIndexes));
    for (position, (name, directory)) in named.enumerate() {
        let directory = directories.get(directory as usize).copied().flatten();
        let file = directory.and_then(|directory| view.stack.child(directory, name));
        if let Some(file) = file.filter(|_| states.get(position) != Some(&REPLACED)) {
            files.push(file)?;
        }
    }
    Ok(files)
}

/// Whether a package can fill a need: not rpm itself, and not a condition.
fn is_of_packages(need: &[u8]) -> bool {
    !need.is_empty() && !need.starts_with(b"(") && !need.starts_with(b"rpmlib(")
}

#[cfg(test)]
mod tests;
