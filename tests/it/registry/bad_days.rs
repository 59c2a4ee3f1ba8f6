//! Registries that refuse, fail, lie, lead elsewhere, or do not end.

use std::time::Instant;

use super::{app, describe, registries, screen, with_env};
use crate::support::fake_registry::{FakeRegistry, Fault, Guard, PASSWORD, USER};

/// A registry with `app:1`, and the reference of that.
fn registry() -> (FakeRegistry, String) {
    let registry = FakeRegistry::start();
    registry.push("app", "1", &app());
    let reference = format!("{}/app:1", registry.name());
    (registry, reference)
}

async fn refused(reference: &str) -> String {
    screen(&describe(&registries(), reference, None).await.expect_err("no image"))
}

#[tokio::test]
async fn every_refusal_has_its_sentence() {
    let (registry, reference) = registry();
    for status in [400, 401, 403, 404, 410, 418, 451] {
        registry.fail("HEAD ", Fault::Status(status, vec![]));
        registry.fail("GET ", Fault::Status(status, vec![]));
        let error = refused(&reference).await;
        match status {
            400 => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: 127.0.0.1:PORT failed (HTTP 400)
            hint: Try again later, or ask whoever runs the registry.
            "),
            401 => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: 127.0.0.1:PORT asks for a login (HTTP 401)
            hint: Log in: `docker login 127.0.0.1:PORT`, or set DOCKER_AUTH_CONFIG. Check the name, too: many registries answer so for what they do not have.
            "),
            403 => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: 127.0.0.1:PORT does not allow it (HTTP 403)
            hint: Log in: `docker login 127.0.0.1:PORT`, or set DOCKER_AUTH_CONFIG.
            "),
            404 => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT has no image 127.0.0.1:PORT/app:1 (HTTP 404)
            hint: Check repository and tag, and whether it was pushed. A private one needs a login.
            "),
            410 => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: 127.0.0.1:PORT failed (HTTP 410)
            hint: Try again later, or ask whoever runs the registry.
            "),
            _ => assert!(error.contains(&format!("HTTP {status}")), "{error}"),
        }
        // What was not taken by a HEAD.
        while describe(&registries(), &reference, None).await.is_err() {}
        registry.requests();
    }
    insta::assert_snapshot!(refused(&reference.replace(":1", ":2")).await, @r"
    127.0.0.1:PORT has no image 127.0.0.1:PORT/app:2 (HTTP 404)
    hint: Check repository and tag, and whether it was pushed. A private one needs a login.
    ");
    registry.fail("GET /v2/app/blobs", Fault::Status(404, vec![]));
    insta::assert_snapshot!(refused(&reference).await, @r"
    127.0.0.1:PORT/app:1: 127.0.0.1:PORT does not have the config sha256:[digest] (HTTP 404)
    hint: Push the image again: it is incomplete.
    ");
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let (registry, reference) = registry();
    for fault in [
        Fault::Status(429, vec![]),
        Fault::Status(429, vec![("Retry-After", "1".to_owned())]),
        Fault::Status(500, vec![]),
        Fault::Status(503, vec![("Retry-After", "0".to_owned())]),
    ] {
        registry.fail("/manifests/", fault.clone());
        registry.fail("/blobs/", fault.clone());
        let began = Instant::now();
        describe(&registries(), &reference, None).await.expect("an image");
        assert_eq!(registry.requests().len(), 5, "{fault:?}");
        if format!("{fault:?}").contains("\"1\"") {
            assert!(began.elapsed().as_secs() >= 2, "it waits as long as it is asked to");
        }
    }
}

#[tokio::test]
async fn what_does_not_pass_is_not_waited_for() {
    let (registry, reference) = registry();
    let asks_for = |seconds: &str| vec![("Retry-After", seconds.to_owned())];
    registry.fail_always("/app/", Fault::Status(429, vec![]));
    insta::assert_snapshot!(refused(&reference).await, @r"
    127.0.0.1:PORT/app:1: 127.0.0.1:PORT has answered too many requests (HTTP 429)
    hint: Try again later, or ask whoever runs the registry.
    ");
    assert_eq!(registry.requests().len(), 4);
    for seconds in ["3600", "99999999999999999999", "Fri, 31 Dec 2100 23:59:59 GMT", "-1"] {
        let (registry, reference) = super::bad_days::registry();
        registry.fail_always("/app/", Fault::Status(429, asks_for(seconds)));
        let error = refused(&reference).await;
        if seconds == "3600" {
            insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: 127.0.0.1:PORT has answered too many requests and asks to wait 3600 s (HTTP 429)
            hint: Try again later, or ask whoever runs the registry.
            ");
            assert_eq!(registry.requests().len(), 1);
        } else {
            assert!(error.contains("has answered too many requests (HTTP 429)"), "{error}");
        }
    }
    let (registry, reference) = super::bad_days::registry();
    registry.fail_always("/app/", Fault::Status(502, vec![]));
    insta::assert_snapshot!(refused(&reference).await, @r"
    127.0.0.1:PORT/app:1: 127.0.0.1:PORT failed (HTTP 502)
    hint: Try again later, or ask whoever runs the registry.
    ");
    assert_eq!(registry.requests().len(), 4);
}

#[tokio::test]
async fn nobody_there_is_said() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let reference = format!("{}/app:1", free.local_addr().expect("bound"));
    drop(free);
    insta::assert_snapshot!(refused(&reference).await, @r"
    127.0.0.1:PORT/app:1: 127.0.0.1:PORT: the server could not be reached: tcp connect error: Connection refused (os error 111)
    hint: Check the name of the registry, the network, and HTTPS_PROXY and NO_PROXY.
    ");
    insta::assert_snapshot!(refused("registry.invalid/app:1").await.replace("No address associated with hostname", "Name or service not known"), @r"
    registry.invalid/app:1: registry.invalid: the server could not be reached: error resolving DNS: failed to lookup address information: Name or service not known
    hint: Check the name of the registry, the network, and HTTPS_PROXY and NO_PROXY.
    ");
}

#[tokio::test]
async fn a_redirect_that_goes_round_ends() {
    let (registry, reference) = registry();
    registry.fail_always("/blobs/", Fault::Redirect(registry.origin()));
    insta::assert_snapshot!(refused(&reference).await, @r"
    127.0.0.1:PORT/app:1: the config sha256:[digest]: 127.0.0.1:PORT redirects to http://127.0.0.1:PORT, which is not followed: it is one of too many in a row
    hint: Ask whoever runs the registry; for plain HTTP, both hosts have to be allowed.
    ");
    assert_eq!(registry.requests().len(), 8);
}

#[tokio::test]
async fn a_login_does_not_follow_a_redirect_to_another_host() {
    for guard in [Guard::Basic, Guard::Token] {
        let ((registry, reference), storage) = (registry(), FakeRegistry::start());
        registry.guard(guard);
        storage.push("app", "1", &app());
        registry.fail_always("/blobs/", Fault::Redirect(storage.origin()));
        let json = serde_json::json!({ "auths": { registry.name(): { "username": USER, "password": PASSWORD } } });
        let registries = with_env(&[("DOCKER_AUTH_CONFIG", &json.to_string())]);
        let image = describe(&registries, &reference, None).await.expect("an image");
        super::layer(&registries, &image, 0).await.expect("a layer");
        assert_eq!(storage.requests().len(), 2);
        assert!(registry.heads().iter().any(|head| head.contains("uthorization: ")), "{guard:?}");
        let heads = storage.heads().concat();
        assert!(!heads.contains("uthorization") && !heads.contains("canary"), "{heads}");
    }
}

#[tokio::test]
async fn a_redirect_is_followed_to_https_and_on_this_machine_alone() {
    let (registry, reference) = registry();
    for to in ["http://storage.example.com", "ftp://127.0.0.1", "file://", "http://u:p@127.0.0.1:1"] {
        registry.fail("/blobs/", Fault::Redirect(to.to_owned()));
        let error = refused(&reference).await;
        match to {
            "http://storage.example.com" => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: the config sha256:[digest]: 127.0.0.1:PORT redirects to http://storage.example.com, which is not followed: only https is followed, and to this machine only from this machine
            hint: Ask whoever runs the registry; for plain HTTP, both hosts have to be allowed.
            "),
            "http://u:p@127.0.0.1:1" => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: the config sha256:[digest]: 127.0.0.1:PORT redirects to http://127.0.0.1:PORT, which is not followed: it brings a login along
            hint: Ask whoever runs the registry; for plain HTTP, both hosts have to be allowed.
            "),
            _ => assert!(error.contains("is not followed: only https is followed"), "{error}"),
        }
    }
    registry.fail("/blobs/", Fault::Status(302, vec![]));
    insta::assert_snapshot!(refused(&reference).await, @r"
    127.0.0.1:PORT/app:1: the config sha256:[digest]: 127.0.0.1:PORT redirects to http://127.0.0.1:PORT, which is not followed: it does not say where to
    hint: Ask whoever runs the registry; for plain HTTP, both hosts have to be allowed.
    ");
}

#[tokio::test]
async fn a_document_is_bounded_in_bytes_and_in_time() {
    let (registry, reference) = registry();
    for part in ["GET /v2/app/manifests", "GET /v2/app/blobs"] {
        let before = registry.sent();
        registry.fail(part, Fault::Zeros(100 << 20));
        let said = refused(&reference).await;
        registry.fail(part, Fault::Endless);
        let unsaid = refused(&reference).await;
        assert_eq!(said, unsaid);
        insta::allow_duplicates!(insta::assert_snapshot!(said.replace("the manifest", "the config"), @r"
        127.0.0.1:PORT/app:1: the config sha256:[digest]: 127.0.0.1:PORT: the server's answer cannot be read: it is longer than 4194304 bytes
        hint: It is not an image's manifest or config: those are smaller than 4 MiB.
        "));
        // What the sockets between hold comes on top of 4 MiB.
        assert!(registry.sent() - before < 32 << 20, "{}", registry.sent() - before);
    }
    registry.fail_always("GET /v2/app/manifests", Fault::CutAfter(100));
    insta::assert_snapshot!(refused(&reference).await, @r"
    127.0.0.1:PORT/app:1: the manifest sha256:[digest]: 127.0.0.1:PORT: the connection broke: error reading a body from connection: end of file before message length reached
    hint: Try again later, or ask whoever runs the registry.
    ");
}

#[tokio::test]
async fn a_document_that_does_not_come_to_its_end_is_given_up() {
    let (registry, reference) = registry();
    registry.fail_always("GET /v2/app/manifests", Fault::StallAfter(100));
    let patience = imgbudget::registry::Patience { answer: std::time::Duration::from_millis(300), ..super::PATIENCE };
    let error = describe(&registries().with_patience(patience), &reference, None).await.expect_err("no image");
    insta::assert_snapshot!(screen(&error), @r"
    127.0.0.1:PORT/app:1: the manifest sha256:[digest]: 127.0.0.1:PORT: nothing came for 1 s
    hint: Try again later, or ask whoever runs the registry.
    ");
}
