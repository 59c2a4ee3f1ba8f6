//! Rules of the house that no linter knows.

use std::fs;

use crate::support::repository::{root, rust_files};

/// Above this a file is two ideas.
const LONGEST_FILE: usize = 600;

#[test]
fn every_source_file_says_its_purpose_and_is_one_idea() {
    let src = root().join("src");
    let mut problems = Vec::new();
    for file in rust_files(&src) {
        let text = fs::read_to_string(src.join(&file)).unwrap();
        if !text.starts_with("//! ") {
            problems.push(format!("src/{} does not open with its purpose (`//!`)", file.display()));
        }
        if text.lines().count() > LONGEST_FILE {
            problems.push(format!("src/{} is longer than {LONGEST_FILE} lines", file.display()));
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn main_is_short() {
    let main = fs::read_to_string(root().join("src/main.rs")).unwrap();
    assert!(main.lines().count() < 60, "main.rs parses, calls and exits: the rest belongs into `commands`");
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let unexplained = without_a_reason(&manifest);
    assert!(unexplained.is_empty(), "no comment above: {}", unexplained.join(", "));
}

/// Dependencies that have no comment on the line above.
fn without_a_reason(manifest: &str) -> Vec<&str> {
    let mut section = "";
    let mut above = "";
    let mut found = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section.ends_with("dependencies]")
            && let Some((name, _)) = line.split_once(" = ")
            && !name.starts_with(['#', ' '])
            && !above.starts_with("# ")
        {
            found.push(name);
        }
        above = line;
    }
    found
}

#[test]
fn a_dependency_without_a_reason_is_noticed() {
    let manifest =
        "[package]\nname = \"x\"\n[dependencies]\n# Why.\na = \"1\"\nb = \"1\"\n[dev-dependencies]\nc = \"1\"\n";
    assert_eq!(without_a_reason(manifest), ["b", "c"]);
}
