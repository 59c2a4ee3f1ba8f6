//! `[baseline] image`: images of a registry that a run is compared with.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Repository, job, pull_request, report};
use crate::support::fake_registry::{FakeRegistry, Fault, Guard};
use crate::support::images::{Image, Layer};
use crate::support::run::{Run, Screen};

/// A repository whose images are in a registry, each under the commit that it was built of.
struct Shop {
    repository: Repository,
    registry: FakeRegistry,
    base: String,
    events: TempDir,
}

impl Shop {
    /// With `templates` in the place of `[baseline] file`; `REGISTRY` is that of the test.
    fn new(templates: &str) -> Self {
        let repository = Repository::new();
        let registry = FakeRegistry::start();
        let templates = templates.replace("REGISTRY", &registry.name());
        let budgets = super::BUDGETS.replace("file = \"budgets.lock\"", &format!("image = {templates}"));
        repository.write(
            "budgets.toml",
            budgets.replace("[defaults]\n", "[defaults]\nmax-growth = \"5 kB\"\nforbid-tools = [\"gcc\"]\n"),
        );
        let base = repository.commit("images in a registry");
        repository.branch("feature");
        repository.write("services/api/main.go", "package main // more\n");
        repository.commit("api grows");
        repository.image("api", 70_000);
        Self { repository, registry, base, events: tempfile::tempdir().unwrap() }
    }

    fn push(&self, name: &str, tag: &str, size: usize) {
        let layer = Layer::new().zeros("own", 0o644, size).zeros("usr/bin/gcc", 0o755, 10);
        self.registry.push(name, tag, &Image::new().layer_by(layer, "RUN make"));
    }

    fn run(&self, args: &[&str]) -> Run {
        let run = self.repository.run_in(self.repository.path(), &[&["check"], args].concat());
        let head = self.repository.git(&["rev-parse", "HEAD"]);
        pull_request(run, &self.events, &head, &"0".repeat(40), &self.base)
    }

    fn json(&self) -> (Option<i32>, Value) {
        let screen = self.run(&["--format", "json"]).run();
        (screen.code, report(&screen))
    }

    /// A screen without what differs from run to run.
    fn said(&self, screen: &Screen) -> String {
        let plain = |text: &str| text.replace(&self.registry.name(), "127.0.0.1:PORT").replace(&self.base, "BASE");
        plain(&screen.screen())
    }
}

fn before(report: &Value) -> Vec<Option<u64>> {
    report["targets"].as_array().unwrap().iter().map(|target| target["change"]["size_before"].as_u64()).collect()
}

#[test]
fn a_change_is_compared_with_the_images_of_the_commit_that_it_was_made_on() {
    let shop = Shop::new("\"REGISTRY/acme/{target}:{base-sha}\"");
    shop.push("acme/api", &shop.base, 60_000);
    shop.push("acme/web", &shop.base, 40_000);
    let (code, found) = shop.json();
    assert_eq!(before(&found), [Some(60_010), Some(40_010)]);
    let baseline = &found["baseline"];
    assert_eq!(
        (&baseline["state"], &baseline["how"], &baseline["commit"]),
        (&json!("found"), &json!("image"), &json!(shop.base))
    );
    assert_eq!(baseline["source"], format!("{}/acme/{{target}}:{}", shop.registry.name(), shop.base));
    let api = &found["targets"][0]["findings"][0];
    assert_eq!((code, &api["rule"], &api["is_new"]), (Some(1), &json!("growth"), &json!(true)));
    let layers = shop.registry.requests().iter().filter(|line| line.contains("/blobs/")).count();
    assert_eq!(layers, 4, "two configs and two layers");
}

#[test]
fn what_the_image_had_is_known() {
    let shop = Shop::new("\"REGISTRY/acme/{target}:{base-sha}\"");
    shop.push("acme/api", &shop.base, 70_000);
    shop.push("acme/web", &shop.base, 40_000);
    let layer = Layer::new().zeros("own", 0o644, 70_000).zeros("usr/bin/gcc", 0o755, 10);
    let image = Image::new().layer_by(layer, "RUN make").named("shop/x:1");
    std::fs::write(shop.repository.archive("api"), crate::support::images::docker_archive(&[image])).unwrap();
    let (code, found) = shop.json();
    let finding = &found["targets"][0]["findings"][0];
    assert_eq!((code, &finding["rule"], &finding["is_new"]), (Some(1), &json!("forbidden-tool"), &json!(false)));
    assert_eq!(shop.run(&["--only-new"]).run().code, Some(0));
}

#[test]
fn the_next_image_stands_in_for_one_that_is_gone_and_is_named() {
    let shop = Shop::new("[\"REGISTRY/acme/{target}:{base-sha}\", \"REGISTRY/acme/{target}:main\"]");
    shop.push("acme/api", "main", 66_000);
    let name = |report: &Value| report["baseline"]["source"].as_str().unwrap().replace(&shop.registry.name(), "R");
    let (_, found) = shop.json();
    assert_eq!(before(&found), [Some(66_010), None]);
    assert_eq!((name(&found).as_str(), &found["baseline"]["commit"]), ("R/acme/api:main", &Value::Null));
    assert_eq!(found["targets"][1]["change"]["state"], "extra");
    shop.push("acme/web", &shop.base, 40_000);
    let (_, found) = shop.json();
    assert_eq!(before(&found), [Some(66_010), Some(40_010)]);
    assert_eq!(name(&found), format!("R/acme/web:{}, R/acme/api:main", shop.base));
}

#[test]
fn a_baseline_that_is_gone_is_missing_and_one_that_cannot_be_read_is_an_error() {
    let shop = Shop::new("\"REGISTRY/acme/{target}:{base-sha}\"");
    let screen = shop.run(&["--quiet", "api"]).run();
    let (code, found) = shop.json();
    assert_eq!((code, &found["baseline"]["state"]), (Some(0), &json!("missing")), "{}", screen.stderr);
    let reason = found["baseline"]["reason"].as_str().unwrap().replace(&shop.registry.name(), "R");
    assert_eq!(reason, format!("the registry does not have R/acme/{{target}}:{}", shop.base));
    shop.registry.guard(Guard::Token);
    insta::assert_snapshot!(shop.said(&shop.run(&["--quiet"]).run()), @"
    exit: 2
    --- stdout

    --- stderr
    error: cannot read the baseline of `api`: the token server http://127.0.0.1:PORT of 127.0.0.1:PORT asks for a login (HTTP 401, UNAUTHORIZED)
     hint: Log in: `docker login 127.0.0.1:PORT`.
    ");
    shop.registry.guard(Guard::Open);
    shop.push("acme/api", &shop.base, 60_000);
    shop.push("acme/web", &shop.base, 40_000);
    shop.registry.fail_always("/blobs/", Fault::Status(404, vec![]));
    let screen = shop.run(&["--quiet"]).run();
    assert_eq!((screen.code, screen.stdout.as_str()), (Some(2), ""), "{}", screen.stderr);
    assert!(screen.stderr.contains("cannot read the baseline of `api`"), "{}", screen.stderr);
}

#[test]
fn nobody_is_asked_offline() {
    let shop = Shop::new("\"REGISTRY/acme/{target}:main\"");
    shop.push("acme/api", "main", 60_000);
    let found = report(&shop.run(&["--format", "json", "--offline"]).run());
    assert_eq!(found["baseline"]["reason"], "--offline asks no registry");
    assert_eq!(shop.registry.requests(), [""; 0]);
}

#[test]
fn a_fork_cannot_send_the_logins_of_a_job_to_a_registry_of_its_choice() {
    let shop = Shop::new("\"REGISTRY/acme/{target}:main\"");
    shop.push("acme/api", "main", 60_000);
    let head = shop.repository.git(&["rev-parse", "HEAD"]);
    let ours = json!({ "full_name": "acme/shop" });
    let event = json!({ "pull_request": {
        "number": 5, "head": { "sha": head, "ref": "f", "repo": { "full_name": "mallory/shop" } },
        "base": { "sha": shop.base, "ref": "main", "repo": ours },
    } });
    let run = |args: &[&str]| {
        let run = shop.repository.run_in(shop.repository.path(), &[&["check", "--quiet"], args].concat());
        job(run, &shop.events, "pull_request_target", &shop.base, &event).run()
    };
    insta::assert_snapshot!(shop.said(&run(&[])), @"
    exit: 2
    --- stdout

    --- stderr
    error: budgets.toml:2: a file from a fork chooses the registry of the baseline, in a job that holds secrets (the event is pull_request_target)
     hint: Name the baseline on the command line, where no fork can change it: --baseline FILE.
    ");
    assert_eq!(shop.registry.requests(), [""; 0]);
    assert_eq!(run(&["--baseline", "none.json"]).code, Some(0));
}

#[test]
fn mistakes_are_shown_at_their_line() {
    let repository = Repository::new();
    let said = |image: &str| {
        repository.write("budgets.toml", super::BUDGETS.replace("file = \"budgets.lock\"", image));
        let screen = repository.check(&[]);
        assert_eq!(screen.code, Some(2), "{}", screen.screen());
        screen.stderr
    };
    for (image, expected) in [
        ("image = \"r.example.com/{target}:{sha}\"", "nothing stands for `{sha}`"),
        ("image = \"r.example.com/{target\"", "nothing stands for `{target`"),
        ("image = [\"r.example.com/{target}:main\", 7]", "budgets.toml:2"),
        ("image = \"r.example.com/A B:main\"", "budgets.toml:2"),
        (
            "image = \"r.example.com/{target}\"\nfile = \"x\"",
            "the baseline is both a file and the image `r.example.com/{target}`",
        ),
    ] {
        let said = said(image);
        assert!(said.contains(expected) && said.contains("budgets.toml:"), "{image}: {said}");
    }
    repository.write(
        "budgets.toml",
        "[baseline]\nimage = \"r.example.com/{target}:1\"\n[targets.API]\nimage = \"x\"\nmax-size = 1000\n",
    );
    let screen = Run::new().dir(repository.path()).args(["check"]).run();
    assert!(
        screen.stderr.contains("the baseline of `API` cannot be called `r.example.com/API:1`"),
        "{}",
        screen.stderr
    );
}
