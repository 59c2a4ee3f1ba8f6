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

#[test]
fn schemas_are_those_of_the_program() {
    same("schema/report.schema.json", &printed(&["schema", "report"]));
    same("schema/diff.schema.json", &printed(&["schema", "diff"]));
    same("schema/why.schema.json", &printed(&["schema", "why"]));
    same("schema/budgets.schema.json", &printed(&["schema", "budgets"]));
}

/// Every command that has a help screen, the program itself first.
fn commands() -> Vec<String> {
    let cli = <imgbudget::cli::Cli as clap::CommandFactory>::command();
    let named = cli.get_subcommands().map(|command| command.get_name().to_owned());
    std::iter::once(String::new()).chain(named).collect()
}

fn help(command: &str) -> String {
    printed(&[command, "--help"].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>())
}

#[test]
fn the_page_of_commands_is_what_help_shows() {
    let mut page =
        "# Commands and flags\n\nWhat `--help` prints. [configuration.md](configuration.md) is about budgets.toml, \
                    [rules.md](rules.md) about the rules.\n"
            .to_owned();
    for command in commands() {
        let title = format!("imgbudget {command}");
        let shown = ["\n## ", title.trim_end(), "\n\n```text\n", &help(&command), "```\n"];
        page.extend(shown);
    }
    same("docs/cli.md", &page);
}

#[test]
fn no_help_screen_is_wider_than_a_terminal() {
    for command in commands() {
        for line in help(&command).lines() {
            assert!(line.chars().count() <= 80, "{command:?}: {line}");
        }
    }
}
