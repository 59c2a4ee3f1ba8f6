//! Our requests and the fake's answers against GitHub's own description, by Prism between the two.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::fake_github::{DESCRIPTION, Fault, HEAD, ME};
use crate::support::repository::root;
use crate::support::run::Run;

use super::scene::Scene;

/// Prism, until the test ends.
struct Prism {
    child: Child,
    url: String,
    /// Holds the description that it reads.
    _folder: TempDir,
}

/// The description, and GraphQL as a path that takes and gives anything: GitHub describes it elsewhere, and the token is sent to one
/// host only.
fn description() -> String {
    let mut description: Value = serde_json::from_str(&fs::read_to_string(DESCRIPTION).unwrap()).unwrap();
    let anything = json!({ "content": { "application/json": { "schema": { "type": "object" } } } });
    let mut answer = anything.clone();
    answer["description"] = json!("200");
    description["paths"]["/graphql"] = json!({ "post": { "requestBody": anything, "responses": { "200": answer } } });
    description.to_string()
}

impl Prism {
    fn before(upstream: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = root().join("target/test-tools/node_modules/.bin/prism");
        assert!(program.exists(), "scripts/install-test-tools.sh has not run");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("github.json"), description()).unwrap();
        let mut child = Command::new(program)
            .args(["proxy", "--errors", "--host", "127.0.0.1", "--port", &port.to_string(), "github.json", upstream])
            .current_dir(folder.path())
            .env_remove("HTTP_PROXY")
            .env_remove("HTTPS_PROXY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Ok(Some(status)) = child.try_wait() {
                let mut said = String::new();
                child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("prism ended with {status}: {said}");
            }
            assert!(Instant::now() < deadline, "prism does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder }
    }

    fn between(&self, run: Run) -> Run {
        run.env("GITHUB_API_URL", &self.url).env("GITHUB_GRAPHQL_URL", format!("{}/graphql", self.url))
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn prism(scene: &Scene) -> Option<Prism> {
    if std::env::var_os("IMGBUDGET_LIVE").is_none() {
        println!("skipped (the contract with GitHub: IMGBUDGET_LIVE=1 runs Prism between program and fake)");
        return None;
    }
    Some(Prism::before(&scene.github.url()))
}

#[test]
fn requests_and_answers_are_as_github_describes_them() {
    let scene = Scene::over();
    let Some(prism) = prism(&scene) else { return };
    let run = |args: &str| {
        let screen = prism.between(scene.check(args)).run();
        assert_eq!(screen.code, Some(1), "{}", screen.stderr);
        screen.stderr
    };
    scene.github.chatter(120);
    scene.github.say(None, "a deleted account");
    assert!(run("--comment auto").contains("comment: created"));
    assert!(run("--comment auto").contains("says the same already"));
    let ours = scene.github.ours().remove(0);
    scene.github.say(Some(ME), &ours);
    scene.image(6000);
    assert!(run("--comment auto").contains("comment: updated"));
    assert_eq!(scene.github.ours().len(), 1, "the duplicate was deleted through Prism");
    let lines = scene.github.calls().join("\n");
    for call in
        ["GET /repos/acme/shop/issues/5/comments?per_page=100&page=2", "POST /repos", "PATCH /repos", "DELETE /repos"]
    {
        assert!(lines.contains(call), "{lines}");
    }
}

#[test]
fn pull_requests_are_asked_for_as_github_describes_it() {
    let scene = Scene::over();
    let Some(prism) = prism(&scene) else { return };
    scene.report("report.json");
    let comment = |event: &str, sha: &str| {
        let screen = prism
            .between(scene.step("comment --report report.json"))
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_SHA", sha)
            .run();
        assert_eq!(screen.code, Some(0));
        screen.stderr
    };
    scene.event(&json!({}));
    let said = comment("push", HEAD);
    assert!(said.contains("comment: created"), "{said}");
    scene.event(&json!({ "workflow_run": {
        "head_sha": HEAD, "head_branch": "fix&evil=1", "head_repository": { "full_name": "mallory/shop" },
    } }));
    let said = comment("workflow_run", &"b".repeat(40));
    assert!(said.contains("says the same already"), "{said}");
}

#[test]
fn prism_would_have_noticed() {
    let scene = Scene::over();
    let Some(prism) = prism(&scene) else { return };
    let address = prism.url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let request = "POST /repos/acme/shop/issues/5/comments HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                   Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"text\":\"x\"}";
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut status = String::new();
    BufReader::new(stream).read_line(&mut status).unwrap();
    assert!(status.contains(" 422 "), "{status}");
    assert!(scene.github.calls().is_empty(), "it did not reach the fake");

    // A comment where a list of comments is due.
    scene.github.fault(Fault::always("GET /repos", 200));
    let screen = prism.between(scene.check("--comment auto")).run();
    assert!(screen.stderr.contains("the API answered 5"), "{}", screen.stderr);
}
