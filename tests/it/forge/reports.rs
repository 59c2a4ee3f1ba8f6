//! Reports of earlier runs: joined, and posted as a stranger's data.

use std::fs;

use serde_json::{Value, json};

use crate::support::fake_github::{HEAD, NUMBER};

use super::scene::Scene;
use super::steps::outputs;

/// A scene with the reports of three legs: `api` and `web` over budget, `cli` within.
fn legs() -> Scene {
    let scene = Scene::over();
    for (name, size) in [("api", 5000), ("web", 6000), ("cli", 10)] {
        fs::write(scene.path("budgets.toml"), format!("[targets.{name}]\ncontext = \".\"\nmax-size = \"1 kB\"\n"))
            .unwrap();
        scene.image(size);
        scene.step(&format!("check --archive {name}=api.tar --write json={name}.json")).run();
    }
    fs::remove_file(scene.path("budgets.toml")).unwrap();
    scene
}

fn edit(scene: &Scene, name: &str, change: impl FnOnce(&mut Value)) {
    let mut report: Value = serde_json::from_str(&fs::read_to_string(scene.path(name)).unwrap()).unwrap();
    change(&mut report);
    fs::write(scene.path(name), report.to_string()).unwrap();
}

/// The event after a run of a pull request from a fork.
fn after_a_fork(head: &str) -> Value {
    json!({ "workflow_run": {
        "head_sha": head, "head_branch": "fix&evil=1", "head_repository": { "full_name": "mallory/shop" },
        "pull_requests": [{ "number": 99 }],
    } })
}

#[test]
fn legs_become_one_report_with_one_verdict() {
    let scene = legs();
    let screen = scene.step("merge api.json cli.json web.json --expect 3 --write json=all.json").run();
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
    assert!(screen.stdout.contains("✗ 2 of 3 over: web 6.0 kB, 5.0 kB over; api 5.0 kB"), "{}", screen.stdout);
    let all: Value = serde_json::from_str(&fs::read_to_string(scene.path("all.json")).unwrap()).unwrap();
    let names: Vec<_> = all["targets"].as_array().unwrap().iter().map(|target| target["name"].clone()).collect();
    assert_eq!((names, &all["verdict"]), (vec![json!("api"), json!("cli"), json!("web")], &json!("fail")));
    assert_eq!(scene.step("merge cli.json").run().code, Some(0));
    assert_eq!(scene.step("merge api.json --fail-on never").run().code, Some(0));
}

#[test]
fn a_joined_report_is_told_to_the_job() {
    let scene = legs();
    let told = |args: &str| {
        for file in ["summary.md", "output.txt"] {
            fs::write(scene.path(file), "").unwrap();
        }
        let screen = scene.step(&format!("merge {args} --summary --annotations --github-output")).run();
        (screen, fs::read_to_string(scene.path("summary.md")).unwrap(), outputs(&scene))
    };
    let (screen, summary, found) = told("api.json cli.json --write json=all.json");
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
    assert!(summary.contains("`api`") && summary.contains("`cli`"), "{summary}");
    assert!(screen.stderr.contains("::error "), "{}", screen.stderr);
    assert_eq!((found["verdict"].as_str(), found["exceeded"].as_str()), ("fail", "1"));
    assert_eq!(found["report"], scene.path("all.json").display().to_string());
    assert!(scene.github.calls().is_empty(), "joining asks nobody");

    edit(&scene, "api.json", |report| report["commit"] = json!("2".repeat(40)));
    let (_, summary, _) = told("api.json");
    assert!(summary.contains(&format!("/blob/{HEAD}/")) && !summary.contains(&"2".repeat(40)), "{summary}");

    let (screen, summary, found) = told("api.json --expect 2");
    assert_eq!(
        (screen.code, summary.as_str(), found["verdict"].as_str()),
        (Some(2), "**imgbudget could not check**\n\n- 1 of 2 reports are there\n", "error")
    );
}

#[test]
fn what_cannot_be_joined_is_an_error() {
    let scene = legs();
    let refused = |args: &str| {
        let screen = scene.step(&format!("merge {args}")).run();
        assert_eq!(screen.code, Some(2), "{args}");
        assert!(screen.stdout.is_empty());
        screen.stderr
    };
    insta::assert_snapshot!(refused("api.json cli.json --expect 3"), @r"
    error: 2 of 3 reports are there
     hint: A leg that failed before it wrote its report is missing; look at the legs first.
    ");
    insta::assert_snapshot!(refused("api.json api.json"), @r"
    error: `api` on linux/amd64 is both in `api.json` and in `api.json`
     hint: Let each leg check its own targets or platforms.
    ");
    assert!(refused("nowhere.json").contains("cannot read `nowhere.json`"));
    assert!(refused(".git").contains("cannot read `.git`: is a directory"));
    edit(&scene, "web.json", |report| {
        (report["verdict"], report["targets"][0]["verdict"]) = (json!("pass"), json!("pass"));
    });
    assert!(refused("web.json").contains("verdict is not the worst of its findings"));
    edit(&scene, "web.json", |report| {
        (report["verdict"], report["targets"]) = (json!("pass"), json!([]));
    });
    assert!(refused("web.json cli.json --expect 2").contains("`web.json` has no targets"));
    edit(&scene, "cli.json", |report| report["commit"] = json!("1".repeat(40)));
    assert!(refused("api.json cli.json").contains("`cli.json` is of another commit than `api.json`"));
    edit(&scene, "cli.json", |report| report["schema"] = json!("imgbudget.report/2"));
    assert!(refused("cli.json").contains("format `imgbudget.report/2`"));
    edit(&scene, "api.json", |report| report["definition"] = json!("du/1"));
    assert!(refused("api.json").contains("sizes are `du/1`"));
    edit(&scene, "cli.json", |report| {
        report["schema"] = json!("imgbudget.report/1");
        report["targets"][0]["name"] = json!("](https://evil.example)");
    });
    assert!(refused("cli.json").contains("a value that cannot be"));
}

#[test]
fn a_fork_is_commented_on_by_its_head_and_never_by_what_the_file_says() {
    let scene = legs();
    let url = "https://evil.example/";
    edit(&scene, "api.json", |report| report["commit"] = json!("2".repeat(40)));
    scene.event(&after_a_fork(HEAD));
    let comment = |args: &str| {
        scene.step(&format!("comment --report api.json {args}")).env("GITHUB_EVENT_NAME", "workflow_run").run()
    };
    let screen = comment("--github-output");
    assert_eq!(screen.code, Some(0), "{}", screen.stderr);
    let calls = scene.github.calls();
    assert_eq!(calls.len(), 4);
    assert_eq!(calls[0], "GET /repos/acme/shop/pulls?per_page=100&state=open&head=mallory%3Afix%26evil%3D1");
    assert_eq!(calls[3], format!("POST /repos/acme/shop/issues/{NUMBER}/comments"));
    let body = scene.github.ours().remove(0);
    assert!(body.contains("key=budgets.toml ") && !body.contains(&"2".repeat(40)) && !body.contains(url), "{body}");
    assert!(fs::read_to_string(scene.path("output.txt")).unwrap().contains("comment-id<<"));

    let screen = comment("");
    assert!(screen.stderr.contains("says the same already"), "{}", screen.stderr);
    assert_eq!(scene.github.calls().len(), 3);
}

#[test]
fn a_pull_request_that_moved_on_is_left_alone() {
    let scene = legs();
    scene.event(&after_a_fork(&"c".repeat(40)));
    let screen = scene.step("comment --report api.json").env("GITHUB_EVENT_NAME", "workflow_run").run();
    assert_eq!(screen.code, Some(0));
    insta::assert_snapshot!(screen.stderr, @r"
    note: no comment was posted: no open pull request has the head cccccccccccc
     hint: It was closed, or has newer commits whose own run will comment.
    ");
    assert!(scene.github.ours().is_empty());
}

#[test]
fn a_broken_report_posts_nothing() {
    let scene = legs();
    fs::write(scene.path("big.json"), vec![b' '; (16 << 20) + 10]).unwrap();
    fs::write(scene.path("text.json"), "{\"schema\": \"##[error]x\\n::error::y\"}").unwrap();
    for file in ["big.json", "text.json", "api.tar", "nowhere.json"] {
        let screen = scene.step(&format!("comment --report {file} --pr 5")).run();
        assert_eq!(screen.code, Some(2), "{file}");
        assert!(!screen.stderr.contains("##[") && !screen.stderr.contains("\n::"), "{}", screen.stderr);
    }
    assert!(scene.github.calls().is_empty());
    let screen = scene.step("comment --report api.json --pr 05").run();
    assert_eq!(screen.code, Some(2));
}

#[test]
fn a_push_finds_its_pull_request_by_commit() {
    let scene = legs();
    let push = |sha: &str| {
        scene
            .step("comment --report api.json cli.json web.json --expect 3")
            .env("GITHUB_EVENT_NAME", "push")
            .env("GITHUB_EVENT_PATH", "")
            .env("GITHUB_SHA", sha)
            .run()
    };
    let screen = push(HEAD);
    assert!(screen.stderr.contains("comment: created"), "{}", screen.stderr);
    let body = scene.github.ours().remove(0);
    assert!(body.contains("`api`") && body.contains("`web`") && body.contains("`cli`"), "{body}");
    scene.github.calls();
    let screen = push(&"d".repeat(40));
    assert_eq!(screen.code, Some(0));
    assert!(screen.stderr.contains("(404)"), "{}", screen.stderr);
}

#[test]
fn findings_that_were_taken_out_do_not_merge_as_a_pass() {
    let scene = Scene::over();
    scene.check("--write json=api.json").run();
    edit(&scene, "api.json", |report| {
        (report["verdict"], report["targets"][0]["verdict"]) = (json!("pass"), json!("pass"));
        report["targets"][0]["findings"] = json!([]);
    });
    for args in ["merge api.json", "comment --report api.json"] {
        let screen = scene.step(args).run();
        assert_eq!(screen.code, Some(2), "{args}: {}", screen.screen());
        assert!(screen.stderr.contains("the report contradicts itself"), "{args}: {}", screen.stderr);
    }
    assert!(scene.github.ours().is_empty());
}
