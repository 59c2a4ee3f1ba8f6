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
fn what_stops_a_run_is_seen_on_the_job() {
    let scene = Scene::over();
    let told = |args: &str| {
        let _ = fs::remove_file(scene.path("summary.md"));
        let screen = scene.check(&format!("{args} --annotations --summary")).run();
        assert_eq!(screen.code, Some(2));
        let commands: Vec<&str> = screen.stderr.lines().filter(|line| line.starts_with("::")).collect();
        format!("{}\n{}", commands.join("\n"), fs::read_to_string(scene.path("summary.md")).unwrap())
    };
    insta::assert_snapshot!(told("nobody"), @"
    ::error title=imgbudget::no target is called `nobody`%0AThe targets are api.
    **imgbudget could not check**

    - no target is called `nobody`
    ");
    fs::write(scene.path("budgets.toml"), "[targets.api]\ncontext = \".\"\n\"max\\n::x%\" = 1\nmax-sise = 1\n")
        .unwrap();
    insta::assert_snapshot!(told(""), @"
    ::error file=budgets.toml,line=3,title=imgbudget::unknown key `max�::x%25` in [targets.api]%0A`imgbudget schema budgets` describes every key.
    ::error file=budgets.toml,line=4,title=imgbudget::unknown key `max-sise` in [targets.api]%0ADid you mean `max-size`?
    **imgbudget could not check**

    - `budgets.toml:3`: unknown key `max�::x%` in `[targets.api]`
    - `budgets.toml:4`: unknown key `max-sise` in `[targets.api]`
    ");
    fs::write(scene.path("budgets.toml"), "[targets.api\n").unwrap();
    insta::assert_snapshot!(told(""), @"
    ::error file=budgets.toml,line=1,title=imgbudget::not valid TOML: unclosed table, expected `]`%0AStrings stand in quotes, lists in [ ], tables in { } or under a [header] of their own line.
    **imgbudget could not check**

    - `budgets.toml:1`: not valid TOML: unclosed table, expected `]`
    ");
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
