//! The job that checks the budgets in the CI that a repository uses.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What is to be done about CI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// A file to write, relative to the root of the repository, and its text.
    File(PathBuf, String),
    /// There is a workflow by that name, and it stays.
    There(PathBuf),
    /// Lines to add to a file that is there.
    Add(PathBuf, String),
    /// No CI was seen.
    None,
}

/// The job for the repository at `root`, whose budget file lies in `folder`.
#[must_use]
pub fn job(root: &Path, folder: &Path) -> Job {
    let below = folder.strip_prefix(root).ok().filter(|below| !below.as_os_str().is_empty());
    if root.join(".github").is_dir() {
        let file = PathBuf::from(".github/workflows/imgbudget.yml");
        return if root.join(&file).symlink_metadata().is_ok() {
            Job::There(file)
        } else {
            Job::File(file, github(below))
        };
    }
    let file = PathBuf::from(".gitlab-ci.yml");
    if root.join(&file).is_file() { Job::Add(file, gitlab(below)) } else { Job::None }
}

fn github(below: Option<&Path>) -> String {
    let mut text = GITHUB.replace("VERSION", env!("CARGO_PKG_VERSION"));
    if let Some(below) = below.and_then(Path::to_str) {
        let quoted = serde_json::Value::from(below).to_string();
        let _ = writeln!(text, "        with:\n          working-directory: {quoted}");
    }
    text
}

fn gitlab(below: Option<&Path>) -> String {
    let config = below.and_then(Path::to_str).map(|below| format!("{below}/budgets.toml"));
    let config = serde_json::Value::from(config.unwrap_or_else(|| "budgets.toml".to_owned()));
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "include:\n  - component: $CI_SERVER_FQDN/GROUP/imgbudget/imgbudget@{version}\n    inputs:\n      config: {config}\n"
    )
}

const GITHUB: &str = "\
name: image budget

on:
  pull_request:

permissions:
  contents: read

concurrency:
  group: image-budget-${{ github.ref }}
  cancel-in-progress: true

jobs:
  budget:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    permissions:
      contents: read
      pull-requests: write # the comment; without it everything else works
    steps:
      # Tags keep this short. Pin actions by commit.
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
          fetch-depth: 2 # the commit that this one is compared with
      - uses: imgbudget/imgbudget@vVERSION
";
