//! From verdicts to exit codes: what one target does to the others, and what flags change.

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

fn archive(size: usize) -> Vec<u8> {
    docker_archive(&[Image::new().layer(Layer::new().zeros("app", 0o755, size))])
}

fn project(budgets: &str) -> Project {
    Project::with(budgets)
        .file("small.tar", archive(1000))
        .file("large.tar", archive(9000))
        .file("broken.tar", "no tar")
}

const THREE: &str = r#"
[defaults]
max-size = "5 kB"
[targets.small]
archive = "small.tar"
[targets.broken]
archive = "broken.tar"
[targets.large]
archive = "large.tar"
"#;

#[test]
fn one_error_does_not_stop_the_others_and_two_wins_over_one() {
    insta::assert_snapshot!(project(THREE).check("").screen(), @r#"
    exit: 2
    --- stdout
    Target      Size  Budget     Headroom
    ─────────────────────────────────────
    ✓ small   1.0 kB  5.0 kB       4.0 kB
    ✗ broken       –       –            –
    ✗ large   9.0 kB  5.0 kB  4.0 kB over

    ✗ broken: broken.tar is not an image archive
      hint: An archive is what `docker save`, `podman save`, skopeo, or `docker
            buildx build --output type=oci` (or `type=docker`) writes.

    ✗ large  size 4.0 kB over
      largest
       9.0 kB  layer 1 of 1  COPY 0 /
               → copy only what runs
      Needed? imgbudget allow large size --up-to 9kB --reason "…"

    image: small: archive small.tar, [DIGEST]
    image: large: archive large.tar, [DIGEST]

    ✗ 1 of 3 could not be measured: broken; 1 of 3 over: large 9.0 kB, 4.0 kB over
    --- stderr
    "#);
}

#[test]
fn exit_codes() {
    let project = project(THREE);
    let code = |args: &str| project.check(args).code;
    assert_eq!(code("small"), Some(0));
    assert_eq!(code("large"), Some(1));
    assert_eq!(code("small large"), Some(1));
    assert_eq!(code("large broken"), Some(2));
    let forgiven = project.check("large --fail-on never");
    assert_eq!((forgiven.code, forgiven.stderr.as_str()), (Some(0), "note: exit code 0: --fail-on never\n"));
    assert_eq!(code("broken --fail-on never"), Some(2));
}

#[test]
fn a_warning_is_zero_unless_it_is_asked_for() {
    let budgets = "[targets.large]\narchive = \"large.tar\"\nmax-size = { warn = \"5 kB\", fail = \"10 kB\" }\n";
    let project = project(budgets);
    insta::assert_snapshot!(project.check("").screen(), @r#"
    exit: 0
    --- stdout
    Target     Size   Budget  Headroom
    ──────────────────────────────────
    ! large  9.0 kB  10.0 kB    1.0 kB

    ! large  size 4.0 kB over its warning limit
      largest
       9.0 kB  layer 1 of 1  COPY 0 /
               → copy only what runs
      Needed? imgbudget allow large size --up-to 9kB --reason "…"

    image: archive large.tar, [DIGEST]

    ! large 9.0 kB, size 4.0 kB over its warning limit
    --- stderr
    "#);
    let strict = project.check("--fail-on warning");
    assert_eq!(strict.code, Some(1));
    assert_eq!(strict.stderr, "note: exit code 1: --fail-on warning, and there are warnings\n");
}

#[test]
fn a_rule_that_cannot_be_judged_is_named_and_strict_minds() {
    let budgets =
        "[targets.small]\narchive = \"small.tar\"\nmax-size = \"5 kB\"\nmax-growth = \"1 kB\"\nmax-os-packages = 9\n";
    let project = project(budgets);
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 0
    --- stdout
    Target     Size  Budget  Headroom
    ─────────────────────────────────
    ✓ small  1.0 kB  5.0 kB    4.0 kB

    image: archive small.tar, [DIGEST]
    not judged: growth: no baseline yet

    ✓ small 1.0 kB, 4.0 kB left
    --- stderr
    ");
    let strict = project.check("--strict");
    assert_eq!(strict.code, Some(2));
    assert_eq!(strict.stderr, "note: exit code 2: --strict, and growth was not judged\n");
}

#[test]
fn no_budget_is_never_green() {
    insta::assert_snapshot!(project("[targets.small]\narchive = \"small.tar\"\n").check("").screen(), @r#"
    exit: 0
    --- stdout
    Target     Size  Budget  Headroom
    ─────────────────────────────────
    ! small  1.0 kB       –         –

    ! small  no budget
      –  budgets.toml:1  no budget → set max-size = "1.3 kB"

    image: archive small.tar, [DIGEST]

    ! small 1.0 kB, no budget
    --- stderr
    "#);
}

#[test]
fn every_rule_in_one_picture() {
    let layer = Layer::new()
        .file("usr/local/lib/node_modules/npm/bin/npm-cli.js", 0o755, vec![1; 4000])
        .symlink("usr/local/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js")
        .symlink("usr/local/bin/npx", "../lib/node_modules/npm/bin/npm-cli.js")
        .file("usr/bin/gcc-12", 0o755, vec![1; 2000])
        .symlink("usr/bin/gcc", "gcc-12");
    let image = Image::new()
        .layer_by(layer, "RUN /bin/sh -c apt-get install -y gcc npm # buildkit")
        .layer_by(
            Layer::new().whiteout("usr/bin/gcc").whiteout("usr/bin/gcc-12"),
            "RUN /bin/sh -c rm /usr/bin/gcc* # buildkit",
        )
        .layer_by(Layer::new().file("app/.git/config", 0o644, "secret"), "COPY . /app # buildkit")
        .named("acme/app:1");
    let budgets = r#"
[targets.app]
archive = "app.tar"
max-size = { warn = "1 kB", fail = "5 kB" }
max-layers = 2
max-layer-size = "5 kB"
forbid-tools = ["@build-tools"]
forbid-paths = ["**/.git"]
require-non-root = "warn"

[[allow]]
rule = "forbidden-tool"
match = ["npx"]
reason = "the entry point calls it"
until = 2026-01-01

[[allow]]
rule = "layers"
up-to = 3
reason = "until the rewrite"
"#;
    let project = Project::with(budgets).file("app.tar", docker_archive(&[image]));
    insta::assert_snapshot!(project.check("").screen(), @r#"
    exit: 1
    --- stdout
    Target    Size  Budget     Headroom
    ───────────────────────────────────
    ✗ app   6.1 kB  5.0 kB  1.1 kB over

    ✗ app  size 1.1 kB over · largest layer 1.1 kB over
      frees ≤
       6.0 kB  layer 1 of 3  RUN apt-get install -y gcc npm
               npm, gcc, npx → install in an earlier stage and copy only what runs
          6 B  layer 3 of 3  COPY . /app
               /app/.git → add it to .dockerignore, or leave it out of the COPY
            –  no USER → end the stage with USER 65532:65532
            –  budgets.toml:11  the exception from forbidden-tool (npx) has expired
               → fix what it excuses and delete it, or give it a new date
      All fixes: 6.1 kB → 82 B, within budget
      Needed? imgbudget allow app npm npx size layer-size shadowed-tool gcc \
                --up-to 6.1kB --reason "…"
              imgbudget allow app /app/.git --reason "…"
              imgbudget allow app root-user --reason "…"

    image: archive app.tar, [DIGEST]
    allowed: layers up to 3: until the rewrite (budgets.toml:17)

    ✗ app 6.1 kB, 1.1 kB over
    --- stderr
    "#);
}

#[test]
fn an_exception_that_excuses_nothing_is_told_of_when_all_it_covers_was_measured() {
    let budgets = r#"
[defaults]
max-size = "5 kB"
[targets.small]
archive = "small.tar"
[targets.large]
archive = "large.tar"
[[allow]]
rule = "size"
up-to = "10 kB"
reason = "until the rewrite"
[[allow]]
rule = "layers"
up-to = 9
reason = "there were many"
[[allow]]
targets = ["small"]
rule = "size"
up-to = "6 kB"
reason = "it was large"
"#;
    let project = project(budgets);
    let notes = |args: &str| -> Vec<String> {
        let screen = project.imgbudget("check").args(args.split_whitespace()).env("COLUMNS", "200").run().stdout;
        screen.lines().filter(|line| line.starts_with("note: ")).map(str::to_owned).collect()
    };
    assert_eq!(
        notes(""),
        [
            "note: the exception from layers at budgets.toml:12 excused nothing; it can go",
            "note: small: the exception from size at budgets.toml:16 excused nothing; it can go",
        ]
    );
    assert_eq!(notes("small"), ["note: the exception from size at budgets.toml:16 excused nothing; it can go"]);
    assert_eq!(notes("--platform linux/amd64 large"), [""; 0]);
}
