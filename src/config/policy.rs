//! The file of `--policy`: what an organisation asks for beneath the budget files of its repositories.
//!
//! It is a budgets.toml without targets. The person who runs the check names it, never a repository, so it may lie anywhere.

use std::path::PathBuf;

use super::raw;
use crate::diagnostics::Problem;
use crate::domain::{Allow, PolicyFile};

/// A policy that was read.
#[derive(Debug)]
pub struct Policy {
    pub(super) file: raw::File,
    pub(super) path: PathBuf,
}

impl Policy {
    /// The file, and what it is called.
    #[must_use]
    pub fn named(&self) -> PolicyFile {
        PolicyFile { path: self.path.clone(), name: self.file.source.name().to_owned() }
    }

    /// Its exceptions, which speak of the targets of all repositories.
    pub fn allows(&self) -> impl Iterator<Item = Allow> {
        self.file.allows.iter().filter_map(|allow| allow.exception.clone())
    }

    /// What was perhaps not meant as it is written.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.file.warnings
    }
}
