//! What can be wrong with budgets.toml and the command line: each has its sentence, its place and its way out.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::project::Project;

fn screen(budgets: &str) -> String {
    Project::with(budgets).check("").screen()
}

#[test]
fn no_file_at_all() {
    let project = Project::new().file("shop/Dockerfile", "FROM scratch AS base\nFROM base AS production\n");
    insta::assert_snapshot!(project.imgbudget("check").dir(project.path("shop")).screen(), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: there is no budgets.toml here or above it in a repository; this one fits what was found
      # Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

      [defaults]                            # for every target below
      forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
      # require-non-root = true
      # forbid-paths = ["@caches", "@vcs", "@secrets"]

      [targets.shop]
      context = "."
      target = "production"                 # the stage to build; beside it: base
      # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits
     hint: `imgbudget init` writes it; `imgbudget check --image REF --max-size 150MB` needs none.
    "#);
}

#[test]
fn the_file_is_further_down() {
    let project = Project::new()
        .file("orders-api/budgets.toml", "")
        .file("web/site/budgets.toml", "")
        .file("Dockerfile", "FROM scratch\n");
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: there is no budgets.toml here; there is one in orders-api/, web/site/
     hint: Run it there, or name the file: --config orders-api/budgets.toml.
    ");
}

#[test]
fn a_proposal_is_no_flood() {
    let many = (0..30).fold(Project::new(), |project, n| project.file(&format!("s{n}/Dockerfile"), "FROM scratch\n"));
    let said = many.check("").stderr;
    assert!(said.lines().count() < 70 && said.contains("# … and more"), "{said}");
}

#[test]
fn the_named_file_is_missing() {
    insta::assert_snapshot!(Project::new().check("--config ops/budgets.toml").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: there is no file ops/budgets.toml
     hint: `imgbudget init` writes a first budgets.toml; --config names one that lies elsewhere.
    ");
}

#[test]
fn an_unreadable_file() {
    let project = Project::with("");
    std::fs::set_permissions(project.path("budgets.toml"), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(project.path("budgets.toml")).is_ok() {
        // Root reads everything but a directory.
        std::fs::remove_file(project.path("budgets.toml")).unwrap();
        std::fs::create_dir(project.path("budgets.toml")).unwrap();
        insta::assert_snapshot!(project.check("--config budgets.toml").screen(), @r"
        exit: 2
        --- stdout

        --- stderr
        error: budgets.toml is a directory
         hint: Name the file itself, such as budgets.toml.
        ");
    } else {
        insta::assert_snapshot!(project.check("").screen(), @r"
        exit: 2
        --- stdout

        --- stderr
        error: cannot read budgets.toml: Permission denied (os error 13)
         hint: Give the user who runs imgbudget the right to read it.
        ");
    }
}

#[test]
fn a_syntax_error() {
    insta::assert_snapshot!(screen("[targets.api]\ncontext = .\n"), @"
    exit: 2
    --- stdout

    --- stderr
    error: not valid TOML: invalid mantissa, expected digits
     --> budgets.toml:2:11
      |
    2 | context = .
      |           ^
      |
      = hint: Strings stand in quotes, lists in [ ], tables in { } or under a [header] of their own line.

    1 problem in budgets.toml
    ");
}

#[test]
fn an_unknown_key_has_a_suggestion() {
    insta::assert_snapshot!(screen("[targets.api]\ncontext = \".\"\nmax_size = \"150 MB\"\n"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: unknown key `max_size` in [targets.api]
     --> budgets.toml:3:1
      |
    3 | max_size = "150 MB"
      | ^^^^^^^^
      |
      = hint: Did you mean `max-size`?

    1 problem in budgets.toml
    "#);
}

#[test]
fn two_problems_are_both_shown() {
    let budgets = "[targets.api]\ncontext = \".\"\nmax-sise = \"1 MB\"\nmax-layers = -1\n";
    insta::assert_snapshot!(screen(budgets), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: unknown key `max-sise` in [targets.api]
     --> budgets.toml:3:1
      |
    3 | max-sise = "1 MB"
      | ^^^^^^^^
      |
      = hint: Did you mean `max-size`?

    error: `max-layers` cannot be negative
     --> budgets.toml:4:14
      |
    4 | max-layers = -1
      |              ^^
      |
      = hint: Write 0 or more.

    2 problems in budgets.toml
    "#);
}

#[test]
fn a_problem_in_an_included_file() {
    let project = Project::with("include = [\"services/*/budgets.toml\"]\n")
        .file("services/api/budgets.toml", "[targets.api]\nimage = \"acme/api:1\"\nmax-size = \"150 megs\"\n");
    insta::assert_snapshot!(project.check("").screen(), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `megs` is not a unit
     --> services/api/budgets.toml:3:12
      |
    3 | max-size = "150 megs"
      |            ^^^^^^^^^^
      |
      = hint: Write a size as "150 MB", "1.35 GB", "150 MiB", or as an integer of bytes.

    1 problem in services/api/budgets.toml
    "#);
}

#[test]
fn a_unit_nobody_knows() {
    insta::assert_snapshot!(screen("[defaults]\nmax-size = \"150 XB\"\n[targets.a]\nimage = \"a:1\"\n"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `XB` is not a unit
     --> budgets.toml:2:12
      |
    2 | max-size = "150 XB"
      |            ^^^^^^^^
      |
      = hint: Write a size as "150 MB", "1.35 GB", "150 MiB", or as an integer of bytes.

    1 problem in budgets.toml
    "#);
}

#[test]
fn a_unit_that_could_mean_two_things() {
    insta::assert_snapshot!(screen("[targets.a]\nimage = \"a:1\"\nmax-size = \"150M\"\n"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `M` is not a unit: MB or MiB?
     --> budgets.toml:3:12
      |
    3 | max-size = "150M"
      |            ^^^^^^
      |
      = hint: Write MB for powers of ten or MiB for powers of two.

    1 problem in budgets.toml
    "#);
}

#[test]
fn a_limit_that_overflows() {
    insta::assert_snapshot!(screen("[targets.a]\nimage = \"a:1\"\nmax-size = \"99999999999 GB\"\n"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `99999999999 GB` is more bytes than can be counted
     --> budgets.toml:3:12
      |
    3 | max-size = "99999999999 GB"
      |            ^^^^^^^^^^^^^^^^
      |
      = hint: The largest size is 18446744073709551615 bytes (about 18 EB).

    1 problem in budgets.toml
    "#);
}

#[test]
fn warn_above_fail() {
    let budgets = "[targets.a]\nimage = \"a:1\"\nmax-size = { warn = \"2 MB\", fail = \"1 MB\" }\n";
    insta::assert_snapshot!(screen(budgets), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `warn` of `max-size` is above its `fail`
     --> budgets.toml:3:21
      |
    3 | max-size = { warn = "2 MB", fail = "1 MB" }
      |                     ^^^^^^
      |
      = hint: A soft limit speaks before the hard one: make `warn` the smaller, or swap them.

    1 problem in budgets.toml
    "#);
}

#[test]
fn an_unknown_group_and_a_tool_that_is_nearly_one() {
    insta::assert_snapshot!(screen("[targets.a]\nimage = \"a:1\"\nforbid-tools = [\"@build-tool\", \"nmp\"]\n"), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: no group of tools is called `@build-tool`
     --> budgets.toml:3:17
      |
    3 | forbid-tools = ["@build-tool", "nmp"]
      |                 ^^^^^^^^^^^^^
      |
      = hint: Did you mean `@build-tools`?

    error: no tool is called `nmp`
     --> budgets.toml:3:32
      |
    3 | forbid-tools = ["@build-tool", "nmp"]
      |                                ^^^^^
      |
      = hint: Did you mean `npm`? A command that really is called `nmp` can be forbidden by its path: forbid-paths = ["**/nmp"].

    2 problems in budgets.toml
    "#);
}

#[test]
fn two_sources_or_none() {
    let budgets = "[targets.both]\nimage = \"a:1\"\narchive = \"a.tar\"\n[targets.none]\nmax-size = 1\n";
    insta::assert_snapshot!(screen(budgets), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: the target `both` has two sources, `image` and `archive`
     --> budgets.toml:3:1
      |
    3 | archive = "a.tar"
      | ^^^^^^^
      |
      = hint: Keep one; --image NAME=REF replaces it for a single run.

    error: the target `none` has no source
     --> budgets.toml:4:10
      |
    4 | [targets.none]
      |          ^^^^
      |
      = hint: Say where its image comes from: `context` to build it, or `image`, `archive` or `layout` to measure one that exists.

    warning: `max-size` is 1 B here: the number has no unit
     --> budgets.toml:5:12
      |
    5 | max-size = 1
      |            ^
      |
      = hint: Write the unit that was meant: "1 MB"; "1 B" for bytes.

    3 problems in budgets.toml
    "#);
}

const TWO: &str = "[targets.api]\nimage = \"a:1\"\n[targets.worker]\nimage = \"a:2\"\n";

#[test]
fn a_target_that_is_not_in_the_file() {
    insta::assert_snapshot!(Project::with(TWO).check("wroker").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: no target is called `wroker`
     hint: Did you mean `worker`? The targets are api, worker.
    ");
    insta::assert_snapshot!(Project::with(TWO).check("batch").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: no target is called `batch`
     hint: The targets are api, worker.
    ");
}

#[test]
fn an_image_for_an_unknown_target() {
    insta::assert_snapshot!(Project::with(TWO).check("--image apy=a:3").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: no target is called `apy`
     hint: Did you mean `api`? The targets are api, worker.
    ");
    insta::assert_snapshot!(Project::with(TWO).check("--image a:3").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: `--image a:3` does not say which target it is
     hint: Write --image NAME=a:3, with NAME one of api, worker; or add a budget, such as --max-size 150MB, to leave the file aside.
    ");
    insta::assert_snapshot!(Project::with(TWO).check("worker --image api=a:3").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: --image names target `api`, which is not among the targets to check
     hint: Add `api` to the targets on the command line, or leave --image out.
    ");
    insta::assert_snapshot!(Project::with(TWO).check("--image api=a:3 --archive api=a.tar").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: target `api` is given two images on the command line
     hint: Give each target at most one of --image, --archive and --layout.
    ");
}

#[test]
fn a_budget_beside_the_file_stands_alone() {
    let screen = Project::with(TWO).check("--image a:3 --max-size 1MB");
    assert!(screen.stderr.contains("budgets.toml is not read"), "{}", screen.screen());
}

#[test]
fn flags_that_mean_nothing() {
    let project = Project::with(TWO);
    insta::assert_snapshot!(project.check("--max-size 1MB").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: a budget on the command line needs an image there, too
     hint: Add --image REF, --archive PATH or --layout DIR; or write the budget into budgets.toml.
    ");
    insta::assert_snapshot!(project.check("--image api=A:3").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: --image needs a reference: `A:3` is not an image reference: a repository has lower-case letters, digits, and `.`, `_`, `-`, `/` between them
     hint: Write it as for docker run, such as r.example.com/acme/api@sha256:… or node:22.
    ");
    insta::assert_snapshot!(project.check("--image a:1 --forbid-tools @shell,nmp").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    note: judged by the budget on the command line alone; budgets.toml is not read
    error: --forbid-tools: no group of tools is called `@shell`
     hint: Did you mean `@shells`?
    ");
    insta::assert_snapshot!(project.check("--image a:1 --max-size 150M").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: invalid value '150M' for '--max-size <SIZE>': `M` is not a unit: MB or MiB?

    For more information, try '--help'.
    ");
    assert!(project.check("--timeout soon").stderr.contains("`soon` is not a duration; write 90s, 15m or 1h"));
}

#[test]
fn a_lock_file_that_nothing_reads() {
    let budgets = "[targets.a]\narchive = \"a.tar\"\nmax-growth = \"1 MB\"\n";
    let project = Project::with(budgets).file("budgets.lock", "");
    let said = project.check("").stderr;
    assert!(said.contains("note: budgets.lock is there, and nothing is compared with it"), "{said}");
    assert!(said.contains("[baseline] file = \"budgets.lock\""), "{said}");
    assert!(!project.check("--baseline other.json").stderr.contains("note:"));
}

#[test]
fn a_reference_without_a_repository() {
    let project = Project::with("[targets.a]\narchive = \"a.tar\"\nmax-growth = \"1 MB\"\n");
    std::fs::remove_dir(project.path(".git")).unwrap();
    let screen = project.imgbudget("check --baseline-ref main").env("COLUMNS", "200").run();
    assert!(screen.stdout.contains("this is not a git repository"), "{}", screen.stdout);
}
