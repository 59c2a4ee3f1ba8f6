//! Alpine's packages, as apk keeps them: `lib/apk/db/installed`, and below `/usr` where apk 3 has moved it.
//!
//! A package is some lines `X:value` and ends at an empty line. `F:` is a directory, and each `R:` after it a file in there. What `D:`
//! needs is a package or what one provides with `p:`: `so:libz.so.1`, `cmd:tar`, `pc:zlib`. `/etc/apk/world` has what was asked for.
//!
//! <https://wiki.alpinelinux.org/wiki/Apk_spec>

use super::Found;
use super::fillers::{Fillers, Needs};
use super::places::Places;
use super::tally::Tally;
use crate::contents::view::View;
use crate::domain::{Ecosystem, Package};
use crate::image::node::NodeId;
use crate::memory::{List, OutOfMemory};

const DATABASES: [&[u8]; 2] = [b"/lib/apk/db/installed", b"/usr/lib/apk/db/installed"];
const WORLD: &[u8] = b"/etc/apk/world";

/// More than a package can be called.
const LONGEST_NAME: usize = 255;

/// Adds the packages of an image.
pub(super) fn read(view: &View<'_>, found: &mut Found) -> Result<(), OutOfMemory> {
    let mut databases: Vec<NodeId> = DATABASES.iter().filter_map(|path| view.at(path)).collect();
    databases.dedup();
    let mut records = List::new(view.stack.memory());
    for database in databases {
        let Some(text) = found.bytes(view, database) else { continue };
        if let Some(why) = gather(text, &mut records)? {
            found.unread(view, database, why);
        }
    }
    // A package that two databases have is one.
    records.sort_unstable_by_key(|record: &Record<'_>| record.key());
    let mut places = Places::new(view);
    let mut files = List::new(view.stack.memory());
    let mut fillers = Fillers::new(view.stack.memory());
    let mut added: List<(usize, Record<'_>)> = List::new(view.stack.memory());
    let world = world(view, found)?;
    for record in records.iter() {
        if added.last().is_some_and(|(_, last)| last.key() == record.key()) {
            continue;
        }
        let mut package = record.package();
        package.is_automatic = world.as_ref().map(|world| world.binary_search(&record.name).is_err());
        files.truncate(0);
        record.files(view, &mut places, &mut files)?;
        let position = found.add(view, package, files.iter().copied())?;
        added.push((position, *record))?;
        fillers.add(record.name, position)?;
        for provided in record.words(b'p') {
            fillers.add(name(provided), position)?;
        }
    }
    fillers.finish();
    missing(view, found, &fillers, &added, world.as_ref());
    for (position, record) in added.iter() {
        let mut needs = Needs::default();
        for need in record.words(b'D').filter(|need| !need.starts_with(b"!")) {
            needs.add(found, *position, fillers.of(name(need)))?;
        }
        if let Some(package) = found.packages.list.get_mut(*position) {
            package.needs = needs.finish();
        }
    }
    Ok(())
}

/// Says when the database does not have what was asked for: then it has fewer than there were.
fn missing(
    view: &View<'_>,
    found: &mut Found,
    fillers: &Fillers<&[u8]>,
    added: &[(usize, Record<'_>)],
    world: Option<&List<&[u8]>>,
) {
    let mut missing = Tally::default();
    for name in world.into_iter().flat_map(|world| world.iter()).filter(|name| fillers.of(name).next().is_none()) {
        missing.add(name);
    }
    if missing.is_some() {
        let has = if added.is_empty() { "has no packages" } else { "does not have all packages" };
        let database = DATABASES.iter().find_map(|path| view.at(path));
        let why = format!("{has}, but /etc/apk/world asks for {missing}");
        found.unread_at(view, database, "/lib/apk/db/installed", why);
    }
}

/// What was asked for, sorted; `None` where that is not known.
fn world<'a>(view: &View<'a>, found: &mut Found) -> Result<Option<List<&'a [u8]>>, OutOfMemory> {
    let Some(file) = view.at(WORLD) else { return Ok(None) };
    let Some(text) = found.bytes(view, file) else { return Ok(None) };
    let mut world = List::new(view.stack.memory());
    for word in text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty() && !word.starts_with(b"!")) {
        world.push(name(word))?;
    }
    world.sort_unstable();
    Ok(Some(world))
}

/// A package of the database.
#[derive(Debug, Clone, Copy)]
struct Record<'a> {
    name: &'a [u8],
    version: &'a [u8],
    architecture: &'a [u8],
    text: &'a [u8],
}

/// Reads a database, and says what is wrong with it. apk gives up on a line that it does not know; here the rest is read all the same.
fn gather<'a>(text: &'a [u8], records: &mut List<Record<'a>>) -> Result<Option<String>, OutOfMemory> {
    let mut wrong: Option<(usize, &str)> = None;
    let (mut start, mut first, mut at, mut line) = (0, 1, 0, 1_usize);
    let mut record = Record { name: b"", version: b"", architecture: b"", text: b"" };
    while at < text.len() {
        let end = text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| at + end);
        let content = &text[at..end];
        match content {
            [] => {
                if start < at {
                    record.text = &text[start..at];
                    if record.name.is_empty() || record.name.len() > LONGEST_NAME || record.version.is_empty() {
                        wrong = wrong.or(Some((first, "begins a record without a name or a version")));
                    }
                    if !record.name.is_empty() && record.name.len() <= LONGEST_NAME {
                        records.push(record)?;
                    }
                }
                (start, first) = (end + 1, line + 1);
                record = Record { name: b"", version: b"", architecture: b"", text: b"" };
            }
            [key, b':', value @ ..] if key.is_ascii_alphabetic() => match key {
                b'P' => record.name = value,
                b'V' => record.version = value,
                b'A' => record.architecture = value,
                _ => {}
            },
            _ => wrong = wrong.or(Some((line, "is not a field"))),
        }
        (at, line) = (end + 1, line + 1);
    }
    if start < text.len() {
        return Ok(Some(format!("is cut short in the record that begins in line {first}")));
    }
    Ok(wrong.map(|(line, what)| format!("line {line} {what}")))
}

impl<'a> Record<'a> {
    fn key(&self) -> (&'a [u8], &'a [u8], &'a [u8]) {
        (self.name, self.version, self.architecture)
    }

    /// The values of the fields of one letter.
    fn values(&self, key: u8) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.text.split(|byte| *byte == b'\n');
        lines.filter_map(move |line| line.strip_prefix(&[key, b':'][..]))
    }

    /// The words in them.
    fn words(&self, key: u8) -> impl Iterator<Item = &'a [u8]> {
        self.values(key).flat_map(|value| value.split(|byte| *byte == b' ')).filter(|word| !word.is_empty())
    }

    /// The package without its files and needs.
    fn package(&self) -> Package {
        let word = |value: &[u8]| Some(String::from_utf8_lossy(value).into_owned()).filter(|word| !word.is_empty());
        let origin = self.values(b'o').next().filter(|origin| *origin != self.name);
        Package {
            version: word(self.version),
            architecture: word(self.architecture),
            source: origin.and_then(word),
            licences: self.values(b'L').filter_map(word).collect(),
            ..Package::new(Ecosystem::Apk, String::from_utf8_lossy(self.name))
        }
    }

    /// The files that it lists and that are there.
    fn files(&self, view: &View<'a>, places: &mut Places<'_, 'a>, files: &mut List<NodeId>) -> Result<(), OutOfMemory> {
        let mut directory = None;
        for line in self.text.split(|byte| *byte == b'\n') {
            match line {
                [b'F', b':', path @ ..] => directory = places.directory(path)?,
                [b'R', b':', name @ ..] => {
                    if let Some(file) = directory.and_then(|directory| view.stack.child(directory, name)) {
                        files.push(file)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What a need or a provision is about, without its version and repository: `so:libz.so.1=1.3`, `musl>=1.2`, `vim@edge`.
fn name(word: &[u8]) -> &[u8] {
    word.split(|byte| matches!(byte, b'<' | b'>' | b'=' | b'~' | b'@')).next().unwrap_or_default()
}

#[cfg(test)]
#[path = "apk_tests.rs"]
mod tests;
