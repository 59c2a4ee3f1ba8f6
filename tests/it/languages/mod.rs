//! Packages of languages, and what programs are linked from, held against what their own tools say of the same trees.

mod gems;
mod npm;
mod pip;
mod programs;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::daemon::docker_archive;
use crate::support::project::Project;

/// What `inspect` says of an image that has a directory's files and nothing else.
fn contents_of(root: &Path) -> Value {
    let tar = Command::new("tar").arg("-C").arg(root).args(["--owner=0", "--group=0", "-cf", "-", "."]).output();
    let tar = tar.expect("tar is on every machine").stdout;
    let project = Project::new().file("image.tar", docker_archive("acme/app:1", "linux", "amd64", &[tar]));
    let screen = project.imgbudget("inspect --archive image.tar --format json").run();
    let report: Value = serde_json::from_str(&screen.stdout).unwrap_or_else(|_| panic!("{}", screen.screen()));
    report["targets"][0]["contents"].clone()
}

/// The packages of one ecosystem as lines, sorted: `say` makes one of a package.
fn lines(contents: &Value, ecosystem: &str, say: impl Fn(&Value) -> String) -> Vec<String> {
    let packages = contents["packages"].as_array().expect("they were asked for");
    let mut lines: Vec<String> = packages.iter().filter(|it| it["ecosystem"] == ecosystem).map(say).collect();
    lines.sort();
    lines
}

/// A string of a document; empty where it is not one.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// What a program prints; `None`, said aloud, when it is not installed or fails.
fn told(test: &str, program: &mut Command) -> Option<Vec<u8>> {
    let output = program.stdin(Stdio::null()).output();
    let why = match output {
        Ok(output) if output.status.success() => return Some(output.stdout),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it failed").to_owned(),
        Err(error) => error.to_string(),
    };
    println!("not run: {test} ({}: {why})", program.get_program().display());
    None
}
