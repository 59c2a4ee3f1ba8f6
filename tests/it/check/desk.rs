//! At a desk: what was meant by a word, whose folder this is, and the pages of the rules.

use imgbudget::catalogue::pages::example;
use imgbudget::domain::Rule;

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;
use crate::support::run::Run;

fn archive() -> Vec<u8> {
    docker_archive(&[Image::new().layer(Layer::new().zeros("app", 0o755, 1000))])
}

#[test]
fn an_image_where_a_target_goes_gets_the_command_that_was_meant() {
    let bare = Project::new();
    insta::assert_snapshot!(bare.check("node:22").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: there is no budgets.toml here, so there are no targets
     hint: `node:22` looks like an image: `imgbudget check --image node:22 --max-size 200MB`.
    ");
    insta::assert_snapshot!(bare.check("registry.example.com/acme/api --max-size 200MB").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: a budget on the command line needs an image there, too
     hint: `registry.example.com/acme/api` looks like an image: `imgbudget check --image registry.example.com/acme/api --max-size 200MB`.
    ");
    let project = Project::with("[targets.api]\narchive = \"a.tar\"\n[targets.web]\narchive = \"w.tar\"\n");
    insta::assert_snapshot!(project.check("registry.example.com/acme/web:1.2").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: no target is called `registry.example.com/acme/web:1.2`
     hint: `registry.example.com/acme/web:1.2` looks like an image: `imgbudget check --image web=registry.example.com/acme/web:1.2`.
    ");
    insta::assert_snapshot!(project.check("dist/app.tar").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: no target is called `dist/app.tar`
     hint: `dist/app.tar` looks like an archive: `imgbudget check --archive TARGET=dist/app.tar`.
    ");
    // A misspelt target stays one.
    assert!(project.check("wed").stderr.contains("Did you mean `web`?"));
}

/// Two services and what is at the root.
fn monorepo() -> Project {
    Project::with(
        "include = [\"tools/budgets.toml\"]
[defaults]
max-size = \"5 kB\"
[targets.api]
context = \"services/api\"
[targets.api-debug]
context = \".\"
dockerfile = \"services/api/debug.Dockerfile\"
[targets.web]
archive = \"services/web/dist/web.tar\"
",
    )
    .file("tools/budgets.toml", "[targets.lint]\narchive = \"../lint.tar\"\n")
    .file("services/api/Dockerfile", "FROM scratch\nCOPY app /app\n")
    .file("services/api/debug.Dockerfile", "FROM scratch\nCOPY app /app\n")
    .file("services/web/dist/web.tar", archive())
    .file("services/web/src/main.js", "")
    .file("lint.tar", archive())
}

#[test]
fn from_a_folder_its_own_targets_are_checked() {
    let project = monorepo();
    let from = |folder: &str, args: &[&str]| {
        Run::new().dir(project.path(folder)).args(["check"]).args(args.iter().copied()).run()
    };
    insta::assert_snapshot!(from("services/web", &[]).screen(), @"
    exit: 0
    --- stdout
    Target    Size  Budget  Headroom
    ────────────────────────────────
    ✓ web   1.0 kB  5.0 kB    4.0 kB

    image: archive dist/web.tar, [DIGEST]

    ✓ web 1.0 kB, 4.0 kB left
    --- stderr
    note: checking web, whose folder this is; --all checks all 4
    ");
    let said = |folder: &str, args: &[&str]| from(folder, &[&["--no-build"], args].concat()).stderr;
    assert!(
        said("services/api", &[]).contains("note: checking api, api-debug, whose folder this is; --all checks all 4")
    );
    assert!(said("tools", &[]).contains("note: checking lint, whose folder this is"));
    // A source for another target asks for that one, too.
    let other = from("services/web", &["--archive", "lint=../../lint.tar"]);
    assert!(other.stdout.contains("✓ both within budget"), "{}", other.stdout);
    // What lies deeper is its own folder; where nothing is, at the root and with --all it is all of them.
    assert!(said("services/web/dist", &[]).contains("checking web"));
    for (folder, args) in
        [("services/web/src", &[][..]), ("", &[]), ("services", &["--all"]), ("services/api", &["--all"])]
    {
        let shown = said(folder, args);
        assert!(!shown.contains("whose folder"), "{folder}: {shown}");
    }
}

#[test]
fn a_rule_is_explained() {
    let explain = |args: &[&str]| Run::new().args(["explain"]).args(args.iter().copied()).screen();
    insta::assert_snapshot!(explain(&["root-user"]), @r#"
    exit: 0
    --- stdout
    root-user: The image does not run as root

    Reads the user of the image's config. A process that runs as root in its
    container is root for whatever it can break out to. End the last stage with a
    USER instruction; a number works even without /etc/passwd.

    In budgets.toml:

        require-non-root = true

    In the last stage of the Dockerfile:

        USER 65532:65532

    An image without `USER` runs as root, and so does `USER 0`. A `USER` that is a
    name is taken at its word: whether /etc/passwd gives that name the number 0 is
    not looked up. `require-non-root = "warn"` only warns.

    To allow it:

        [[allow]]
        targets = ["api"]
        rule = "root-user"
        reason = "binds port 53 until the cluster grants the capability"

    Excuse it: imgbudget allow TARGET root-user --reason "…"
    --- stderr
    "#);
    insta::assert_snapshot!(explain(&[]), @"
    exit: 0
    --- stdout
    wrong-stage      The image is the stage that the budget expects
    size             The image is no larger than its budget
    compressed-size  What a registry stores and a node pulls is no larger than its
                     budget
    own-size         The layers above the base image are no larger than their budget
    layers           The image has no more layers than its budget
    layer-size       No layer is larger than the budget
    wasted           Few bytes are shipped that the final file system does not show
    growth           The image has not grown more than its budget since the baseline
    own-growth       The layers above the base image have not grown more than their
                     budget since the baseline
    os-packages      The image has no more packages of the operating system than its
                     budget
    forbidden-tool   No forbidden tool is in the image
    shadowed-tool    No forbidden tool was deleted by a later layer
    forbidden-path   No forbidden path is in the image
    root-user        The image does not run as root
    fleet-size       All targets together are no larger than their budget
    expired-allow    No exception is past its date
    budget-changed   The budget allows no more than it did at the baseline
    no-budget        Every target is judged by at least one rule
    --- stderr
    ");
    insta::assert_snapshot!(explain(&["forbiden-tool"]), @"
    exit: 2
    --- stdout

    --- stderr
    error: `forbiden-tool` is not a rule
     hint: Did you mean `forbidden-tool`? The rules are wrong-stage, size, compressed-size, own-size, layers, layer-size, wasted, growth, own-growth, os-packages, forbidden-tool, shadowed-tool, forbidden-path, root-user, fleet-size, expired-allow, budget-changed, no-budget.
    ");
    assert_eq!(explain(&["max-size"]), explain(&["size"]));
    for rule in Rule::ALL {
        let screen = Run::new().args(["explain", rule.code()]).run();
        assert!(screen.code == Some(0) && screen.stdout.starts_with(&format!("{rule}: ")), "{rule}");
    }
}

#[test]
fn every_example_of_a_page_is_a_budget() {
    for rule in Rule::ALL {
        let Some(example) = example(rule) else { continue };
        let target = "[targets.api]\narchive = \"api.tar\"\nmax-size = \"1 MB\"\n";
        let budgets = if example.starts_with('[') {
            format!("{target}{example}\n")
        } else if example.starts_with("max-size") {
            format!("[targets.api]\narchive = \"api.tar\"\n{example}\n")
        } else {
            format!("{target}{example}\n")
        };
        let screen = Project::with(&budgets).file("api.tar", archive()).check("");
        assert_ne!(screen.code, Some(2), "{rule}: {}", screen.stderr);
    }
}
