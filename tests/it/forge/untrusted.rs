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

/// A target whose image the budget file names: nobody listens where its registry would be.
const OF_A_REGISTRY: &str = "[targets.api]\nimage = \"127.0.0.1:1/api:1\"\nfrom = \"registry\"\nmax-size = \"1 kB\"\n";

/// Whether the registry of a file's image is refused in a job of this event.
fn registry_refused(scene: &Scene, event: &str, args: &str) -> bool {
    let screen = scene.step(&format!("check {args}")).env("GITHUB_EVENT_NAME", event).run();
    assert_eq!(screen.code, Some(2), "nobody listens there: {}", screen.stderr);
    screen.stderr.contains("a file from a fork chooses the registry of `api`")
}

#[test]
fn a_fork_chooses_no_registry_where_there_are_logins() {
    let scene = Scene::over();
    fs::write(scene.path("budgets.toml"), OF_A_REGISTRY).unwrap();
    scene.event(&from(&json!({ "full_name": "mallory/shop" })));
    assert!(registry_refused(&scene, "pull_request_target", ""));
    assert!(registry_refused(&scene, "workflow_run", ""));
    assert!(registry_refused(&scene, "pull_request_target", "--i-know-this-runs-untrusted-code"), "it is about builds");
    assert!(!registry_refused(&scene, "pull_request_target", "--image api=127.0.0.1:1/other:1"), "typed by the job");
    assert!(!registry_refused(&scene, "pull_request_target", "--from engine"));
    assert!(!registry_refused(&scene, "pull_request", ""), "such a job holds no secret");
    scene.event(&from(&json!({ "full_name": REPOSITORY })));
    assert!(!registry_refused(&scene, "pull_request_target", ""));
}

#[test]
fn a_flag_does_not_make_a_forks_reference_the_jobs_own() {
    let scene = Scene::over();
    fs::write(scene.path("budgets.toml"), OF_A_REGISTRY.replace("from = \"registry\"\n", "")).unwrap();
    scene.event(&from(&json!({ "full_name": "mallory/shop" })));
    assert!(registry_refused(&scene, "pull_request_target", "--from registry"));
    // What bake wrote is the bake file's word.
    fs::write(scene.path("bake.json"), r#"{"api": {"image.name": "127.0.0.1:1/api:1"}}"#).unwrap();
    assert!(registry_refused(&scene, "pull_request_target", "--from registry --bake-metadata bake.json"));
    let screen = scene.step("check --from registry").env("GITHUB_EVENT_NAME", "pull_request_target").run();
    insta::assert_snapshot!(screen.stderr, @r"
    error: budgets.toml:1: a file from a fork chooses the registry of `api`, in a job that holds secrets (the event is pull_request_target)
     hint: Name the image on the command line, where no fork can change it: --image api=REF.
    ");
}

#[test]
fn a_fork_names_no_base_that_a_registry_is_asked_about() {
    use crate::support::images::{Image, Layer, docker_archive};

    let scene = Scene::over();
    let image = Image::new().layer(Layer::new().zeros("app", 0o755, 10)).named("acme/api:1");
    fs::write(scene.path("api.tar"), docker_archive(&[image])).unwrap();
    let budgets = "[targets.api]\narchive = \"api.tar\"\nbase = \"127.0.0.1:1/base:1\"\nfrom = \"registry\"\nmax-size = \"1 kB\"\n";
    fs::write(scene.path("budgets.toml"), budgets).unwrap();
    let is_refused = |event: &str, args: &str| {
        let screen = scene.step(&format!("check {args}")).env("GITHUB_EVENT_NAME", event).run();
        let told = screen.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("names, cannot be looked up"), "nobody listens there: {told}");
        told.contains("a file from a fork names it, in a job that holds secrets")
    };
    scene.event(&from(&json!({ "full_name": "mallory/shop" })));
    assert!(is_refused("pull_request_target", ""));
    assert!(is_refused("pull_request_target", "--archive api=api.tar"), "the image is the job's own, the base is not");
    assert!(!is_refused("pull_request", ""), "such a job holds no secret");
}
