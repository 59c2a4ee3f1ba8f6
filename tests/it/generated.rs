//! What is written twice is compared: schemas and help screens that the program prints are checked in, too.
//!
//! `IMGBUDGET_BLESS=1 cargo test --test it generated` writes the program's own text over what is checked in.

use std::fs;

use crate::support::repository::root;
use crate::support::run::Run;

fn printed(args: &[&str]) -> String {
    let screen = Run::new().args(args.iter().copied()).run();
    assert_eq!(screen.code, Some(0), "{}", screen.stderr);
    screen.stdout
}

/// Compares the file at `path` with `wanted`, or writes it.
fn same(path: &str, wanted: &str) {
    let file = root().join(path);
    if std::env::var_os("IMGBUDGET_BLESS").is_some() {
        fs::create_dir_all(file.parent().expect("a folder")).expect("makes the folder");
        fs::write(&file, wanted).expect("writes");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == wanted, "{path} is out of date; IMGBUDGET_BLESS=1 writes it anew");
}

/// `text` with what stands between the two marks replaced.
fn with_block(text: &str, mark: &str, block: &str) -> String {
    let (begin, end) = (format!("<!-- {mark}:begin -->\n"), format!("<!-- {mark}:end -->"));
    let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no {begin}"));
    let (_, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    format!("{head}{begin}{block}{end}{tail}")
}

#[test]
fn schemas_are_those_of_the_program() {
    same("schema/report.schema.json", &printed(&["schema", "report"]));
    same("schema/budgets.schema.json", &printed(&["schema", "budgets"]));
}

#[test]
fn the_readme_shows_the_help() {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let help = format!("```text\n{}```\n", printed(&["check", "--help"]));
    same("README.md", &with_block(&readme, "help:check", &help));
}

#[test]
fn no_help_screen_is_wider_than_a_terminal() {
    for command in ["", "check", "merge", "comment", "init", "tools", "cache", "schema"] {
        for line in
            printed(&[command, "--help"].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>()).lines()
        {
            assert!(line.chars().count() <= 80, "{command:?}: {line}");
        }
    }
}
