//! What of each target changed since a commit: the files that its build reads, the text that it is written in, and what budgets.toml says of
//! it. Where that cannot be told, it is not taken for unchanged.

mod definition;
mod links;
mod recipe;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use self::recipe::Recipe;
use super::git::{self, Differences};
use crate::domain::{Budgets, ImageRef, Inputs, Source, Target, TargetName};
use crate::files::Boundary;
use crate::text;

/// The most fragments that say what changed.
const MOST: usize = 5;

/// What is asked: of which targets, since when, and by which budgets.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The targets of the run.
    pub(crate) targets: &'a [Target],
    /// The budgets as they are now.
    pub(crate) budgets: &'a Budgets,
    /// The budgets as they stood at the commit, where they can be told.
    pub(crate) before: Option<&'a Budgets>,
    /// The commit.
    pub(crate) since: &'a str,
    /// A folder in the repository.
    pub(crate) folder: &'a Path,
    /// What the places of budget files are relative to.
    pub(crate) cwd: &'a Path,
    /// What contexts and Dockerfiles have to lie in.
    pub(crate) boundary: &'a Boundary,
}

/// What changed of each target.
pub(crate) fn of(question: &Question<'_>) -> BTreeMap<TargetName, Inputs> {
    let Some(differences) = git::differences(question.folder, question.since) else {
        let short = question.since.get(..7).unwrap_or_default();
        return all(question.targets, &format!("git cannot compare this checkout with {short}"));
    };
    let mut found = BTreeMap::new();
    let mut stands_on = BTreeMap::new();
    for target in question.targets {
        let looked = Look { question, differences: &differences, target }.at();
        let (inputs, images) = looked.unwrap_or_else(|why| (Inputs::Unknown(why), Vec::new()));
        found.insert(target.name.clone(), inputs);
        stands_on.insert(&target.name, images);
    }
    pass_on(question.targets, &stands_on, &mut found);
    found
}

/// The same of every target: that nothing is known, and why.
pub(crate) fn all(targets: &[Target], why: &str) -> BTreeMap<TargetName, Inputs> {
    targets.iter().map(|target| (target.name.clone(), Inputs::Unknown(why.to_owned()))).collect()
}

/// A target whose image others stand on changes them, too.
fn pass_on(
    targets: &[Target],
    stands_on: &BTreeMap<&TargetName, Vec<ImageRef>>,
    found: &mut BTreeMap<TargetName, Inputs>,
) {
    let makes = |image: &ImageRef| {
        targets.iter().find(|target| matches!(&target.source, Source::Image(made) if is_same(made, image)))
    };
    // Each round settles one more, so this ends.
    for _ in targets {
        for target in targets {
            let lower = stands_on.get(&target.name).into_iter().flatten().filter_map(makes);
            for lower in lower.filter(|lower| lower.name != target.name) {
                let what = format!("target {}, which it stands on", lower.name);
                let passed = match (found.get(&lower.name), found.get(&target.name)) {
                    (Some(Inputs::Changed(_)), Some(Inputs::Unchanged | Inputs::Unknown(_))) => {
                        Inputs::Changed(vec![what])
                    }
                    (Some(Inputs::Unknown(_)), Some(Inputs::Unchanged)) => {
                        Inputs::Unknown(format!("it stands on target {}, of which that is not known", lower.name))
                    }
                    _ => continue,
                };
                found.insert(target.name.clone(), passed);
            }
        }
    }
}

/// Whether two references mean one image, by name.
fn is_same(one: &ImageRef, other: &ImageRef) -> bool {
    let tag = |image: &ImageRef| image.tag.clone().unwrap_or_else(|| "latest".to_owned());
    one.registry_or_hub() == other.registry_or_hub()
        && one.repository.trim_start_matches("library/") == other.repository.trim_start_matches("library/")
        && (one.digest.is_some() && one.digest == other.digest || tag(one) == tag(other))
}

/// One target beside what differs.
struct Look<'a> {
    question: &'a Question<'a>,
    differences: &'a Differences,
    target: &'a Target,
}

impl Look<'_> {
    /// What changed, and the images that it stands on.
    fn at(&self) -> Result<(Inputs, Vec<ImageRef>), String> {
        let Differences { top, changed, ignored, submodules, is_too_many } = self.differences;
        let build = self.target.build.as_ref().ok_or("it is built elsewhere, and its Dockerfile is not known")?;
        let recipe = Recipe::read(build, self.question.boundary)?;
        let images = recipe.images();
        if *is_too_many {
            return Ok((Inputs::Changed(vec!["more than 100,000 files".to_owned()]), images));
        }
        let mut found = Fragments::default();
        definition::compare(self, &mut found);
        let inside = |path: &Path| Some(path.strip_prefix(top).ok()?.to_owned());
        let context = inside(recipe.plan.root()).ok_or("its build context lies outside of the repository")?;
        let dockerfile = inside(recipe.plan.dockerfile()).ok_or("its Dockerfile lies outside of the repository")?;
        self.follow(&build.context, false, &mut found);
        self.follow(&build.dockerfile, false, &mut found);
        if covers(changed, &dockerfile) && !recipe.is_as_before(self.question, &dockerfile, build) {
            found.changed(&dockerfile);
        }
        for path in [with_suffix(&build.dockerfile, ".dockerignore"), build.context.join(".dockerignore")] {
            self.follow(&path, true, &mut found);
        }
        for path in changed.iter().filter(|path| recipe.is_read(path, &context)) {
            found.changed(path);
        }
        let is_needed = |path: &&PathBuf| recipe.is_read(path, &context) || dockerfile.starts_with(path);
        if let Some(path) = ignored.iter().find(is_needed) {
            found.unknown(format!("git ignores {}, which its build reads", shown(path)));
        }
        if let Some(path) = submodules.iter().find(is_needed) {
            found.unknown(format!("its build reads {}, a submodule", shown(path)));
        }
        if let Some(name) = build.args_of_environment.first() {
            found.unknown(format!("build argument {} comes from the environment", text::line(name)));
        }
        if self.target.source != Source::Build {
            if !build.context_is_told {
                found.unknown("it is built elsewhere, and budgets.toml does not name its `context`".to_owned());
            }
            if let Some(path) = changed.iter().find(|path| may_build(path)) {
                found.unknown(format!("it is built elsewhere, perhaps by {}, which changed", shown(path)));
            }
            if let Some(name) = recipe.perhaps_context() {
                found.unknown(format!("`{name}` of its Dockerfile may be a named context"));
            }
        }
        Ok((found.inputs(), images))
    }

    /// Notes which links on the way of `path` changed, and, where it is asked for, whether the file at its end did.
    fn follow(&self, path: &Path, with_end: bool, found: &mut Fragments) {
        let Differences { top, changed, ignored, .. } = self.differences;
        let Some(way) = links::way(&self.question.cwd.join(path)) else {
            return found.unknown(format!("{} leads through links that do not end", shown(path)));
        };
        if with_end && way.end.exists() && !way.end.starts_with(top) {
            found.unknown(format!("{} lies outside of the repository", shown(path)));
        }
        let end = with_end.then_some(&way.end);
        for path in way.links.iter().chain(end).filter_map(|path| path.strip_prefix(top).ok()) {
            if covers(changed, path) {
                found.changed(path);
            }
            if covers(ignored, path) {
                found.unknown(format!("git ignores {}, which its build reads", shown(path)));
            }
        }
    }
}

/// What was found of one target.
#[derive(Debug, Default)]
struct Fragments {
    changed: BTreeSet<String>,
    unknown: Option<String>,
}

impl Fragments {
    fn changed(&mut self, path: &Path) {
        self.said(shown(path));
    }

    fn said(&mut self, what: String) {
        self.changed.insert(what);
    }

    fn unknown(&mut self, why: String) {
        self.unknown.get_or_insert(why);
    }

    /// That something changed is certain, whatever is not known beside it.
    fn inputs(self) -> Inputs {
        let count = self.changed.len();
        if count == 0 {
            return self.unknown.map_or(Inputs::Unchanged, Inputs::Unknown);
        }
        let shown = if count > MOST { MOST - 1 } else { MOST };
        let mut fragments: Vec<String> = self.changed.into_iter().take(shown).collect();
        fragments.extend((count > MOST).then(|| format!("{} more", count - shown)));
        Inputs::Changed(fragments)
    }
}

/// Whether `path`, or a folder that it lies in, is among `paths`.
fn covers(paths: &BTreeSet<PathBuf>, path: &Path) -> bool {
    path.ancestors().filter(|above| !above.as_os_str().is_empty()).any(|above| paths.contains(above))
}

/// Whether an image is usually built by such a file, or one in such a folder, which says with which arguments and of what.
fn may_build(path: &Path) -> bool {
    let workflows = Path::new(".github/workflows");
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let is_yaml =
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("yml") || end.eq_ignore_ascii_case("yaml"));
    // A folder of which git knows nothing may hold the other.
    path.starts_with(workflows)
        || workflows.starts_with(path)
        || name.starts_with("docker-bake.")
        || name == "makefile"
        || is_yaml && (name.contains("compose") || name == ".gitlab-ci.yml")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

fn shown(path: &Path) -> String {
    text::line(&path.display().to_string())
}
