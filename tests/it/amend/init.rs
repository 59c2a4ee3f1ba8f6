//! `imgbudget init`: from nothing to a first check that passes.

use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;

fn archive(size: usize, has_make: bool) -> Vec<u8> {
    let layer = Layer::new().zeros("app/data", 0o644, size);
    let layer = if has_make { layer.zeros("usr/bin/make", 0o755, 1000) } else { layer };
    docker_archive(&[Image::new().layer(layer).named("acme/app:1")])
}

const STAGES: &str = "FROM scratch AS build\nCOPY data /data\nFROM scratch\nCOPY data /data\n";

#[test]
fn what_was_built_elsewhere_is_measured_and_the_first_check_passes() {
    let project = Project::new()
        .file("services/api/Dockerfile", STAGES)
        .file("services/web/Dockerfile", "FROM scratch AS production\nCOPY data /data\n")
        .file(".github/dependabot.yml", "version: 2\n")
        .file("api.tar", archive(64_200, true))
        .file("web.tar", archive(1_000_000, true));
    let images = "--archive api=api.tar --archive web=web.tar";
    insta::assert_snapshot!(project.imgbudget(&format!("init --until 2099-01-01 {images}")).screen(), @"
    exit: 0
    --- stdout

    --- stderr
    wrote budgets.toml: 2 targets, 2 exceptions until 2099-01-01
    wrote .github/workflows/imgbudget.yml
    next: imgbudget check; git add budgets.toml .github/workflows/imgbudget.yml; git commit; open a pull request
    ");
    let today = project.read("budgets.toml");
    let today = regex::Regex::new(r"init, \d{4}-\d\d-\d\d").unwrap().replace_all(&today, "init, [TODAY]").into_owned();
    insta::assert_snapshot!(today, @r#"
    # Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

    [defaults]                            # for every target below
    forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
    require-non-root = true
    forbid-paths = ["@caches", "@vcs", "@secrets"]

    [targets.api]
    context = "services/api"
    # target = "production"               # the last stage is unnamed; add `AS production`; beside it: build
    max-size = "82 kB"                    # measured 65.2 kB, and 25 % to grow

    [targets.web]
    context = "services/web"
    target = "production"                 # the stage to build
    max-size = "1.3 MB"                   # measured 1.0 MB, and 25 % to grow

    [[allow]]
    targets = ["api", "web"]
    rule = "forbidden-tool"
    match = ["make"]
    reason = "found by imgbudget init, [TODAY]"
    until = 2099-01-01

    [[allow]]
    targets = ["api", "web"]
    rule = "root-user"
    reason = "found by imgbudget init, [TODAY]"
    until = 2099-01-01
    "#);
    let screen = project.check(images);
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    let workflow = project.read(".github/workflows/imgbudget.yml");
    assert!(
        workflow.contains("uses: imgbudget/imgbudget@v") && workflow.contains("pull-requests: write"),
        "{workflow}"
    );
    // Nothing is written over, and nothing is written beside what is there.
    let again = project.imgbudget(&format!("init {images}")).run();
    assert_eq!(again.code, Some(2), "{}", again.screen());
    let other = project.imgbudget(&format!("init --config other.toml {images}")).run();
    assert!(other.stderr.contains(".github/workflows/imgbudget.yml is there already"), "{}", other.screen());
    assert_eq!(project.read(".github/workflows/imgbudget.yml"), workflow);
}

#[test]
fn without_an_engine_the_limits_are_remarks() {
    let project = Project::new()
        .file("Dockerfile", "FROM scratch\n")
        .file(".gitlab-ci.yml", "stages: [test]\n")
        .file("sub/x", "");
    let screen = project.imgbudget("init").run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    assert!(
        screen.stderr.contains("nothing was measured") && screen.stderr.contains("component: "),
        "{}",
        screen.stderr
    );
    assert!(project.read("budgets.toml").contains("# max-size"));
    assert_eq!(project.read(".gitlab-ci.yml"), "stages: [test]\n");
}

#[test]
fn compose_and_bake_files_say_what_is_built() {
    let project = Project::new()
        .file("api/Dockerfile", "FROM scratch AS production\n")
        .file("api/dev.Dockerfile", "FROM scratch\n")
        .file("web/Dockerfile", "FROM scratch\n")
        .file("tools/Dockerfile", "FROM scratch\n")
        .file(
            "compose.yaml",
            "services:\n  gateway:\n    build:\n      context: api\n      target: production\n      args:\n        MODE: prod\n  gone:\n    build: ./gone\n",
        )
        .file("docker-bake.json", "{}")
        .file("bin/docker", "#!/bin/sh\n[ \"$*\" = \"buildx bake --print\" ] || exit 9\nprintf '{\"target\":{\"site\":{\"context\":\"web\",\"tags\":[\"acme/site:1\"]}}}'\n");
    std::fs::set_permissions(project.path("bin/docker"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", project.path("bin").display(), std::env::var("PATH").unwrap());
    let run = project.imgbudget("init --no-measure --no-workflow").env("PATH", path);
    insta::assert_snapshot!(run.screen(), @"
    exit: 0
    --- stdout

    --- stderr
    note: compose.yaml: left out `gone`: gone/Dockerfile is not there
    wrote budgets.toml with 4 targets; `imgbudget check` measures, and suggests limits
    ");
    insta::assert_snapshot!(project.read("budgets.toml"), @r#"
    # Budgets of container images. `imgbudget check` builds each target, measures it, and judges it.

    [defaults]                            # for every target below
    forbid-tools = ["@build-tools"]       # compilers, build systems, package managers; `imgbudget tools` lists the groups
    # require-non-root = true
    # forbid-paths = ["@caches", "@vcs", "@secrets"]

    [targets.site]
    context = "web"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.gateway]
    context = "api"
    target = "production"                 # the stage to build
    build-args = { MODE = "prod" }
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.api-dev]
    context = "api"
    dockerfile = "dev.Dockerfile"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits

    [targets.tools]
    context = "tools"
    # max-size = "150 MB"                 # the first `imgbudget check` proposes one that fits
    "#);
}

#[test]
fn files_that_cannot_be_used_are_told_and_the_rest_is_found() {
    let project = Project::new()
        .file("Dockerfile", "FROM scratch\n")
        .file("compose.yml", format!("services: {}", "[".repeat(999)))
        .file("docker-bake.hcl", "target \"x\" {")
        .file("bin/docker", "#!/bin/sh\necho 'ERROR: docker-bake.hcl:1,12: unclosed \u{1b}[31mblock' >&2\nexit 1\n");
    std::fs::set_permissions(project.path("bin/docker"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", project.path("bin").display(), std::env::var("PATH").unwrap());
    let run = project.imgbudget("init --no-measure").env("PATH", path).run();
    assert_eq!(run.code, Some(0), "{}", run.screen());
    assert!(!run.stderr.contains('\u{1b}'));
    assert!(run.stderr.contains("docker-bake.hcl is not used: `docker buildx bake --print`: ERROR"), "{}", run.stderr);
    assert!(run.stderr.contains("compose.yml is not used: "), "{}", run.stderr);
    assert!(project.read("budgets.toml").contains("context = \".\""));
}

#[test]
fn live_what_is_built_here_passes_its_first_check() {
    if std::env::var("IMGBUDGET_LIVE").as_deref() != Ok("1") {
        println!("skipped (IMGBUDGET_LIVE is not set): init builds");
        return;
    }
    let project = Project::new()
        .file("api/Dockerfile", "FROM scratch AS production\nCOPY data /data\nCOPY --chmod=755 make /usr/bin/make\n")
        .file("api/data", vec![0; 64_200])
        .file("api/make", "#!/bin/sh\n")
        .file("broken/Dockerfile", "FROM scratch\nCOPY missing /x\n");
    let screen = project.imgbudget("init").live().run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    let text = project.read("budgets.toml");
    assert!(text.contains("# Could not be measured: ") && text.contains("# [targets.broken]"), "{text}");
    assert!(text.contains("max-size = \"81 kB\"") && text.contains("match = [\"make\"]"), "{text}");
    let screen = project.imgbudget("check").live().run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
}

#[test]
fn a_folder_that_leads_out_of_the_repository_gets_no_workflow() {
    let (project, elsewhere) = (Project::new().file("Dockerfile", "FROM scratch\n"), Project::new());
    std::os::unix::fs::symlink(elsewhere.root(), project.path(".github")).unwrap();
    let screen = project.imgbudget("init --no-measure").run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    assert!(screen.stderr.contains("--no-workflow leaves it out"), "{}", screen.stderr);
    assert!(!elsewhere.path("workflows").exists() && !project.path("budgets.toml").exists());
}
