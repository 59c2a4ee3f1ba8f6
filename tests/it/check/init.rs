//! `imgbudget init` where little is there.

use crate::support::project::Project;

#[test]
fn init_writes_a_file_that_loads_and_never_over_one() {
    let project = Project::new()
        .file("api/Dockerfile", "FROM scratch AS build\nFROM scratch AS production\n")
        .file("web/Dockerfile", "FROM scratch\n");
    insta::assert_snapshot!(project.imgbudget("init").screen(), @"
    exit: 0
    --- stdout

    --- stderr
    note: nothing was measured: no Docker or Podman engine answers
     hint: Limits are remarks for now: the first `imgbudget check` proposes some.
    wrote budgets.toml with 2 targets; `imgbudget check` measures, and suggests limits
    ");
    let written = project.read("budgets.toml");
    insta::assert_snapshot!(written, @r#"
    # Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

    [defaults]                            # for every target below
    forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
    # require-non-root = true
    # forbid-paths = ["@caches", "@vcs", "@secrets"]

    [targets.api]
    context = "api"
    target = "production"                 # the stage to build; beside it: build
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.web]
    context = "web"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits
    "#);
    insta::assert_snapshot!(project.imgbudget("init").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: `budgets.toml` is there already
     hint: Nothing was written. `imgbudget check` uses the file that is there; --config FILE writes another.
    ");
    assert_eq!(project.read("budgets.toml"), written);
    // It loads: the run gets as far as the build that is forbidden here.
    let screen = project.check("--no-build");
    assert!(screen.stdout.contains("--no-build is given"), "{}", screen.screen());
}

#[test]
fn init_in_a_repository_of_many() {
    let project = Project::new()
        .file("apps/web/Dockerfile.dev", "FROM scratch\n")
        .file("apps/web/Dockerfile.prod", "FROM scratch AS deps\nFROM scratch AS runner\n")
        .file("apps/web/package.json", "{}")
        .file("deploy/Dockerfile", "FROM scratch AS build\nCOPY go.mod .\nFROM scratch\n")
        .file("go.mod", "")
        .file("internal/testdata/Dockerfile", "FROM scratch\n")
        .file("tests/fixtures/Dockerfile", "FROM scratch\n");
    let run = project.imgbudget("init --config ops.toml").run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let written = project.read("ops.toml");
    let targets = written.split_once("\n[targets.").map(|(_, targets)| format!("[targets.{targets}")).unwrap();
    let root = project.root().file_name().unwrap().to_str().unwrap();
    let name = root.trim_start_matches(['-', '.']);
    insta::assert_snapshot!(targets.replace(name, "ROOT"), @r#"
    [targets.ROOT]
    context = "."
    dockerfile = "deploy/Dockerfile"
    # target = "production"               # the last stage is unnamed; add `AS production`; beside it: build
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.web-dev]
    context = "apps/web"
    dockerfile = "Dockerfile.dev"
    extend-forbid-tools = ["@node-dev"]   # development packages in any node_modules
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.web-prod]
    context = "apps/web"
    dockerfile = "Dockerfile.prod"
    target = "runner"                     # the stage to build; beside it: deps
    extend-forbid-tools = ["@node-dev"]   # development packages in any node_modules
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits
    "#);
    assert!(project.check("--config ops.toml --no-build").stdout.contains("--no-build is given"));
}

#[test]
fn init_below_a_file_says_what_it_hides() {
    let project = Project::with("").file("api/Dockerfile", "FROM scratch\n");
    let run = project.imgbudget("init").dir(project.path("api"));
    insta::assert_snapshot!(run.screen(), @"
    exit: 0
    --- stdout

    --- stderr
    note: nothing was measured: no Docker or Podman engine answers
     hint: Limits are remarks for now: the first `imgbudget check` proposes some.
    wrote budgets.toml with 1 target; `imgbudget check` measures, and suggests limits
    note: from here on, this file hides `../budgets.toml`
     hint: Move the targets there, or let that file `include` this one, which may hold [targets] and [[allow]] then.
    ");
}

#[test]
fn the_file_that_is_proposed_loads() {
    let project = Project::new().file("Dockerfile", "FROM scratch\n");
    let said = project.check("").stderr;
    let proposed: String = said
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with(" hint"))
        .fold(String::new(), |file, line| file + line + "\n");
    let screen = project.file("budgets.toml", &proposed).check("--no-build");
    assert!(screen.stdout.contains("--no-build is given"), "{proposed}\n{}", screen.screen());
}

#[test]
fn init_somewhere_else_and_where_nothing_can_be_written() {
    let project = Project::new().file("file", "");
    assert_eq!(project.imgbudget("init --config ops.toml").run().code, Some(0));
    assert!(project.path("ops.toml").is_file());
    insta::assert_snapshot!(project.imgbudget("init --config file/x.toml").screen(), @r"
    exit: 2
    --- stdout

    --- stderr
    error: cannot write `file/x.toml`: Not a directory (os error 20)
     hint: Name a file in a folder that is there and can be written to.
    ");
}
