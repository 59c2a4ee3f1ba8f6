//! A first budgets.toml for what is built nearby: what `imgbudget init` writes.
//!
//! Bake files say how images are built, then compose files, then Dockerfiles themselves, as far as it can be guessed.

mod find;
mod given;
mod recipe;
pub mod workflow;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::read;
use crate::domain::Bytes;
use crate::text;
use given::Given;
use recipe::Recipe;

/// Names of compose files, as `docker compose` looks for them.
const COMPOSE: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/// Names of bake files.
const BAKE: [&str; 2] = ["docker-bake.hcl", "docker-bake.json"];
/// What a limit leaves above what is measured, in hundredths of a percent.
const HEADROOM: u64 = 2_500;

/// A budgets.toml to start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The targets, in the order of the file.
    pub targets: Vec<Proposed>,
    /// What was left out and why, one sentence each. Untrusted and not escaped.
    pub notes: Vec<String>,
}

/// What measuring the targets of a proposal gave.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Sizes by target.
    pub sizes: BTreeMap<String, Bytes>,
    /// Why others have none.
    pub failed: BTreeMap<String, String>,
}

/// Proposes a budgets.toml to lie in `directory`. `bake` is what `docker buildx bake --print` says there, or why it does not.
pub fn propose(directory: &Path, bake: Option<&Result<Vec<u8>, String>>) -> Proposal {
    let mut notes = Vec::new();
    let mut given: Vec<Given> = Vec::new();
    let mut add = |file: &str, read: Result<given::Read, String>| match read {
        Ok((builds, left_out)) => {
            given.extend(builds);
            notes.extend(left_out.into_iter().map(|why| format!("{file}: {why}")));
        }
        Err(why) => notes.push(format!("{file} is not used: {why}")),
    };
    if let (Some(printed), Some(file)) = (bake, bake_file(directory)) {
        add(file, printed.as_ref().map_err(Clone::clone).and_then(|json| given::of_bake(json, directory)));
    }
    if let Some(file) = COMPOSE.into_iter().find(|file| directory.join(file).is_file()) {
        let text = read::read(&directory.join(file), file).map_err(|error| error.chain());
        add(file, text.and_then(|text| given::of_compose(&text, directory)));
    }
    let mut taken = BTreeSet::new();
    let mut targets: Vec<Proposed> = Vec::new();
    for given in given {
        let target = Proposed::given(directory, given, &mut taken);
        // Two files, or two services, may say the same.
        if targets.iter().all(|there| !there.is_built_as(&target)) {
            targets.push(target);
        }
    }
    for dockerfile in find::dockerfiles(directory) {
        if targets.iter().all(|there| there.dockerfile_path() != dockerfile) {
            targets.push(Proposed::new(directory, &dockerfile, &mut taken));
        }
    }
    Proposal { targets, notes }
}

/// The bake file of a folder.
#[must_use]
pub fn bake_file(directory: &Path) -> Option<&'static str> {
    BAKE.into_iter().find(|file| directory.join(file).is_file())
}

impl Proposal {
    /// The whole text, ready to be pasted or written; it loads. Without an outcome, limits are remarks; with one, they are what was measured
    /// and a quarter more, rules that exceptions can soften are on, and what could not be measured is a remark with the reason.
    #[must_use]
    pub fn text(&self, outcome: Option<&Outcome>) -> String {
        let mut text = String::from(if outcome.is_some() { HEAD_MEASURED } else { HEAD });
        for target in &self.targets {
            target.write(&mut text, outcome);
        }
        if self.targets.is_empty() {
            Proposed { name: "app".to_owned(), context: ".".to_owned(), ..Proposed::default() }.write(&mut text, None);
        }
        text
    }
}

const HEAD: &str = r#"# Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

[defaults]                            # for every target below
forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
# require-non-root = true
# forbid-paths = ["@caches", "@vcs", "@secrets"]
"#;

const HEAD_MEASURED: &str = r#"# Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

[defaults]                            # for every target below
forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
require-non-root = true
forbid-paths = ["@caches", "@vcs", "@secrets"]
"#;

/// One target of the proposal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposed {
    /// Its name in budgets.toml.
    pub name: String,
    /// What its image is called where bake or compose built it already.
    pub image: Option<String>,
    context: String,
    /// Left out where it is the default.
    dockerfile: Option<String>,
    /// The stage that looks like the one to ship, where it has a name.
    stage: Option<String>,
    other_stages: Vec<String>,
    /// Build arguments; `None` for those of the environment.
    args: BTreeMap<String, Option<String>>,
    is_node: bool,
}

impl Proposed {
    /// A build that a bake or compose file describes.
    fn given(directory: &Path, given: Given, taken: &mut BTreeSet<String>) -> Self {
        let base = name(&given.name);
        let name = unique([base.clone()], &base, taken);
        let at_root = given.context.as_os_str().is_empty();
        Self {
            name,
            image: given.image,
            is_node: directory.join(&given.context).join("package.json").is_file(),
            context: if at_root { ".".to_owned() } else { given.context.to_string_lossy().into_owned() },
            dockerfile: Some(given.dockerfile).filter(|dockerfile| dockerfile != "Dockerfile"),
            stage: given.stage,
            other_stages: Vec::new(),
            args: given.args,
        }
    }

    /// A Dockerfile that nothing describes.
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
        let relative = dockerfile.strip_prefix(&recipe.context).unwrap_or(dockerfile).to_string_lossy().into_owned();
        Self {
            name: unique([base, path.clone()], &path, taken),
            image: None,
            context: if at_root { ".".to_owned() } else { recipe.context.to_string_lossy().into_owned() },
            dockerfile: Some(relative).filter(|relative| relative != "Dockerfile"),
            stage: recipe.stage,
            other_stages: recipe.other_stages,
            args: BTreeMap::new(),
            is_node: directory.join(&recipe.context).join("package.json").is_file(),
        }
    }

    /// The Dockerfile, relative to the folder of the proposal.
    fn dockerfile_path(&self) -> PathBuf {
        let path = Path::new(&self.context).join(self.dockerfile.as_deref().unwrap_or("Dockerfile"));
        path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect()
    }

    fn is_built_as(&self, other: &Self) -> bool {
        self.dockerfile_path() == other.dockerfile_path()
            && (&self.context, &self.stage, &self.args) == (&other.context, &other.stage, &other.args)
    }

    fn write(&self, whole: &mut String, outcome: Option<&Outcome>) {
        let mut text = String::new();
        let key = if self.name.contains('.') { quoted(&self.name) } else { self.name.clone() };
        let _ = writeln!(text, "[targets.{key}]\ncontext = {}", quoted(&self.context));
        if let Some(dockerfile) = &self.dockerfile {
            let _ = writeln!(text, "dockerfile = {}", quoted(dockerfile));
        }
        let others = self.other_stages.join(", ");
        match (&self.stage, others.as_str()) {
            (Some(stage), "") => noted(&mut text, &format!("target = {}", quoted(stage)), "the stage to build"),
            (Some(stage), others) => {
                let note = format!("the stage to build; beside it: {others}");
                noted(&mut text, &format!("target = {}", quoted(stage)), &note);
            }
            (None, "") => {}
            (None, others) => {
                let note = format!("the last stage is unnamed; add `AS production`; beside it: {others}");
                noted(&mut text, "# target = \"production\"", &note);
            }
        }
        if !self.args.is_empty() {
            let one = |(name, value): (&String, &Option<String>)| match value {
                Some(value) => format!("{name} = {}", quoted(value)),
                None => format!("{name} = {{ env = {} }}", quoted(name)),
            };
            let _ = writeln!(text, "build-args = {{ {} }}", self.args.iter().map(one).collect::<Vec<_>>().join(", "));
        }
        if self.is_node {
            noted(&mut text, "extend-forbid-tools = [\"@node-dev\"]", "development packages in any node_modules");
        }
        let size = outcome.and_then(|outcome| outcome.sizes.get(&self.name));
        match size {
            Some(size) => {
                let limit = Bytes(size.0.max(1)).with_headroom(HEADROOM).written();
                noted(
                    &mut text,
                    &format!("max-size = {}", quoted(&limit)),
                    &format!("measured {size}, and 25 % to grow"),
                );
            }
            None => noted(&mut text, "# max-size = \"150 MB\"", "the first `imgbudget check` proposes one that fits"),
        }
        whole.push('\n');
        match outcome.and_then(|outcome| outcome.failed.get(&self.name)) {
            Some(why) => {
                let _ = writeln!(whole, "# Could not be measured: {}", text::line_within(why, 200));
                for line in text.lines() {
                    let _ = writeln!(whole, "# {line}");
                }
            }
            None => whole.push_str(&text),
        }
    }
}

/// The first of these names that no other target has, else one with a number.
fn unique<const N: usize>(wanted: [String; N], last: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| name(&format!("{number}-{last}")));
    let name = wanted.into_iter().chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(name.clone());
    name
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
