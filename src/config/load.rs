//! From a path to [`Budgets`]: the root file, the files it includes, and all that is wrong in any of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::decode::{Role, Surroundings, decode};
use super::{ConfigError, glob_walk, raw, read, validate};
use crate::diagnostics::{Problem, SourceFile};
use crate::domain::Budgets;

/// Files that may be included.
const MOST_FILES: usize = 1000;

/// Reads budgets.toml at `path` and the files that it includes.
///
/// `environment` looks up variables for build arguments. Paths of targets come out joined to the directory of the file that
/// declares them; names of files in places and problems are relative to `cwd` where they lie below it. Whether contexts and
/// Dockerfiles exist is not asked here: a run may be about other targets.
///
/// # Errors
/// Every problem in every file, or why the file at `path` could not be read.
pub fn load(path: &Path, environment: &dyn Fn(&str) -> Option<String>, cwd: &Path) -> Result<Budgets, ConfigError> {
    let path: PathBuf = cwd.join(path).components().collect();
    let name = read::name(&path, cwd);
    let source = Arc::new(SourceFile::new(name.clone(), read::read(&path, &name)?));
    let mut loader = Loader { surroundings: Surroundings { environment }, cwd, problems: Vec::new() };
    let budgets = loader.budgets(path, &source);
    match budgets {
        Some(budgets) if loader.problems.is_empty() => Ok(budgets),
        _ => Err(ConfigError::Problems(loader.problems)),
    }
}

struct Loader<'a> {
    surroundings: Surroundings<'a>,
    cwd: &'a Path,
    problems: Vec<Problem>,
}

impl Loader<'_> {
    /// The budgets, which are worth something only when there is no problem; `None` when a file is no TOML.
    fn budgets(&mut self, path: PathBuf, source: &Arc<SourceFile>) -> Option<Budgets> {
        let root = self.decode(source, &path, Role::Root)?;
        let mut included = Vec::new();
        let mut all_read = true;
        for (path, source) in self.included(&root, &path) {
            match self.decode(&source, &path, Role::Included) {
                Some(file) => included.push(file),
                None => all_read = false,
            }
        }
        // With a file missing, what refers to its targets would seem wrong.
        all_read.then(|| validate::budgets(path, &root, &included, &mut self.problems))
    }

    fn decode(&mut self, source: &Arc<SourceFile>, path: &Path, role: Role) -> Option<raw::File> {
        let directory = path.parent().unwrap_or(Path::new(""));
        decode(source, directory, role, self.surroundings, &mut self.problems)
    }

    /// The files that the root includes, each once, in the order of the patterns.
    fn included(&mut self, root: &raw::File, root_path: &Path) -> Vec<(PathBuf, Arc<SourceFile>)> {
        // Two patterns may spell one file differently.
        let identity = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut seen = vec![identity(root_path)];
        let mut files = Vec::new();
        for pattern in &root.include {
            let mut refuse = |message: String, hint: &str| {
                self.problems.push(Problem::new(&root.source, pattern.span(), message).with_hint(hint));
            };
            let found = match glob_walk::files(&root.directory, pattern.get_ref()) {
                Ok(found) => found,
                Err(why) => {
                    refuse(
                        format!("`{}` cannot be included: {why}", pattern.get_ref()),
                        "Write a path or glob relative to this file, such as \"services/*/budgets.toml\".",
                    );
                    continue;
                }
            };
            if found.is_empty() {
                refuse(
                    format!("`{}` matches no file", pattern.get_ref()),
                    "It is relative to this file; a pattern that finds nothing would leave its budgets unjudged, so take it out or correct it.",
                );
            }
            for path in found {
                let real = identity(&path);
                if seen.contains(&real) {
                    continue;
                }
                seen.push(real);
                if seen.len() > MOST_FILES {
                    refuse(format!("more than {MOST_FILES} files are included"), "Make the pattern narrower.");
                    return files;
                }
                let name = read::name(&path, self.cwd);
                match read::read(&path, &name) {
                    Ok(text) => files.push((path, Arc::new(SourceFile::new(name, text)))),
                    Err(error) => refuse(error.chain(), error.hint().unwrap_or_default()),
                }
            }
        }
        files
    }
}
