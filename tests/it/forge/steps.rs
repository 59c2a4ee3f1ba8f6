//! Summary, annotations and values for later steps.

use std::collections::BTreeMap;
use std::fs;

use serde_json::json;

use crate::support::fake_github::{HEAD, NUMBER};

use super::scene::Scene;

/// Reads `$GITHUB_OUTPUT` as the runner does.
pub(super) fn outputs(scene: &Scene) -> BTreeMap<String, String> {
    let text = fs::read_to_string(scene.path("output.txt")).unwrap();
    let mut lines = text.lines();
    let mut found = BTreeMap::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}

#[test]
fn values_for_later_steps() {
    let scene = Scene::over();
    scene.check("--comment auto --github-output --write json=out/report.json").run();
    let found = outputs(&scene);
    let dir = scene.dir.path().display();
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        [
            ("comment-id".to_owned(), "1".to_owned()),
            ("comment-url".to_owned(), format!("https://github.com/acme/shop/pull/{NUMBER}#issuecomment-1")),
            ("exceeded".to_owned(), "1".to_owned()),
            ("report".to_owned(), format!("{dir}/out/report.json")),
            ("verdict".to_owned(), "fail".to_owned()),
        ]
    );
}

#[test]
fn a_run_that_could_not_check_says_so_to_later_steps() {
    let scene = Scene::over();
    fs::write(scene.path("budgets.toml"), "[targets.api]\ncontext = \".\"\nmax-sise = 1\n").unwrap();
    assert_eq!(scene.check("--github-output").run().code, Some(2));
    assert_eq!(outputs(&scene)["verdict"], "error");
}

#[test]
fn the_summary_is_appended() {
    let scene = Scene::over();
    fs::write(scene.path("summary.md"), "# Before\n").unwrap();
    assert_eq!(scene.check("--summary").run().code, Some(1));
    let summary = fs::read_to_string(scene.path("summary.md")).unwrap();
    assert!(summary.starts_with("# Before\n\n") && summary.contains("api"), "{summary}");

    fs::write(scene.path("summary.md"), " ".repeat(1 << 20)).unwrap();
    let screen = scene.check("--summary -q").run();
    assert_eq!(screen.code, Some(1));
    assert_eq!(screen.stderr, "note: no summary was written: the step's summary is full\n");

    let screen = scene.check("--summary -q").env("GITHUB_STEP_SUMMARY", "").run();
    assert_eq!(screen.code, Some(1));
    assert!(screen.stderr.starts_with("note: no summary was written: GITHUB_STEP_SUMMARY is not set"));
}

#[test]
fn annotations_are_for_runners_only() {
    let scene = Scene::over();
    let screen = scene.check("--annotations -q").run();
    assert!(screen.stderr.lines().any(|line| line.starts_with("::error ")), "{}", screen.stderr);
    assert!(!screen.stdout.contains("::error"));
    let screen = scene.check("--annotations -q").env("GITHUB_ACTIONS", "").run();
    assert!(!screen.stderr.contains("::error"), "{}", screen.stderr);
}

#[test]
fn the_report_is_of_the_commit_that_people_see() {
    let scene = Scene::over();
    scene.report("report.json");
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(scene.path("report.json")).unwrap()).unwrap();
    assert_eq!(report["commit"], json!(HEAD));
}
