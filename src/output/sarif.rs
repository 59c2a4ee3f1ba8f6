//! `sarif`: SARIF 2.1.0, for code scanning and editors.
//!
//! Section numbers are those of the OASIS standard.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::label::Labels;
use super::location::{self, Locations};
use super::provenance::Identity;
use crate::catalogue::rules;
use crate::domain::{Report, Rule, Severity, percent_encoded};
use crate::text;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Code scanning knows a result again by this; the number changes when the fingerprint is made another way.
const FINGERPRINT: &str = "imgbudget/v1";

/// The longest message, in characters.
const LONGEST: usize = 1000;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    results: Vec<Outcome>,
    #[serde(skip_serializing_if = "Properties::is_empty")]
    properties: Properties,
}

/// What SARIF has no words for (3.8): which images these are.
#[derive(Serialize)]
struct Properties {
    images: Vec<Image>,
}

impl Properties {
    fn is_empty(&self) -> bool {
        self.images.is_empty()
    }
}

#[derive(Serialize)]
struct Image {
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help_uri: String,
    help: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    /// 3.27.24: against the baseline of this run; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

/// `directory`: where the run stands below the root of the repository.
pub(super) fn render(report: &Report, directory: &str, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report, directory))?;
    writeln!(out)
}

fn log(report: &Report, directory: &str) -> Log {
    let locations = Locations::new(report, directory);
    let notifications = notifications(report, &locations);
    let run = Run {
        tool: Tool { driver: driver() },
        invocations: [Invocation {
            execution_successful: notifications.is_empty(),
            tool_execution_notifications: notifications,
        }],
        results: outcomes(report, &locations),
        properties: Properties { images: images(report) },
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

fn driver() -> Driver {
    Driver {
        name: "imgbudget",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: Rule::ALL.map(descriptor).into(),
    }
}

fn descriptor(rule: Rule) -> Descriptor {
    let facts = rules::facts(rule);
    let key = |key: &str| format!("Switched on by {key} in budgets.toml.");
    let plain = facts.key.map(|name| format!("{} {}", facts.help, key(name)));
    let markdown = facts.key.map(|name| format!("{}\n\n{}", facts.help, key(&format!("`{name}`"))));
    Descriptor {
        id: rule.code(),
        short_description: ours(facts.sentence.to_owned()),
        full_description: ours(facts.help.to_owned()),
        help_uri: format!("{}/blob/main/docs/rules.md#{}", env!("CARGO_PKG_REPOSITORY"), rule.code()),
        help: Text {
            text: plain.unwrap_or_else(|| facts.help.to_owned()),
            markdown: Some(markdown.unwrap_or_else(|| facts.help.to_owned())),
        },
    }
}

/// Targets that could not be measured are no results: nothing is known of them.
fn notifications(report: &Report, locations: &Locations<'_>) -> Vec<Notification> {
    let labels = Labels::new(report);
    let errors = report.targets.iter().filter_map(|target| Some((target, target.error.as_ref()?)));
    errors
        .map(|(target, error)| Notification {
            level: "error",
            message: message(&labels.of(target), &error.message),
            locations: [locations.first([error.place.as_ref()]).into()],
        })
        .collect()
}

fn images(report: &Report) -> Vec<Image> {
    let labels = Labels::new(report);
    let known = report.targets.iter().filter_map(|target| Some((labels.of(target), target.image.as_ref()?)));
    known
        .map(|(target, image)| {
            let Identity { reference, from, digest, created } = Identity::of(image);
            let reference = reference.map(|reference| text::line_within(&reference, LONGEST));
            Image { target, reference, from, digest, created }
        })
        .collect()
}

fn outcomes(report: &Report, locations: &Locations<'_>) -> Vec<Outcome> {
    let labels = Labels::new(report);
    let mut fingerprints = Fingerprints::default();
    let found = report.targets.iter().flat_map(|target| target.findings.iter().map(move |finding| (target, finding)));
    found
        .map(|(target, finding)| {
            let code = finding.rule.code();
            Outcome {
                rule_id: code,
                rule_index: Rule::ALL.iter().position(|rule| *rule == finding.rule),
                level: level(finding.severity),
                message: message(&labels.of(target), &finding.message),
                locations: [locations.of(finding, target).into()],
                partial_fingerprints: [(FINGERPRINT, fingerprints.of(code, target, &finding.subject))].into(),
                baseline_state: finding.is_new.map(|is_new| if is_new { "new" } else { "unchanged" }),
            }
        })
        .collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warn => "warning",
        Severity::Fail => "error",
    }
}

fn ours(text: String) -> Text {
    Text { text, markdown: None }
}

fn message(label: &str, text: &str) -> Text {
    ours(plain(&format!("{label}: {}", text::line_within(text, LONGEST))))
}

/// Untrusted text as a message: braces would be placeholders (3.11.5), and brackets before a parenthesis a link (3.11.6).
fn plain(text: &str) -> String {
    text.replace('\\', r"\\").replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

impl From<location::Location> for Location {
    fn from(location: location::Location) -> Self {
        let artifact_location = ArtifactLocation { uri: percent_encoded(&location.path), uri_base_id: "%SRCROOT%" };
        let physical_location = PhysicalLocation { artifact_location, region: Region { start_line: location.line } };
        Self { physical_location }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::fixture::{HOSTILE, fixture, hostile, pushed, two_platforms};
    use super::*;

    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = include_str!("../../tests/schemas/sarif-2.1.0.schema.json");
        jsonschema::validator_for(&serde_json::from_str(schema).expect("JSON")).expect("a schema")
    });

    /// The one run, after validation.
    fn run(report: &Report) -> Value {
        let mut out = Vec::new();
        render(report, "", &mut out).expect("memory takes it");
        let mut value: Value = serde_json::from_slice(&out).expect("JSON");
        VALIDATOR.validate(&value).expect("valid");
        value["runs"][0].take()
    }

    fn list(value: &Value) -> &[Value] {
        value.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn shown(entry: &Value) -> String {
        let place = &entry["locations"][0]["physicalLocation"];
        let (uri, line) = (&place["artifactLocation"]["uri"], &place["region"]["startLine"]);
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}:{line} {}",
            text(&entry["level"]),
            text(&entry["ruleId"]),
            text(uri),
            text(&entry["message"]["text"])
        )
    }

    #[test]
    fn a_result_a_finding_at_its_line() {
        let run = run(&fixture());
        insta::assert_snapshot!(list(&run["results"]).iter().map(shown).collect::<Vec<_>>().join("\n"), @"
        error size services/api/Dockerfile:4 api: the image is 162.0 MB, 12.0 MB over its budget of 150.0 MB
        error forbidden-tool services/api/Dockerfile:12 api: gcc and g++ are in the image (41.2 MB)
        error forbidden-tool services/api/Dockerfile:4 api: npm, npx and corepack are in the image (9.8 MB)
        warning forbidden-path budgets.toml:15 api: /srv/a�::error::b�[31m is in the image (12 B)
        note shadowed-tool services/api/Dockerfile:4 api: wget was deleted by a later layer
        warning size budgets.toml:20 web: the image is 96.5 MB, 6.5 MB over its warning limit of 90.0 MB
        warning no-budget budgets.toml:1 tool: it has no budget
        ");
    }

    #[test]
    fn paths_are_relative_to_the_repository() {
        let report = fixture();
        let locations = Locations::new(&report, "my services");
        let uris: Vec<String> = outcomes(&report, &locations)
            .into_iter()
            .map(|outcome| {
                let [location] = outcome.locations;
                location.physical_location.artifact_location.uri
            })
            .collect();
        assert_eq!(uris[..2], ["my%20services/services/api/Dockerfile"; 2]);
    }

    #[test]
    fn what_could_not_be_measured_is_said_by_the_tool() {
        let invocation = &run(&fixture())["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        insta::assert_snapshot!(shown(&invocation["toolExecutionNotifications"][0]), @"error - batch/Dockerfile:7 batch: the build failed: RUN make all: exit code 2");
        let invocation = &run(&two_platforms())["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], true);
        assert_eq!(invocation["toolExecutionNotifications"], serde_json::json!([]));
    }

    #[test]
    fn which_images_these_are() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&run(&pushed())["properties"]["images"][0]).expect("JSON"), @r#"
        {
          "created": "2026-11-03",
          "digest": "sha256:abababababababababababababababababababababababababababababababab",
          "from": "registry",
          "reference": "registry.example.com/gateway:1.4",
          "target": "gateway"
        }
        "#);
    }

    #[test]
    fn every_rule_explains_itself() {
        let run = run(&fixture());
        let rules = &run["tool"]["driver"]["rules"];
        assert_eq!(list(rules).len(), Rule::ALL.len());
        for result in list(&run["results"]) {
            let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
        insta::assert_snapshot!(serde_json::to_string_pretty(&rules[4]).expect("JSON"), @r#"
        {
          "fullDescription": {
            "text": "Counts all layers, those of the base image included. Each one costs a request when it is pulled and a mount when it runs. Join instructions that belong together."
          },
          "help": {
            "markdown": "Counts all layers, those of the base image included. Each one costs a request when it is pulled and a mount when it runs. Join instructions that belong together.\n\nSwitched on by `max-layers` in budgets.toml.",
            "text": "Counts all layers, those of the base image included. Each one costs a request when it is pulled and a mount when it runs. Join instructions that belong together. Switched on by max-layers in budgets.toml."
          },
          "helpUri": "https://github.com/imgbudget/imgbudget/blob/main/docs/rules.md#layers",
          "id": "layers",
          "shortDescription": {
            "text": "The image has no more layers than its budget"
          }
        }
        "#);
    }

    #[test]
    fn messages_are_text_and_paths_are_references() {
        assert_eq!(plain(r"[click](https://evil) {0} a\b"), r"[click] (https://evil) {{0}} a\\b");
        assert_eq!(percent_encoded("a b/c:d%/é#?"), "a%20b/c%3Ad%25/%C3%A9%23%3F");
    }

    proptest! {
        #[test]
        fn hostile_text_stays_text(text in HOSTILE) {
            let run = run(&hostile(&text));
            for entry in list(&run["results"]) {
                let message = entry["message"]["text"].as_str().unwrap_or_default();
                prop_assert!(!message.chars().any(text::is_hidden) && !message.contains("]("));
            }
        }
    }
}
