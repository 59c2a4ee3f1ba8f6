//! What a Dockerfile itself says of how it is built: the stage that is shipped, and the folder that its COPY reads from.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::config::{glob_walk, read};
use crate::diagnostics::SourceFile;
use crate::dockerfile::{self, Dockerfile, Instruction};

/// Names of the stage that is shipped, the likeliest first.
const SHIPPED: [&str; 6] = ["production", "prod", "release", "runtime", "final", "app"];
/// Directories that hold Dockerfiles for a context which is their parent.
const DOCKER_DIRECTORIES: [&str; 2] = ["docker", "dockerfiles"];
/// Other stages that are named.
const MOST_STAGES: usize = 10;
/// Sources of COPY that are looked for.
const MOST_SOURCES: usize = 100;

/// How to build a Dockerfile, as far as it can be guessed.
pub(super) struct Recipe {
    /// The build context, relative to where the proposal is for; empty for that folder itself.
    pub(super) context: PathBuf,
    /// The stage that is shipped, where it has a name.
    pub(super) stage: Option<String>,
    /// The names of the other stages.
    pub(super) other_stages: Vec<String>,
}

impl Recipe {
    /// Looks into `dockerfile`, a path relative to `directory`. One that cannot be read says nothing.
    pub(super) fn read(directory: &Path, dockerfile: &Path) -> Self {
        let name = dockerfile.to_string_lossy();
        let text = read::read(&directory.join(dockerfile), &name).ok();
        let file = text.map(|text| Arc::new(SourceFile::new(name.as_ref(), text)));
        let parsed = file.and_then(|file| dockerfile::parse(&file, &BTreeMap::new()).ok());
        let sources = parsed.as_ref().map(sources).unwrap_or_default();
        let context = context(directory, dockerfile, &sources);
        let stage = parsed.as_ref().and_then(shipped);
        let names = parsed.iter().flat_map(stage_names).filter(|name| stage.as_deref() != Some(*name));
        let other_stages = names.take(MOST_STAGES).map(str::to_owned).collect();
        Self { context, stage, other_stages }
    }
}

/// The names of stages; the parser takes plain ones only, so they may stand in a comment.
fn stage_names(dockerfile: &Dockerfile) -> impl Iterator<Item = &str> {
    dockerfile.stages.iter().filter_map(|stage| stage.name.as_deref())
}

/// The last stage, unless another is called like what is shipped and the last is not.
fn shipped(dockerfile: &Dockerfile) -> Option<String> {
    let last = dockerfile.stages.last()?.name.as_deref();
    let by_name = || SHIPPED.into_iter().find(|shipped| stage_names(dockerfile).any(|name| name == *shipped));
    last.filter(|last| SHIPPED.contains(last)).or_else(by_name).or(last).map(str::to_owned)
}

/// Of the Dockerfile's folder and those above it, the one that has most of what COPY asks for; of equals, the first that people would
/// think of.
fn context(directory: &Path, dockerfile: &Path, sources: &[String]) -> PathBuf {
    let here = dockerfile.parent().unwrap_or(Path::new(""));
    let is_for_parent = here.file_name().is_some_and(|name| DOCKER_DIRECTORIES.iter().any(|docker| name == *docker));
    let likeliest = if is_for_parent { here.parent().unwrap_or(here) } else { here };
    let has = |context: &Path| sources.iter().filter(|source| is_there(&directory.join(context), source)).count();
    let candidates: Vec<&Path> = std::iter::once(likeliest).chain(here.ancestors()).collect();
    let best = candidates.into_iter().rev().max_by_key(|context| has(context));
    best.unwrap_or(here).to_owned()
}

fn is_there(context: &Path, source: &str) -> bool {
    if source.contains(['*', '?', '[', '{']) {
        return glob_walk::files(context, source).is_ok_and(|files| !files.is_empty());
    }
    context.join(source).exists()
}

/// What COPY and ADD take from the context, below it; what only the build knows is left out.
fn sources(dockerfile: &Dockerfile) -> Vec<String> {
    let copies = |instruction: &&Instruction| {
        matches!(instruction.keyword.as_str(), "COPY" | "ADD") && instruction.values("from").next().is_none()
    };
    let instructions = dockerfile.stages.iter().flat_map(|stage| &stage.instructions).filter(copies);
    let words = instructions.flat_map(|instruction| {
        let mut words: Vec<String> = serde_json::from_str(&instruction.arguments)
            .unwrap_or_else(|_| instruction.arguments.split_whitespace().map(str::to_owned).collect());
        words.pop();
        words
    });
    let plain = words.map(|word| word.trim_start_matches('/').to_owned()).filter(|word| {
        let is_below =
            Path::new(word).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        is_below && !word.is_empty() && !word.contains(['$', '<', ':', '@', '"', '\'', '\\'])
    });
    plain.take(MOST_SOURCES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(files: &[&str], dockerfile: &str, text: &str) -> Recipe {
        let root = tempfile::tempdir().unwrap();
        for (file, text) in files.iter().map(|file| (*file, "")).chain([(dockerfile, text)]) {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Recipe::read(root.path(), Path::new(dockerfile))
    }

    #[test]
    fn the_stage_that_is_shipped() {
        for (text, stage, others) in [
            ("FROM a\n", None, vec![]),
            ("FROM a AS web\n", Some("web"), vec![]),
            ("FROM a AS build\nFROM b AS web\n", Some("web"), vec!["build"]),
            ("FROM a AS build\nFROM b\n", None, vec!["build"]),
            ("FROM a AS Production\nFROM b AS test\n", Some("production"), vec!["test"]),
            ("FROM a AS app\nFROM b AS runtime\n", Some("runtime"), vec!["app"]),
            ("FROM a AS app\nFROM b AS prod\nFROM c AS test\n", Some("prod"), vec!["app", "test"]),
            ("no Dockerfile", None, vec![]),
        ] {
            let recipe = recipe(&[], "Dockerfile", text);
            assert_eq!(
                (recipe.stage.as_deref(), recipe.other_stages),
                (stage, others.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn the_context_is_where_copy_finds_its_sources() {
        let files = ["go.mod", "cmd/main.go", "deploy/conf/a.toml", "web/package.json", "web/src/x", "docker/entry.sh"];
        for (dockerfile, text, context) in [
            ("deploy/Dockerfile", "FROM a\nCOPY go.* ./\nCOPY --chown=1 cmd /src\n", ""),
            ("deploy/Dockerfile", "FROM a\nCOPY conf /conf\n", "deploy"),
            ("deploy/Dockerfile", "FROM a\nCOPY --from=b go.mod /\n", "deploy"),
            ("deploy/Dockerfile", "FROM a\nADD [\"cmd/main.go\", \"/\"]\n", ""),
            ("deploy/x/Dockerfile", "FROM a\nCOPY conf /conf\nCOPY built /built\n", "deploy"),
            ("web/Dockerfile", "FROM a\nCOPY package*.json .\nCOPY src src\nCOPY . .\n", "web"),
            ("web/Dockerfile", "FROM a\nCOPY /src /src\n", "web"),
            ("docker/Dockerfile", "FROM a\nCOPY . .\n", ""),
            ("docker/Dockerfile", "FROM a\nCOPY entry.sh /\n", "docker"),
            ("web/Dockerfile", "FROM a\nCOPY ../go.mod $X https://a/b <<EOF /\nEOF\n", "web"),
        ] {
            assert_eq!(recipe(&files, dockerfile, text).context, Path::new(context), "{dockerfile} {text}");
        }
    }
}
