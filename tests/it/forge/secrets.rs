//! The token goes to the API and nowhere else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::fake_github::{FakeGitHub, Fault, HEAD};

use super::scene::{CANARY, Scene};

/// Every file below a folder, as text.
fn contents(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all += &contents(&path);
        } else {
            all += &String::from_utf8_lossy(&fs::read(&path).unwrap());
        }
    }
    all
}

/// A `git` that writes down how it was called.
fn listening_git(scene: &Scene) -> String {
    let bin = scene.path("bin");
    fs::create_dir(&bin).unwrap();
    let script =
        format!("#!/bin/sh\n{{ echo \"$@\"; /usr/bin/env; }} >>{}\necho {HEAD}\n", scene.path("git.log").display());
    fs::write(bin.join("git"), script).unwrap();
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    bin.display().to_string()
}

#[test]
fn the_token_is_seen_nowhere() {
    let faults = [
        None,
        Some(Fault::always("POST /graphql", 401)),
        Some(Fault::always("POST /repos", 403)),
        Some(Fault::always("GET /repos", 404)),
        Some(Fault::always("GET /repos", 302).header("Location", "http://127.0.0.1:1/")),
        Some(Fault::always("POST /repos", 422)),
        Some(Fault::always("GET /repos", 429).header("Retry-After", "999")),
    ];
    for variable in ["IMGBUDGET_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"] {
        for fault in faults.clone() {
            let scene = Scene::over();
            scene.github.state().faults.extend(fault);
            // Without GITHUB_ACTIONS the commit is asked of git.
            let screen = scene
                .check("--comment auto --summary --annotations --github-output --write json=report.json")
                .env("GITHUB_ACTIONS", "")
                .env("GITHUB_TOKEN", "")
                .env("PATH", listening_git(&scene))
                .env(variable, format!("{CANARY}\n"))
                .run();
            assert_eq!(screen.code, Some(1), "{}", screen.stderr);
            assert!(!screen.stdout.contains("CANARY") && !screen.stderr.contains("CANARY"), "{}", screen.stderr);
            assert!(fs::read_to_string(scene.path("git.log")).unwrap().contains("rev-parse"));
            assert!(!contents(scene.dir.path()).contains("CANARY"));
            let state = scene.github.state();
            assert!(!state.requests.is_empty());
            for request in &state.requests {
                assert!(!request.line.contains("CANARY") && !request.body.contains("CANARY"));
                let with: Vec<_> = request.headers.iter().filter(|header| header.contains("CANARY")).collect();
                assert_eq!(with.len(), 1);
                assert!(with[0].to_ascii_lowercase().starts_with("authorization:"), "{with:?}");
            }
        }
    }
}

#[test]
fn a_link_and_a_redirect_to_another_host_are_not_followed() {
    let elsewhere = FakeGitHub::start();
    let scene = Scene::over();
    scene.github.chatter(250);
    scene.github.state().elsewhere = Some(elsewhere.url());
    let screen = scene.check("--comment auto").run();
    assert!(screen.stderr.contains("comment: created"), "{}", screen.stderr);
    assert_eq!(scene.github.calls().len(), 5, "three pages of the API itself");

    scene.github.fault(Fault::always("GET /repos", 302).header("Location", &elsewhere.url()));
    let screen = scene.check("--comment auto -q").run();
    assert_eq!(screen.stderr, "note: no comment was posted: the API answered 302\n");
    assert!(elsewhere.calls().is_empty());
}
