//! A stranger's code is not built beside secrets.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::fake_github::{HEAD, NUMBER, REPOSITORY};

use super::scene::{CHECKED_OUT, Scene};

fn from(repository: &Value) -> Value {
    json!({ "pull_request": {
        "number": NUMBER,
        "head": { "sha": HEAD, "repo": repository },
        "base": { "sha": CHECKED_OUT, "repo": { "full_name": REPOSITORY } },
    } })
}

fn refused(scene: &Scene, args: &str) -> bool {
    let screen = scene.step(&format!("check {args}")).env("GITHUB_EVENT_NAME", "pull_request_target").run();
    assert_eq!(screen.code, Some(2), "there is no engine either");
    screen.stderr.contains("would run code from a fork in a job that holds secrets")
}

#[test]
fn a_fork_under_pull_request_target_is_not_built() {
    let scene = Scene::over();
    scene.event(&from(&json!({ "full_name": "mallory/shop" })));
    assert!(refused(&scene, ""));
    assert!(!refused(&scene, "--i-know-this-runs-untrusted-code"));
    scene.event(&from(&Value::Null));
    assert!(refused(&scene, ""), "a deleted fork is a fork");
    fs::write(scene.path("event.json"), "no event").unwrap();
    assert!(refused(&scene, ""), "what cannot be told is not trusted");
    scene.event(&from(&json!({ "full_name": REPOSITORY })));
    assert!(!refused(&scene, ""));
}

#[test]
fn what_is_not_built_runs_nothing() {
    let scene = Scene::over();
    scene.event(&from(&json!({ "full_name": "mallory/shop" })));
    let screen = scene.check("").env("GITHUB_EVENT_NAME", "pull_request_target").run();
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
}

/// Makes `folder` a repository with one commit, and says which.
fn commit(scene: &Scene, folder: &str) -> String {
    git(scene, folder, &["init", "-q"]);
    git(scene, folder, &["commit", "-q", "--allow-empty", "-m", folder]);
    git(scene, folder, &["rev-parse", "HEAD"])
}

fn git(scene: &Scene, folder: &str, args: &[&str]) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(args).current_dir(scene.path(folder)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_checkout_around_the_build_counts() {
    let scene = Scene::over();
    fs::remove_dir(scene.path(".git")).unwrap();
    let base = commit(&scene, ".");
    scene.event(&from(&json!({ "full_name": "mallory/shop" })));
    let check = |config: &str| {
        let screen = scene
            .step(&format!("check --config {config}"))
            .env("GITHUB_EVENT_NAME", "pull_request_target")
            .env("GITHUB_SHA", base.clone())
            .run();
        screen.stderr.contains("would run code from a fork")
    };
    assert!(!check("budgets.toml"), "the repository's own commit is built");

    // The job stands in its own code and has the stranger's in a folder of it.
    fs::create_dir(scene.path("pr")).unwrap();
    commit(&scene, "pr");
    for file in ["budgets.toml", "Dockerfile"] {
        fs::copy(scene.path(file), scene.path("pr").join(file)).unwrap();
    }
    assert!(check("pr/budgets.toml"));
    // A stranger's budget file may build the base, too: with arguments of its own, from the variables of the job.
    fs::write(scene.path("pr/outside.toml"), "[targets.api]\ncontext = \"..\"\nmax-size = \"1 kB\"\n").unwrap();
    assert!(check("pr/outside.toml"), "the budget file says what is built and with which arguments");

    // The stranger may write what git takes for a repository, with the base as its HEAD, into an ordinary folder.
    git(&scene, ".", &["clone", "-q", "--bare", ".", "pr/api"]);
    for file in ["budgets.toml", "Dockerfile"] {
        fs::copy(scene.path(file), scene.path("pr/api").join(file)).unwrap();
    }
    assert!(check("pr/api/budgets.toml"), "a folder that poses as a repository says nothing");
}

#[test]
fn update_builds_and_so_is_refused_too() {
    let scene = Scene::over();
    scene.event(&from(&json!({ "full_name": "mallory/shop" })));
    let screen = scene.step("update").env("GITHUB_EVENT_NAME", "pull_request_target").run();
    assert_eq!(screen.code, Some(2));
    assert!(screen.stderr.contains("would run code from a fork"), "{}", screen.stderr);
}
