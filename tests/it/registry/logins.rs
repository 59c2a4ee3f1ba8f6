//! Who is shown what: passwords, tokens, and nothing at all.

use super::{app, describe, layer, screen, with_env};
use crate::support::fake_registry::{FakeRegistry, Fault, Guard, IDENTITY, PASSWORD, TOKEN, USER};

/// `DOCKER_AUTH_CONFIG` with one login under this key.
fn login(key: &str, password: &str) -> String {
    serde_json::json!({ "auths": { key: { "username": USER, "password": password } } }).to_string()
}

/// A registry with `team/app:1` that wants to be shown something.
fn guarded(guard: Guard) -> (FakeRegistry, String) {
    let registry = FakeRegistry::start();
    registry.push("team/app", "1", &app());
    registry.guard(guard);
    let reference = format!("{}/team/app:1", registry.name());
    (registry, reference)
}

#[tokio::test]
async fn a_password_is_shown_after_it_was_asked_for() {
    let (registry, reference) = guarded(Guard::Basic);
    let json = login(&registry.name(), PASSWORD);
    let registries = with_env(&[("DOCKER_AUTH_CONFIG", &json)]);
    let image = describe(&registries, &reference, None).await.expect("an image");
    layer(&registries, &image, 0).await.expect("a layer");
    insta::assert_snapshot!(registry.requests().join("\n"), @r"
    HEAD /v2/team/app/manifests/1
    HEAD /v2/team/app/manifests/1
    GET /v2/team/app/manifests/sha256:ec88
    GET /v2/team/app/blobs/sha256:0f67
    GET /v2/team/app/blobs/sha256:81c4
    ");
    assert!(!registry.heads()[0].contains("uthorization"), "{}", registry.heads()[0]);
    assert!(!format!("{registries:?}").contains("canary"), "{registries:?}");
}

#[tokio::test]
async fn anybody_gets_a_token_for_what_is_public_and_there_is_one_for_a_repository() {
    let (registry, reference) = guarded(Guard::Anonymous);
    registry.push("team/other", "1", &app());
    let registries = with_env(&[]);
    let image = describe(&registries, &reference, None).await.expect("an image");
    layer(&registries, &image, 0).await.expect("a layer");
    insta::assert_snapshot!(registry.requests().join("\n"), @r"
    HEAD /v2/team/app/manifests/1
    GET /token
    HEAD /v2/team/app/manifests/1
    GET /v2/team/app/manifests/sha256:ec88
    GET /v2/team/app/blobs/sha256:0f67
    GET /v2/team/app/blobs/sha256:81c4
    ");
    // How to ask for a token is known by now.
    describe(&registries, &format!("{}/team/other:1", registry.name()), None).await.expect("an image");
    insta::assert_snapshot!(registry.requests().join("\n"), @r"
    GET /token
    HEAD /v2/team/other/manifests/1
    GET /v2/team/other/manifests/sha256:ec88
    GET /v2/team/other/blobs/sha256:0f67
    ");
    assert!(!format!("{registries:?}").contains(TOKEN), "{registries:?}");
}

#[tokio::test]
async fn targets_that_need_a_token_at_the_same_time_share_one() {
    let (registry, reference) = guarded(Guard::Token);
    let json = login(&registry.name(), PASSWORD);
    let registries = with_env(&[("DOCKER_AUTH_CONFIG", &json)]);
    let image = describe(&registries, &reference, None).await.expect("an image");
    registry.expire();
    registry.requests();
    let tasks: Vec<_> = (0..10)
        .map(|number| {
            let (registries, image) = (registries.clone(), image.clone());
            tokio::spawn(async move { layer(&registries, &image, number % 2).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic").expect("a layer");
    }
    let tokens = registry.requests().iter().filter(|line| line.ends_with("/token")).count();
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn a_token_that_stands_for_a_user_is_exchanged() {
    let (registry, reference) = guarded(Guard::Token);
    let json = serde_json::json!({ "auths": { registry.name(): { "identitytoken": IDENTITY } } }).to_string();
    let image = describe(&with_env(&[("DOCKER_AUTH_CONFIG", &json)]), &reference, None).await.expect("an image");
    assert_eq!(image.config.user.as_deref(), Some("app"));
    assert_eq!(registry.requests()[1], "POST /token");
    registry.guard(Guard::Basic);
    let error = describe(&with_env(&[("DOCKER_AUTH_CONFIG", &json)]), &reference, None).await.expect_err("no login");
    insta::assert_snapshot!(screen(&error), @r"
    127.0.0.1:PORT asks for a password, and the login for it is a token
    hint: Log in with user and password: `docker login 127.0.0.1:PORT`.
    ");
}

#[tokio::test]
async fn the_login_of_a_part_of_a_registry_is_for_that_part() {
    let (registry, reference) = guarded(Guard::Basic);
    registry.push("other/app", "1", &app());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("auth.json");
    std::fs::write(&file, login(&format!("{}/team", registry.name()), PASSWORD)).expect("written");
    let registries = with_env(&[("REGISTRY_AUTH_FILE", file.to_str().expect("text"))]);
    describe(&registries, &reference, None).await.expect("an image");
    let other = format!("{}/other/app:1", registry.name());
    let error = describe(&registries, &other, None).await.expect_err("no login");
    insta::assert_snapshot!(screen(&error), @r"
    127.0.0.1:PORT/other/app:1: 127.0.0.1:PORT asks for a login (HTTP 401)
    hint: Log in: `docker login 127.0.0.1:PORT`, or set DOCKER_AUTH_CONFIG. Check the name, too: many registries answer so for what they do not have.
    ");
}

#[tokio::test]
async fn a_wrong_login_is_tried_once_and_seen_nowhere() {
    for (guard, requests) in [(Guard::Basic, 2), (Guard::Token, 2)] {
        let (registry, reference) = guarded(guard);
        let json = login(&registry.name(), "canary-wrong");
        let registries = with_env(&[("DOCKER_AUTH_CONFIG", &json)]);
        let error = describe(&registries, &reference, None).await.expect_err("a wrong password");
        for _ in 0..3 {
            let again = describe(&registries, &reference, Some("linux/arm64")).await.expect_err("a wrong password");
            assert_eq!(again.chain(), error.chain());
        }
        assert_eq!(registry.requests().len(), requests, "{guard:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        match guard {
            Guard::Basic => insta::assert_snapshot!(screen(&error), @r"
            127.0.0.1:PORT/team/app:1: 127.0.0.1:PORT refuses the login for it (HTTP 401)
            hint: Log in again: `docker login 127.0.0.1:PORT`. The login needs to be allowed to pull.
            "),
            _ => insta::assert_snapshot!(screen(&error), @r"
            the token server http://127.0.0.1:PORT of 127.0.0.1:PORT refuses the login (HTTP 401, UNAUTHORIZED)
            hint: Log in again: `docker login 127.0.0.1:PORT`.
            "),
        }
    }
}

#[tokio::test]
async fn who_has_no_login_is_told_to_log_in() {
    for guard in [Guard::Basic, Guard::Token] {
        let (_registry, reference) = guarded(guard);
        let error = describe(&with_env(&[]), &reference, None).await.expect_err("no login");
        match guard {
            Guard::Basic => insta::assert_snapshot!(screen(&error), @r"
            127.0.0.1:PORT/team/app:1: 127.0.0.1:PORT asks for a login (HTTP 401)
            hint: Log in: `docker login 127.0.0.1:PORT`, or set DOCKER_AUTH_CONFIG. Check the name, too: many registries answer so for what they do not have.
            "),
            _ => insta::assert_snapshot!(screen(&error), @r"
            the token server http://127.0.0.1:PORT of 127.0.0.1:PORT asks for a login (HTTP 401, UNAUTHORIZED)
            hint: Log in: `docker login 127.0.0.1:PORT`.
            "),
        }
    }
}

#[tokio::test]
async fn a_token_is_not_asked_for_in_the_clear_elsewhere() {
    let (registry, reference) = guarded(Guard::Token);
    let json = login(&registry.name(), PASSWORD);
    for realm in ["http://auth.example.com/token", "file:///etc/passwd", "nonsense", "https://u:p@auth.example.com/"] {
        registry.realm(realm);
        let registries = with_env(&[("DOCKER_AUTH_CONFIG", &json)]);
        let error = screen(&describe(&registries, &reference, None).await.expect_err("no token"));
        match realm {
            "nonsense" => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT names a token server that has no address: relative URL without a base
            hint: Ask whoever runs the registry.
            "),
            "http://auth.example.com/token" => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT names a token server that is not spoken to: http://http://auth.example.com
            hint: Logins are sent over https only; plain HTTP has to be allowed for the token server, too.
            "),
            _ => assert!(error.contains("a token server that is not spoken to"), "{error}"),
        }
    }
    assert!(!registry.heads().iter().any(|head| head.contains("uthorization")));
}

#[tokio::test]
async fn a_token_server_that_has_no_token_says_nothing_that_is_shown() {
    let (registry, reference) = guarded(Guard::Anonymous);
    for body in [&b"canary"[..], b"{\"token\":\"\"}", b"{\"token\":\"canary\\n\"}", b"{\"token\":[\"canary\"]}"] {
        registry.fail("/token", Fault::Body(body.to_vec()));
        let error = describe(&with_env(&[]), &reference, None).await.expect_err("no token");
        insta::allow_duplicates!(insta::assert_snapshot!(screen(&error), @r"
        the token server http://127.0.0.1:PORT answers without a token
        hint: Ask whoever runs the registry.
        "));
    }
    registry.fail("/token", Fault::Zeros(1 << 30));
    let error = describe(&with_env(&[]), &reference, None).await.expect_err("no token");
    insta::assert_snapshot!(screen(&error), @r"
    the token server http://127.0.0.1:PORT: the server's answer cannot be read: it is longer than 262144 bytes
    hint: Try again later, or ask whoever runs the registry.
    ");
}

#[tokio::test]
async fn a_registry_that_hides_what_is_private_is_asked_at_its_door_by_who_has_a_login() {
    let (registry, reference) = guarded(Guard::Hidden);
    let json = login(&registry.name(), PASSWORD);
    describe(&with_env(&[("DOCKER_AUTH_CONFIG", &json)]), &reference, None).await.expect("an image");
    insta::assert_snapshot!(registry.requests().join("\n"), @r"
    HEAD /v2/team/app/manifests/1
    GET /v2/
    HEAD /v2/team/app/manifests/1
    GET /v2/team/app/manifests/sha256:ec88
    GET /v2/team/app/blobs/sha256:0f67
    ");
    let error = describe(&with_env(&[]), &reference, None).await.expect_err("no login");
    assert!(error.chain().contains("has no image"), "{}", error.chain());
    assert_eq!(registry.requests().len(), 1);
}

#[tokio::test]
async fn a_login_that_somebody_else_asks_for_is_not_shown() {
    let (registry, reference) = guarded(Guard::Basic);
    let (storage, thief) = (FakeRegistry::start(), FakeRegistry::start());
    thief.guard(Guard::Token);
    let json = login(&registry.name(), PASSWORD);
    for realm in [format!("Bearer realm=\"{}/token\"", thief.origin()), "Basic realm=\"x\"".to_owned()] {
        storage.fail_always("/blobs/", Fault::Status(401, vec![("WWW-Authenticate", realm)]));
        registry.fail("/blobs/", Fault::Redirect(storage.origin()));
        let registries = with_env(&[("DOCKER_AUTH_CONFIG", &json)]);
        let error = describe(&registries, &reference, None).await.expect_err("refused");
        assert!(error.chain().contains("refuses the login for it (HTTP 401)"), "{}", error.chain());
    }
    assert_eq!(thief.requests(), Vec::<String>::new());
    assert!(!storage.heads().concat().contains("uthorization"));
}

#[tokio::test]
async fn a_token_that_runs_out_is_renewed_once_for_a_request() {
    let (registry, reference) = guarded(Guard::Anonymous);
    let registries = with_env(&[]);
    let image = describe(&registries, &reference, None).await.expect("an image");
    registry.expire();
    layer(&registries, &image, 0).await.expect("a layer");
    registry.requests();
    let refuse = vec![("WWW-Authenticate", format!("Bearer realm=\"{}/token\"", registry.origin()))];
    registry.fail_always("/blobs/", Fault::Status(401, refuse));
    let error = layer(&registries, &image, 1).await.expect_err("refused");
    assert_eq!(registry.requests().len(), 3);
    insta::assert_snapshot!(screen(&error), @r"
    127.0.0.1:PORT/team/app:1: the layer sha256:[digest]: 127.0.0.1:PORT asks for a login (HTTP 401)
    hint: Log in: `docker login 127.0.0.1:PORT`, or set DOCKER_AUTH_CONFIG. Check the name, too: many registries answer so for what they do not have.
    ");
}
