//! budgets.toml as people meet it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod agreement;
mod hostile;
mod policy;
mod screens;
mod values;

use std::path::Path;

use imgbudget::config::{self, ConfigError, Loaded, Surroundings};
use imgbudget::diagnostics::{Problem, render};
use imgbudget::domain::Budgets;
use imgbudget::files::Boundary;

const EXAMPLE: &str = include_str!("../../../budgets.example.toml");

fn environment(name: &str) -> Option<String> {
    (name == "GIT_SHA").then(|| "abc123".to_owned())
}

/// Loads the first of `files`, each of them a name and a text.
fn load(files: &[(&str, &str)]) -> Result<Budgets, ConfigError> {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    load_in(root.path(), files[0].0)
}

fn load_in(root: &Path, name: &str) -> Result<Budgets, ConfigError> {
    load_all(root, name).map(|loaded| loaded.budgets)
}

/// Loads a file of a folder that is a repository of its own, as a command line without permits does.
fn load_all(root: &Path, name: &str) -> Result<Loaded, ConfigError> {
    let surroundings = Surroundings {
        environment: &environment,
        build_env: &[],
        cwd: root,
        boundary: &Boundary::around(root, &|_| None),
        policy: None,
        is_tracked: &|_| true,
    };
    config::load(Path::new(name), &surroundings)
}

fn good(text: &str) -> Budgets {
    load(&[("budgets.toml", text)]).unwrap_or_else(|error| panic!("{}", shown(error)))
}

fn shown(error: ConfigError) -> String {
    match error {
        ConfigError::Problems(problems) => render(&problems, false),
        ConfigError::Failed(error) => format!("error: {}\n = hint: {}\n", error.chain(), error.hint().unwrap()),
    }
}

/// What a person sees.
fn screen(files: &[(&str, &str)]) -> String {
    load(files).map_or_else(shown, |_| panic!("it loads"))
}

/// What a person sees of a file that is read all the same.
fn warnings(text: &str) -> String {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("budgets.toml"), text).unwrap();
    let loaded = load_all(root.path(), "budgets.toml").unwrap_or_else(|error| panic!("{}", shown(error)));
    render(&loaded.warnings, false)
}

fn problems(text: &str) -> Vec<Problem> {
    match load(&[("budgets.toml", text)]) {
        Err(ConfigError::Problems(problems)) => problems,
        _ => panic!("no problem"),
    }
}
