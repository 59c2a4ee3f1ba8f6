//! A first budgets.toml for the Dockerfiles that lie nearby: what `imgbudget init` writes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// How deep to look.
const DEEPEST: usize = 5;
/// Directories to look into.
const MOST_DIRECTORIES: usize = 2000;
/// Dockerfiles to propose targets for.
const MOST_TARGETS: usize = 30;
/// Directories of other people's work, or of nobody's.
const SKIPPED: [&str; 8] = ["node_modules", "target", "vendor", "third_party", "dist", "build", "venv", "__pycache__"];
/// Directories that hold Dockerfiles for a context which is their parent.
const DOCKER_DIRECTORIES: [&str; 2] = ["docker", "dockerfiles"];

/// A budgets.toml to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The whole text, ready to be pasted or written; it loads.
    pub text: String,
    /// The Dockerfiles it builds, relative to where it was asked for. Empty: the text holds an example.
    pub dockerfiles: Vec<PathBuf>,
}

/// Proposes a budgets.toml to lie in `directory`.
pub fn propose(directory: &Path) -> Proposal {
    let dockerfiles = find(directory);
    let mut text = String::from(HEAD);
    let mut taken = BTreeSet::new();
    for dockerfile in &dockerfiles {
        let target = Proposed::new(directory, dockerfile, &mut taken);
        target.write(&mut text);
    }
    if dockerfiles.is_empty() {
        Proposed { name: "app".to_owned(), context: ".".to_owned(), dockerfile: None }.write(&mut text);
    }
    Proposal { text, dockerfiles }
}

const HEAD: &str = r#"# Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

[defaults]                            # for every target below
forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
# require-non-root = true
# forbid-paths = ["**/.git", "/root/.cache/**"]
"#;

/// One target of the proposal.
struct Proposed {
    name: String,
    context: String,
    /// Left out where it is the default.
    dockerfile: Option<String>,
}

impl Proposed {
    fn new(directory: &Path, dockerfile: &Path, taken: &mut BTreeSet<String>) -> Self {
        let here = dockerfile.parent().unwrap_or(Path::new(""));
        let file = dockerfile.file_name().unwrap_or_default();
        let is_docker_directory = here.file_name().is_some_and(|name| DOCKER_DIRECTORIES.iter().any(|d| name == *d));
        let context = if is_docker_directory { here.parent().unwrap_or(Path::new("")) } else { here };
        let relative = dockerfile.strip_prefix(context).unwrap_or(dockerfile).to_string_lossy().into_owned();
        let context_name = if context.as_os_str().is_empty() { directory } else { context };
        let words = [context_name.file_name().unwrap_or_default().to_string_lossy(), file.to_string_lossy()];
        let base = variant(&words[1]).unwrap_or_else(|| name(&words[0]));
        // Where two have one name, the path tells them apart, and where it does not either, a number.
        let path = name(&[context.to_string_lossy(), file.to_string_lossy()].join("-").replace("-Dockerfile", ""));
        let numbered = (2..).map(|number| name(&format!("{number}-{path}")));
        let name =
            [base, path.clone()].into_iter().chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(name.clone());
        let context =
            if context.as_os_str().is_empty() { ".".to_owned() } else { context.to_string_lossy().into_owned() };
        Self { name, context, dockerfile: Some(relative).filter(|relative| relative != "Dockerfile") }
    }

    fn write(&self, text: &mut String) {
        let key = if self.name.contains('.') { quoted(&self.name) } else { self.name.clone() };
        let _ = writeln!(text, "\n[targets.{key}]\ncontext = {}", quoted(&self.context));
        if let Some(dockerfile) = &self.dockerfile {
            let _ = writeln!(text, "dockerfile = {}", quoted(dockerfile));
        }
        text.push_str("# target = \"production\"               # the stage to build; the last one when absent\n");
        text.push_str("# max-size = \"150 MB\"                 # take the size that the first `imgbudget check` shows, and some room\n");
    }
}

/// `text` as a TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// `text` as a name of a target.
fn name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let name: String = text.chars().map(plain).take(64).collect();
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() { "app".to_owned() } else { name.to_owned() }
}

/// `worker` of `Dockerfile.worker` or `worker.Dockerfile`.
fn variant(file: &str) -> Option<String> {
    let word = file
        .strip_prefix("Dockerfile.")
        .or_else(|| file.strip_suffix(".Dockerfile"))
        .or_else(|| file.strip_suffix(".dockerfile"))?;
    Some(name(word))
}

fn is_dockerfile(file: &str) -> bool {
    !file.ends_with(".dockerignore") && (file == "Dockerfile" || file == "Containerfile" || variant(file).is_some())
}

/// Dockerfiles at and below `directory`, the nearest first, relative to it.
fn find(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut level = vec![PathBuf::new()];
    let mut budget = MOST_DIRECTORIES;
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for relative in level {
            if budget == 0 {
                break;
            }
            budget -= 1;
            // A directory that cannot be read has nothing to propose.
            let Ok(entries) = std::fs::read_dir(directory.join(&relative)) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let (Ok(kind), file) = (entry.file_type(), entry.file_name()) else { continue };
                let Some(file) = file.to_str() else { continue };
                if kind.is_dir() && !file.starts_with('.') && !SKIPPED.contains(&file) {
                    next.push(relative.join(file));
                } else if kind.is_file() && is_dockerfile(file) {
                    found.push(relative.join(file));
                }
            }
        }
        next.sort();
        level = next;
    }
    found.sort_by_key(|path| (path.components().count(), path.clone()));
    found.truncate(MOST_TARGETS);
    found
}
