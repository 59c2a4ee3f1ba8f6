//! Every format in one run, each read by what reads it elsewhere.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use imgbudget::domain::Format;
use quick_junit::{NonSuccessKind, TestCaseStatus};
use quick_xml::events::Event;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::images::{Image, Layer, Stored, oci_files};
use crate::support::repository::root;
use crate::support::run::{Run, Screen};

const BUDGETS: &str = r#"[targets.api]
context = "services/my api"
max-size = "100 kB"
max-compressed-size = "1 MB"
forbid-tools = ["gcc"]
forbid-paths = ["/srv/*"]

[targets.lost]
archive = "lost.tar"
max-size = "1 MB"
"#;

const DOCKERFILE: &str = "FROM scratch\nCOPY data /usr/lib/data\n\nCOPY gcc /usr/bin/gcc\nRUN make mischief\n";

/// A folder with a budget, an image that is over it and has names that would like to do harm, and an image that is missing.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let service = folder.path().join("services/my api");
    fs::create_dir_all(&service).unwrap();
    fs::write(service.join("Dockerfile"), DOCKERFILE).unwrap();
    fs::write(folder.path().join("budgets.toml"), BUDGETS).unwrap();
    let name = "srv/a\"}\n]]>\u{1b}[31m\u{202e}<x>\u{ffff}](https://evil)";
    let image = Image::new()
        .stored(Stored::Gzip)
        .layer_by(Layer::new().zeros("usr/lib/data", 0o644, 150_000), "COPY data /usr/lib/data # buildkit")
        .layer_by(Layer::new().file("usr/bin/gcc", 0o755, b"elf"), "COPY gcc /usr/bin/gcc # buildkit")
        .layer_by(Layer::new().file(name, 0o644, b"x"), "RUN /bin/sh -c make mischief # buildkit")
        .named("acme/api:1");
    fs::write(folder.path().join("api.tar"), oci_files(&[image]).tar()).unwrap();
    folder
}

/// Checks the project and writes every format there is.
fn check(folder: &Path) -> Screen {
    let writes = Format::ALL.map(|format| format!("--write={0}=out/{0}", format.as_str()));
    Run::new().dir(folder).args(["check", "--archive", "api=api.tar"]).args(writes).run()
}

fn written(folder: &Path, format: &str) -> String {
    fs::read_to_string(folder.join("out").join(format)).unwrap()
}

fn valid(folder: &Path, format: &str, schema: &str) -> Value {
    let value: Value = serde_json::from_str(&written(folder, format)).unwrap();
    let schema = fs::read_to_string(root().join(schema)).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let problems: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(problems, Vec::<String>::new(), "{format}");
    value
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

#[test]
fn all_formats_in_one_run() {
    let project = project();
    let folder = project.path();
    let screen = check(folder);
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    for format in Format::ALL {
        assert!(!written(folder, format.as_str()).is_empty(), "{format:?}");
    }
    let report = valid(folder, "json", "schema/report.schema.json");
    let rules: Vec<&str> =
        list(&report["targets"][0]["findings"]).iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["size", "forbidden-tool", "forbidden-path"]);

    let issues = valid(folder, "codequality", "tests/schemas/codequality.schema.json");
    let issues = list(&issues);
    let names: Vec<&str> = issues.iter().map(|issue| issue["check_name"].as_str().unwrap()).collect();
    assert_eq!(names, [rules.as_slice(), &["not-measured"]].concat());

    let sarif = valid(folder, "sarif", "tests/schemas/sarif-2.1.0.schema.json");
    let run = &sarif["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(list(&run["results"]).len(), rules.len());
    let marks: std::collections::BTreeSet<_> = issues.iter().map(|issue| issue["fingerprint"].as_str()).collect();
    assert_eq!(marks.len(), issues.len());
}

#[test]
fn lines_are_those_of_the_files() {
    let project = project();
    check(project.path());
    let shown = |path: &Value, line: &Value| {
        let path = path.as_str().unwrap().replace("%20", " ");
        let text = fs::read_to_string(project.path().join(path)).unwrap();
        let line = usize::try_from(line.as_u64().unwrap()).unwrap();
        text.lines().nth(line - 1).unwrap().to_owned()
    };
    let wanted = ["COPY data /usr/lib/data", "COPY gcc /usr/bin/gcc", "RUN make mischief", "[targets.api]"];
    let issues = valid(project.path(), "codequality", "tests/schemas/codequality.schema.json");
    let at = |issue: &Value| shown(&issue["location"]["path"], &issue["location"]["lines"]["begin"]);
    assert_eq!(list(&issues).iter().map(at).collect::<Vec<_>>(), wanted);
    let sarif = valid(project.path(), "sarif", "tests/schemas/sarif-2.1.0.schema.json");
    let at = |result: &Value| {
        let place = &result["locations"][0]["physicalLocation"];
        shown(&place["artifactLocation"]["uri"], &place["region"]["startLine"])
    };
    assert_eq!(list(&sarif["runs"][0]["results"]).iter().map(at).collect::<Vec<_>>(), wanted[..3]);
}

#[test]
fn junit_is_read_by_those_who_read_junit() {
    let project = project();
    check(project.path());
    let document = quick_junit::Report::deserialize_from_str(&written(project.path(), "junit")).unwrap();
    let mut cases = Vec::new();
    for suite in &document.test_suites {
        for case in &suite.test_cases {
            let status = match &case.status {
                TestCaseStatus::Success { .. } => "pass",
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => "failure",
                TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => "error",
                TestCaseStatus::Skipped { .. } => "skipped",
            };
            cases.push(format!("{}/{} {status}", suite.name.as_str(), case.name.as_str()));
        }
    }
    insta::assert_snapshot!(cases.join("\n"), @r"
    api/measured pass
    api/size failure
    api/compressed-size pass
    api/forbidden-tool failure
    api/shadowed-tool pass
    api/forbidden-path failure
    lost/measured error
    ");
}

/// What those who read JUnit agree on: each element with its parent, the attributes it must have, and those it may have.
const JUNIT: [(&str, &str, &[&str], &[&str]); 9] = [
    ("testsuites", "", &["tests", "failures", "errors"], &["name", "skipped"]),
    ("testsuite", "testsuites", &["name", "tests", "failures", "errors"], &["skipped"]),
    ("properties", "testsuite", &[], &[]),
    ("property", "properties", &["name", "value"], &[]),
    ("testcase", "testsuite", &["name", "classname"], &["file"]),
    ("failure", "testcase", &["message", "type"], &[]),
    ("error", "testcase", &["message", "type"], &[]),
    ("skipped", "testcase", &[], &["message"]),
    ("system-out", "testcase", &[], &[]),
];

#[test]
fn junit_has_no_element_that_nobody_knows() {
    let project = project();
    check(project.path());
    let text = written(project.path(), "junit");
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut open: Vec<String> = Vec::new();
    let mut seen = 0;
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(element) | Event::Empty(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                let (_, parent, must, may) = JUNIT.iter().find(|known| known.0 == name).unwrap();
                assert_eq!(open.last().map_or("", String::as_str), *parent, "{name}");
                let attributes: Vec<String> = element
                    .attributes()
                    .map(|attribute| String::from_utf8(attribute.unwrap().key.as_ref().to_vec()).unwrap())
                    .collect();
                assert!(must.iter().all(|name| attributes.iter().any(|attribute| attribute == name)), "{name}");
                assert!(attributes.iter().all(|name| must.contains(&name.as_str()) || may.contains(&name.as_str())));
                seen += 1;
                if matches!(event, Event::Start(_)) {
                    open.push(name);
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty() && seen > 10, "{seen} elements");
}

#[test]
fn metrics_end_as_they_must() {
    let project = project();
    check(project.path());
    let metrics = written(project.path(), "metrics");
    assert!(
        metrics.contains("\nimgbudget_image_size_bytes{target=\"api\",platform=\"linux/amd64\"} 150004\n"),
        "{metrics}"
    );
    assert!(metrics.contains("\nimgbudget_verdict{target=\"lost\",imgbudget_verdict=\"error\"} 1\n"), "{metrics}");
    assert!(metrics.ends_with("\n# EOF\n"));
    let program = "import sys; from prometheus_client.openmetrics.parser import text_fd_to_metric_families as read; \
                   print(len(list(read(open(sys.argv[1], encoding='utf-8')))))";
    let python = |program: &str| {
        let mut command = Command::new("python3");
        command.args(["-c", program]).arg(project.path().join("out/metrics")).stderr(Stdio::null());
        command.output().is_ok_and(|output| output.status.success())
    };
    if python("import prometheus_client") {
        assert!(python(program), "prometheus_client refuses\n{metrics}");
    } else {
        println!("skipped: python3 has no prometheus_client");
    }
}

#[test]
fn the_same_run_writes_the_same_files() {
    let project = project();
    for format in ["junit", "codequality", "sarif", "metrics"] {
        let run =
            || Run::new().dir(project.path()).args(["check", "--archive", "api=api.tar", "--format", format]).run();
        let first = run();
        assert!(!first.stdout.is_empty() && !first.stdout.starts_with('\u{feff}'), "{}", first.stderr);
        assert_eq!(first.stdout, run().stdout, "{format}");
    }
}

#[test]
fn what_is_printed_is_what_is_written_wherever_the_user_stands() {
    let project = project();
    fs::create_dir(project.path().join(".git")).unwrap();
    for format in Format::ALL.map(Format::as_str).into_iter().filter(|format| *format != "table") {
        let write = format!("--write={format}=report");
        let args = ["check", "--config=../budgets.toml", "--archive=api=../api.tar", "--format", format, &write];
        let screen = Run::new().dir(project.path().join("services")).args(args).run();
        let file = fs::read_to_string(project.path().join("services/report")).unwrap();
        assert_eq!(screen.stdout, file, "{format}");
        assert!(!matches!(format, "codequality" | "sarif") || file.contains("services/my"), "{format}: {file}");
    }
}
