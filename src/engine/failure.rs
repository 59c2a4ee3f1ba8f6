//! A build that failed: which instruction, with what exit code, and what it said last.

use super::step::StepName;
use crate::{Class, Error};

/// The longest message that is kept, in characters.
const LONGEST: usize = 1000;

/// Why a build gave no image.
#[derive(Debug)]
pub enum BuildError {
    /// The Dockerfile could not be built.
    Failed(Box<BuildFailure>),
    /// Everything else: no engine, an unreadable context.
    Other(Error),
}

/// What is known of a failed build. All text is untrusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildFailure {
    /// What failed, as the engine names it: `[build 3/4] RUN make`.
    pub vertex: Option<String>,
    /// The same, taken apart; `None` for what is not an instruction, such as loading a base image's metadata.
    pub step: Option<StepName>,
    /// What the engine said.
    pub message: String,
    /// The exit code of the RUN that failed.
    pub exit_code: Option<i32>,
    /// The last lines of the step's log, at most 20.
    pub log: Vec<String>,
    /// The 1-based line of the Dockerfile, where the engine itself names one: it does for parse errors only.
    pub dockerfile_line: Option<u32>,
    /// What to do about it, where the message is a known one.
    pub hint: Option<String>,
}

impl BuildFailure {
    /// Reads what can be read from the engine's `message`.
    #[must_use]
    pub fn new(message: &str, vertex: Option<&str>, log: Vec<String>) -> Self {
        let step = vertex.and_then(StepName::parse);
        let instruction = step.as_ref().map_or("", |step| step.instruction.as_str());
        Self {
            vertex: vertex.map(|name| name.chars().take(LONGEST).collect()),
            message: message.trim().chars().take(LONGEST).collect(),
            exit_code: exit_code(message),
            log,
            dockerfile_line: dockerfile_line(message),
            hint: hint(message, instruction).map(str::to_owned),
            step,
        }
    }
}

impl From<BuildFailure> for Error {
    fn from(failure: BuildFailure) -> Self {
        let message = match (&failure.vertex, failure.exit_code) {
            (Some(vertex), Some(code)) => format!("the build failed at `{vertex}` with exit code {code}"),
            (Some(vertex), None) => format!("the build failed at `{vertex}`: {}", failure.message),
            (None, _) => format!("the build failed: {}", failure.message),
        };
        let error = Self::new(Class::Build, message).with_detail(failure.log);
        match failure.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Failed(failure) => (*failure).into(),
            BuildError::Other(error) => error,
        }
    }
}

impl From<Error> for BuildError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// The number after the last of the phrases that engines use. Only an ending counts: a command may hold the phrase too.
fn exit_code(message: &str) -> Option<i32> {
    let message = message.trim_end();
    ["exit code: ", "non-zero code: ", "exit status "]
        .iter()
        .find_map(|phrase| message.rsplit_once(phrase).and_then(|(_, code)| code.parse().ok()))
}

/// The line of a Dockerfile that does not parse: `dockerfile parse error line 3: …`, `… on line 3: …`.
fn dockerfile_line(message: &str) -> Option<u32> {
    let (_, after) = message.split_once("parse error")?;
    let after = after.trim_start().trim_start_matches("on ");
    let digits = after.strip_prefix("line ")?;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end)?.parse().ok().filter(|line| *line > 0)
}

/// Phrases of engines about a file that COPY or ADD cannot find: BuildKit's, two of the classic form, Podman's.
const NO_SUCH_SOURCE: [&str; 4] =
    ["failed to compute cache key", "file not found in build context", "excluded by .dockerignore", "copier: stat: "];

fn hint(message: &str, instruction: &str) -> Option<&'static str> {
    let has = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    let is_missing = has(&["not found", "no such file", "does not exist"]);
    if has(&NO_SUCH_SOURCE) && is_missing {
        let from_context = !instruction.contains("--from=");
        Some(if from_context {
            "The engine got no such file: check the path, which is relative to the context, and whether .dockerignore leaves it out."
        } else {
            "The stage or image that it copies from has no such file."
        })
    } else if has(&["docker/dockerfile"]) && has(&["no such host", "i/o timeout", "connection refused", "not found"]) {
        Some(
            "The `# syntax=` line of the Dockerfile names an image that the engine's machine cannot get: most Dockerfiles do without it.",
        )
    } else if has(&["exec format error"]) {
        Some(
            "The engine's machine cannot run programs of that platform: install QEMU's binfmt handlers there, or build where it is native.",
        )
    } else if has(&["no space left on device"]) {
        Some("`docker system df` shows what fills the engine's disk.")
    } else if has(&["access denied", "insufficient_scope", "authorization failed", "unauthorized"]) {
        Some("`docker login REGISTRY`, if the base image is private.")
    } else if has(&[
        "no such host",
        "i/o timeout",
        "connection refused",
        "network is unreachable",
        "server misbehaving",
    ]) {
        Some("The engine's machine must reach the registry of the base image, or have the image already.")
    } else if has(&["manifest unknown", "no match for platform", "not found: not found", ": not found"]) {
        Some("Check the base image's name, tag and platform.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn exit_codes_of_three_builders() {
        for (message, code) in [
            ("executor failed running [/bin/sh -c exit 3]: exit code: 3", Some(3)),
            ("process \"/bin/sh -c echo 'exit code: 9'\" did not complete successfully: exit code: 137", Some(137)),
            ("The command '/bin/sh -c x' returned a non-zero code: 127", Some(127)),
            ("building at STEP \"RUN exit 3\": while running runtime: exit status 3", Some(3)),
            ("exit code: many", None),
            ("", None),
        ] {
            assert_eq!(exit_code(message), code, "{message}");
        }
    }

    #[test]
    fn lines_of_parse_errors() {
        for (message, line) in [
            ("dockerfile parse error line 3: unknown instruction: FOO", Some(3)),
            ("failed to solve: dockerfile parse error on line 12: unknown flag: x", Some(12)),
            ("dockerfile parse error line 0: x", None),
            ("dockerfile parse error line 99999999999: x", None),
            ("parse error somewhere", None),
            ("line 3", None),
        ] {
            assert_eq!(dockerfile_line(message), line, "{message}");
        }
    }

    #[test]
    fn the_sentence() {
        let failure = BuildFailure::new("exit code: 2", Some("[build 2/3] RUN make"), vec!["no rule".to_owned()]);
        assert_eq!(failure.step.as_ref().and_then(|step| step.stage.as_deref()), Some("build"));
        let error = Error::from(failure);
        assert_eq!(error.to_string(), "the build failed at `[build 2/3] RUN make` with exit code 2");
        assert_eq!(error.detail(), ["no rule"]);
    }

    #[test]
    fn a_file_that_is_not_there_is_no_matter_of_the_base_image() {
        let copy = |message, instruction| hint(message, instruction).unwrap_or_default();
        for message in [
            "failed to compute cache key: \"/README.md\" not found: not found",
            "failed to compute cache key: failed to calculate checksum of ref a::b: \"/x\": not found",
            "COPY failed: file not found in build context or excluded by .dockerignore: stat x: file does not exist",
            "building at STEP \"COPY x /\": checking on sources under \"/c\": copier: stat: \"/x\": no such file or directory",
        ] {
            assert!(copy(message, "COPY x /").contains(".dockerignore"), "{message}");
            assert!(copy(message, "COPY --from=build /x /").starts_with("The stage or image"), "{message}");
        }
        assert!(copy("docker.io/library/alpin:3: not found", "FROM alpin:3").starts_with("Check the base image"));
        let syntax = "failed to resolve source metadata for docker.io/docker/dockerfile:1: no such host";
        assert!(copy(syntax, "").starts_with("The `# syntax=` line"));
    }

    proptest! {
        #[test]
        fn whatever_the_engine_says_is_bounded(message in any::<String>(), vertex in any::<String>()) {
            let failure = BuildFailure::new(&message, Some(&vertex), Vec::new());
            prop_assert!(failure.message.chars().count() <= LONGEST);
        }
    }
}
