//! `check --bake-metadata`: images that buildx bake made, by target.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;

use tempfile::TempDir;

use crate::support::daemon::{self, Daemon};
use crate::support::images::{Image, Layer, docker_archive};
use crate::support::run::{Run, Screen};

const BUDGETS: &str = "[targets.api]\ncontext = \".\"\nmax-size = \"1 kB\"\n\n[targets.web]\nimage = \"acme/web:1\"\n";

fn folder(metadata: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let image = Image::new().layer(Layer::new().zeros("app", 0o755, 10)).named("acme/api:1");
    fs::write(folder.path().join("budgets.toml"), BUDGETS).unwrap();
    fs::write(folder.path().join("Dockerfile"), "FROM scratch\n").unwrap();
    fs::write(folder.path().join("api.tar"), docker_archive(&[image])).unwrap();
    fs::write(folder.path().join("bake.json"), metadata).unwrap();
    folder
}

fn check(metadata: &str, args: &[&str]) -> Screen {
    let folder = folder(metadata);
    Run::new().dir(folder.path()).args(["check", "--bake-metadata", "bake.json"]).args(args.iter().copied()).run()
}

#[test]
fn refusals_say_what_to_do() {
    insta::assert_snapshot!(check(r#"{"other": {}, "another": {}}"#, &[]).screen(), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `bake.json` has none of the targets to check
     hint: A bake target and a target of budgets.toml belong together by name; the file has another, other.
    "#);
    insta::assert_snapshot!(check(r#"{"api": {"buildx.build.ref": "b/b0/x"}}"#, &[]).screen(), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: buildx bake left no image of target `api`
     hint: Let bake load it (`--load`, or `output = ["type=docker"]` in the bake file) and give it a tag.
    "#);
    insta::assert_snapshot!(check(r#"{"containerimage.digest": "x"}"#, &[]).screen(), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `bake.json` is not metadata of buildx bake: it describes one image and no targets, as `buildx build` writes it
     hint: Use --image NAME=REF for an image of `buildx build`.
    "#);
    insta::assert_snapshot!(check("{", &[]).screen(), @r#"
    exit: 2
    --- stdout

    --- stderr
    error: `bake.json` is not metadata of buildx bake: EOF while parsing an object at line 1 column 1
     hint: Give --bake-metadata the file that `docker buildx bake --metadata-file FILE` has written.
    "#);
}

#[test]
fn a_flag_wins_over_the_file() {
    let metadata = r#"{"buildx.build.warnings": [], "api": {"image.name": "acme/other:1"}, "web": {}}"#;
    let screen = check(metadata, &["api", "--archive", "api=api.tar"]);
    assert_eq!(screen.code, Some(0), "{}{}", screen.stdout, screen.stderr);
}

#[tokio::test]
async fn the_engine_is_asked_for_what_bake_named() {
    let Some(daemon) = daemon::live("the_engine_is_asked_for_what_bake_named").await else { return };
    let tag = "imgbudget-test/baked:1";
    daemon.load(tag, &[Layer::new().zeros("app", 0o755, 2000).tar()]).await;
    let folder = folder(&format!(r#"{{"api": {{"image.name": "docker.io/{tag}"}}}}"#));
    let screen =
        Run::new().live().dir(folder.path()).args(["check", "api", "--bake-metadata", "bake.json", "--no-build"]).run();
    Daemon::remove(&daemon, tag).await;
    assert_eq!(screen.code, Some(1), "{}{}", screen.stdout, screen.stderr);
    assert!(screen.stdout.contains(" over\n"), "{}", screen.stdout);
}
