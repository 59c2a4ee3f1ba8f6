//! The target's Dockerfile: what a build needs to know of it beforehand, and what explains layers and failures afterwards.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::diagnostics::{Problem, SourceFile};
use crate::dockerfile::{self, Base, Dockerfile, Instruction, Stage};
use crate::domain::{BaseImage, Build, ImageRef, Place, path_from};
use crate::engine::{BuildFailure, StepName};
use crate::error::{Class, Error};
use crate::files::{self, Boundary, Outside};
use crate::image::instruction::{Made, fits};

/// The largest Dockerfile that is read, in bytes; people write kilobytes.
const LARGEST: u64 = 1 << 20;

/// The longest name of a base image that a report keeps, in characters.
const LONGEST_NAME: usize = 1024;

/// A Dockerfile, and the stage of it that is the target.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    dockerfile: Dockerfile,
    stage: usize,
}

/// A path as the user would say it from where they stand, without a detour over `..` where that is the same file.
pub(super) fn shown(path: &Path, working_directory: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            tidy.pop();
        } else {
            tidy.push(part);
        }
    }
    // With a symlink on the way, `..` leads elsewhere.
    let same = tidy.canonicalize().is_ok_and(|real| path.canonicalize().is_ok_and(|other| real == other));
    path_from(if same { &tidy } else { path }, working_directory)
}

/// The names of the stages that a target can be built to, from the first. A Dockerfile writes them in any case.
///
/// # Errors
/// The Dockerfile is not there, cannot be read, or has no such stage as `build` names.
pub fn stage_names(build: &Build, boundary: &Boundary, working_directory: &Path) -> Result<Vec<String>, Error> {
    let recipe = Recipe::read(build, boundary, working_directory)?;
    Ok(recipe.dockerfile.stages.into_iter().filter_map(|stage| stage.name).collect())
}

/// A stage of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedStage {
    /// Its name; `None` of one that has none. Such a one can be built where it is the last.
    pub name: Option<String>,
    /// Whether it is the last one.
    pub is_last: bool,
    /// The line of its FROM.
    pub line: u32,
    /// Whether it is the one that the target means.
    pub is_target: bool,
}

impl NamedStage {
    /// What people call it: `builder`, `last stage`.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or("last stage")
    }
}

/// All stages of the Dockerfile, from the first.
///
/// # Errors
/// As [`stage_names`].
pub fn stages(build: &Build, boundary: &Boundary, working_directory: &Path) -> Result<Vec<NamedStage>, Error> {
    let recipe = Recipe::read(build, boundary, working_directory)?;
    let stages = recipe.dockerfile.stages.iter().enumerate();
    let named = stages.map(|(number, stage)| NamedStage {
        name: stage.name.clone(),
        is_last: number + 1 == recipe.dockerfile.stages.len(),
        line: stage.line,
        is_target: number == recipe.stage,
    });
    Ok(named.collect())
}

impl Recipe {
    /// Reads the Dockerfile of `build`.
    ///
    /// # Errors
    /// It is not there or cannot be read, no builder would accept it, or it has no such stage.
    pub(super) fn read(build: &Build, boundary: &Boundary, working_directory: &Path) -> Result<Self, Error> {
        let name = shown(&build.dockerfile, working_directory).display().to_string();
        if !build.context.is_dir() {
            let context = shown(&build.context, working_directory).display().to_string();
            return Err(Error::new(Class::Config, format!("cannot read the build context, directory `{context}`"))
                .with_hint(
                    "`context` is the directory that COPY reads from, relative to the budgets.toml that names it.",
                ));
        }
        boundary.check(&build.dockerfile).map_err(|outside| stray(&format!("the Dockerfile `{name}`"), &outside))?;
        let text = read_bounded(&build.dockerfile, &name)?;
        let file = Arc::new(SourceFile::new(name, text));
        let may_quote = boundary.holds(&build.dockerfile).is_ok();
        let shown = |problem: Problem| if may_quote { at_its_line(&problem) } else { unquoted(&problem.place()) };
        let dockerfile = dockerfile::parse(&file, &build.args).map_err(shown)?;
        let stage = dockerfile.stage(build.stage.as_deref())?;
        Ok(Self { dockerfile, stage })
    }

    /// Refuses what the engine would ask for and imgbudget cannot give: secrets, ssh.
    pub(super) fn supported(&self) -> Result<(), Error> {
        let problems = self.dockerfile.unsupported(self.stage);
        let Some((first, others)) = problems.split_first() else { return Ok(()) };
        let others = others.iter().map(|problem| format!("{}: {}", problem.place(), problem.message)).collect();
        Err(at_its_line(first).with_detail(others))
    }

    /// The registries that a build may pull from, each once.
    pub(super) fn registries(&self) -> Vec<String> {
        let images = self.dockerfile.images();
        let mut registries: Vec<String> = images
            .iter()
            .filter_map(|name| name.parse::<ImageRef>().ok())
            .map(|reference| reference.registry_or_hub().to_owned())
            .collect();
        registries.sort();
        registries.dedup();
        registries
    }

    /// The name of the file, as the user would say it.
    pub(super) fn name(&self) -> &str {
        self.dockerfile.name()
    }

    /// The stage that is the target.
    pub(super) fn stage(&self) -> usize {
        self.stage
    }

    /// How many stages the file has.
    pub(super) fn stages(&self) -> usize {
        self.dockerfile.stages.len()
    }

    /// What people call a stage: its name, or its number.
    pub(super) fn stage_name(&self, stage: usize) -> String {
        let name = self.dockerfile.stages.get(stage).and_then(|stage| stage.name.clone());
        name.unwrap_or_else(|| stage.to_string())
    }

    /// What the target's stage stands on in the end; never another stage.
    pub(super) fn base(&self) -> &Base {
        self.dockerfile.chain(self.stage).base
    }

    /// The lowest of the stages that the target is made of, and its position.
    fn lowest(&self) -> Option<(usize, &Stage)> {
        let mut position = self.stage;
        let mut stage = self.dockerfile.stages.get(position)?;
        // A stage stands on earlier ones only, so this ends.
        while let Base::Stage(lower) = stage.base {
            (position, stage) = (lower, self.dockerfile.stages.get(lower)?);
        }
        Some((position, stage))
    }

    /// The image that the target's stage stands on in the end; `None` where that is nothing.
    pub(super) fn base_image(&self) -> Option<BaseImage> {
        let (_, stage) = self.lowest()?;
        let (Base::Image(name) | Base::Unresolved(name)) = &stage.base else { return None };
        let reference = name.chars().take(LONGEST_NAME).collect();
        Some(BaseImage { reference, place: self.at(stage.line) })
    }

    /// Whether its FROM names the repository of `image`, on whatever tag.
    pub(super) fn stands_on(&self, image: &ImageRef) -> bool {
        let Base::Image(name) = self.base() else { return false };
        let Ok(named) = name.parse::<ImageRef>() else { return false };
        let repository = |image: &ImageRef| image.repository.trim_start_matches("library/").to_owned();
        named.registry_or_hub() == image.registry_or_hub() && repository(&named) == repository(image)
    }

    /// The line of the FROM that names what the target's stage stands on in the end.
    pub(super) fn from(&self) -> u32 {
        self.lowest().map_or(1, |(_, stage)| stage.line)
    }

    /// What the base image kept with ONBUILD, by the names that BuildKit gave to the steps of a build: it numbers them with those of the
    /// stage, before its own (older ones leave them out of the number after the slash, newer ones write `ONBUILD` before them). `None` where the steps do not tell.
    pub(super) fn triggers(&self, steps: &[StepName]) -> Option<Vec<Instruction>> {
        let (position, stage) = self.lowest()?;
        let unnamed = format!("stage-{position}");
        let name = stage.name.as_deref().unwrap_or(&unnamed);
        let is_its = |step: &&StepName| step.stage.as_deref().map_or(self.stages() == 1, |stage| stage == name);
        let its: BTreeMap<u32, &StepName> = steps.iter().filter(is_its).map(|step| (step.number, step)).collect();
        let own: Vec<&Instruction> = stage.instructions.iter().filter(|written| written.makes_layer()).collect();
        let last = its.iter().map(|(number, step)| *number.max(&step.of)).max()?;
        // The first is FROM.
        let kept = last.checked_sub(u32::try_from(own.len()).ok()?)?.checked_sub(1)?;
        let of_own = |(number, written): (u32, &&Instruction)| its.get(&number).is_some_and(|step| is(step, written));
        if !(kept.checked_add(2)?..).zip(&own).all(of_own) {
            return None;
        }
        let text = |number| its.get(&number).map(|step| step.instruction.as_str());
        let kept = (2..kept + 2).map(|number| text(number).map(|text| text.strip_prefix("ONBUILD ").unwrap_or(text)));
        kept.map(|text| dockerfile::read_instruction(text?)).collect()
    }

    /// The last USER that leads to the target's stage, else the FROM of that stage.
    pub(super) fn user(&self) -> Option<Place> {
        let chain = self.dockerfile.chain(self.stage);
        let user = chain.instructions.iter().rev().find(|instruction| instruction.keyword == "USER");
        let from = || Some(self.at(self.dockerfile.stages.get(self.stage)?.line));
        user.map(|user| self.dockerfile.place(user)).or_else(from)
    }

    /// The beginning of a line of the Dockerfile.
    fn at(&self, line: u32) -> Place {
        Place { file: self.dockerfile.name().to_owned(), line, column: 1 }
    }

    /// The instructions that lead to a stage.
    pub(super) fn steps(&self, stage: usize) -> Vec<&Instruction> {
        self.dockerfile.chain(stage).instructions
    }

    /// A failed build as an error at the line that did it, where that is certain.
    pub(super) fn blame(&self, failure: BuildFailure) -> Error {
        let place = failure.dockerfile_line.map(|line| self.at(line)).or_else(|| self.place_of(failure.step.as_ref()?));
        let ran = failure.exit_code.is_some() && !failure.log.is_empty();
        let error = Error::from(failure);
        let error = match error.hint() {
            None if ran => error.with_hint("The last lines of its log are above; `docker build` shows all of it."),
            None => error.with_hint("`docker build` with the same Dockerfile and context should say the same."),
            Some(_) => error,
        };
        match place {
            Some(place) => error.at(place),
            None => error,
        }
    }

    /// BuildKit numbers the instructions that make layers, and FROM before them where it is an image's; the classic form numbers every
    /// instruction. The keyword tells whether that came out right, and without it nothing is claimed.
    fn place_of(&self, step: &StepName) -> Option<Place> {
        let stages = &self.dockerfile.stages;
        let stage = match step.stage.as_deref() {
            // Podman counts stages whether or not they have names.
            Some(name) => {
                let named = stages.iter().position(|stage| stage.name.as_deref() == Some(name));
                named.or_else(|| name.strip_prefix("stage-")?.parse().ok())?
            }
            None => self.stage,
        };
        let stage = stages.get(stage)?;
        let keyword = step.instruction.split_whitespace().next()?.to_ascii_uppercase();
        // FROM runs what the base image keeps.
        if matches!(keyword.as_str(), "FROM" | "ONBUILD") {
            return Some(self.at(stage.line));
        }
        let mut layers = stage.instructions.iter().filter(|instruction| instruction.makes_layer());
        let (number, of) = (usize::try_from(step.number).ok()?, usize::try_from(step.of).ok()?);
        let instruction = match of.checked_sub(layers.clone().count()) {
            Some(from @ (0 | 1)) => layers.nth(number.checked_sub(1 + from)?)?,
            _ => stage.instructions.get(number.checked_sub(2)?)?,
        };
        // What a base image keeps with ONBUILD is numbered, too.
        (instruction.keyword == keyword && is(step, instruction)).then(|| self.dockerfile.place(instruction))
    }
}

/// The error of a file that may not be read.
fn stray(what: &str, outside: &Outside) -> Error {
    Error::new(Class::Config, format!("{what} {outside}"))
        .with_hint("A repository's files are read, and no others; --allow-outside lifts that.")
}

/// The error of a text that is not what it should be, and may be anything: nothing of it is said.
fn unquoted(place: &Place) -> Error {
    let Place { file, line, .. } = place;
    Error::new(Class::Config, format!("line {line} of `{file}` is not as in a Dockerfile"))
        .with_hint("Nothing of it is shown, because it lies outside of the repository.")
}

/// Whether a step can be that instruction. Of those that make no layer the keyword is all there is to go by.
fn is(step: &StepName, written: &Instruction) -> bool {
    Made::read(&step.instruction).is_none_or(|made| fits(&made, written))
}

fn at_its_line(problem: &Problem) -> Error {
    let error = Error::new(Class::Config, problem.message.clone()).at(problem.place());
    match &problem.hint {
        Some(hint) => error.with_hint(hint.clone()),
        None => error,
    }
}

fn read_bounded(path: &Path, name: &str) -> Result<String, Error> {
    let failed = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::FileTooLarge {
            return Error::new(Class::Config, format!("`{name}` has more than 1 MiB, which no Dockerfile has"))
                .with_hint("Check that `dockerfile` points at the right file.");
        }
        let hint = if error.kind() == std::io::ErrorKind::NotFound {
            "`dockerfile` is relative to the target's `context`; when it is absent, `Dockerfile` there is read."
        } else {
            "Check what is at that path, and who may read it."
        };
        Error::new(Class::Config, format!("cannot read the Dockerfile `{name}`")).with_hint(hint).caused_by(error)
    };
    let bytes = files::read(path, LARGEST).map_err(failed)?;
    String::from_utf8(bytes)
        .map_err(|error| Error::new(Class::Config, format!("the Dockerfile `{name}` is not UTF-8")).caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(text: &str) -> Recipe {
        let file = Arc::new(SourceFile::new("Dockerfile", text));
        let dockerfile = dockerfile::parse(&file, &BTreeMap::new()).expect("parses");
        let stage = dockerfile.stage(None).expect("has one");
        Recipe { dockerfile, stage }
    }

    #[test]
    fn the_base_is_that_of_the_lowest_stage() {
        let base = |text: &str| recipe(text).base_image().map(|base| format!("{} {}", base.reference, base.place));
        let staged =
            "ARG TAG=20\nFROM x AS never\nFROM node:$TAG AS deps\nRUN a\nFROM deps AS prod\nFROM prod\nCOPY . /\n";
        assert_eq!(base(staged).as_deref(), Some("node:20 Dockerfile:3"));
        assert_eq!(base("FROM scratch AS a\nFROM a\nCOPY . /\n"), None);
        assert_eq!(base("FROM --platform=$BUILDPLATFORM node\n").as_deref(), Some("node Dockerfile:1"));
        let long = recipe(&format!("FROM {}\n", "a".repeat(5000))).base_image();
        assert_eq!(long.map(|base| base.reference.len()), Some(LONGEST_NAME));
    }

    #[test]
    fn what_the_base_keeps_is_counted_among_the_steps() {
        let recipe = recipe("FROM kept AS low\nCOPY big rel\nENV A=b\nFROM low\nRUN x\n");
        let kept = |names: &[&str]| {
            let names: Vec<StepName> = names.iter().filter_map(|name| StepName::parse(name)).collect();
            let kept = recipe.triggers(&names)?;
            Some(kept.iter().map(|kept| format!("{} {}", kept.keyword, kept.arguments)).collect::<Vec<_>>())
        };
        let names = [
            "[low 1/4] FROM docker.io/library/kept",
            "[low 3/4] RUN --mount=type=cache,target=/c make",
            "[low 2/4] COPY . in",
            "[low 4/4] COPY big rel",
            "[stage-1 1/1] RUN x",
            "[internal] load build context",
        ];
        let older = ["[low 1/2] FROM kept", "[low 2/2] COPY . in", "[low 3/2] COPY big rel"];
        assert_eq!(kept(&names), Some(vec!["COPY . in".to_owned(), "RUN make".to_owned()]));
        let newer = ["[low 1/3] FROM kept", "[low 2/3] ONBUILD COPY . in", "[low 3/3] COPY big rel"];
        assert_eq!(kept(&newer), Some(vec!["COPY . in".to_owned()]));
        assert_eq!(kept(&older), Some(vec!["COPY . in".to_owned()]));
        assert_eq!(kept(&older[..2]), None, "its own step is not there");
        assert_eq!(kept(&["[low 1/2] FROM kept", "[low 2/2] COPY big rel"]), Some(Vec::new()));
        assert_eq!(kept(&names[..2]), None, "a step that is not there");
        assert_eq!(kept(&names[4..]), None);
        assert_eq!(kept(&["[low 1/1] FROM kept"]), None, "fewer steps than instructions");
    }

    #[test]
    fn the_user_is_the_last_one_or_for_its_stage_to_say() {
        let line = |text: &str| recipe(text).user().map(|place| place.line);
        assert_eq!(line("FROM a\nUSER app\nUSER root\nRUN x\n"), Some(3));
        assert_eq!(line("FROM a AS base\nUSER app\n\nFROM base\nRUN x\n"), Some(2));
        assert_eq!(line("FROM a AS other\nUSER app\n\nFROM b\nRUN x\n"), Some(4));
    }

    #[test]
    fn a_failure_is_blamed_on_its_line_or_on_none() {
        let recipe = recipe("FROM a AS build\nENV X=1\nRUN make\nCOPY . /\n\nFROM scratch\nRUN x\n");
        let line = |vertex: &str| {
            let failure = BuildFailure::new("boom", Some(vertex), Vec::new());
            recipe.blame(failure).place().map(|place| place.line)
        };
        assert_eq!(line("[build 2/3] RUN make"), Some(3));
        assert_eq!(line("[build 1/3] FROM a"), Some(1));
        assert_eq!(line("[build 3/4] RUN make"), Some(3));
        assert_eq!(line("[stage-1 2/2] RUN x"), Some(7));
        assert_eq!(line("[stage-0 3/5] RUN make"), Some(3));
        assert_eq!(line("[stage-9 2/2] RUN x"), None);
        // What stands on nothing or on another stage has no FROM among its steps.
        assert_eq!(line("[stage-1 1/1] RUN x"), Some(7));
        assert_eq!(line("[build 2/2] COPY . /"), Some(4));
        assert_eq!(line("[build 1/2] RUN make"), Some(3));
        assert_eq!(line("[build 2/3] COPY . /"), None);
        assert_eq!(line("[gone 2/3] RUN make"), None);
        assert_eq!(line("[build 2/3] RUN other"), None, "what the base image keeps with ONBUILD");
        assert_eq!(line("exporting"), None);
    }
}
