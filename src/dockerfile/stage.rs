//! Stages, and the way from one down to the image that it stands on.

use std::ops::Range;
use std::sync::Arc;

use super::Instruction;
use crate::diagnostics::SourceFile;
use crate::domain::Place;
use crate::error::{Class, Error};
use crate::text;

/// A Dockerfile after parsing; at least one stage.
#[derive(Debug, Clone)]
pub struct Dockerfile {
    pub(super) file: Arc<SourceFile>,
    /// The image of `# syntax=`, which the builder fetches to read the file.
    pub syntax: Option<String>,
    /// The stages in the order of the file. A stage is known by its index here.
    pub stages: Vec<Stage>,
}

/// What one FROM begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The name after AS, in lower case.
    pub name: Option<String>,
    /// What it stands on.
    pub base: Base,
    /// 1-based line of its FROM.
    pub line: u32,
    /// Bytes of its FROM.
    pub span: Range<usize>,
    /// Its instructions, FROM not among them.
    pub instructions: Vec<Instruction>,
}

/// What a stage stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// Nothing.
    Scratch,
    /// An earlier stage.
    Stage(usize),
    /// An image, or a named context of the same name: only the build knows. Variables replaced.
    Image(String),
    /// A text whose variables only the builder knows.
    Unresolved(String),
}

/// A stage and all stages below it as one list of instructions.
#[derive(Debug, Clone)]
pub struct Chain<'a> {
    /// What the lowest stage stands on; never [`Base::Stage`].
    pub base: &'a Base,
    /// The instructions from that base upward, as the builder runs them: where a stage stands on another, the triggers that the
    /// lower one keeps with ONBUILD come first. Triggers of an external base are not known here.
    pub instructions: Vec<&'a Instruction>,
}

impl Stage {
    /// Whether FROM and COPY mean this stage by `name`.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

impl Chain<'_> {
    /// The instructions that make layers under BuildKit, from the bottom up.
    pub fn layers(&self) -> impl DoubleEndedIterator<Item = &Instruction> {
        self.instructions.iter().copied().filter(|instruction| instruction.makes_layer())
    }
}

impl Dockerfile {
    /// The name of the file, as the user would say it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.name()
    }

    /// Where an instruction is.
    #[must_use]
    pub fn place(&self, instruction: &Instruction) -> Place {
        self.file.place(instruction.span.start)
    }

    /// The stage that a target means: by its name, by its number, or the last one when it says nothing.
    ///
    /// # Errors
    /// There is no such stage; the message names those that there are.
    pub fn stage(&self, name: Option<&str>) -> Result<usize, Error> {
        let Some(name) = name else { return Ok(self.stages.len().saturating_sub(1)) };
        let number = || name.parse().ok().filter(|index| *index < self.stages.len());
        self.named(name).or_else(number).ok_or_else(|| {
            let names: Vec<&str> = self.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
            let stages = match names.as_slice() {
                [] => "None of its stages has a name: leave `target` out, or give one a name with `FROM … AS name`."
                    .to_owned(),
                _ => format!("Its stages are {}.", names.join(", ")),
            };
            let word = name.to_ascii_lowercase();
            // `prod` is short for `production`, and further from it than any typo.
            let longer = || names.iter().copied().find(|stage| word.len() > 2 && stage.starts_with(&word));
            let near = text::nearest(&word, names.iter().copied()).or_else(longer);
            let hint = near.map_or(stages.clone(), |near| format!("Did you mean `{near}`? {stages}"));
            Error::new(Class::Config, format!("{} has no stage `{}`", self.name(), text::line(name))).with_hint(hint)
        })
    }

    /// The stage of that name; a name given twice means the later one.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        self.stages.iter().rposition(|stage| stage.is_called(name))
    }

    /// `stage` and what it stands on. An index that no stage has gives an empty chain on nothing.
    #[must_use]
    pub fn chain(&self, stage: usize) -> Chain<'_> {
        let Some(mut current) = self.stages.get(stage) else {
            return Chain { base: &Base::Scratch, instructions: Vec::new() };
        };
        let mut parts: Vec<Vec<&Instruction>> = vec![current.instructions.iter().collect()];
        // A stage stands on earlier ones only, so this ends.
        while let Base::Stage(index) = current.base {
            let Some(lower) = self.stages.get(index) else { break };
            parts.push(lower.instructions.iter().filter_map(|found| found.trigger.as_deref()).collect());
            parts.push(lower.instructions.iter().collect());
            current = lower;
        }
        Chain { base: &current.base, instructions: parts.into_iter().rev().flatten().collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::parse;
    use super::*;

    fn read(text: &str) -> Dockerfile {
        parse(&Arc::new(SourceFile::new("Dockerfile", text)), &BTreeMap::new()).unwrap()
    }

    #[test]
    fn a_stage_is_found_by_name_number_or_nothing() {
        let dockerfile = read("FROM a AS One\nFROM b\nFROM c AS two");
        assert_eq!(dockerfile.stage(None).unwrap(), 2);
        assert_eq!(dockerfile.stage(Some("ONE")).unwrap(), 0);
        assert_eq!(dockerfile.stage(Some("1")).unwrap(), 1);
        let error = dockerfile.stage(Some("tow")).unwrap_err();
        assert_eq!(error.to_string(), "Dockerfile has no stage `tow`");
        assert_eq!(error.hint(), Some("Did you mean `two`? Its stages are one, two."));
        assert!(dockerfile.stage(Some("3")).is_err());
        let short = read("FROM a AS production\nFROM b AS test").stage(Some("Prod")).unwrap_err();
        assert_eq!(short.hint(), Some("Did you mean `production`? Its stages are production, test."));
        assert!(read("FROM a").stage(Some("x")).unwrap_err().hint().unwrap().starts_with("None of its stages"));
    }

    #[test]
    fn a_chain_runs_from_the_external_base_up() {
        let dockerfile = read(
            "FROM img AS a\nRUN one\nONBUILD COPY . .\nFROM other AS b\nRUN never\nFROM a AS c\nENV x=y\nRUN two\nFROM c\nWORKDIR /w\n",
        );
        let chain = dockerfile.chain(3);
        assert_eq!(chain.base, &Base::Image("img".to_owned()));
        let all: Vec<_> = chain.instructions.iter().map(|found| (found.line, found.keyword.as_str())).collect();
        assert_eq!(all, [(2, "RUN"), (3, "ONBUILD"), (3, "COPY"), (7, "ENV"), (8, "RUN"), (10, "WORKDIR")]);
        assert_eq!(chain.layers().map(|found| found.line).collect::<Vec<_>>(), [2, 3, 8, 10]);
    }

    #[test]
    fn a_name_means_the_nearest_stage_above() {
        let dockerfile = read("FROM x AS a\nFROM a AS a\nFROM a\n");
        assert_eq!(dockerfile.stages[1].base, Base::Stage(0));
        assert_eq!(dockerfile.stages[2].base, Base::Stage(1));
        assert_eq!(read("FROM a AS a").stages[0].base, Base::Image("a".to_owned()));
    }
}
