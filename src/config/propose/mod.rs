//! A first budgets.toml for the Dockerfiles that lie nearby: what `imgbudget init` writes.

mod find;
mod recipe;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use recipe::Recipe;

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
    let dockerfiles = find::dockerfiles(directory);
    let mut text = String::from(HEAD);
    let mut taken = BTreeSet::new();
    for dockerfile in &dockerfiles {
        let target = Proposed::new(directory, dockerfile, &mut taken);
        target.write(&mut text);
    }
    if dockerfiles.is_empty() {
        Proposed { name: "app".to_owned(), context: ".".to_owned(), ..Proposed::default() }.write(&mut text);
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
#[derive(Default)]
struct Proposed {
    name: String,
    context: String,
    /// Left out where it is the default.
    dockerfile: Option<String>,
    /// The stage that looks like the one to ship, where it has a name.
    stage: Option<String>,
    other_stages: Vec<String>,
    is_node: bool,
}

impl Proposed {
    fn new(directory: &Path, dockerfile: &Path, taken: &mut BTreeSet<String>) -> Self {
        let recipe = Recipe::read(directory, dockerfile);
        let file = dockerfile.file_name().unwrap_or_default().to_string_lossy();
        let at_root = recipe.context.as_os_str().is_empty();
        let folder =
            if at_root { directory } else { &recipe.context }.file_name().unwrap_or_default().to_string_lossy();
        let base = match variant(&file) {
            Some(variant) if at_root => name(variant),
            Some(variant) => name(&format!("{folder}-{variant}")),
            None => name(&folder),
        };
        // Where two have one name, the path tells them apart, and where it does not either, a number.
        let path = dockerfile.to_string_lossy();
        let path = name(path.strip_suffix("/Dockerfile").unwrap_or(&path));
        let numbered = (2..).map(|number| name(&format!("{number}-{path}")));
        let name =
            [base, path.clone()].into_iter().chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
        taken.insert(name.clone());
        let relative = dockerfile.strip_prefix(&recipe.context).unwrap_or(dockerfile).to_string_lossy().into_owned();
        Self {
            name,
            context: if at_root { ".".to_owned() } else { recipe.context.to_string_lossy().into_owned() },
            dockerfile: Some(relative).filter(|relative| relative != "Dockerfile"),
            stage: recipe.stage,
            other_stages: recipe.other_stages,
            is_node: directory.join(&recipe.context).join("package.json").is_file(),
        }
    }

    fn write(&self, text: &mut String) {
        let key = if self.name.contains('.') { quoted(&self.name) } else { self.name.clone() };
        let _ = writeln!(text, "\n[targets.{key}]\ncontext = {}", quoted(&self.context));
        if let Some(dockerfile) = &self.dockerfile {
            let _ = writeln!(text, "dockerfile = {}", quoted(dockerfile));
        }
        let others = self.other_stages.join(", ");
        match (&self.stage, others.as_str()) {
            (Some(stage), "") => noted(text, &format!("target = {}", quoted(stage)), "the stage to build"),
            (Some(stage), others) => {
                let note = format!("the stage to build; beside it: {others}");
                noted(text, &format!("target = {}", quoted(stage)), &note);
            }
            (None, "") => {}
            (None, others) => {
                let first = self.other_stages.first().map_or("", String::as_str);
                let note = format!("instead of the last stage, which has no name: {others}");
                noted(text, &format!("# target = {}", quoted(first)), &note);
            }
        }
        if self.is_node {
            noted(text, "extend-forbid-tools = [\"@node-dev\"]", "development packages in any node_modules");
        }
        noted(text, "# max-size = \"150 MB\"", "the first `imgbudget check` proposes one that fits");
    }
}

/// A line of the file with a remark in the column of all remarks.
fn noted(text: &mut String, line: &str, remark: &str) {
    let _ = writeln!(text, "{line:<37} # {remark}");
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
fn variant(file: &str) -> Option<&str> {
    file.strip_prefix("Dockerfile.")
        .or_else(|| file.strip_suffix(".Dockerfile"))
        .or_else(|| file.strip_suffix(".dockerfile"))
}
