//! What a build of a stage needs: other stages, images, and things that imgbudget cannot hand to a builder.

use std::collections::BTreeSet;

use super::stage::{Base, Dockerfile, Stage};
use super::{Flag, Instruction};
use crate::diagnostics::Problem;

/// One `--mount`: its type, `from` and `source`.
pub(super) struct Mount<'a> {
    pub(super) kind: &'a str,
    pub(super) from: Option<&'a str>,
    pub(super) source: Option<&'a str>,
}

impl<'a> Mount<'a> {
    fn read(value: &'a str) -> Self {
        // One field may have several names, and the last of them counts.
        let field = |keys: &[&str]| {
            let pairs = value.split(',').filter_map(|pair| pair.split_once('='));
            let is_meant = |name: &str| keys.iter().any(|key| name.trim().eq_ignore_ascii_case(key));
            pairs.filter(|(name, _)| is_meant(name)).map(|(_, value)| value.trim()).next_back()
        };
        Self { kind: field(&["type"]).unwrap_or("bind"), from: field(&["from"]), source: field(&["source", "src"]) }
    }
}

/// The instruction and what it keeps with ONBUILD.
pub(super) fn with_trigger(instruction: &Instruction) -> impl Iterator<Item = &Instruction> {
    std::iter::once(instruction).chain(instruction.trigger.as_deref())
}

pub(super) fn mounts(instruction: &Instruction) -> impl Iterator<Item = Mount<'_>> {
    let is_mount = |flag: &&Flag| instruction.keyword == "RUN" && flag.name == "mount";
    instruction.flags.iter().filter(is_mount).filter_map(|flag| flag.value.as_deref()).map(Mount::read)
}

/// What `--from` and `--mount=from=` of a stage name: stages, images or contexts.
pub(super) fn sources(stage: &Stage) -> impl Iterator<Item = &str> {
    stage.instructions.iter().flat_map(with_trigger).flat_map(|instruction| {
        let copied = instruction.values("from").filter(|_| instruction.keyword == "COPY");
        copied.chain(mounts(instruction).filter_map(|mount| mount.from))
    })
}

impl Dockerfile {
    /// The stage that `--from` means, by name or by number.
    pub(super) fn source_stage(&self, name: &str) -> Option<usize> {
        self.named(name).or_else(|| name.parse().ok().filter(|index| *index < self.stages.len()))
    }

    /// The stages that BuildKit runs to build `stage`, itself included.
    #[must_use]
    pub fn needed(&self, stage: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open = vec![stage];
        while let Some(index) = open.pop() {
            let Some(stage) = self.stages.get(index) else { continue };
            if found.insert(index) {
                open.extend(if let Base::Stage(lower) = stage.base { Some(lower) } else { None });
                open.extend(sources(stage).filter_map(|name| self.source_stage(name)));
            }
        }
        found
    }

    /// Every image that some stage names in FROM, `--from` or `--mount=from=`, and that of `# syntax=`; sorted, each once.
    ///
    /// All stages count because the classic builder runs all of them. Builders replace variables in FROM alone, so that other
    /// places with a `$` name nothing.
    #[must_use]
    pub fn images(&self) -> Vec<String> {
        let mut found: BTreeSet<&str> = self.syntax.iter().map(String::as_str).collect();
        for stage in &self.stages {
            if let Base::Image(name) = &stage.base {
                found.insert(name);
            }
            found.extend(sources(stage).filter(|name| {
                !name.is_empty() && *name != "scratch" && !name.contains('$') && self.source_stage(name).is_none()
            }));
        }
        found.into_iter().map(str::to_owned).collect()
    }

    /// What a build of `stage` would ask for and imgbudget cannot give: secrets and ssh, each at its instruction.
    ///
    /// A secret counts even where `required` is not set: the build would go on without it and make another image than the one that
    /// is shipped. A named context looks like an image here, so the builder tells of it.
    #[must_use]
    pub fn unsupported(&self, stage: usize) -> Vec<Problem> {
        let needed = self.needed(stage);
        let stages = needed.iter().filter_map(|index| self.stages.get(*index));
        let instructions = stages.flat_map(|stage| &stage.instructions);
        instructions
            .filter_map(|instruction| {
                let asked = with_trigger(instruction).find_map(asks_for)?;
                let message =
                    format!("this {} needs {asked}, which imgbudget cannot hand to a build", instruction.keyword);
                let hint = "Build the image elsewhere and measure it with `--image NAME=REF`.";
                Some(Problem::new(&self.file, instruction.span.clone(), message).with_hint(hint))
            })
            .collect()
    }
}

/// What an instruction asks of the person who builds.
fn asks_for(instruction: &Instruction) -> Option<&'static str> {
    let from_mount = mounts(instruction).find_map(|mount| match mount.kind {
        kind if kind.eq_ignore_ascii_case("secret") => Some("a secret"),
        kind if kind.eq_ignore_ascii_case("ssh") => Some("ssh"),
        _ => None,
    });
    let over_ssh = |word: &str| word.starts_with("git@") || word.starts_with("ssh://");
    from_mount.or_else(|| {
        (instruction.keyword == "ADD" && instruction.arguments.split_whitespace().any(over_ssh)).then_some("ssh")
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::super::parse;
    use super::*;
    use crate::diagnostics::SourceFile;

    fn read(text: &str) -> Dockerfile {
        parse(&Arc::new(SourceFile::new("Dockerfile", text)), &BTreeMap::new()).unwrap()
    }

    const STAGES: &str = "ARG V=1
FROM r.example.com/base:$V AS base
FROM node AS unused
RUN --mount=type=secret,id=npm npm ci
FROM base AS tools
RUN --mount=from=golang:1,target=/go --mount=type=cache,target=/c go build
FROM alpine
FROM scratch
COPY --from=tools /a /a
COPY --from=3 /b /b
COPY --from=busybox /c /c
COPY --from=$V /d /d
";

    #[test]
    fn images_are_what_is_no_stage() {
        let expected = ["alpine", "busybox", "golang:1", "node", "r.example.com/base:1"];
        assert_eq!(read(STAGES).images(), expected);
        assert_eq!(read("# syntax=x/y\nFROM scratch").images(), ["x/y"]);
    }

    #[test]
    fn only_needed_stages_count() {
        let dockerfile = read(STAGES);
        assert_eq!(dockerfile.needed(4).into_iter().collect::<Vec<_>>(), [0, 2, 3, 4]);
        assert!(dockerfile.unsupported(4).is_empty());
        let problems = dockerfile.unsupported(1);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].place().line, 4);
        assert_eq!(problems[0].message, "this RUN needs a secret, which imgbudget cannot hand to a build");
    }

    #[test]
    fn ssh_in_its_forms() {
        for line in
            ["RUN --mount=type=ssh git clone x", "ADD git@github.com:a/b.git /src", "run --mount=id=a,TYPE=SSH b"]
        {
            assert_eq!(read(&format!("FROM a\n{line}")).unsupported(0).len(), 1, "{line}");
        }
        assert!(read("FROM a\nRUN echo --mount=type=ssh").unsupported(0).is_empty());
    }

    #[test]
    fn stages_that_need_each_other_end() {
        let dockerfile = read("FROM a AS x\nCOPY --from=y . .\nFROM b AS y\nCOPY --from=x . .");
        assert_eq!(dockerfile.needed(1).len(), 2);
    }
}
