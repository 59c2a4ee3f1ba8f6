//! The text that engines without BuildKit print while they build, as the same events that BuildKit's trace gives.
//!
//! Lines that begin a step: `STEP 2/3: RUN make` (Podman, with `[1/2] ` before it when there are several stages) and
//! `Step 2/3 : RUN make` (Docker's classic builder). A RUN may print such a line too; it then fools the progress and nothing else.

use super::names;
use super::step::StepName;
use super::tail::Tail;
use crate::progress::{Event, Observer};

/// A build under way.
#[derive(Default)]
pub(crate) struct Transcript {
    /// Cuts what arrives into lines.
    lines: Tail,
    current: Option<Step>,
    steps: u64,
    cached: u64,
    image: Option<String>,
}

struct Step {
    id: String,
    name: String,
    log: Tail,
    cached: bool,
}

impl Transcript {
    /// Takes the next piece of text.
    pub(crate) fn read(&mut self, text: &str, target: &str, observer: &dyn Observer) {
        let mut complete = Vec::new();
        self.lines.push(text.as_bytes(), |line| complete.push(line.to_owned()));
        for line in complete {
            self.line(&line, target, observer);
        }
    }

    fn line(&mut self, line: &str, target: &str, observer: &dyn Observer) {
        if let Some(name) = step(line) {
            self.end_step(false, target, observer);
            // Buildah shows the label that we ask for as a last step. The Dockerfile has no such instruction.
            if name.instruction.starts_with("LABEL ") && name.instruction.contains(names::LABEL) {
                return;
            }
            self.steps += 1;
            let (id, name) = (self.steps.to_string(), name.to_string());
            observer.event(target, Event::StepStarted { id: &id, name: &name });
            self.current = Some(Step { id, name, log: Tail::default(), cached: false });
            return;
        }
        if let Some(id) = line.strip_prefix("Successfully built ") {
            self.image = Some(id.trim().to_owned());
        }
        let Some(current) = &mut self.current else { return };
        if line.trim_start_matches([' ', '-']).starts_with("> Using cache") {
            current.cached = true;
        } else if !line.is_empty() && !line.starts_with("-->") && !line.starts_with(" --->") {
            let id = &current.id;
            let log = format!("{line}\n");
            current.log.push(log.as_bytes(), |line| observer.event(target, Event::StepLog { id, line }));
        }
    }

    /// The build ended: so did its last step.
    pub(crate) fn end_step(&mut self, failed: bool, target: &str, observer: &dyn Observer) {
        let Some(Step { id, name, log, cached }) = self.current.take() else { return };
        self.cached += u64::from(cached);
        observer.event(target, Event::StepDone { id: &id, name: &name, cached, took: None, failed });
        if failed {
            self.current = Some(Step { id, name, log, cached });
        }
    }

    /// How many steps the build has had, and how many of them came out of the cache.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.steps, self.cached)
    }

    /// The short id after `Successfully built`.
    pub(crate) fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// The step that was under way, and the end of its log.
    pub(crate) fn current(&self) -> Option<(&str, Vec<String>)> {
        let step = self.current.as_ref()?;
        Some((&step.name, step.log.lines().map(str::to_owned).collect()))
    }
}

/// The step that `line` begins.
fn step(line: &str) -> Option<StepName> {
    let (stage, rest) = match line.strip_prefix('[') {
        Some(rest) => {
            let (position, rest) = rest.split_once("] ")?;
            let (number, _of) = position.split_once('/')?;
            (Some(format!("stage-{}", number.parse::<u32>().ok()?.checked_sub(1)?)), rest)
        }
        None => (None, line),
    };
    let (position, instruction) = match rest.strip_prefix("STEP ") {
        Some(rest) => rest.split_once(": ")?,
        None => rest.strip_prefix("Step ")?.split_once(" : ")?,
    };
    let (number, of) = position.split_once('/')?;
    let (number, of) = (number.parse().ok()?, of.parse().ok()?);
    Some(StepName { stage, number, of, instruction: instruction.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::progress::Silent;

    #[test]
    fn steps_of_both_engines() {
        let name = |line: &str| step(line).map(|step| step.to_string());
        assert_eq!(name("STEP 2/3: RUN make").as_deref(), Some("[2/3] RUN make"));
        assert_eq!(name("[1/2] STEP 1/3: FROM x AS y").as_deref(), Some("[stage-0 1/3] FROM x AS y"));
        assert_eq!(name("Step 2/3 : RUN make").as_deref(), Some("[2/3] RUN make"));
        for line in ["STEP", "STEP x/y: z", "[0/1] STEP 1/1: z", "[a] b", "stepping 1/2: c"] {
            assert_eq!(name(line), None, "{line}");
        }
    }

    #[test]
    fn our_own_label_is_no_step() {
        let mut transcript = Transcript::default();
        transcript.read("STEP 1/2: FROM scratch\nSTEP 2/2: LABEL \"org.imgbudget.target\"=\"web\"\n", "web", &Silent);
        assert_eq!(transcript.counts(), (1, 0));
        assert!(transcript.current().is_none());
    }

    #[test]
    fn a_transcript_is_counted_and_remembered() {
        let mut transcript = Transcript::default();
        for text in
            ["STEP 1/3: FROM sc", "ratch\n--> Using cache ab\n--> ab\nSTEP 2/3: RUN make\nno rule", " to make\n"]
        {
            transcript.read(text, "web", &Silent);
        }
        transcript.end_step(true, "web", &Silent);
        assert_eq!(transcript.counts(), (2, 1));
        assert_eq!(transcript.current(), Some(("[2/3] RUN make", vec!["no rule to make".to_owned()])));
    }

    proptest! {
        #[test]
        fn any_text_is_read(texts in proptest::collection::vec("(\\[[0-9]/)?(STEP|Step|x) ?[0-9]*/?[0-9]*( :|: )?\\PC*\n?", 0..9)) {
            let mut transcript = Transcript::default();
            for text in &texts {
                transcript.read(text, "web", &Silent);
            }
            prop_assert!(transcript.counts().1 <= transcript.counts().0);
        }
    }
}
