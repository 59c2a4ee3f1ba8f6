//! The program itself, with a registry on this machine and no engine.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use super::app;
use crate::support::fake_registry::{FakeRegistry, Fault, Guard, OCI_INDEX, PASSWORD, USER, index};
use crate::support::images::Image;
use crate::support::run::Run;

/// Judges an image in a registry, with more arguments.
fn check(reference: &str, arguments: &str) -> Run {
    let arguments = arguments.split_whitespace();
    Run::new().args(["check", "--from", "registry", "--image", reference]).args(arguments)
}

/// A screen without the port of the registry.
fn screen(run: Run, registry: &FakeRegistry) -> String {
    run.screen().replace(&registry.name(), "127.0.0.1:PORT")
}

/// A registry with `app:1` for two platforms.
fn registry() -> (FakeRegistry, String) {
    let registry = FakeRegistry::start();
    let images = ["linux/amd64", "linux/arm64"].map(|platform| app().platform(platform));
    for image in &images {
        registry.push("app", "unused", image);
    }
    registry.push_manifest("app", "1", OCI_INDEX, index(&images.each_ref().map(Image::descriptor)));
    let reference = format!("{}/app:1", registry.name());
    (registry, reference)
}

#[test]
fn what_a_manifest_and_a_config_answer_costs_four_requests_and_no_layer() {
    let (registry, reference) = registry();
    let rules = "--max-compressed-size 1MB --max-layers 2 --require-non-root --platform linux/arm64";
    let run = check(&reference, rules).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("231 B of 1.0 MB compressed"), "{}", run.stdout);
    let requests = registry.requests();
    assert_eq!(requests.len(), 4, "{requests:?}");
    assert!(requests.iter().filter(|line| line.contains("/blobs/")).count() == 1, "{requests:?}");
}

#[test]
fn what_is_in_layers_costs_each_of_them_once() {
    let (registry, reference) = registry();
    let rules = "--max-size 1MB --forbid-tools gcc --platform linux/amd64";
    let run = check(&reference, rules).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("5.0 kB"), "{}", run.stdout);
    let layers = registry.requests().iter().filter(|line| line.contains("/blobs/")).count() - 1;
    assert_eq!(layers, 2);
}

#[test]
fn a_refusal_is_shown_with_what_to_do() {
    let (registry, reference) = registry();
    insta::assert_snapshot!(screen(check(&reference.replace(":1", ":2"), "--max-layers 1"), &registry), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: 127.0.0.1:PORT has no image 127.0.0.1:PORT/app:2 (HTTP 404)
      hint: Check repository and tag, and whether it was pushed. A private one needs
            a login.

    ✗ app could not be measured
    --- stderr
    ");
    registry.guard(Guard::Token);
    insta::assert_snapshot!(screen(check(&reference, "--max-layers 1"), &registry), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: the token server http://127.0.0.1:PORT of 127.0.0.1:PORT asks for a
      login (HTTP 401, UNAUTHORIZED)
      hint: Log in: `docker login 127.0.0.1:PORT`.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn a_login_is_seen_nowhere_whatever_the_registry_says() {
    let (registry, reference) = registry();
    registry.guard(Guard::Basic);
    for password in [PASSWORD, "canary-wrong"] {
        let login = serde_json::json!({ "auths": { registry.name(): { "username": USER, "password": password } } });
        registry.fail_always("/blobs/", Fault::Status(403, vec![]));
        for format in ["table", "json", "markdown"] {
            let rules = format!("--max-size 1MB --platform linux/amd64 --format {format}");
            let run = check(&reference, &rules).env("DOCKER_AUTH_CONFIG", login.to_string()).run();
            assert_eq!(run.code, Some(2));
            assert!(!run.stdout.contains("canary") && !run.stderr.contains("canary"), "{}{}", run.stdout, run.stderr);
            assert!(!run.stdout.contains("cm9ib3Q6") && !run.stderr.contains("cm9ib3Q6"), "{}", run.stderr);
        }
    }
    assert!(registry.heads().concat().contains("cm9ib3Q6"), "robot: in base64");
}

/// A proxy that writes down what it is asked for, and refuses.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let (address, asked) = (format!("http://{}", listener.local_addr().expect("bound")), Arc::default());
    let log: Arc<Mutex<Vec<String>>> = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(&stream).read_line(&mut line);
            log.lock().expect("no panic").push(line.trim().to_owned());
            let _ = stream.write_all(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (address, asked)
}

#[test]
fn proxies_are_asked_for_what_is_elsewhere_and_not_for_this_machine() {
    let (registry, reference) = registry();
    let (address, asked) = proxy();
    let with_proxy = |run: Run| run.env("HTTPS_PROXY", &address).env("HTTP_PROXY", &address);
    let run = with_proxy(check(&reference, "--max-layers 2 --platform linux/amd64")).run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(registry.requests().len(), 4);
    assert_eq!(*asked.lock().expect("no panic"), Vec::<String>::new());

    let run = with_proxy(check("registry.invalid/app:1", "--max-layers 2")).run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    let lines = std::mem::take(&mut *asked.lock().expect("no panic"));
    assert!(!lines.is_empty() && lines.iter().all(|line| line == "CONNECT registry.invalid:443 HTTP/1.1"), "{lines:?}");

    let run = with_proxy(check("registry.invalid/app:1", "--max-layers 2")).env("NO_PROXY", "registry.invalid").run();
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert_eq!(*asked.lock().expect("no panic"), Vec::<String>::new());
}
