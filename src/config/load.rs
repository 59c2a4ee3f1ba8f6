//! From a path to [`Budgets`]: the root file, the files it includes, and all that is wrong in any of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;

use super::decode::{Role, decode};
use super::{ALLOW_OUTSIDE, ConfigError, Policy, Surroundings, glob_walk, raw, read, validate};
use crate::diagnostics::{Problem, SourceFile};
use crate::domain::Budgets;

/// Files that may be included.
const MOST_FILES: usize = 1000;

/// Reads budgets.toml at `path` and the files that it includes.
///
/// Paths of targets come out joined to the directory of the file that declares them. Whether contexts and Dockerfiles exist is not
/// asked here: a run may be about other targets.
///
/// # Errors
/// Every problem in every file, or why the file at `path` could not be read.
pub fn load(path: &Path, surroundings: &Surroundings<'_>) -> Result<Loaded, ConfigError> {
    let path: PathBuf = surroundings.cwd.join(path).components().collect();
    let name = read::name(&path, surroundings.cwd);
    let text = read::read_named(&path, &name)?;
    loaded(path, name, text, surroundings)
}

/// [`load`] of a text that is to lie at `path`, an absolute one, and does not yet.
///
/// # Errors
/// As [`load`].
pub fn load_text(path: &Path, text: &str, surroundings: &Surroundings<'_>) -> Result<Loaded, ConfigError> {
    loaded(path.to_owned(), read::name(path, surroundings.cwd), text.to_owned(), surroundings)
}

fn loaded(path: PathBuf, name: String, text: String, surroundings: &Surroundings<'_>) -> Result<Loaded, ConfigError> {
    let mut loader = Loader { surroundings: *surroundings, problems: Vec::new(), warnings: Vec::new() };
    let source = loader.root(&path, name, text);
    let budgets = loader.budgets(path, &source);
    let Loader { mut problems, warnings, .. } = loader;
    match budgets {
        Some(budgets) if problems.is_empty() => Ok(Loaded { budgets, warnings }),
        _ => {
            problems.extend(warnings);
            Err(ConfigError::Problems(problems))
        }
    }
}

/// Reads the policy at `path`. [`Surroundings::policy`] says nothing here.
///
/// # Errors
/// Every problem in it, or why it could not be read.
pub fn load_policy(path: &Path, surroundings: &Surroundings<'_>) -> Result<Policy, ConfigError> {
    let path: PathBuf = surroundings.cwd.join(path).components().collect();
    let name = read::name(&path, surroundings.cwd);
    let text = read::read_named(&path, &name)
        .map_err(|error| error.with_hint("--policy, or IMGBUDGET_POLICY, names the policy of your organisation."))?;
    let source = Arc::new(SourceFile::new(name, text));
    let directory = path.parent().unwrap_or(Path::new(""));
    let mut problems = Vec::new();
    let file = decode(&source, directory, Role::Policy, surroundings, &mut problems);
    match file {
        Some(file) if problems.is_empty() => Ok(Policy { file, path }),
        _ => Err(ConfigError::Problems(problems)),
    }
}

/// What the files say.
#[derive(Debug)]
pub struct Loaded {
    /// What a run is judged by.
    pub budgets: Budgets,
    /// What was perhaps not meant as it is written. Whoever loads a file for a person shows it.
    pub warnings: Vec<Problem>,
}

struct Loader<'a> {
    surroundings: Surroundings<'a>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
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
        all_read.then(|| validate::budgets(path, &root, &included, &self.surroundings, &mut self.problems))
    }

    /// The text of the root. One that leads out of no checkout is the person's own, who named it.
    fn root(&self, path: &Path, name: String, text: String) -> Arc<SourceFile> {
        let boundary = self.surroundings.boundary;
        if !boundary.is_checkout() && boundary.check(path).is_err() {
            return Arc::new(SourceFile::new(name, text));
        }
        self.source(path, name, text)
    }

    /// A text that was read. What lies outside is not quoted: it may be anything but a budget file.
    fn source(&self, path: &Path, name: String, text: String) -> Arc<SourceFile> {
        let source = SourceFile::new(name, text);
        let is_inside = self.surroundings.boundary.holds(path).is_ok();
        Arc::new(if is_inside { source } else { source.unquoted() })
    }

    fn decode(&mut self, source: &Arc<SourceFile>, path: &Path, role: Role) -> Option<raw::File> {
        let directory = path.parent().unwrap_or(Path::new(""));
        let before = self.problems.len();
        let mut file = decode(source, directory, role, &self.surroundings, &mut self.problems);
        if let Some(file) = file.as_mut().filter(|_| source.is_quoted()) {
            self.warnings.append(&mut file.warnings);
        }
        if let Some(first) = self.problems.get(before).filter(|_| !source.is_quoted()) {
            let hint = "Nothing of it is shown, because it lies outside; run `imgbudget check` in its own folder.";
            let line = source.place(first.span.start).line;
            let problem = Problem::new(source, first.span.clone(), format!("line {line} is not as in a budget file"));
            self.problems.truncate(before);
            self.problems.push(problem.with_hint(hint));
        }
        file
    }

    /// The files that the root includes, each once, in the order of the patterns.
    fn included(&mut self, root: &raw::File, root_path: &Path) -> Vec<(PathBuf, Arc<SourceFile>)> {
        // Two patterns may spell one file differently.
        let mut seen = vec![identity(root_path)];
        let mut files = Vec::new();
        for pattern in &root.include {
            let found = match found(&root.directory, pattern.get_ref(), &seen[0]) {
                Ok(found) => found,
                Err((why, hint)) => {
                    self.refuse(root, pattern, why, hint);
                    continue;
                }
            };
            for path in found {
                let real = identity(&path);
                if seen.contains(&real) {
                    continue;
                }
                seen.push(real);
                if seen.len() > MOST_FILES {
                    let message = format!("more than {MOST_FILES} files are included");
                    self.refuse(root, pattern, message, "Make the pattern narrower.");
                    return files;
                }
                let name = read::name(&path, self.surroundings.cwd);
                if let Err(outside) = self.surroundings.boundary.check(&path) {
                    self.refuse(root, pattern, format!("{name} {outside}"), ALLOW_OUTSIDE);
                    continue;
                }
                match read::read(&path, &name) {
                    Ok(text) => files.push((path.clone(), self.source(&path, name, text))),
                    Err(error) => self.refuse(root, pattern, error.chain(), error.hint().unwrap_or_default()),
                }
            }
        }
        files
    }

    fn refuse(&mut self, root: &raw::File, pattern: &Spanned<String>, message: String, hint: &str) {
        self.problems.push(Problem::new(&root.source, pattern.span(), message).with_hint(hint));
    }
}

fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The files that a pattern of the root means. The root itself is none of them: a wide pattern passes over it.
///
/// # Errors
/// Why there is none, with what to do.
fn found(directory: &Path, pattern: &str, root: &Path) -> Result<BTreeSet<PathBuf>, (String, &'static str)> {
    let mut found = glob_walk::files(directory, pattern).map_err(|why| {
        let hint = "Write a path or glob relative to this file, such as \"services/*/budgets.toml\".";
        (format!("`{pattern}` cannot be included: {why}"), hint)
    })?;
    if found.is_empty() {
        let hint = "It is relative to this file; a pattern that finds nothing would leave its budgets unjudged, so take it out or correct it.";
        return Err((format!("`{pattern}` matches no file"), hint));
    }
    found.retain(|path| identity(path) != root);
    if found.is_empty() {
        return Err((format!("`{pattern}` includes this file itself"), "Name the other files, or take it out."));
    }
    Ok(found)
}
