//! `codequality`: GitLab's Code Quality report, an array of issues that merge requests show beside the lines they are about.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;

use super::eased;
use super::fingerprint::Fingerprints;
use super::label::Labels;
use super::location::{Location, Locations};
use super::provenance::Provenance;
use crate::domain::{Finding, ImageFrom, ImageIdentity, Report, Severity};
use crate::text;

/// The longest description, in characters.
const LONGEST: usize = 1000;

/// What is wrong with a target that could not be measured: no rule's name.
const NOT_MEASURED: &str = "not-measured";

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation,
}

#[derive(Serialize)]
struct IssueLocation {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// `directory`: where the run stands below the root of the repository.
pub(super) fn render(report: &Report, directory: &str, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &issues(report, directory))?;
    writeln!(out)
}

fn issues(report: &Report, directory: &str) -> Vec<Issue> {
    let labels = Labels::new(report);
    let locations = Locations::new(report, directory);
    let mut fingerprints = Fingerprints::default();
    let mut issues = Vec::new();
    for target in &report.targets {
        let label = labels.of(target);
        let image = target.image.as_ref().and_then(elsewhere).map(|image| format!(" ({image})")).unwrap_or_default();
        let described = |message: &str| format!("{label}: {}{image}", text::line_within(message, LONGEST));
        issues.extend(target.error.iter().map(|error| Issue {
            description: described(&error.message),
            check_name: NOT_MEASURED,
            fingerprint: fingerprints.of(NOT_MEASURED, target, ""),
            severity: "blocker",
            location: locations.first([error.place.as_ref()]).into(),
        }));
        issues.extend(target.findings.iter().map(|finding| Issue {
            description: described(&eased::message(finding)),
            check_name: finding.rule.code(),
            fingerprint: fingerprints.of(finding.rule.code(), target, &subject(finding)),
            severity: match finding.severity {
                Severity::Note => "info",
                Severity::Warn => "minor",
                Severity::Fail => "major",
            },
            location: locations.of(finding, target).into(),
        }));
    }
    issues
}

/// Which image it is, where that is not clear from the target: one that was not built here and is not a file.
fn elsewhere(image: &ImageIdentity) -> Option<String> {
    let is_named = matches!(image.from, Some(ImageFrom::Engine | ImageFrom::Registry));
    is_named.then(|| Provenance::of(image).parts(|name| text::line_within(name, LONGEST)).join(", "))
}

/// GitLab lists what the target branch does not have, by fingerprint alone: a warning that became a failure must have another.
fn subject(finding: &Finding) -> Cow<'_, str> {
    // What eased it here may not ease it there.
    match finding.ruled() {
        Severity::Fail => Cow::Owned(format!("{} (fail)", finding.subject)),
        Severity::Warn | Severity::Note => Cow::Borrowed(&finding.subject),
    }
}

impl From<Location> for IssueLocation {
    fn from(location: Location) -> Self {
        Self { path: location.shown(), lines: Lines { begin: location.line } }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::fixture::{HOSTILE, fixture, hostile, pushed, two_platforms};
    use super::*;

    fn rendered(report: &Report) -> Value {
        let mut out = Vec::new();
        render(report, "", &mut out).expect("memory takes it");
        let value = serde_json::from_slice(&out).expect("JSON without a byte order mark");
        let schema = include_str!("../../tests/schemas/codequality.schema.json");
        let schema = serde_json::from_str(schema).expect("a schema");
        jsonschema::validate(&schema, &value).expect("valid");
        value
    }

    #[test]
    fn a_warning_that_became_a_failure_is_another_issue() {
        let mut report = fixture();
        let mark = |report: &Report| rendered(report)[0]["fingerprint"].clone();
        let failure = mark(&report);
        report.targets[0].findings[0].severity = Severity::Warn;
        let warning = mark(&report);
        report.targets[0].findings[0].message = "larger".to_owned();
        assert_eq!((failure == warning, mark(&report) == warning), (false, true));
    }

    #[test]
    fn one_line_an_issue() {
        let value = rendered(&fixture());
        let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
        let lines = value.as_array().expect("an array").iter().map(|issue| {
            let (path, line) = (text(&issue["location"]["path"]), &issue["location"]["lines"]["begin"]);
            let (severity, rule) = (text(&issue["severity"]), text(&issue["check_name"]));
            format!("{severity} {rule} {path}:{line} {}", text(&issue["description"]))
        });
        insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
        major size services/api/Dockerfile:4 api: the image is 162.0 MB, 12.0 MB over its budget of 150.0 MB
        major forbidden-tool services/api/Dockerfile:12 api: gcc and g++ are in the image (41.2 MB)
        major forbidden-tool services/api/Dockerfile:4 api: npm, npx and corepack are in the image (9.8 MB)
        minor forbidden-path budgets.toml:15 api: /srv/a�::error::b�[31m is in the image (12 B)
        info shadowed-tool services/api/Dockerfile:4 api: wget was deleted by a later layer
        minor size budgets.toml:20 web: the image is 96.5 MB, 6.5 MB over its warning limit of 90.0 MB
        minor no-budget budgets.toml:1 tool: it has no budget
        blocker not-measured batch/Dockerfile:7 batch: the build failed: RUN make all: exit code 2
        ");
    }

    #[test]
    fn an_image_that_was_not_built_here_is_named() {
        insta::assert_snapshot!(rendered(&pushed())[0]["description"].as_str().unwrap_or_default(), @"gateway: the compressed image is 62.0 MB, 2.0 MB over its budget of 60.0 MB (registry.example.com/gateway:1.4 from its registry, sha256:abababababab, created 2026-11-03)");
    }

    #[test]
    fn passes_produce_nothing() {
        let mut report = fixture();
        report.targets.retain(|target| target.name.as_str() == "site");
        assert_eq!(rendered(&report), serde_json::json!([]));
    }

    #[test]
    fn platforms_are_told_apart() {
        let value = rendered(&two_platforms());
        let issues = value.as_array().expect("an array");
        assert_eq!(
            issues.iter().map(|issue| issue["fingerprint"].as_str()).collect::<BTreeSet<_>>().len(),
            issues.len()
        );
    }

    proptest! {
        #[test]
        fn hostile_text_stays_text(text in HOSTILE) {
            let value = rendered(&hostile(&text));
            for issue in value.as_array().into_iter().flatten() {
                let description = issue["description"].as_str().unwrap_or_default();
                prop_assert!(!description.chars().any(text::is_hidden));
            }
        }
    }
}
