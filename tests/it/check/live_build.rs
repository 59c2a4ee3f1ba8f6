//! Real builds on a real engine: what arrives in the image, where its layers come from, and what a failure looks like.

use bollard::query_parameters::{ListImagesOptions, TagImageOptions};
use imgbudget::engine::{Kind, names};
use serde_json::{Value, json};

use crate::support::daemon::{self, BASE, Daemon};
use crate::support::project::Project;
use crate::support::run::{Run, Screen};

/// Two targets that share their first stage. BASE stands on lines 1 and 6.
fn dockerfile() -> String {
    format!(
        "FROM {BASE} AS build\nARG WHO=nobody\nWORKDIR /src\nCOPY . .\nRUN echo \"made for $WHO\" > /made\n\
         FROM {BASE} AS tools\nCOPY --from=build /made /made\nRUN dd if=/dev/zero of=/big bs=1000 count=500\n\n\
         FROM scratch AS production\nCOPY --from=build /made /app\nCOPY --from=build /src /src\nUSER 1000\n"
    )
}

const IGNORE: &str = "*.log\n!keep.log\nsecret\n";

fn target(prefix: &str, stage: &str) -> String {
    format!(
        "[targets.{prefix}-{stage}]\ncontext = \"app\"\ntarget = \"{stage}\"\n\
         build-args = {{ WHO = {{ env = \"WHO\" }}, UNSET = {{ env = \"NOBODY_SETS_THIS\" }} }}\n"
    )
}

fn project(prefix: &str) -> Project {
    let rules = "[defaults]\nmax-size = \"100 kB\"\nforbid-tools = [\"@shells\"]\n";
    let budgets = format!("{rules}{}{}", target(prefix, "production"), target(prefix, "tools"));
    Project::with(&budgets)
        .file("app/Dockerfile", dockerfile())
        .file("app/.dockerignore", IGNORE)
        .file("app/main.c", "int main;\n")
        .file("app/debug.log", "not sent")
        .file("app/keep.log", "kept")
        .file("app/secret/key", "not sent")
}

fn live(project: &Project, args: &str) -> Run {
    project.imgbudget("check").args(args.split_whitespace()).live().env("WHO", "ann")
}

/// What was shown, without the note that only engines with containerd's store have, and without how the images were read, which is
/// another way on each engine.
fn shown(screen: &Screen) -> String {
    let mut within = false;
    let kept = screen.stdout.lines().filter(|line| {
        within = if within && line.starts_with("      ") {
            true
        } else {
            line.starts_with("read: ") || line.starts_with("note: ") && line.contains("this engine keeps images")
        };
        !within
    });
    kept.collect::<Vec<_>>().join("\n").replace("\n\n\n", "\n\n")
}

/// The tag that a target of the project gets.
fn tag(project: &Project, target: &str) -> String {
    let folder = project.root().file_name().unwrap().to_string_lossy().into_owned();
    names::tag(&folder, &target.parse().unwrap(), None)
}

async fn clean(daemon: &Daemon, project: &Project, targets: &[&str]) {
    for target in targets {
        daemon.remove(&tag(project, target)).await;
    }
}

fn lines_of(target: &Value) -> Vec<(Value, Value)> {
    let layers = target["layers"].as_array().unwrap();
    layers.iter().map(|layer| (layer["origin"].clone(), layer["dockerfile"]["line"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_targets_of_one_dockerfile() {
    let Some(daemon) = daemon::live("two_targets_of_one_dockerfile").await else { return };
    daemon.base_image().await;
    let project = project("e2e-two");
    let screen = live(&project, "--write json=first.json").run();
    assert_eq!(screen.code, Some(1), "{}", screen.screen());
    insta::assert_snapshot!(shown(&screen), @r#"
    Target                  Size    Budget     Headroom
    ───────────────────────────────────────────────────
    ✓ e2e-two-production   369 B  100.0 kB      99.6 kB
    ✗ e2e-two-tools       2.5 MB  100.0 kB  2.4 MB over

    ✗ e2e-two-tools  size 2.4 MB over
      –  app/Dockerfile:6  FROM imgbudget-test/busybox:1
         busybox, sh → use a base image without busybox and sh
       largest
        2.0 MB  app/Dockerfile:6  FROM imgbudget-test/busybox:1, 1 layer
      500.0 kB  app/Dockerfile:8  RUN dd if=/dev/zero of=/big bs=1000 count=500
      Needed? imgbudget allow e2e-two-tools busybox sh size --up-to 2.5MB --origin \
                base --reason "…"

    image: built in this run

    ✗ 1 of 2 over: e2e-two-tools 2.5 MB, 2.4 MB over
    "#);
    let report = project.report("first.json");
    let (production, tools) = (&report["targets"][0], &report["targets"][1]);
    // /app, then what .dockerignore lets through: Dockerfile, .dockerignore, keep.log, main.c.
    let files = ["made for ann\n", &dockerfile(), IGNORE, "kept", "int main;\n"];
    assert_eq!(production["size"], json!(files.concat().len()));
    assert_eq!(lines_of(production), [(json!("own"), json!(11)), (json!("own"), json!(12))]);
    let expected = [(json!("base"), Value::Null), (json!("own"), json!(7)), (json!("own"), json!(8))];
    assert_eq!(lines_of(tools), expected);
    assert_eq!(tools["layers"][2]["size"], 500_000);
    assert_eq!(tools["layers"][1]["dockerfile"]["path"], "app/Dockerfile");
    assert_eq!(report["commit"], Value::Null);

    let screen = live(&project, "--write json=second.json --quiet").run();
    assert_eq!(screen.stderr, "");
    // Podman builds anew on a base image whose history has no dates, as ours has none.
    if daemon.engine.facts().kind == Kind::Docker {
        let again = project.report("second.json");
        for (target, before) in again["targets"].as_array().unwrap().iter().zip([production, tools]) {
            assert_eq!(target["image"]["id"], before["image"]["id"]);
            let build = &target["build"];
            assert!(
                build["cached_steps"].as_u64() >= Some(3) && build["cached_steps"].as_u64() <= build["steps"].as_u64(),
                "{build}"
            );
        }
    }

    let tag = tag(&project, "e2e-two-tools");
    let filters = [("label".to_owned(), vec![format!("{}=e2e-two-tools", names::LABEL)])].into();
    let labelled =
        daemon.docker.list_images(Some(ListImagesOptions { filters: Some(filters), ..Default::default() })).await;
    let labelled = labelled.unwrap();
    assert!(labelled.iter().any(|image| image.repo_tags.iter().any(|known| known.ends_with(&tag))), "{labelled:?}");

    // --no-cache builds everything anew; a base image that is there counts as cached all the same.
    assert_eq!(live(&project, "e2e-two-production --no-cache --write json=third.json").run().code, Some(0));
    let report = project.report("third.json");
    assert!(report["targets"][0]["build"]["cached_steps"].as_u64() <= Some(1), "{report:#}");
    clean(&daemon, &project, &["e2e-two-production", "e2e-two-tools"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_run_has_its_line_and_its_log_and_the_others_go_on() {
    let Some(daemon) = daemon::live("a_failing_run_has_its_line_and_its_log_and_the_others_go_on").await else {
        return;
    };
    daemon.base_image().await;
    let dockerfile = format!(
        "FROM {BASE} AS good\nRUN echo fine > /fine\n\nFROM {BASE} AS bad\n# A comment.\nRUN echo one && \\\n    echo two && \\\n    exit 7\n"
    );
    let budgets = "[defaults]\nmax-size = \"10 MB\"\n[targets.e2e-fail-bad]\ncontext = \".\"\ntarget = \"bad\"\n[targets.e2e-fail-good]\ncontext = \".\"\ntarget = \"good\"\n";
    let project = Project::with(budgets).file("Dockerfile", dockerfile);
    let screen = live(&project, "").run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    insta::assert_snapshot!(shown(&screen), @"
    Target             Size   Budget  Headroom
    ──────────────────────────────────────────
    ✗ e2e-fail-bad        –        –         –
    ✓ e2e-fail-good  2.0 MB  10.0 MB    8.0 MB

    ✗ e2e-fail-bad: the build failed at `[bad 2/2] RUN echo one &&     echo two &&
      exit 7` with exit code 7
      | one
      | two
      hint: The last lines of its log are above; `docker build` shows all of it.
      Dockerfile:6

    image: e2e-fail-good: built in this run

    ✗ 1 of 2 could not be measured: e2e-fail-bad
    ");
    clean(&daemon, &project, &["e2e-fail-good"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dockerfile_outside_the_context() {
    let Some(daemon) = daemon::live("a_dockerfile_outside_the_context").await else { return };
    let budgets =
        "[targets.e2e-outside]\ncontext = \"app\"\ndockerfile = \"../docker/app.Dockerfile\"\nmax-size = \"1 kB\"\n";
    let project = Project::with(budgets)
        .file("docker/app.Dockerfile", "FROM scratch\nCOPY a /\nCOPY . /all\n")
        .file("docker/app.Dockerfile.dockerignore", "ignored\n")
        .file("app/a", "1234")
        .file("app/ignored", "12345678");
    let screen = live(&project, "--write json=r.json").run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    let report = project.report("r.json");
    let target = &report["targets"][0];
    assert_eq!(target["layers"][0]["size"], 4);
    assert_eq!(lines_of(target), [(json!("own"), json!(2)), (json!("own"), json!(3))]);
    insta::assert_snapshot!(shown(&screen), @"
    Target         Size  Budget  Headroom
    ─────────────────────────────────────
    ✓ e2e-outside  42 B  1.0 kB     958 B

    image: built in this run
    note: docker/app.Dockerfile lies outside the context and is sent as
          .imgbudget.Dockerfile: `COPY . …` copies it, 34 bytes

    ✓ e2e-outside 42 B, 958 B left
    ");
    clean(&daemon, &project, &["e2e-outside"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_the_engine_does_not_have() {
    let Some(_daemon) = daemon::live("an_image_that_the_engine_does_not_have").await else { return };
    let screen = Project::new().imgbudget("check --image e2e/nobody:9 --max-size 1MB").live().run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    assert!(screen.stdout.contains("e2e/nobody:9"), "{}", screen.screen());
    assert!(screen.stdout.contains("Pull it first"), "{}", screen.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_image_that_nobody_has() {
    let Some(_daemon) = daemon::live("a_base_image_that_nobody_has").await else { return };
    let project = Project::with("[targets.e2e-nobase]\ncontext = \".\"\nmax-size = \"1 kB\"\n")
        .file("Dockerfile", "FROM 127.0.0.1:1/nobody/has:this\nRUN true\n");
    let screen = live(&project, "").run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    assert!(screen.stdout.contains("127.0.0.1:1/nobody/has:this"), "{}", screen.screen());
    assert!(screen.stdout.contains("hint: "), "{}", screen.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_the_engine_with_lines_of_a_dockerfile() {
    let Some(daemon) = daemon::live("an_image_of_the_engine_with_lines_of_a_dockerfile").await else { return };
    daemon.base_image().await;
    let project = project("e2e-image");
    live(&project, "e2e-image-tools").run();
    let tag = tag(&project, "e2e-image-tools");
    // Built elsewhere, as far as this run knows.
    let args = format!("e2e-image-tools --no-build --image e2e-image-tools={tag} --write json=r.json");
    let screen = live(&project, &args).run();
    assert_eq!(screen.code, Some(1), "{}", screen.screen());
    let report = project.report("r.json");
    let target = &report["targets"][0];
    assert_eq!((&target["build"], &target["image"]["reference"]), (&Value::Null, &json!(tag)));
    let expected = [(json!("base"), Value::Null), (json!("own"), json!(7)), (json!("own"), json!(8))];
    assert_eq!(lines_of(target), expected);
    clean(&daemon, &project, &["e2e-image-tools"]).await;
}

/// Layers of the first target as `origin line`, from the bottom.
fn origins(screen: &Screen) -> Vec<String> {
    let report: Value = serde_json::from_str(&screen.stdout).unwrap_or_else(|_| panic!("{}", screen.stderr));
    let layers = report["targets"][0]["layers"].as_array().expect("a list").iter();
    layers.map(|layer| format!("{} {}", layer["origin"].as_str().unwrap_or("?"), layer["dockerfile"]["line"])).collect()
}

/// Builds the base as a target; the child stands on its image under a tag of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_base_keeps_with_onbuild_is_the_childs_own() {
    for daemon in daemon::all("onbuild").await {
        daemon.base_image().await;
        let keeper = "imgbudget-test/keeper:1";
        let base = format!("FROM {BASE}\nCOPY base /base\nONBUILD COPY big /big\nONBUILD RUN echo kept > /kept\n");
        let budgets = "[targets.keeper]\ncontext = \"base\"\nmax-size = \"1 GB\"\n\
                       [targets.child]\ncontext = \"child\"\nmax-own-size = \"100 kB\"\n";
        let project = Project::with(budgets)
            .file("base/Dockerfile", base)
            .file("base/base", "base")
            .file("child/Dockerfile", format!("FROM {keeper}\nCOPY small /small\nRUN echo own > /own\n"))
            .file("child/big", vec![0; 2_000_000])
            .file("child/small", "small");
        let live = |args: &str| {
            project.imgbudget("check").args(args.split_whitespace()).live().env("DOCKER_HOST", &daemon.host)
        };
        let built = live("keeper --format json --quiet").run();
        assert_eq!(built.code, Some(0), "{}{}", built.stdout, built.stderr);
        let id: Value = serde_json::from_str(&built.stdout).expect("JSON");
        let id = id["targets"][0]["image"]["id"].as_str().expect("an id").to_owned();
        let options = TagImageOptions { repo: Some("imgbudget-test/keeper".to_owned()), tag: Some("1".to_owned()) };
        daemon.docker.tag_image(&tag(&project, "keeper"), Some(options)).await.expect(&id);

        let built = live("child --no-cache --format json --quiet").run();
        let expected = ["base null", "base null", "own 1", "own 1", "own 2", "own 3"];
        assert_eq!((built.code, origins(&built)), (Some(1), expected.map(str::to_owned).to_vec()), "{}", daemon.host);
        // Measured as an image of the engine, whose base is there to be looked at.
        let image = format!("child={}", tag(&project, "child"));
        let found = live("child --format json --quiet --image").args([image]).run();
        assert_eq!((found.code, origins(&found)), (Some(1), expected.map(str::to_owned).to_vec()), "{}", daemon.host);
        for image in [tag(&project, "child"), keeper.to_owned(), tag(&project, "keeper")] {
            daemon.remove(&image).await;
        }
    }
}
