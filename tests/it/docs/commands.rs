//! Every command of a page is typed as the program understands it; those of blocks that say `runs` are run, and show what they show.
//!
//! A block's fence says which: `console runs`, `console engine` (needs a real engine) or `console forge` (needs a real job).

use std::fs;
use std::path::Path;
use std::process::Command;
use std::slice;

use clap::Parser as _;
use imgbudget::cli::Cli;

use super::{Block, pages};
use crate::support::images::{Image, Layer, docker_archive, oci_files};
use crate::support::project::Project;

const BUDGETS: &str = "[targets.api]\nimage = \"acme/api:1\"\nmax-size = \"1 MB\"\n\n\
                       [targets.worker]\nimage = \"acme/worker:1\"\nmax-size = \"1 MB\"\n";

/// The folder of a reader: budgets of two targets, their images saved by an earlier job, and the report of an earlier run.
fn folder() -> Project {
    let layer = Layer::new().dir("usr").zeros("usr/api", 0o755, 600_000).symlink("usr/link", "api");
    let fat = Layer::new().zeros("usr/bin/gcc", 0o755, 1_200_000);
    let api = Image::new().layer_by(layer.clone(), "COPY api /usr/api").user("app").named("acme/api:1");
    let worker = Image::new()
        .layer_by(layer, "COPY api /usr/api")
        .layer_by(fat, "RUN apt-get install gcc")
        .named("acme/worker:1");
    let project = Project::with(BUDGETS)
        .file("api.tar", docker_archive(slice::from_ref(&api)))
        .file("worker.tar", docker_archive(&[worker]));
    oci_files(&[api]).write_to(&project.path("dist/oci"));
    project
}

/// The commands of a block, each with the lines that it prints.
fn commands<'a>(block: &Block<'a>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, Vec::new())),
            (None, Some((_, printed))) => printed.push(line),
            (None, None) => {}
        }
    }
    commands
}

/// The arguments of every `imgbudget` in a line of shell.
fn invocations(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" #").next().unwrap_or(line);
    let parts = line.split(['|', ';', '&', '>', '(']);
    parts
        .map(words)
        .map(|words| words.into_iter().skip_while(|word| word.contains('=') || word == "!").collect::<Vec<_>>())
        .filter(|words| words.first().is_some_and(|word| word == "imgbudget"))
        .collect()
}

/// The words of a command; what stands between quotes is one.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in command.chars() {
        match (character, quote) {
            ('"' | '\'', None) => quote = Some(character),
            (_, Some(open)) if open == character => quote = None,
            (_, None) if character.is_whitespace() => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words.iter().map(|word| word.trim_end_matches(')').to_owned()).collect()
}

/// Why the program would not understand a line.
fn refusal(line: &str) -> Option<String> {
    invocations(line).into_iter().find_map(|words| {
        let error = Cli::try_parse_from(words).err()?;
        error.use_stderr().then(|| error.to_string())
    })
}

/// Runs a line of shell, and gives what it printed.
fn run(line: &str, folder: &Path) -> Result<String, String> {
    let program = Path::new(env!("CARGO_BIN_EXE_imgbudget")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([program].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .envs([("HOME", folder.as_os_str()), ("PATH", path.as_os_str()), ("COLUMNS", "80".as_ref())])
        .env("DOCKER_HOST", format!("unix://{}/no-engine.sock", folder.display()))
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { Ok(stdout) } else { Err(format!("{}\n{stdout}{stderr}", output.status)) }
}

#[test]
fn every_command_is_understood() {
    let mut count = 0;
    for page in pages() {
        for (place, block) in page.blocks_in("console").chain(page.blocks_in("sh")) {
            for line in &block.lines {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                assert_eq!(refusal(line), None, "{place}: {line}");
                count += invocations(line).len();
            }
        }
    }
    assert!(count > 15, "{count} commands were found");
}

#[test]
fn a_command_that_is_no_more_is_noticed() {
    assert!(refusal("imgbudget check --archives api=api.tar").is_some());
    assert!(refusal("X=1 imgbudget chek # a comment").is_some());
    assert!(refusal("true || imgbudget merge").is_some());
    assert_eq!(refusal("imgbudget check --archive api=api.tar || echo \"$?\""), None);
}

/// A screen without digests: those of an archive change with whatever compresses it.
fn undigested(screen: &str) -> String {
    let digest = regex::Regex::new(r"\bsha256:[0-9a-f]{12}\b").unwrap();
    digest.replace_all(screen, "sha256:…").into_owned()
}

#[test]
fn what_runs_shows_what_the_page_shows() {
    let mut count = 0;
    for page in pages().into_iter().filter(|page| page.path.starts_with("docs")) {
        let folder = folder();
        for (place, block) in page.blocks_in("console") {
            let marks = &block.info[1..];
            assert!(
                matches!(marks, ["runs" | "engine" | "forge"]),
                "{place}: say runs, engine or forge, not {marks:?}"
            );
            if marks != ["runs"] {
                continue;
            }
            for (command, shown) in commands(&block) {
                let printed = run(command, folder.root()).unwrap_or_else(|why| panic!("{place}: {command}: {why}"));
                let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
                let printed = printed.join("\n");
                assert!(
                    shown.is_empty() || undigested(printed.trim_end()) == undigested(shown.join("\n").trim_end()),
                    "{place}: {command} prints\n{printed}"
                );
                count += 1;
            }
        }
    }
    assert!(count > 8, "{count} commands ran");
}

#[test]
fn scripts_are_shell() {
    for page in pages() {
        for (place, block) in page.blocks_in("sh") {
            let script = tempfile::NamedTempFile::new().unwrap();
            fs::write(script.path(), block.lines.join("\n")).unwrap();
            let status = Command::new("sh").arg("-n").arg(script.path()).status().unwrap();
            assert!(status.success(), "{place}");
        }
    }
}
