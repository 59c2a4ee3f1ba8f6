//! Change and growth against a baseline, from end to end: archives made in code, files and git refs as baselines.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::images::{Image, Layer, Stored, docker_archive, oci_files};
use crate::support::run::{Run, Screen};

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
fn update_writes_what_check_reads() {
    let shop = Shop::new();
    insta::assert_snapshot!(shop.screen(&["update", "--quiet"]), @"
    exit: 0
    --- stdout

    --- stderr
    ");
    insta::assert_snapshot!(shop.read("budgets.lock"), @"
    imgbudget.lock/1 content/1
    # Sizes in bytes, written by `imgbudget update`. The empty lines let git merge changes of neighbours.

    api linux/amd64 size=60_000

    web linux/amd64 size=40_000
    ");
    shop.image("api", 72_000);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet"]), @r#"
    exit: 1
    --- stdout
    Target     Size    Change  Budget  Headroom
    ───────────────────────────────────────────
    ✗ api   72.0 kB  +12.0 kB  1.0 MB  928.0 kB
    ✓ web   40.0 kB         –  1.0 MB  960.0 kB

    ✗ api  grew 2.0 kB too much
      largest
      62.0 kB  layer 2 of 2  RUN make
      10.0 kB  layer 1 of 2  ADD rootfs.tar /
      → build in an earlier stage and copy only what runs
      Needed? imgbudget allow api growth --up-to 12kB --reason "…"

    baseline: budgets.lock
    image: api: archive api.tar, [DIGEST]
    image: web: archive web.tar, [DIGEST]

    ✗ 1 of 2 over: api 72.0 kB (+12.0 kB), grew 2.0 kB too much
    --- stderr
    "#);
    shop.run(&["update"]);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet"]), @"
    exit: 0
    --- stdout
    Target     Size  Change  Budget  Headroom
    ─────────────────────────────────────────
    ✓ api   72.0 kB       –  1.0 MB  928.0 kB
    ✓ web   40.0 kB       –  1.0 MB  960.0 kB

    baseline: budgets.lock
    image: api: archive api.tar, [DIGEST]
    image: web: archive web.tar, [DIGEST]

    ✓ both within budget; least headroom: api 928.0 kB
    --- stderr
    ");
}

#[test]
fn growth_at_its_limit_and_above() {
    let shop = Shop::new();
    shop.run(&["update"]);
    for (size, code) in [(60_000, 0), (70_000, 0), (70_001, 1), (20_000, 0)] {
        shop.image("api", size);
        assert_eq!(shop.run(&["check"]).code, Some(code), "{size}");
    }
    // 10 % of 200 kB is more than 10 kB.
    shop.image("api", 200_000);
    shop.run(&["update"]);
    for (size, code) in [(220_000, 0), (220_001, 1)] {
        shop.image("api", size);
        assert_eq!(shop.run(&["check"]).code, Some(code), "{size}");
    }
    let soft = BUDGETS.replace("{ larger-of = [\"10 kB\", \"10%\"] }", "{ warn = \"10%\", fail = \"50%\" }");
    shop.write("budgets.toml", &soft);
    let (code, report) = shop.json(&[]);
    assert_eq!((code, &report["verdict"]), (Some(0), &Value::from("warn")));
    shop.write(
        "budgets.toml",
        format!(
            "{soft}\n[[allow]]\nrule = \"growth\"\nup-to = \"11%\"\nuntil = 2999-01-01\nreason = \"the new library\"\n"
        ),
    );
    let (code, report) = shop.json(&[]);
    assert_eq!((code, &report["verdict"]), (Some(0), &Value::from("pass")));
}

#[test]
fn a_report_as_baseline_knows_layers_and_findings() {
    let shop = Shop::new();
    shop.write("budgets.toml", BUDGETS.replace("[baseline]\nfile = \"budgets.lock\"\n", ""));
    assert_eq!(shop.run(&["check", "--write", "json=main.json"]).code, Some(0));
    shop.image("api", 90_000);
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!((code, states(&report)), (Some(1), vec!["changed", "same"]));
    let api = &report["targets"][0];
    let change = serde_json::json!({
        "state": "changed", "size_before": 60_000, "base_size_before": null, "compressed_size_before": null,
        "layers": [{ "index": 1, "created_by": "RUN make", "before": 50_000, "after": 80_000 }],
    });
    assert_eq!(api["change"], change);
    let finding = &api["findings"][0];
    assert_eq!((&finding["rule"], &finding["is_new"]), (&Value::from("growth"), &Value::from(true)));
    assert_eq!(finding["layer"]["index"], 1);
    let schema = jsonschema::validator_for(&imgbudget::report::schema()).unwrap();
    assert!(schema.is_valid(&report), "{report:#}");
    // What is written is read back: today's report is tomorrow's baseline.
    shop.write("main.json", report.to_string());
    let (code, report) = shop.json(&["--baseline", "main.json"]);
    assert_eq!((code, states(&report)), (Some(0), vec!["same", "same"]));
}

/// What the table, the comment, an annotation, SARIF and the JSON report say of whom to blame for a size: a layer, and the line to change.
fn blamed(shop: &Shop, archive: &str) -> [String; 5] {
    let run = Run::new().dir(shop.path()).env("GITHUB_ACTIONS", "true");
    let formats = ["markdown", "sarif", "json"].map(|format| format!("--write={format}=said.{format}"));
    let flags = ["--quiet", "--annotations", "--baseline", "main.json", "--archive", archive];
    let screen = run.args(["check"]).args(flags).args(formats).run();
    let line = |text: &str, mark: &str| {
        let found = text.lines().find(|line| line.contains(mark));
        found.unwrap_or_else(|| panic!("no {mark} in\n{text}")).trim().to_owned()
    };
    let comment = shop.read("said.markdown");
    let comment = comment.lines().find(|line| line.starts_with("- ")).expect("says whom");
    let json: Value = serde_json::from_str(&shop.read("said.json")).expect("JSON");
    let sarif: Value = serde_json::from_str(&shop.read("said.sarif")).expect("JSON");
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let layer = &json["targets"][0]["findings"][0]["layer"];
    [
        line(&screen.stdout, "  Dockerfile:"),
        comment.split("<br>").next().unwrap_or_default().to_owned(),
        line(&screen.stderr, "size::").split(",title").next().unwrap_or_default().to_owned(),
        format!("{} {}", location["artifactLocation"]["uri"], location["region"]["startLine"]),
        format!("{} {}", layer["index"], layer["role"]),
    ]
}

#[test]
fn all_formats_blame_one_layer() {
    let shop = Shop::new();
    shop.write("Dockerfile", "FROM base\nRUN make\n");
    shop.write("budgets.toml", "[targets.api]\ncontext = \".\"\nmax-size = \"80 kB\"\n");
    shop.image_on("api", 50_000, 10_000);
    assert_eq!(shop.run(&["check", "--archive", "api=api.tar", "--write", "json=main.json"]).code, Some(0));
    // Newly over: the largest layer was there before.
    shop.image_on("api", 50_000, 40_000);
    insta::assert_snapshot!(blamed(&shop, "api=api.tar").join("\n"), @r#"
    30.0 kB  Dockerfile:2  RUN make  new
    - `Dockerfile:2` `RUN make` · **+30.0 kB** · frees ≤ 30.0 kB
    ::error file=Dockerfile,line=2
    "Dockerfile" 2
    1 "grew-most"
    "#);
    // Over before: what is largest has most to give.
    assert_eq!(shop.run(&["check", "--archive", "api=api.tar", "--write", "json=main.json"]).code, Some(1));
    shop.image_on("api", 50_000, 45_000);
    insta::assert_snapshot!(blamed(&shop, "api=api.tar").join("\n"), @r#"
    50.0 kB  Dockerfile:1  FROM base, 1 layer
    - `base`: largest layer: `api`
    ::error file=Dockerfile,line=1
    "Dockerfile" 1
    0 "largest"
    "#);
}

#[test]
fn growth_of_the_base_image_is_told_from_ones_own() {
    let shop = Shop::new();
    shop.write("Dockerfile", "FROM base\nRUN make\n");
    shop.write(
        "budgets.toml",
        "[baseline]\nfile = \"budgets.lock\"\n[targets.api]\ncontext = \".\"\nmax-growth = \"20 kB\"\n",
    );
    let (measure, archive) = ("--archive", "api=api.tar");
    assert_eq!(shop.run(&["update", measure, archive]).code, Some(0));
    assert!(shop.read("budgets.lock").ends_with("\napi linux/amd64 size=60_000 base=10_000\n"));
    assert_eq!(shop.run(&["check", measure, archive, "--write", "json=main.json"]).code, Some(0));
    shop.image_on("api", 38_000, 50_200);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet", measure, archive]), @r#"
    exit: 0
    --- stdout
    Target     Size    Change  Budget  Headroom
    ───────────────────────────────────────────
    ! api   88.2 kB  +28.2 kB       –         –

    ! api  grew 8.2 kB too much, by its base image
      largest
      50.2 kB  Dockerfile:2  RUN make
      38.0 kB  Dockerfile:1  FROM base, 1 layer
      → build in an earlier stage and copy only what runs
      base grew 28.0 kB, yours grew 200 B
      Needed? imgbudget allow api growth --up-to 29kB --reason "…"

    baseline: budgets.lock
    image: archive api.tar, [DIGEST]

    ! api 88.2 kB (+28.2 kB), grew 8.2 kB too much, by its base image
    --- stderr
    "#);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet", measure, archive, "--baseline", "main.json"]), @r#"
    exit: 0
    --- stdout
    Target     Size    Change  Budget  Headroom
    ───────────────────────────────────────────
    ! api   88.2 kB  +28.2 kB       –         –

    ! api  grew 8.2 kB too much, by its base image
          grew
      +28.0 kB  Dockerfile:1  FROM base: ADD rootfs.tar /
                → start from a smaller base image
        +200 B  Dockerfile:2  RUN make
      base grew 28.0 kB, yours grew 200 B
      Needed? imgbudget allow api growth --up-to 29kB --reason "…"

    baseline: main.json
    image: archive api.tar, [DIGEST]

    ! api 88.2 kB (+28.2 kB), grew 8.2 kB too much, by its base image
    --- stderr
    "#);
    let markdown = shop.run(&["check", measure, archive, "--format", "markdown"]).stdout;
    let markdown = markdown.replace('\u{a0}', " ");
    assert!(markdown.contains("moved: +28.0 kB in 1 image, your layers +200 B"), "{markdown}");
    shop.image_on("api", 10_000, 80_001);
    let own = shop.run(&["check", measure, archive]).stdout;
    assert!(own.contains("✗ api  grew 10.0 kB too much") && !own.contains("base grew"), "{own}");
    let markdown = shop.run(&["check", measure, archive, "--format", "markdown"]).stdout;
    assert!(!markdown.contains("the base image grew"), "{markdown}");
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

#[test]
fn update_is_whole_or_not_at_all() {
    let shop = Shop::new();
    shop.run(&["update"]);
    let before = shop.read("budgets.lock");
    shop.image("api", 99_000);
    shop.write("web.tar", "no archive");
    insta::assert_snapshot!(shop.screen(&["update", "--quiet"]), @"
    exit: 2
    --- stdout

    --- stderr
    error: web: web.tar is not an image archive
     hint: An archive is what `docker save`, `podman save`, skopeo, or `docker buildx build --output type=oci` (or `type=docker`) writes.
    error: 1 of 2 targets could not be measured
     hint: `budgets.lock` is as it was.
    ");
    assert_eq!(shop.read("budgets.lock"), before);
    assert_eq!(shop.run(&["update", "api"]).code, Some(0));
    assert_eq!(shop.read("budgets.lock"), before.replace("60_000", "99_000"));
    let odd = Image::new().layer(Layer::new().zeros("a", 0o644, 5)).platform("li nux/amd64").named("x:1");
    shop.write("web.tar", docker_archive(&[odd]));
    let screen = shop.run(&["update", "web"]);
    assert_eq!(screen.code, Some(2));
    assert!(screen.stderr.contains("the image of `web` has no platform but `li nux/amd64`"), "{}", screen.stderr);
    shop.write("budgets.lock", "{}");
    let screen = shop.run(&["update", "api"]);
    assert_eq!((screen.code, shop.read("budgets.lock").as_str()), (Some(2), "{}"), "{}", screen.stderr);
}

#[test]
fn compressed_sizes_and_platforms_have_their_place() {
    let shop = Shop::new();
    let image = Image::new().stored(Stored::Gzip).layer(Layer::new().zeros("a", 0o644, 5000)).platform("linux/arm/v7");
    shop.write("api.tar", oci_files(&[image]).tar());
    shop.run(&["update"]);
    let lock = shop.read("budgets.lock");
    assert!(lock.contains("\napi linux/arm/v7 size=5_000 compressed="), "{lock}");
    shop.image("api", 60_000);
    shop.run(&["update", "--platform", "linux/amd64", "api"]);
    let both = shop.read("budgets.lock");
    assert!(both.contains("\napi linux/amd64 size=60_000\n\napi linux/arm/v7 size=5_000 compressed="), "{both}");
    shop.run(&["update", "api"]);
    assert!(!shop.read("budgets.lock").contains("arm"));
}

#[test]
fn a_git_ref_is_read_as_it_was_committed() {
    let shop = Shop::new().repository();
    shop.commit("without a lock file");
    let none = shop.json(&["--baseline-ref", "main"]);
    assert_eq!((none.0, &none.1["baseline"]["state"]), (Some(0), &Value::from("missing")));
    shop.run(&["update"]);
    let then = shop.commit("sizes");
    shop.git(&["checkout", "--quiet", "-b", "feature"]);
    shop.image("api", 65_000);
    shop.run(&["update"]);
    shop.commit("larger");
    shop.commit("more work");
    let (code, report) = shop.json(&["--baseline-ref", "main"]);
    assert_eq!((code, states(&report)), (Some(0), vec!["changed", "same"]));
    let baseline = &report["baseline"];
    assert_eq!((&baseline["commit"], &baseline["behind"]), (&Value::from(then.as_str()), &Value::from(2)));
    assert_eq!((&baseline["source"], &baseline["how"]), (&Value::from("budgets.lock at main"), &Value::from("ref")));
    let shown = shop.run(&["check", "--baseline-ref", "main"]).stdout;
    assert!(shown.contains(&format!("baseline: budgets.lock at main ({}), 2 commits behind\n", &then[..7])), "{shown}");
    // The working copy's own lock file is the default.
    assert_eq!(states(&shop.json(&[]).1), ["same", "same"]);
    // From a folder below, and by a relative revision.
    fs::create_dir(shop.path().join("deep")).unwrap();
    let deep =
        Run::new().dir(shop.path().join("deep")).args(["check", "--baseline-ref", "HEAD~1", "--format", "json"]).run();
    let report: Value = serde_json::from_str(&deep.stdout).unwrap();
    assert_eq!(states(&report), ["same", "same"]);
}

#[test]
fn refs_that_are_not_there_or_not_refs() {
    let shop = Shop::new().repository();
    shop.commit("first");
    insta::assert_snapshot!(shop.screen(&["check", "--quiet", "--baseline-ref", "origin/main"]), @"
    exit: 2
    --- stdout

    --- stderr
    error: --baseline-ref: this repository has no `origin/main`
     hint: Did you mean `main`? `git fetch` brings what only the remote has.
    ");
    let typo = shop.run(&["check", "--baseline-ref", "mian"]).stderr;
    assert!(typo.contains("no `mian`\n hint: Did you mean `main`?"), "{typo}");
    let unlike = shop.run(&["check", "--baseline-ref", "release-7"]).stderr;
    assert!(unlike.contains("hint: Give a branch, a tag or a commit that is here;"), "{unlike}");
    for wrong in
        ["--baseline-ref=--output=stolen", "--baseline-ref=main:budgets.toml", "--baseline-ref=", "--baseline-ref=a..b"]
    {
        let screen = shop.run(&["check", wrong]);
        assert_eq!(screen.code, Some(2), "{wrong}");
        assert!(screen.stderr.contains("is not the name of a commit"), "{wrong}: {}", screen.stderr);
    }
    assert!(!shop.path().join("stolen").exists());
    assert_eq!(shop.run(&["check", "--baseline", "x", "--baseline-ref", "main"]).code, Some(2));
    // A broken lock file is an error at a ref, too.
    shop.write("budgets.lock", "imgbudget.lock/1 content/1\nnonsense\n");
    shop.commit("broken");
    let screen = shop.run(&["check", "--baseline-ref", "main"]);
    assert_eq!(screen.code, Some(2));
    assert!(screen.stderr.contains("budgets.lock at main:2: not `TARGET PLATFORM"), "{}", screen.stderr);
    // Outside of any repository.
    let outside = Shop::new();
    assert_eq!(outside.json(&["--baseline-ref", "main"]).1["baseline"]["state"], "missing");
}

#[test]
fn how_far_a_report_is_behind_is_asked_of_git() {
    let shop = Shop::new().repository();
    let then = shop.commit("first");
    shop.run(&["check", "--write", "json=main.json"]);
    let behind = |shop: &Shop| shop.json(&["--baseline", "main.json"]).1["baseline"]["behind"].clone();
    assert_eq!(behind(&shop), 0);
    shop.commit("second");
    shop.commit("third");
    assert_eq!(behind(&shop), 2);
    // Commits that git does not have, or that are none.
    let report = shop.read("main.json");
    for other in ["0123456789012345678901234567890123456789", "--output=stolen"] {
        shop.write("main.json", report.replace(&then, other));
        let (_, report) = shop.json(&["--baseline", "main.json"]);
        let commit = if other.starts_with('-') { Value::Null } else { other.into() };
        assert_eq!((&report["baseline"]["commit"], &report["baseline"]["behind"]), (&commit, &Value::Null));
    }
    assert!(!shop.path().join("stolen").exists());
    // A shallow clone has both commits and not what lies between.
    shop.write("main.json", &report);
    let url = format!("file://{}", shop.path().display());
    shop.git(&["clone", "--quiet", "--depth", "3", &url, "clone"]);
    let clone = Run::new().dir(shop.path().join("clone"));
    let json = shop.path().join("main.json");
    let screen = clone.args(["check", "--format", "json", "--baseline"]).args([json]).run();
    let report: Value = serde_json::from_str(&screen.stdout).unwrap();
    assert_eq!((&report["baseline"]["commit"], &report["baseline"]["behind"]), (&Value::from(then), &Value::Null));
}

#[test]
fn git_merges_changes_of_neighbours() {
    let shop = Shop::new().repository();
    shop.run(&["update"]);
    shop.commit("sizes");
    shop.git(&["checkout", "--quiet", "-b", "feature"]);
    shop.image("api", 61_000);
    shop.run(&["update"]);
    shop.commit("api");
    shop.git(&["checkout", "--quiet", "main"]);
    shop.image("web", 41_000);
    shop.run(&["update"]);
    shop.git(&["add", "budgets.lock", "web.tar"]);
    shop.commit("web");
    shop.git(&["merge", "--quiet", "feature"]);
    let lock = shop.read("budgets.lock");
    assert!(lock.contains("api linux/amd64 size=61_000\n") && lock.contains("web linux/amd64 size=41_000\n"), "{lock}");
    let (code, report) = shop.json(&[]);
    assert_eq!((code, states(&report)), (Some(0), vec!["same", "same"]));
}

#[test]
fn without_a_baseline_in_the_file_update_says_how_it_is_read() {
    let shop = Shop::new();
    shop.write("budgets.toml", BUDGETS.replace("[baseline]\nfile = \"budgets.lock\"\n", ""));
    let screen = shop.run(&["update"]);
    assert!(screen.stderr.contains("with `[baseline] file = \"budgets.lock\"` in budgets.toml"), "{}", screen.stderr);
    assert!(shop.json(&[]).1["baseline"].is_null());
    let (_, report) = shop.json(&["--baseline", "budgets.lock"]);
    assert_eq!(states(&report), ["same", "same"]);
}
