//! Change and growth against a baseline, from end to end: archives made in code, files and git refs as baselines.

mod growth;
mod refs;
mod update;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::run::{Run, Screen};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// Two targets under a budget for growth.
const BUDGETS: &str = "\
[baseline]
file = \"budgets.lock\"

[defaults]
max-size = \"1 MB\"
max-growth = { larger-of = [\"10 kB\", \"10%\"] }

[targets.api]
archive = \"api.tar\"

[targets.web]
archive = \"web.tar\"
";

/// A folder with budgets.toml and archives of 60 kB and 40 kB.
pub(crate) struct Shop(TempDir);

impl Shop {
    pub(crate) fn new() -> Self {
        let shop = Self(tempfile::tempdir().unwrap());
        shop.write("budgets.toml", BUDGETS);
        shop.image("api", 60_000);
        shop.image("web", 40_000);
        shop
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// An image with a base of 10 kB and one layer for the rest.
    pub(crate) fn image(&self, name: &str, size: usize) {
        self.image_on(name, 10_000, size - 10_000);
    }

    fn image_on(&self, name: &str, base: usize, own: usize) {
        let base = Layer::new().zeros("base", 0o644, base);
        let own = Layer::new().zeros("own", 0o644, own);
        let image = Image::new().layer_by(base, "ADD rootfs.tar /").layer_by(own, "RUN make").named("shop/x:1");
        self.write(&format!("{name}.tar"), docker_archive(&[image]));
    }

    pub(crate) fn run(&self, args: &[&str]) -> Screen {
        Run::new().dir(self.path()).args(args.iter().copied()).run()
    }

    pub(crate) fn screen(&self, args: &[&str]) -> String {
        self.run(args).screen()
    }

    /// The JSON of a run, and its exit code.
    pub(crate) fn json(&self, args: &[&str]) -> (Option<i32>, Value) {
        let screen = self.run(&[&["check", "--format", "json"], args].concat());
        (screen.code, serde_json::from_str(&screen.stdout).unwrap_or_else(|_| panic!("{}", screen.stderr)))
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path())
            .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
            .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")])
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        assert!(output.status.success(), "git {args:?}: {}{}", text(output.stdout), text(output.stderr));
        text(output.stdout).trim().to_owned()
    }

    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn repository(self) -> Self {
        self.git(&["init", "--quiet", "--initial-branch", "main"]);
        self
    }
}

fn states(report: &Value) -> Vec<&str> {
    let targets = report["targets"].as_array().unwrap();
    targets.iter().map(|target| target["change"]["state"].as_str().unwrap_or("-")).collect()
}

#[test]
fn the_first_run_has_no_baseline_and_passes() {
    let shop = Shop::new();
    insta::assert_snapshot!(shop.screen(&["check", "--quiet"]), @"
    exit: 0
    --- stdout
    Target     Size  Budget  Headroom
    ─────────────────────────────────
    ✓ api   60.0 kB  1.0 MB  940.0 kB
    ✓ web   40.0 kB  1.0 MB  960.0 kB

    baseline: none yet (budgets.lock: no such file)
    image: api: archive api.tar, [DIGEST]
    image: web: archive web.tar, [DIGEST]
    not judged: growth: no baseline yet

    ✓ both within budget; least headroom: api 940.0 kB
    --- stderr
    ");
    let (code, report) = shop.json(&[]);
    assert_eq!((code, states(&report)), (Some(0), vec!["-", "-"]));
    assert_eq!(report["baseline"]["state"], "missing");
    assert_eq!(report["targets"][0]["not_judged"][0]["reason"], "no baseline yet");
}

#[test]
fn extra_targets_and_those_not_in_this_run() {
    let shop = Shop::new();
    shop.run(&["update", "web"]);
    let (code, report) = shop.json(&[]);
    assert_eq!((code, states(&report)), (Some(0), vec!["extra", "same"]));
    assert_eq!(report["targets"][0]["not_judged"][0]["reason"], "not in the baseline");
    let (_, report) = shop.json(&["api"]);
    assert_eq!(report["baseline"]["state"], "found");
    assert_eq!(report["baseline"]["not_in_run"][0]["name"], "web");
    insta::assert_snapshot!(shop.screen(&["check", "--quiet", "api"]), @"
    exit: 0
    --- stdout
    Target     Size  Change  Budget  Headroom
    ─────────────────────────────────────────
    ✓ api   60.0 kB     new  1.0 MB  940.0 kB

    baseline: budgets.lock; not in this run: web (linux/amd64)
    image: archive api.tar, [DIGEST]
    not judged: growth: not in the baseline

    ✓ api 60.0 kB, 940.0 kB left
    --- stderr
    ");
    // One that could not be measured was in the run.
    shop.write("web.tar", "no archive");
    let (code, report) = shop.json(&["web"]);
    assert_eq!((code, &report["baseline"]["not_in_run"]), (Some(2), &serde_json::json!([])));
}

#[test]
fn other_definitions_are_not_compared_with() {
    let shop = Shop::new();
    shop.write("budgets.lock", "imgbudget.lock/1 content/0\n\napi linux/amd64 size=1\n");
    insta::assert_snapshot!(shop.screen(&["check", "--quiet"]), @"
    exit: 0
    --- stdout
    Target     Size  Budget  Headroom
    ─────────────────────────────────
    ✓ api   60.0 kB  1.0 MB  940.0 kB
    ✓ web   40.0 kB  1.0 MB  960.0 kB

    baseline: budgets.lock was measured by another definition of size (content/0),
              so nothing is compared
    image: api: archive api.tar, [DIGEST]
    image: web: archive web.tar, [DIGEST]
    not judged: growth: the baseline was measured by another definition

    ✓ both within budget; least headroom: api 940.0 kB
    --- stderr
    ");
    shop.write("main.json", r#"{"schema": "imgbudget.report/1", "definition": "content/0"}"#);
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!((code, &report["baseline"]["state"]), (Some(0), &Value::from("other-definition")));
}

#[test]
fn broken_baselines_stop_the_run() {
    let shop = Shop::new();
    shop.write(
        "budgets.lock",
        "imgbudget.lock/1 content/1\n\n<<<<<<< HEAD\napi linux/amd64 size=1\n=======\n>>>>>>> x\n",
    );
    insta::assert_snapshot!(shop.screen(&["check"]), @"
    exit: 2
    --- stdout

    --- stderr
    error: budgets.lock:3: git left a conflict here
     hint: Run `imgbudget update`: it measures again and writes the whole file.
    ");
    insta::assert_snapshot!(shop.screen(&["update", "api"]), @"
    exit: 2
    --- stdout

    --- stderr
    error: budgets.lock:3: git left a conflict here
     hint: Run `imgbudget update` without TARGET and --platform: it measures all and writes the whole file.
    ");
    assert_eq!(shop.run(&["update"]).code, Some(0));
    assert_eq!(shop.run(&["check"]).code, Some(0));
    for (content, said) in [
        ("{", "`b` cannot be a baseline: this is not a report of imgbudget"),
        ("{\"schema\": \"imgbudget.report/9\"}", "the report is of format `imgbudget.report/9`"),
        ("sizes: 1", "`b` is neither a JSON report nor a lock file of imgbudget"),
        ("", "`b` is neither a JSON report nor a lock file of imgbudget"),
        (
            "imgbudget.lock/1 content/1\napi\n",
            "b:2: not `TARGET PLATFORM size=BYTES [base=BYTES] [compressed=BYTES]` in `api`",
        ),
    ] {
        shop.write("b", content);
        let screen = shop.run(&["check", "--baseline", "b"]);
        assert_eq!((screen.code, screen.stdout.as_str()), (Some(2), ""), "{content}");
        assert!(screen.stderr.contains(said), "{content}: {}", screen.stderr);
    }
    assert_eq!(shop.run(&["check", "--baseline", "."]).code, Some(2));
    assert!(Command::new("mkfifo").arg(shop.path().join("pipe")).status().unwrap().success());
    let pipe = shop.run(&["check", "--baseline", "pipe"]);
    assert!(pipe.stderr.contains("cannot read the baseline `pipe`: it is a named pipe, not a file"), "{}", pipe.stderr);
    assert_eq!(shop.run(&["check", "--baseline", "nothing/here"]).code, Some(0));
}
