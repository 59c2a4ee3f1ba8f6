//! What lies around a budget file.

use std::path::Path;

use super::Policy;
use crate::files::Boundary;

/// What a budget file is read in: what it may take, what it may name, and from where it is told of.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Looks up variables for build arguments.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Variables that the command line hands to builds though their name is a credential's.
    pub build_env: &'a [String],
    /// Names of files in places and problems are relative to this folder where they lie below it.
    pub cwd: &'a Path,
    /// What the file may name.
    pub boundary: &'a Boundary,
    /// What the organisation asks for beneath the file; `None` without `--policy`.
    pub policy: Option<&'a Policy>,
    /// Whether a link is part of the repository, so that whoever wrote the commit wrote it.
    pub is_tracked: &'a dyn Fn(&Path) -> bool,
}
