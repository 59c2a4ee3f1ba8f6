//! The name of a build step as BuildKit writes it, taken apart: `[build 2/5] RUN make`.

use std::fmt;

/// Which instruction of which stage a step is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepName {
    /// The stage's name, or `stage-0` for the first stage without one; `None` where the Dockerfile has one unnamed stage.
    pub stage: Option<String>,
    /// 1-based number among the stage's steps. FROM is 1; instructions that make no step of their own (ENV, CMD, …) are not
    /// counted by BuildKit, and are counted by the classic form.
    pub number: u32,
    /// How many steps the stage has. Podman counts our label as one more.
    pub of: u32,
    /// The instruction, variables expanded. Untrusted.
    pub instruction: String,
}

impl StepName {
    /// Takes a vertex name apart; `None` for what BuildKit does on its own account, such as `[internal] load metadata …`.
    #[must_use]
    pub fn parse(vertex: &str) -> Option<Self> {
        let (head, instruction) = vertex.strip_prefix('[')?.split_once("] ")?;
        let mut words = head.split_ascii_whitespace().rev();
        let (number, of) = words.next()?.split_once('/')?;
        // Before the stage stands the platform, in builds for several.
        let stage = words.next().map(str::to_owned);
        Some(Self {
            stage,
            number: number.parse().ok()?,
            of: of.parse().ok()?,
            instruction: instruction.trim().to_owned(),
        })
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        self.stage.iter().try_for_each(|stage| write!(f, "{stage} "))?;
        write!(f, "{}/{}] {}", self.number, self.of, self.instruction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_and_together() {
        for name in ["[build 2/5] RUN make", "[1/1] COPY a b", "[stage-1 3/3] RUN x  # ] y"] {
            assert_eq!(StepName::parse(name).map(|step| step.to_string()).as_deref(), Some(name));
        }
        let step = StepName::parse("[linux/arm64 build  2/10] RUN make").expect("a step");
        assert_eq!((step.stage.as_deref(), step.number, step.of), (Some("build"), 2, 10));
    }

    #[test]
    fn what_is_no_step() {
        for name in
            ["", "[", "[internal] load build definition", "[auth] x", "exporting to image", "[a b] c", "[a 1/b] c"]
        {
            assert_eq!(StepName::parse(name), None, "{name}");
        }
    }
}
