//! From logical lines to stages.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::expand::expand;
use super::instruction::{self, Instruction, KEYWORDS};
use super::lines::{self, LogicalLine};
use super::stage::{Base, Dockerfile, Stage};
use crate::diagnostics::{Problem, SourceFile};
use crate::text;

/// Reads a Dockerfile. `args` are the build arguments: they override the defaults of ARGs in front of the first FROM.
///
/// # Errors
/// The first thing that no builder would accept, at its line.
pub fn parse(file: &Arc<SourceFile>, args: &BTreeMap<String, String>) -> Result<Dockerfile, Problem> {
    let directives = lines::directives(file)?;
    let mut reader = Reader { file, args, escape: directives.escape, globals: BTreeMap::new(), stages: Vec::new() };
    for line in lines::logical(file, directives.escape)? {
        reader.line(line)?;
    }
    if reader.stages.is_empty() {
        return Err(Problem::new(file, 0..0, "the Dockerfile has no stage").with_hint("Begin it with a FROM."));
    }
    Ok(Dockerfile { file: Arc::clone(file), syntax: directives.syntax, stages: reader.stages })
}

/// One instruction out of another place than a file, such as what an image keeps with ONBUILD; `None` when it is not exactly one. Its
/// line says nothing.
#[must_use]
pub fn read_instruction(text: &str) -> Option<Instruction> {
    let file = Arc::new(SourceFile::new("ONBUILD", format!("FROM scratch\n{text}\n")));
    let dockerfile = parse(&file, &BTreeMap::new()).ok()?;
    let [stage] = <[_; 1]>::try_from(dockerfile.stages).ok()?;
    let [found] = <[_; 1]>::try_from(stage.instructions).ok()?;
    Some(found)
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    args: &'a BTreeMap<String, String>,
    escape: char,
    /// ARGs in front of the first FROM.
    globals: BTreeMap<String, String>,
    stages: Vec<Stage>,
}

impl Reader<'_> {
    fn line(&mut self, line: LogicalLine) -> Result<(), Problem> {
        let instruction = self.instruction(line)?;
        match (instruction.keyword.as_str(), self.stages.last_mut()) {
            ("FROM", _) => {
                let stage = self.stage(&instruction)?;
                self.stages.push(stage);
            }
            ("ARG", None) => self.global(&instruction.arguments),
            (_, Some(stage)) => stage.instructions.push(instruction),
            (keyword, None) => {
                let message = format!("{keyword} before the first FROM");
                return Err(self.problem(&instruction, message, "Only ARG may stand in front of the first FROM."));
            }
        }
        Ok(())
    }

    fn problem(&self, instruction: &Instruction, message: String, hint: &str) -> Problem {
        Problem::new(self.file, instruction.span.clone(), message).with_hint(hint)
    }

    fn instruction(&self, line: LogicalLine) -> Result<Instruction, Problem> {
        let number = self.file.place(line.span.start).line;
        let mut found = self.words(&line.text, &line, number)?;
        if found.keyword == "ONBUILD" {
            let trigger = self.words(&found.arguments, &line, number)?;
            if matches!(trigger.keyword.as_str(), "ONBUILD" | "FROM" | "MAINTAINER") {
                let message = format!("ONBUILD cannot keep {}", trigger.keyword);
                return Err(self.problem(&found, message, "Write it where it is to happen."));
            }
            found.trigger = Some(Box::new(Instruction { heredocs: line.heredocs.clone(), ..trigger }));
        }
        Ok(Instruction { heredocs: line.heredocs, ..found })
    }

    fn words(&self, text: &str, line: &LogicalLine, number: u32) -> Result<Instruction, Problem> {
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let keyword = word.to_ascii_uppercase();
        let (flags, arguments) = instruction::flags(rest);
        let arguments = arguments.trim().to_owned();
        let found = Instruction {
            keyword,
            flags,
            arguments,
            line: number,
            span: line.span.clone(),
            heredocs: vec![],
            trigger: None,
        };
        let keyword = found.keyword.as_str();
        if !KEYWORDS.contains(&keyword) {
            let hint = match text::nearest(keyword, KEYWORDS) {
                Some(near) => format!("Did you mean {near}?"),
                None => format!("A line begins with one of {}.", KEYWORDS.join(", ")),
            };
            let message = format!("`{}` is not an instruction", text::line(word));
            return Err(self.problem(&found, message, &hint));
        }
        // These may be empty or are checked by the builder alone.
        if found.arguments.is_empty() && !matches!(keyword, "CMD" | "ENTRYPOINT" | "HEALTHCHECK" | "RUN") {
            let hint = if keyword == "FROM" { "Name an image or a stage." } else { "Write what it is to do." };
            return Err(self.problem(&found, format!("{keyword} without arguments"), hint));
        }
        Ok(found)
    }

    /// `ARG A B=c`: a build argument wins over the default; without either the variable stays unset.
    fn global(&mut self, arguments: &str) {
        for word in arguments.split_whitespace() {
            let (name, default) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            let value = match self.args.get(name) {
                Some(given) => Some(given.clone()),
                None => default.and_then(|default| expand(default, &self.globals, self.escape)),
            };
            match value {
                Some(value) => drop(self.globals.insert(name.to_owned(), value)),
                None => drop(self.globals.remove(name)),
            }
        }
    }

    fn stage(&self, from: &Instruction) -> Result<Stage, Problem> {
        let words: Vec<&str> = from.arguments.split_whitespace().collect();
        let (image, name) = match words.as_slice() {
            [image] => (*image, None),
            [image, word, name] if word.eq_ignore_ascii_case("as") => (*image, Some(name.to_ascii_lowercase())),
            _ => {
                let message = "FROM takes an image, or an image, AS and a name".to_owned();
                return Err(self.problem(from, message, "Write `FROM image AS name`; a comment needs its own line."));
            }
        };
        if let Some(name) = &name {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(fits) || name == "scratch" {
                let message = format!("`{}` cannot name a stage", text::line(name));
                return Err(self.problem(from, message, "Names begin with a letter and have a-z 0-9 - _ . only."));
            }
        }
        let base = match expand(image, &self.globals, self.escape) {
            Some(known) if known.is_empty() => {
                let message = format!("FROM `{}` names nothing: it is empty after its variables", text::line(image));
                let hint = "Give the ARG in front of the first FROM a default, or set it under `build-args`.";
                return Err(self.problem(from, message, hint));
            }
            Some(known) => match self.stages.iter().rposition(|stage| stage.is_called(&known)) {
                Some(index) => Base::Stage(index),
                None if known == "scratch" => Base::Scratch,
                None => Base::Image(known),
            },
            None => Base::Unresolved(image.to_owned()),
        };
        Ok(Stage { name, base, line: from.line, span: from.span.clone(), instructions: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Dockerfile, Problem> {
        parse(&Arc::new(SourceFile::new("Dockerfile", text)), &BTreeMap::new())
    }

    const EVERYTHING: &str = r#"# syntax=docker/dockerfile:1
ARG BASE=debian:12 \
    VARIANT
ARG FULL=${BASE}${VARIANT:+-$VARIANT}

FROM --platform=$BUILDPLATFORM ${FULL} AS Build
# a comment
run apt-get update && \
    # inside
    apt-get install gcc

HEALTHCHECK --interval=5s CMD ["true"]
COPY --link <<one <<-"two" /etc/
# body, not a comment
one
	USER body
	two
ONBUILD RUN --mount=type=cache,target=/c make
FROM build
LABEL a="b \
c"
onbuild copy . /src
FROM $BUILDPLATFORM/x
FROM scratch AS out
CMD
"#;

    #[test]
    fn every_instruction_is_at_its_line() {
        let dockerfile = read(EVERYTHING).unwrap();
        let found: Vec<(u32, &str)> = dockerfile
            .stages
            .iter()
            .flat_map(|stage| {
                let own = stage.instructions.iter().map(|found| (found.line, found.keyword.as_str()));
                std::iter::once((stage.line, "FROM")).chain(own)
            })
            .collect();
        let expected = [
            (6, "FROM"),
            (8, "RUN"),
            (12, "HEALTHCHECK"),
            (13, "COPY"),
            (18, "ONBUILD"),
            (19, "FROM"),
            (20, "LABEL"),
            (22, "ONBUILD"),
            (23, "FROM"),
            (24, "FROM"),
            (25, "CMD"),
        ];
        assert_eq!(found, expected);
        for (line, keyword) in found {
            let text = EVERYTHING.lines().nth(line as usize - 1).unwrap().trim_start();
            assert!(text.to_ascii_uppercase().starts_with(keyword), "{line}: {text}");
        }
    }

    #[test]
    fn stages_and_their_bases() {
        let dockerfile = read(EVERYTHING).unwrap();
        let stages: Vec<_> =
            dockerfile.stages.iter().map(|stage| (stage.name.as_deref(), stage.base.clone())).collect();
        let expected = [
            (Some("build"), Base::Image("debian:12".to_owned())),
            (None, Base::Stage(0)),
            (None, Base::Unresolved("$BUILDPLATFORM/x".to_owned())),
            (Some("out"), Base::Scratch),
        ];
        assert_eq!(stages, expected);
        let copy = &dockerfile.stages[0].instructions[2];
        assert_eq!(copy.arguments, "<<one <<-\"two\" /etc/");
        assert_eq!(copy.heredocs[0].body, "# body, not a comment\n");
        assert_eq!(copy.heredocs[1].body, "\tUSER body\n");
        let trigger = dockerfile.stages[0].instructions[3].trigger.as_deref().unwrap();
        assert_eq!((trigger.keyword.as_str(), trigger.arguments.as_str()), ("RUN", "make"));
        assert_eq!(trigger.values("mount").collect::<Vec<_>>(), ["type=cache,target=/c"]);
        assert_eq!(dockerfile.stages[1].instructions[0].arguments, "a=\"b c\"");
    }

    #[test]
    fn build_arguments_reach_declared_variables_only() {
        let file = Arc::new(SourceFile::new("f", "ARG A=x\nFROM r/$A\nFROM r/${B:-none}\nARG A=y\nFROM r/$A"));
        let args = [("A", "given"), ("B", "given")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let bases: Vec<_> = parse(&file, &args).unwrap().stages.into_iter().map(|stage| stage.base).collect();
        assert_eq!(bases, ["r/given", "r/none", "r/given"].map(|name| Base::Image(name.to_owned())));
    }

    #[test]
    fn one_instruction_is_read_by_itself() {
        let one = |text| read_instruction(text).map(|found| (found.keyword, found.arguments));
        assert_eq!(one("copy --link . in"), Some(("COPY".to_owned(), ". in".to_owned())));
        assert_eq!(one("RUN <<E\nmake\nE"), Some(("RUN".to_owned(), "<<E".to_owned())));
        for wrong in ["", "RUN a\nRUN b", "FROM x", "NOTHING a", "RUN <<E\nmake"] {
            assert_eq!(one(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn problems_are_at_their_line() {
        let cases = [
            ("", 1, "the Dockerfile has no stage"),
            ("# only\nARG A", 1, "the Dockerfile has no stage"),
            ("FROM a\n\nRUNN b", 3, "`RUNN` is not an instruction"),
            ("FROM\n", 1, "FROM without arguments"),
            ("FROM a\nFROM a b", 2, "FROM takes an image"),
            ("FROM a\nFROM b AS 1x", 2, "`1x` cannot name a stage"),
            ("\nRUN a\nFROM a", 2, "RUN before the first FROM"),
            ("FROM a\nRUN <<EOF\nEOF x\n", 2, "the here-document `EOF` never ends"),
            ("FROM a\nCOPY", 2, "COPY without arguments"),
            ("FROM a\nONBUILD FROM b", 2, "ONBUILD cannot keep FROM"),
            ("FROM $NOBODY", 1, "FROM `$NOBODY` names nothing"),
            ("# escape=x\nFROM a", 1, "`x` cannot be the escape character"),
        ];
        for (text, line, message) in cases {
            let problem = read(text).expect_err(text);
            assert!(problem.message.starts_with(message), "{text:?}: {}", problem.message);
            assert_eq!(problem.place().line, line, "{text:?}");
        }
        assert_eq!(read("FROM a\nCPOY b c").unwrap_err().hint.as_deref(), Some("Did you mean COPY?"));
    }

    /// Pieces that a Dockerfile is made of, so that random texts get past the first line.
    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "FROM",
            "from ",
            "RUN",
            "COPY",
            "ONBUILD ",
            "ARG",
            " AS ",
            "a",
            "$A",
            "${A:-",
            "}",
            "\\",
            "`",
            "\n",
            "\r\n",
            "#",
            "# escape=`\n",
            "<<EOF",
            "<<-'E'",
            "EOF\n",
            "E\n",
            " ",
            "\t",
            "\"",
            "'",
            "--from=",
            "--",
            "=",
            "\u{feff}",
            "é",
            "\0",
        ])
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn keywords_stand_where_they_are_said_to(pieces in prop::collection::vec(piece(), 0..40)) {
            let text = format!("FROM a\n{}", pieces.concat());
            let Ok(dockerfile) = read(&text) else { return Ok(()) };
            for found in dockerfile.stages.iter().flat_map(|stage| &stage.instructions) {
                let line = text.split('\n').nth(found.line as usize - 1).unwrap_or_default();
                let word = line.trim_start_matches('\u{feff}').split_whitespace().next().unwrap_or_default();
                // A keyword may itself be continued on the next line.
                let word = word.trim_end_matches(['\\', '`']).to_ascii_uppercase();
                prop_assert!(!word.is_empty() && found.keyword.starts_with(&word), "{text:?} {found:?}");
                prop_assert!(text.get(found.span.clone()).is_some());
            }
        }
    }
}
