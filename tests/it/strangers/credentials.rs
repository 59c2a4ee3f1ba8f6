//! Credentials of the job reach a build by a word on the command line alone.

use super::{CANARY, Scene};
use crate::support::fake_engine::{FakeEngine, Reply};

const BUDGETS: &str =
    "[targets.api]\ncontext = \".\"\nbuild-args = { A = { env = \"TOKEN\" }, B = { env = \"GIT_SHA\" } }\n";

fn scene() -> Scene {
    Scene::new(BUDGETS).file("Dockerfile", "FROM scratch\n")
}

#[test]
fn a_build_takes_no_credential_unasked() {
    insta::assert_snapshot!(scene().refused("check"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `TOKEN` looks like a credential, which whatever the Dockerfile runs could read
     --> budgets.toml:3:28
      |
    3 | build-args = { A = { env = "TOKEN" }, B = { env = "GIT_SHA" } }
      |                            ^^^^^^^
      |
      = hint: Where that is meant, say so on the command line: --build-env TOKEN.

    1 problem in budgets.toml
    "#);
    assert!(scene().refused("update").contains("--build-env TOKEN"));
    assert!(scene().refused("check --build-env OTHER").contains("--build-env TOKEN"));
}

#[test]
fn the_permit_hands_over_the_variable_it_names() {
    let scene = scene();
    let engine = FakeEngine::new(|_| Reply::Missing);
    let run = |args: &str| {
        let run = scene.project.imgbudget(args).env("DOCKER_HOST", engine.host()).env("TOKEN", CANARY);
        let screen = run.env("GIT_SHA", "abc123").run();
        assert_eq!(screen.code, Some(2), "the fake builds nothing: {}", screen.screen());
        engine.requests().iter().filter(|asked| asked.contains("/build?") && asked.contains(CANARY)).count()
    };
    assert_eq!(run("check"), 0);
    assert!(run("check --build-env TOKEN") > 0, "{:?}", engine.requests());
}

#[test]
fn a_variable_that_is_not_set_is_left_out_as_docker_does() {
    let screen = scene().project.check("");
    assert!(!screen.stderr.contains("looks like a credential"), "{}", screen.screen());
}
