//! Every failure of the API is one notice, and the exit code stays the verdict's.

use std::net::TcpListener;

use crate::support::fake_github::Fault;

use super::scene::Scene;

/// Runs a check that is over budget against a fault, and gives what was said about the comment.
fn notice(fault: Fault) -> (String, usize) {
    let scene = Scene::over();
    scene.github.fault(fault);
    let screen = scene.check("--comment auto -q").run();
    assert_eq!(screen.code, Some(1), "{}", screen.stderr);
    assert!(screen.stdout.contains(" over\n"), "{}", screen.stdout);
    assert!(scene.github.ours().is_empty());
    (screen.stderr, scene.github.calls().len())
}

#[test]
fn each_refusal_is_a_notice() {
    insta::assert_snapshot!(notice(Fault::always("POST /repos", 403)).0, @r"
    note: no comment was posted: the token may not do this (403)
     hint: Give the job `permissions: pull-requests: write`; for a pull request from a fork, comment from a workflow on `workflow_run`.
    ");
    insta::assert_snapshot!(notice(Fault::always("GET /repos", 404)).0, @r"
    note: no comment was posted: not found, or not visible to this token (404)
     hint: Check the pull request's number, and that the token can see the repository.
    ");
    insta::assert_snapshot!(notice(Fault::always("POST /repos", 410)).0, @"note: no comment was posted: the conversation is gone (410)");
    insta::assert_snapshot!(notice(Fault::always("POST /repos", 422)).0, @"note: no comment was posted: the API refused the comment (422)");
    insta::assert_snapshot!(notice(Fault::always("POST /graphql", 401)).0, @r"
    note: no comment was posted: the token was refused (401)
     hint: Check that the token is still valid and belongs to this server.
    ");
    let limited = Fault::always("GET /repos", 429).header("Retry-After", "3600");
    insta::assert_snapshot!(notice(limited).0, @"note: no comment was posted: the API's rate limit is used up, for 3600 s more");
}

#[test]
fn a_notice_stands_beside_the_annotations() {
    let scene = Scene::over();
    scene.github.fault(Fault::always("POST /repos", 403));
    let screen = scene.check("--comment auto --annotations -q").run();
    assert!(
        screen.stderr.contains("\n::notice title=imgbudget::no comment was posted: the token may not do this (403). "),
        "{}",
        screen.stderr
    );
}

#[test]
fn an_api_that_is_broken_for_good_is_not_asked_for_ever() {
    let (said, calls) = notice(Fault::always("GET /repos", 500));
    assert_eq!(said, "note: no comment was posted: the API answered 500\n");
    assert_eq!(calls, 1 + 3);
    let (said, calls) = notice(Fault::always("POST /repos", 502));
    assert_eq!(said, "note: no comment was posted: the API answered 502\n");
    assert_eq!(calls, 1 + 1 + 1 + 1 + 1, "our name, list, post, list again, post");
}

#[test]
fn a_passing_trouble_is_waited_out() {
    for fault in [Fault::once("GET /repos", 502), Fault::once("POST /repos", 429).header("Retry-After", "1")] {
        let scene = Scene::over();
        scene.github.fault(fault);
        let screen = scene.check("--comment auto").run();
        assert!(screen.stderr.contains("comment: created"), "{}", screen.stderr);
        assert_eq!(scene.github.ours().len(), 1);
    }
}

#[test]
fn a_comment_that_was_stored_with_an_error_is_not_posted_twice() {
    let scene = Scene::over();
    scene.github.fault(Fault { done: true, ..Fault::once("POST /repos", 502) });
    let screen = scene.check("--comment auto").run();
    assert!(screen.stderr.contains("comment: created"), "{}", screen.stderr);
    assert_eq!(scene.github.ours().len(), 1);
}

#[test]
fn a_dead_api_and_an_answer_that_makes_no_sense() {
    let scene = Scene::over();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let screen = scene
        .check("--comment auto -q")
        .env("GITHUB_API_URL", format!("http://{closed}"))
        .env("GITHUB_GRAPHQL_URL", format!("http://{closed}/graphql"))
        .run();
    assert_eq!(screen.code, Some(1));
    assert!(
        screen.stderr.starts_with("note: no comment was posted: the API could not be reached: "),
        "{}",
        screen.stderr
    );

    let screen = scene.check("--comment auto -q").env("GITHUB_API_URL", "http://example.com").run();
    assert_eq!(screen.code, Some(1));
    assert!(screen.stderr.contains("a token is sent over https only"), "{}", screen.stderr);

    scene.github.fault(Fault::always("POST /graphql", 200));
    let screen = scene.check("--comment auto -q").run();
    assert_eq!(screen.code, Some(1));
    assert!(screen.stderr.contains("the API's answer cannot be read"), "{}", screen.stderr);
}

#[test]
fn what_the_job_does_not_give() {
    let scene = Scene::over();
    let said = |run: crate::support::run::Run| {
        let screen = run.run();
        assert_eq!(screen.code, Some(1), "{}", screen.stderr);
        screen.stderr.lines().last().unwrap_or_default().to_owned() + "\n" + &screen.stderr
    };
    let auto = || scene.check("--comment auto");
    assert!(said(auto().env("GITHUB_TOKEN", "")).contains("there is no token"));
    assert!(said(auto().env("GITHUB_TOKEN", "a b")).contains("GITHUB_TOKEN holds characters that no token has"));
    assert!(said(auto().env("GITHUB_REPOSITORY", "")).contains("GITHUB_REPOSITORY does not name a repository"));
    assert!(said(auto().env("GITHUB_EVENT_NAME", "merge_group").env("GITHUB_EVENT_PATH", "")).contains("merge queue"));
    assert!(
        said(auto().env("GITHUB_EVENT_PATH", "nowhere"))
            .contains("the event that started this job is not about a pull request")
    );
    assert!(scene.github.calls().is_empty());
}
