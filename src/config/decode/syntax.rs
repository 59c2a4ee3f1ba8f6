//! What is no TOML, in words that say what to write instead.

use std::sync::Arc;

use crate::diagnostics::{Problem, SourceFile};

/// The errors of the TOML parser as problems, the first of each line: after it the parser is still finding its feet.
pub(super) fn problems(source: &Arc<SourceFile>, errors: &[toml::de::Error]) -> Vec<Problem> {
    let mut problems: Vec<Problem> = errors.iter().map(|error| problem(source, error)).collect();
    problems.sort_by_key(|problem| problem.span.start);
    problems.dedup_by_key(|problem| source.line(problem.span.start));
    problems
}

/// One error of the TOML parser as a problem. The wording of the parser decides the hint alone: a wording that is new to us
/// is shown as it is, with the general hint.
fn problem(source: &Arc<SourceFile>, error: &toml::de::Error) -> Problem {
    let end = source.text().len();
    let span = error.span().unwrap_or(end..end);
    let span = span.start.min(end)..span.end.clamp(span.start.min(end), end);
    let text = source.text().get(span.clone()).unwrap_or_default().trim();
    let said = error.message();
    let (message, hint) = if said.starts_with("string values must be quoted") && text.is_empty() {
        ("a value is missing".to_owned(), "Write one after `=`, or take the key out.".to_owned())
    } else if said.starts_with("string values must be quoted") {
        (format!("`{text}` has no quotes"), format!("Write \"{text}\"."))
    } else if said.starts_with("invalid boolean") {
        (format!("`{text}` is not a value"), format!("Write \"{text}\" in quotes, or true or false in lower case."))
    } else if said.starts_with("duplicate key") {
        (format!("`{text}` is written twice"), "Keep one of the two.".to_owned())
    } else if said.starts_with("key with no value") {
        ("a key without a value".to_owned(), "Write key = value; a key of several words has dashes.".to_owned())
    } else {
        (format!("not valid TOML: {said}"), GENERAL_HINT.to_owned())
    };
    Problem::new(source, span, message).with_hint(hint)
}

const GENERAL_HINT: &str =
    "Strings stand in quotes, lists in [ ], tables in { } or under a [header] of their own line.";
