//! Build inputs that are wrong are found before any engine is looked for.

use crate::support::project::Project;

const BUILT: &str = "[targets.api]\ncontext = \"api\"\ntarget = \"production\"\nmax-size = \"1 MB\"\n";

#[test]
fn the_context_is_missing() {
    insta::assert_snapshot!(Project::with(BUILT).check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: cannot read the build context, directory `api`
      hint: `context` is the directory that COPY reads from, relative to the
            budgets.toml that names it.
      budgets.toml:1

    ✗ api could not be measured
    --- stderr
    ");
    let project = Project::with("[targets.api]\ncontext = \"api\"\ndockerfile = \"../Dockerfile\"\n")
        .file("Dockerfile", "FROM scratch\n");
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: cannot read the build context, directory `api`
      hint: `context` is the directory that COPY reads from, relative to the
            budgets.toml that names it.
      budgets.toml:1

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn the_dockerfile_is_missing() {
    let project = Project::with(BUILT).file("api/server.c", "");
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: cannot read the Dockerfile `api/Dockerfile`: No such file or directory
      (os error 2)
      hint: `dockerfile` is relative to the target's `context`; when it is absent,
            `Dockerfile` there is read.
      budgets.toml:1

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn the_stage_is_missing() {
    let project = Project::with(BUILT).file("api/Dockerfile", "FROM a AS build\nRUN make\nFROM scratch AS prod\n");
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: api/Dockerfile has no stage `production`
      hint: Its stages are build, prod.
      budgets.toml:1

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn a_dockerfile_that_does_not_parse() {
    let project = Project::with(BUILT).file("api/Dockerfile", "FROM scratch AS production\n\nCOPPY . /\n");
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: `COPPY` is not an instruction
      hint: Did you mean COPY?
      api/Dockerfile:3

    ✗ api could not be measured
    --- stderr
    ");
    let project =
        Project::with(BUILT).file("api/Dockerfile", "FROM scratch AS production\nCOPY <<EOF /a\nnever ends\n");
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: the here-document `EOF` never ends
      hint: Write a line that is just `EOF` where it ends.
      api/Dockerfile:2

    ✗ api could not be measured
    --- stderr
    ");
    let project = Project::with(BUILT).file("api/Dockerfile", "");
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: the Dockerfile has no stage
      hint: Begin it with a FROM.
      api/Dockerfile:1

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn a_dockerfile_that_wants_secrets_is_refused_before_the_build() {
    let dockerfile = "FROM a AS production\nRUN --mount=type=secret,id=npm npm ci\nRUN --mount=type=ssh git clone x\n";
    let project = Project::with(BUILT).file("api/Dockerfile", dockerfile);
    insta::assert_snapshot!(project.check("").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: this RUN needs a secret, which imgbudget cannot hand to a build
      | api/Dockerfile:3: this RUN needs ssh, which imgbudget cannot hand to a build
      hint: Build the image elsewhere and measure it with `--image NAME=REF`.
      api/Dockerfile:2

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn a_needed_build_can_be_forbidden() {
    let project = Project::with(BUILT).file("api/Dockerfile", "FROM scratch AS production\n");
    insta::assert_snapshot!(project.check("--no-build").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: target `api` would have to be built, and --no-build is given
      hint: Name an image that is built already: --image api=REF.

    ✗ api could not be measured
    --- stderr
    ");
}
