//! The two tables of ARCHITECTURE.md: the rooms, and the crates from outside.

use std::collections::{BTreeMap, BTreeSet};

/// What a room may touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Pure,
    Sync,
    Async,
}

impl Kind {
    /// Paths that a room of this kind does not name.
    pub(super) fn refuses(self) -> &'static [&'static str] {
        const WAITING: &[&str] = &["tokio", "tokio_util", "futures_util", "bollard"];
        const WORLD: &[&str] = &[
            "tokio",
            "tokio_util",
            "futures_util",
            "bollard",
            "tempfile",
            "indicatif",
            "std::fs",
            "std::net",
            "std::env",
            "std::process::Command",
            "std::process::exit",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime",
        ];
        match self {
            Self::Pure => WORLD,
            Self::Sync => WAITING,
            Self::Async => &[],
        }
    }
}

/// What one word of the last column permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Permit {
    /// The word: a room, or the name of a row with several.
    pub(super) word: String,
    pub(super) rooms: BTreeSet<String>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) rooms: Vec<String>,
    pub(super) kind: Kind,
    pub(super) permits: Vec<Permit>,
}

impl Row {
    pub(super) fn allows(&self, room: &str) -> bool {
        self.permits.iter().any(|permit| permit.rooms.contains(room))
    }
}

/// The rows, from the top to the bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table(pub(super) Vec<Row>);

impl Table {
    pub(super) fn row(&self, room: &str) -> Result<&Row, String> {
        let row = self.0.iter().find(|row| row.rooms.iter().any(|name| name == room));
        row.ok_or_else(|| format!("the room `{room}` has no row in ARCHITECTURE.md"))
    }

    pub(super) fn rooms(&self) -> BTreeSet<String> {
        self.0.iter().flat_map(|row| row.rooms.iter().cloned()).collect()
    }
}

/// Reads the table under the heading "The rooms".
pub(super) fn table(page: &str) -> Result<Table, String> {
    let mut rows: Vec<Row> = Vec::new();
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for cells in cells(page, "\n## The rooms\n")? {
        let [rooms, _, kind, may_name] = cells.as_slice() else {
            return Err(format!("not four cells: {cells:?}"));
        };
        let kind = match kind.as_str() {
            "pure" => Kind::Pure,
            "sync" => Kind::Sync,
            "async" => Kind::Async,
            other => return Err(format!("no kind is called `{other}`")),
        };
        let (group, rooms) =
            rooms.split_once(": ").map_or((None, rooms.as_str()), |(group, rooms)| (Some(group), rooms));
        let rooms: Vec<String> =
            words(rooms).map(|room| room.trim_end_matches('/').trim_end_matches(".rs").to_owned()).collect();
        let mut permits = Vec::new();
        for word in words(may_name) {
            let known = |name: &str| rows.iter().any(|row| row.rooms.iter().any(|room| room == name));
            let rooms = match groups.get(word) {
                Some(members) => members.clone(),
                None if known(word) => BTreeSet::from([word.to_owned()]),
                None => return Err(format!("{} may name `{word}`, which is no row above it", rooms.join(", "))),
            };
            permits.push(Permit { word: word.to_owned(), rooms });
        }
        if let Some(twice) = rooms.iter().find(|room| rows.iter().any(|row| row.rooms.contains(room))) {
            return Err(format!("`{twice}` has two rows"));
        }
        if let Some(group) = group {
            groups.insert(group.to_owned(), rooms.iter().cloned().collect());
        }
        rows.push(Row { rooms, kind, permits });
    }
    Ok(Table(rows))
}

/// Reads the table under the heading "Crates from outside": each crate, and the rooms that may name it.
pub(super) fn crates(page: &str) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let mut crates = BTreeMap::new();
    for cells in cells(page, "\n### Crates from outside\n")? {
        let [names, rooms] = cells.as_slice() else {
            return Err(format!("not two cells: {cells:?}"));
        };
        for name in words(names) {
            let rooms = words(rooms).map(str::to_owned).collect();
            if crates.insert(name.replace('-', "_"), rooms).is_some() {
                return Err(format!("`{name}` has two rows"));
            }
        }
    }
    Ok(crates)
}

/// The dependencies of Cargo.toml, as sources name them.
pub(super) fn dependencies(manifest: &str) -> BTreeSet<String> {
    let section = manifest.split("\n[").find_map(|part| part.strip_prefix("dependencies]\n")).unwrap_or_default();
    let names = section.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

/// The cells of the first table below a heading.
fn cells(page: &str, heading: &str) -> Result<Vec<Vec<String>>, String> {
    let (_, section) = page.split_once(heading).ok_or_else(|| format!("no heading `{}`", heading.trim()))?;
    let lines = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    Ok(lines.skip(2).map(cells).collect())
}

fn words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(", ").map(|word| word.trim_matches('`')).filter(|word| !matches!(*word, "–" | ""))
}
