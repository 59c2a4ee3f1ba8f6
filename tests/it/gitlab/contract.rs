//! What we ask and what the fake answers, checked by Prism against GitLab's own description of the API.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use imgbudget::forge::ForgeError;
use imgbudget::forge::sticky::{Outcome, Wish};

use super::{body, client, put, put_with};
use crate::support::fake_gitlab::{FakeGitLab, Fault, IID, ME, PROJECT, PROJECT_PATH, READ_ONLY, TOKEN};
use crate::support::npm::{Prism, live};
use crate::support::repository::root;

#[test]
fn requests_and_answers_keep_to_the_description() {
    if !live("requests_and_answers_keep_to_the_description") {
        return;
    }
    let gitlab = FakeGitLab::start();
    let prism = Prism::proxy(&root().join("tests/it/gitlab/gitlab.openapi.yaml"), &gitlab.origin());
    let api = format!("{}/api/v4", prism.origin());
    (0..150).for_each(|_| {
        gitlab.add(1, "hi");
    });
    gitlab.add(1, body("a").text());
    assert!(matches!(put(&api, TOKEN, "a"), Ok(Outcome::Created(_))));
    assert!(matches!(put(&api, TOKEN, "a"), Ok(Outcome::Unchanged(_))));
    assert!(matches!(put(&api, TOKEN, "b"), Ok(Outcome::Updated(_))));
    gitlab.add(ME, body("doubled").text());
    assert!(matches!(put(&api, TOKEN, "c"), Ok(Outcome::Updated(_))));
    let by_path = client(&api, PROJECT_PATH, TOKEN, None).unwrap();
    assert!(matches!(put_with(&by_path, "c", Wish::Create), Ok(Outcome::Unchanged(_))));
    assert_eq!(gitlab.notes().iter().filter(|note| note.author == ME).count(), 1);
    assert_eq!(put(&api, "glpat-canary-unknown", "d"), Err(ForgeError::Unauthorised));
    assert_eq!(put(&api, READ_ONLY, "d"), Err(ForgeError::Forbidden));
    gitlab.fail("PUT", Fault::Later(3600));
    assert_eq!(put(&api, TOKEN, "d"), Err(ForgeError::RateLimited(Some(3600))));
    gitlab.forget();
    gitlab.fail("POST", Fault::Swallow);
    assert_eq!(put(&api, TOKEN, "d"), Err(ForgeError::QuickAction));
    assert_eq!(post_without_a_body(&prism.origin()), "HTTP/1.1 422 Unprocessable Entity", "nobody checks the requests");
}

/// The status line that a POST without its one field gets.
fn post_without_a_body(origin: &str) -> String {
    let address = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let path = format!("/api/v4/projects/{PROJECT}/merge_requests/{IID}/notes");
    let head = format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nPRIVATE-TOKEN: {TOKEN}\r\nConnection: close\r\n");
    stream
        .write_all(format!("{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}
