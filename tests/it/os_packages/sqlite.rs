//! The reader of `rpmdb.sqlite` against SQLite, which Python has: what it reads is what SQLite reads, whole files and damaged ones.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{found, lines};
use crate::support::images::Layer;
use crate::support::npm::live;
use crate::support::repository::root;

/// The names that are read of a database, or why it is not read.
fn names(file: &Path) -> Result<Vec<String>, String> {
    let bytes = fs::read(file).expect("was written");
    let tar = Layer::new().file("var/lib/rpm/rpmdb.sqlite", 0o644, bytes).tar();
    let found = found(&mut tar.as_slice());
    match found.unread.first() {
        Some(unread) => Err(unread.why.clone()),
        None => Ok(found.packages.list.into_iter().map(|package| package.name).collect()),
    }
}

#[test]
fn what_is_read_is_what_sqlite_reads() {
    if !live("SQLite's files") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = root().join("tests/it/os_packages/sqlite.py");
    let (mut read, mut refused, mut whole) = (0, 0, 0);
    let mut before = Vec::new();
    for line in lines(Command::new("python3").arg(script).arg(folder.path())) {
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        let file = line["file"].as_str().expect("a path");
        let mut expected: Option<Vec<String>> = serde_json::from_value(line["names"].clone()).expect("names");
        if let Some(names) = &mut expected {
            names.sort();
        }
        if line["whole"] == true {
            whole += 1;
            before = expected.clone().expect("SQLite reads what it wrote");
        }
        match names(Path::new(file)) {
            Ok(names) => {
                // SQLite also refuses a file for what has nothing to do with this table, such as the schema of another.
                assert_eq!(names, expected.as_ref().unwrap_or(&before).clone(), "{file}");
                read += 1;
            }
            Err(why) => {
                assert_eq!(line["whole"], false, "{file}: {why}");
                refused += 1;
            }
        }
    }
    assert_eq!(whole, 30);
    assert!(read > whole && refused > 50, "{read} read, {refused} refused");
}
