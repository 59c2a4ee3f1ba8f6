//! A folder with a user's files, and runs of the program in it.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::run::{Run, Screen};

/// A folder that goes away with the test.
#[derive(Debug)]
pub(crate) struct Project(TempDir);

impl Project {
    /// An empty folder. It is a repository's root, so that no file above it is found.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(".git")).unwrap();
        Self(dir)
    }

    /// A folder with a budgets.toml.
    pub(crate) fn with(budgets: &str) -> Self {
        Self::new().file("budgets.toml", budgets)
    }

    /// Adds a file, and its folders.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// A path in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// A JSON report that a run wrote.
    pub(crate) fn report(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    /// The program in this folder; arguments are separated by spaces.
    pub(crate) fn imgbudget(&self, args: &str) -> Run {
        Run::new().dir(self.root()).args(args.split_whitespace())
    }

    /// `imgbudget check ARGS`, to its end.
    pub(crate) fn check(&self, args: &str) -> Screen {
        self.imgbudget("check").args(args.split_whitespace()).run()
    }
}
