//! What is claimed of an image that was built elsewhere, beside a Dockerfile that may be another.

use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::project::Project;
use crate::support::run::Screen;

const BUDGETS: &str =
    "[targets.api]\ncontext = \".\"\nforbid-tools = [\"make\"]\nshadowed-tools = \"fail\"\nmax-own-size = \"1 MB\"\n";

/// A base layer, and an image on it that installs make and removes it again.
fn image() -> Image {
    Image::new()
        .layer_by(Layer::new().zeros("bin/sh", 0o755, 100), "ADD rootfs / # buildkit")
        .layer_by(Layer::new().zeros("usr/bin/make", 0o755, 5000), "RUN /bin/sh -c apt-get install make # buildkit")
        .layer_by(Layer::new().whiteout("usr/bin/make"), "RUN /bin/sh -c apt-get purge make # buildkit")
        .empty_layer("USER node")
        .named("acme/api:1")
}

/// An engine that has `image`, and `node:20` with these layers.
fn engine(image: &Image, base: Option<&[String]>) -> FakeEngine {
    let inspect = |id: &str, layers: &str| {
        format!(r#"{{"Id":"{id}","Os":"linux","Architecture":"amd64","RootFS":{{"Type":"layers","Layers":{layers}}}}}"#)
    };
    let own = inspect(&image.id(), "[]");
    let base = base.map(|layers| inspect(&image.id(), &serde_json::json!(layers).to_string()));
    let archive = docker_archive(std::slice::from_ref(image));
    FakeEngine::new(move |asked| match (asked, &base) {
        (asked, Some(base)) if asked.contains("node:20/json") => Reply::Json(base.clone()),
        (asked, _) if asked.contains("acme/api:1/json") => Reply::Json(own.clone()),
        (asked, _) if asked.contains("/get") => Reply::Bytes(archive.clone()),
        _ => Reply::Missing,
    })
}

fn check(dockerfile: &str, base: Option<&[String]>) -> Screen {
    let engine = engine(&image(), base);
    let project = Project::with(BUDGETS).file("Dockerfile", dockerfile);
    project.imgbudget("check --image api=acme/api:1").env("DOCKER_HOST", engine.host()).run()
}

/// The image's own diff ids, from the bottom.
fn layers(count: usize) -> Vec<String> {
    let config: serde_json::Value = serde_json::from_slice(&image().config()).expect("JSON");
    let ids = config["rootfs"]["diff_ids"].as_array().expect("a list").iter();
    ids.take(count).map(|id| id.as_str().expect("text").to_owned()).collect()
}

const STAGES: &str = "FROM node:20 AS production\nRUN apt-get install make\nRUN apt-get purge make\nUSER node\n\n\
                      FROM node:20 AS migrate\nUSER node\n";

#[test]
fn another_stage_that_fits_better_is_named_and_nothing_else_is_claimed() {
    for base in [None, Some(layers(1))] {
        insta::allow_duplicates!(insta::assert_snapshot!(check(STAGES, base.as_deref()).screen(), @r#"
        exit: 1
        --- stdout
        Target    Size  Budget  Headroom
        ────────────────────────────────
        ✗ api   5.1 kB       –         –

        ✗ api  1 deleted tool still ships · the wrong stage
          frees ≤
                –  the image is stage `production`, the budget expects `migrate` → build
                   the stage that the budget expects, or name this one as `target`
           5.0 kB  layer 2 of 3  RUN apt-get install make
                   make → install and remove in one RUN
          All fixes: 5.1 kB → 100 B
          Needed? imgbudget allow api wrong-stage --reason "…"
                  imgbudget allow api shadowed-tool make --reason "…"

        image: acme/api:1 from the engine
        read: 3 layers by `save`; 18.9 kB in [TIME]
        read: fell back from metadata: it is not known how this engine keeps its layers
        not judged: own-size: it cannot be told which layers came with the base image

        ✗ api 5.1 kB, 1 deleted tool still ships
        --- stderr
        "#));
    }
    let own = check(&STAGES.replace("AS migrate\n", "AS migrate\nRUN /other\n"), None);
    assert!(own.stdout.contains("is stage `production`"), "{}", own.stdout);
}

#[test]
fn a_line_deleted_since_is_noticed_where_the_base_is_there() {
    let changed = "FROM node:20\nRUN apt-get purge make\n";
    insta::assert_snapshot!(check(changed, Some(&layers(1))).screen(), @r#"
    exit: 1
    --- stdout
    Target    Size  Budget  Headroom
    ────────────────────────────────
    ✗ api   5.1 kB       –         –

    ✗ api  1 deleted tool still ships
      frees ≤
       5.0 kB  layer 2 of 3  RUN apt-get install make
               make → install and remove in one RUN
      All fixes: 5.1 kB → 100 B
      Needed? imgbudget allow api shadowed-tool make --reason "…"

    image: acme/api:1 from the engine
    read: 3 layers by `save`; 18.9 kB in [TIME]
    read: fell back from metadata: it is not known how this engine keeps its layers
    not judged: own-size: it cannot be told which layers came with the base image
    note: Dockerfile does not explain all layers above node:20, so the size of the
          base image is unknown

    ✗ api 5.1 kB, 1 deleted tool still ships
    --- stderr
    "#);
}

#[test]
fn a_base_that_is_not_there_is_believed_when_the_lines_fit() {
    let whole = "FROM node:20\nRUN apt-get install make\nRUN apt-get purge make\n";
    for base in [None, Some(layers(1))] {
        let screen = check(whole, base.as_deref());
        assert!(!screen.stdout.contains("note:"), "{}", screen.stdout);
        assert!(screen.stdout.contains("→ install and remove in one RUN"), "{}", screen.stdout);
    }
    let moved = check(whole, Some(&[layers(2).remove(1)]));
    assert!(moved.stdout.contains("does not begin with the node:20"), "{}", moved.stdout);
    let empty = check("FROM node:20\nUSER node\n", None);
    assert!(empty.stdout.contains("makes no layer, and node:20 is not there"), "{}", empty.stdout);
    assert_eq!(empty.code, Some(1), "{}", empty.stdout);
}

#[test]
fn a_misfit_is_said_once() {
    let other = check("FROM node:20\nRUN something else\n", None);
    assert_eq!(other.stdout.matches("does not fit").count(), 1, "{}", other.stdout);
}

#[test]
fn a_root_user_is_shown_at_the_line_that_sets_it_where_the_dockerfile_is_the_images() {
    let layer = || Layer::new().zeros("app", 0o755, 5000);
    let said = |user: &str, instruction: &str| {
        let image = Image::new().layer_by(layer(), instruction).empty_layer(&format!("USER {user}")).user(user);
        let project = Project::with("[targets.api]\ncontext = \".\"\nrequire-non-root = true\nmax-size = \"1 MB\"\n")
            .file("Dockerfile", format!("FROM scratch\nCOPY app /app\nUSER {user}\n"))
            .file("api.tar", docker_archive(&[image.named("acme/api:1")]));
        let screen = project.check("--archive api=api.tar --write codequality=issues.json");
        (screen.stdout, project.report("issues.json")[0]["location"].clone())
    };
    let (shown, place) = said("root", "COPY app /app # buildkit");
    assert!(shown.contains("Dockerfile:3  USER root → end the stage with USER 65532:65532\n"), "{shown}");
    assert_eq!(place, serde_json::json!({ "path": "Dockerfile", "lines": { "begin": 3 } }));
    let (shown, place) = said("root", "COPY other /app # buildkit");
    assert!(!shown.contains("Dockerfile:3"), "{shown}");
    assert_eq!(place["path"], "budgets.toml");
}
