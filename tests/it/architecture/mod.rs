//! The tables of ARCHITECTURE.md against the sources. The page is read, not copied, so there is one of each.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod reader;
mod reading;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use self::files::{File, Files};
use self::reader::Named;
use self::table::{Kind, Table, crates, dependencies, table};
use crate::support::repository::{root, rust_files};

type Crates = BTreeMap<String, BTreeSet<String>>;

/// Everything in a file that the tables do not allow. `roots` is what the root of the crate re-exports, each with its room.
fn violations(
    table: &Table,
    crates: &Crates,
    roots: &BTreeMap<String, String>,
    file: &File,
) -> Result<Vec<String>, String> {
    let (room, row) = (&file.room, table.row(&file.room)?);
    let mut found = BTreeSet::new();
    for named @ Named { line, ours, path, .. } in &file.reader.named {
        if !ours {
            let shown = path.join("::");
            if let Some(refused) = row.kind.refuses().iter().find(|refused| covers(refused, &shown)) {
                found.insert((*line, format!("`{room}` is {:?} and names `{refused}`", row.kind)));
            }
            if let Some(name) = outside(file, named)
                && crates.get(name).is_some_and(|rooms| !rooms.contains(room))
            {
                found.insert((*line, format!("`{room}` may not name the crate `{name}`")));
            }
            continue;
        }
        let Some(first) = path.first().filter(|first| *first != "*") else {
            found.insert((*line, "names the whole crate, which hides the room that is meant".to_owned()));
            continue;
        };
        let named = roots.get(first).unwrap_or(first);
        if named != room && !row.allows(named) {
            found.insert((*line, format!("`{room}` may not name `{named}`")));
        }
    }
    if row.kind != Kind::Async {
        found.extend(file.reader.waits.iter().map(|line| (*line, format!("`{room}` is {:?} and waits", row.kind))));
    }
    Ok(found.into_iter().map(|(line, what)| format!("{line}: {what}")).collect())
}

/// The crate that a path starts in; `None` when it starts with a name of the file, or is a word alone, which may be a variable.
fn outside<'a>(file: &File, named: &'a Named) -> Option<&'a String> {
    let first = named.path.first().filter(|_| named.path.len() > 1)?;
    (named.global || file.absolute(&named.path).is_none()).then_some(first)
}

/// Whether `path` is `refused` or lies below it.
fn covers(refused: &str, path: &str) -> bool {
    path.strip_prefix(refused).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The rows of permits that no source makes use of.
fn unused(table: &Table, used: &BTreeSet<(String, String)>) -> Vec<String> {
    let mut unused = Vec::new();
    for row in &table.0 {
        for permit in &row.permits {
            let is_used =
                |room: &String| permit.rooms.iter().any(|named| used.contains(&(room.clone(), named.clone())));
            if !row.rooms.iter().any(is_used) {
                unused.push(format!("`{}` may name `{}` and does not", row.rooms.join(", "), permit.word));
            }
        }
    }
    unused
}

fn page() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

fn files() -> Files {
    let src = root().join("src");
    let read = |file: PathBuf| (file.clone(), fs::read_to_string(src.join(file)).unwrap());
    Files::read(&rust_files(&src).into_iter().map(read).collect::<Vec<_>>()).unwrap()
}

#[test]
fn rooms_name_only_what_the_tables_allow() {
    let (table, crates, files) = (table(&page()).unwrap(), crates(&page()).unwrap(), files());
    let roots = files.reexports();
    let problems: Vec<String> = files
        .iter()
        .flat_map(|file| match violations(&table, &crates, &roots, file) {
            Ok(found) => found.iter().map(|what| format!("src/{}:{what}", file.path)).collect(),
            Err(what) => vec![what],
        })
        .collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn rooms_name_all_that_the_table_allows() {
    let (table, files) = (table(&page()).unwrap(), files());
    let roots = files.reexports();
    let mut used = BTreeSet::new();
    for file in files.iter() {
        let path = |named: &Named| if named.ours { Some(named.path.clone()) } else { file.absolute(&named.path) };
        let names = file.reader.named.iter().filter_map(path).filter_map(|path| path.first().cloned());
        used.extend(names.map(|name| (file.room.clone(), roots.get(&name).cloned().unwrap_or(name))));
    }
    let unused = unused(&table, &used);
    assert!(unused.is_empty(), "\n{}\n", unused.join("\n"));
}

#[test]
fn every_dependency_has_its_rooms_and_they_name_it() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (crates, files) = (crates(&page()).unwrap(), files());
    let mut used = Crates::new();
    for file in files.iter() {
        let named = file.reader.named.iter().filter(|named| !named.ours);
        for name in named.filter_map(|named| outside(file, named)) {
            used.entry(name.clone()).or_default().insert(file.room.clone());
        }
    }
    used.retain(|name, _| dependencies(&manifest).contains(name));
    let said = |crates: &Crates| -> BTreeSet<String> {
        let lines = crates.iter().flat_map(|(name, rooms)| rooms.iter().map(move |room| format!("{name} in {room}")));
        lines.collect()
    };
    let unused: Vec<String> = said(&crates).difference(&said(&used)).cloned().collect();
    assert_eq!(unused, Vec::<String>::new(), "crates that a room may name and does not");
    let unlisted: Vec<String> = dependencies(&manifest).difference(&crates.into_keys().collect()).cloned().collect();
    assert_eq!(unlisted, Vec::<String>::new(), "dependencies without a row");
}

#[test]
fn files_of_a_room_name_each_other_one_way() {
    let circles = files().circles();
    assert!(circles.is_empty(), "\n{}\n", circles.join("\n"));
}

#[test]
fn every_row_has_its_room() {
    let rooms: BTreeSet<String> = rust_files(&root().join("src")).iter().map(|file| files::place(file).0).collect();
    let rows = table(&page()).unwrap().rooms();
    assert_eq!(rows.difference(&rooms).collect::<Vec<_>>(), Vec::<&String>::new(), "rows without a room");
    assert_eq!(rooms.difference(&rows).collect::<Vec<_>>(), Vec::<&String>::new(), "rooms without a row");
}
