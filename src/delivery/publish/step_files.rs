//! The files through which a step talks to its job: the summary, and the values for later steps.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::Write as _;
use std::path::Path;

use super::notice::Notice;
use crate::ci::Environment;
use crate::domain::{Links, Report, TargetError};
use crate::output::markdown;
use crate::text;

/// GitHub drops the whole summary of a step above this ("Job summaries", limits).
const LARGEST_SUMMARY: u64 = 1 << 20;
/// In less room there is nothing worth reading.
const LEAST_SUMMARY: usize = 10_000;

/// Appends the result to the job's summary.
pub(super) fn append_summary(report: &Report, links: &Links, environment: &Environment) -> Result<(), Notice> {
    summarise(environment, |room| markdown::render(report, links, room))
}

/// Appends what kept the run from checking anything to the job's summary.
pub(super) fn append_causes(causes: &[TargetError], environment: &Environment) -> Result<(), Notice> {
    const MOST: usize = 10;
    let line = |cause: &TargetError| {
        let place = cause.place.as_ref().map(|place| format!("{}: ", text::markdown_code(&place.to_string())));
        format!("- {}{}\n", place.unwrap_or_default(), text::markdown_prose(&cause.message, 500))
    };
    let mut markdown = "**imgbudget could not check**\n\n".to_owned();
    markdown.extend(causes.iter().take(MOST).map(line));
    let more = causes.len().saturating_sub(MOST);
    markdown.extend((more > 0).then(|| format!("- … and {more} more\n")));
    summarise(environment, |_| markdown)
}

/// Appends Markdown that is made for the room that is left.
fn summarise(environment: &Environment, markdown: impl FnOnce(usize) -> String) -> Result<(), Notice> {
    const WHAT: &str = "no summary was written";
    let path = file(environment, "GITHUB_STEP_SUMMARY", WHAT)?;
    let taken = std::fs::metadata(path).map_or(0, |about| about.len());
    let room = usize::try_from(LARGEST_SUMMARY.saturating_sub(taken + 1)).unwrap_or(0);
    if room < LEAST_SUMMARY {
        return Err(Notice::new(format!("{WHAT}: the step's summary is full")));
    }
    let markdown = markdown(room);
    append(path, &format!("{}{markdown}", if taken > 0 { "\n" } else { "" }), WHAT)
}

/// Appends values for later steps. A value is put between two lines of a delimiter that nobody can guess ("Multiline strings").
pub(super) fn append_outputs(outputs: &[(&str, String)], environment: &Environment) -> Result<(), Notice> {
    const WHAT: &str = "no output was set for later steps";
    let path = file(environment, "GITHUB_OUTPUT", WHAT)?;
    let delimiter = delimiter();
    let text =
        heredocs(outputs, &delimiter).ok_or_else(|| Notice::new(format!("{WHAT}: a value holds the delimiter")))?;
    append(path, &text, WHAT)
}

fn heredocs(outputs: &[(&str, String)], delimiter: &str) -> Option<String> {
    use std::fmt::Write as _;

    let mut text = String::new();
    for (name, value) in outputs {
        if value.contains(delimiter) {
            return None;
        }
        let _ = writeln!(text, "{name}<<{delimiter}\n{value}\n{delimiter}");
    }
    Some(text)
}

/// The standard library keys its hash maps from the system's randomness, so that nobody can foresee a hash.
fn delimiter() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("imgbudget_{:016x}{:016x}", random(), random())
}

fn file<'a>(environment: &'a Environment, name: &str, what: &str) -> Result<&'a Path, Notice> {
    let path = environment.get(name).filter(|path| !path.is_empty()).map(Path::new);
    path.ok_or_else(|| {
        Notice::new(format!("{what}: {name} is not set")).with_hint("A job of GitHub Actions sets it for each step.")
    })
}

fn append(path: &Path, text: &str, what: &str) -> Result<(), Notice> {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Notice::new(format!("{what}: cannot write `{}`: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_end_itself() {
        let outputs = [("verdict", "fail".to_owned()), ("report", "a\nb".to_owned())];
        let text = heredocs(&outputs, "D").expect("fine");
        assert_eq!(text, "verdict<<D\nfail\nD\nreport<<D\na\nb\nD\n");
        assert_eq!(heredocs(&[("report", "x\nD\nverdict=pass".to_owned())], "D"), None);
        assert_ne!(delimiter(), delimiter());
    }
}
