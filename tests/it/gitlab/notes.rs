//! The note, by the same rules as GitHub's comment, against a GitLab that remembers.

use imgbudget::forge::ForgeError;
use imgbudget::forge::gitlab::LONGEST_NOTE;
use imgbudget::forge::sticky::{Outcome, Wish};

use super::{body, client, put, put_with};
use crate::support::fake_gitlab::{FakeGitLab, Fault, ME, PROJECT_PATH, READ_ONLY, TOKEN};

const STRANGER: u64 = 1;

#[test]
fn first_then_unchanged_then_updated() {
    let gitlab = FakeGitLab::start();
    let Ok(Outcome::Created(posted)) = put(&gitlab.api(), TOKEN, "a") else { panic!("not created") };
    assert_eq!(posted.url, "https://gitlab.example.com/acme/shop/-/merge_requests/3#note_1000");
    assert_eq!(gitlab.requests(), ["GET /user", "GET …/notes", "POST …/notes"]);
    assert!(matches!(put(&gitlab.api(), TOKEN, "a"), Ok(Outcome::Unchanged(_))));
    assert_eq!(gitlab.requests(), ["GET /user", "GET …/notes"]);
    assert!(matches!(put(&gitlab.api(), TOKEN, "b"), Ok(Outcome::Updated(_))));
    assert_eq!(gitlab.requests(), ["GET /user", "GET …/notes", "PUT …/notes/1000"]);
    assert_eq!(gitlab.notes().len(), 1);
    assert_eq!(gitlab.notes()[0].body, body("b").text());
    let heads = gitlab.heads().to_ascii_lowercase();
    assert!(heads.contains("private-token: ") && !heads.contains("job-token") && !heads.contains("authorization"));
    let read = "?activity_filter=only_comments&order_by=created_at&sort=asc&per_page=100&page=1 ";
    assert!(heads.contains(read), "{heads}");
}

#[test]
fn a_project_may_be_named_by_its_path() {
    let gitlab = FakeGitLab::start();
    for path in [PROJECT_PATH, "acme%2Fshop"] {
        let outcome = put_with(&client(&gitlab.api(), path, TOKEN, None).unwrap(), "a", Wish::Create);
        assert!(outcome.is_ok(), "{path}: {outcome:?}");
    }
    assert_eq!(gitlab.notes().len(), 1);
}

#[test]
fn strangers_with_our_marker_are_left_alone_and_duplicates_of_ours_go() {
    let gitlab = FakeGitLab::start();
    gitlab.add(STRANGER, body("forged").text());
    gitlab.add(ME, "ours, but no report");
    gitlab.add(ME, body("old").text());
    gitlab.add(STRANGER, body("new").text());
    gitlab.add(ME, body("doubled").text());
    assert!(matches!(put(&gitlab.api(), TOKEN, "new"), Ok(Outcome::Updated(_))));
    let notes = gitlab.notes();
    let texts: Vec<&str> = notes.iter().map(|note| note.body.as_str()).collect();
    let (forged, new) = (body("forged"), body("new"));
    assert_eq!(texts, [forged.text(), "ours, but no report", new.text(), new.text()]);
    assert_eq!(notes[2].author, ME);
}

/// Many notes of others.
fn crowd(gitlab: &FakeGitLab, count: usize) {
    for _ in 0..count {
        gitlab.add(STRANGER, "hi");
    }
}

#[test]
fn found_on_the_third_page_and_at_the_end_of_a_long_conversation() {
    for uncounted in [false, true] {
        let gitlab = FakeGitLab::start();
        crowd(&gitlab, 250);
        gitlab.add(ME, body("old").text());
        if uncounted {
            gitlab.stop_counting();
        }
        assert!(matches!(put(&gitlab.api(), TOKEN, "new"), Ok(Outcome::Updated(_))));
        assert_eq!(gitlab.requests().len(), 5);
    }
    let gitlab = FakeGitLab::start();
    crowd(&gitlab, 4_900);
    gitlab.add(ME, body("old").text());
    assert!(matches!(put(&gitlab.api(), TOKEN, "new"), Ok(Outcome::Updated(_))));
    // Who we are, twenty pages from the start, the last one, and the text.
    assert_eq!(gitlab.requests().len(), 23);
}

#[test]
fn nothing_is_posted_where_we_cannot_tell_whether_we_are_there() {
    let gitlab = FakeGitLab::start();
    crowd(&gitlab, 4_100);
    assert!(matches!(put(&gitlab.api(), TOKEN, "new"), Ok(Outcome::TooLong)));
    assert_eq!(gitlab.notes().len(), 4_100);
}

#[test]
fn refusals_have_names() {
    let gitlab = FakeGitLab::start();
    assert_eq!(put(&gitlab.api(), "glpat-canary-unknown", "a"), Err(ForgeError::Unauthorised));
    assert_eq!(put(&gitlab.api(), READ_ONLY, "a"), Err(ForgeError::Forbidden));
    let elsewhere = client(&gitlab.api(), "8", TOKEN, None).unwrap();
    assert_eq!(put_with(&elsewhere, "a", Wish::Create), Err(ForgeError::NotFound));
    gitlab.fail("POST", Fault::Swallow);
    assert_eq!(put(&gitlab.api(), TOKEN, "a"), Err(ForgeError::QuickAction));
    let long = "x".repeat(LONGEST_NOTE);
    assert_eq!(put(&gitlab.api(), TOKEN, &long), Err(ForgeError::Status(400)));
    assert!(gitlab.notes().is_empty());
    for error in [ForgeError::Unauthorised, ForgeError::Forbidden, ForgeError::NotFound] {
        assert!(imgbudget::forge::gitlab::hint(&error).is_some(), "{error}");
    }
}

#[test]
fn a_short_wait_is_waited_and_a_long_one_is_not() {
    let gitlab = FakeGitLab::start();
    gitlab.fail("GET", Fault::Later(0));
    gitlab.fail("POST", Fault::Later(1));
    assert!(matches!(put(&gitlab.api(), TOKEN, "a"), Ok(Outcome::Created(_))));
    gitlab.fail("PUT", Fault::Later(3600));
    assert_eq!(put(&gitlab.api(), TOKEN, "b"), Err(ForgeError::RateLimited(Some(3600))));
    assert_eq!(gitlab.notes().len(), 1);
}

#[test]
fn a_server_that_falls_over_makes_no_second_note() {
    let gitlab = FakeGitLab::start();
    gitlab.fail("GET", Fault::Refuse(500));
    gitlab.fail("POST", Fault::LoseTheAnswer);
    assert!(matches!(put(&gitlab.api(), TOKEN, "a"), Ok(Outcome::Created(_))));
    assert_eq!(gitlab.notes().len(), 1);
    gitlab.requests();
    gitlab.fail("POST", Fault::Refuse(500));
    gitlab.fail("POST", Fault::Refuse(500));
    gitlab.forget();
    assert_eq!(put(&gitlab.api(), TOKEN, "a"), Err(ForgeError::Status(500)));
    assert_eq!(gitlab.requests().iter().filter(|request| request.starts_with("POST")).count(), 2);
}

#[test]
fn no_line_of_ours_is_obeyed() {
    let gitlab = FakeGitLab::start();
    assert!(put(&gitlab.api(), TOKEN, "/merge\n/close\nusr/bin\n/usr/bin/gcc\n").is_ok());
    assert!(put(&gitlab.api(), TOKEN, "/approve\n").is_ok());
    assert_eq!(gitlab.commands(), Vec::<String>::new());
    assert!(gitlab.notes()[0].body.ends_with("\n\\/approve"), "{:?}", gitlab.notes());
}
