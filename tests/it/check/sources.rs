//! Images built elsewhere: archives, layouts and references, with and without a file.

use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::images::{
    Image, Layer, Stored, docker_archive, legacy_files, multi_platform_files, oci_files, podman_files,
};
use crate::support::project::Project;

fn image(size: usize) -> Image {
    Image::new().stored(Stored::Gzip).layer(Layer::new().zeros("app", 0o755, size)).named("acme/app:1")
}

#[test]
fn without_any_file() {
    let project = Project::new().file("dist/app.tar", docker_archive(&[image(3000)]));
    oci_files(&[image(5000)]).write_to(&project.path("dist/oci"));
    let screen = project.check("--archive dist/app.tar --layout batch=dist/oci --max-size 4kB").screen();
    insta::assert_snapshot!(screen, @r#"
    exit: 1
    --- stdout
    Target     Size  Budget     Headroom
    ────────────────────────────────────
    ✓ app    3.0 kB  4.0 kB       1.0 kB
    ✗ batch  5.0 kB  4.0 kB  1.0 kB over

    ✗ batch  size 1.0 kB over
      largest
       5.0 kB  layer 1 of 1  COPY 0 /
               → copy only what runs
      Needed? imgbudget allow batch size --up-to 5kB --reason "…"

    image: app: archive dist/app.tar, [DIGEST]
    image: batch: OCI layout dist/oci, [DIGEST]

    ✗ 1 of 2 over: batch 5.0 kB, 1.0 kB over
    --- stderr
    "#);
}

#[test]
fn a_flag_replaces_the_source_of_a_target() {
    let budgets = "[defaults]\nmax-size = \"4 kB\"\n[targets.api]\ncontext = \"api\"\n[targets.worker]\nimage = \"acme/worker:1\"\n";
    let project = Project::with(budgets).file("app.tar", docker_archive(&[image(3000)]));
    let screen = project.check("--archive api=app.tar --archive worker=app.tar --no-build").screen();
    insta::assert_snapshot!(screen, @"
    exit: 0
    --- stdout
    Target      Size  Budget  Headroom
    ──────────────────────────────────
    ✓ api     3.0 kB  4.0 kB    1.0 kB
    ✓ worker  3.0 kB  4.0 kB    1.0 kB

    image: archive app.tar, [DIGEST]
    note: api: layers are not matched with Dockerfile lines: cannot read the build
          context, directory `api`

    ✓ both within budget; least headroom: api 1.0 kB
    --- stderr
    ");
    let screen = project.check("worker --archive worker=app.tar").screen();
    insta::assert_snapshot!(screen, @"
    exit: 0
    --- stdout
    Target      Size  Budget  Headroom
    ──────────────────────────────────
    ✓ worker  3.0 kB  4.0 kB    1.0 kB

    image: archive app.tar, [DIGEST]

    ✓ worker 3.0 kB, 1.0 kB left
    --- stderr
    ");
}

#[test]
fn paths_in_the_file_are_relative_to_it() {
    let budgets = "[targets.batch]\narchive = \"dist/app.tar\"\nmax-size = \"4 kB\"\n[targets.oci]\nlayout = \"dist/oci\"\nmax-size = \"4 kB\"\n";
    let project =
        Project::new().file("ops/budgets.toml", budgets).file("ops/dist/app.tar", docker_archive(&[image(3000)]));
    oci_files(&[image(3000)]).write_to(&project.path("ops/dist/oci"));
    assert_eq!(project.check("--config ops/budgets.toml").code, Some(0));
    // Discovery goes upward.
    assert_eq!(project.imgbudget("check").dir(project.path("ops/dist")).run().code, Some(0));
}

#[test]
fn an_archive_of_several_images() {
    let archive =
        docker_archive(&[image(3000), Image::new().layer(Layer::new().zeros("b", 0o644, 9000)).named("acme/other:2")]);
    let budgets = "[targets.other]\narchive = \"two.tar\"\narchive-image = \"acme/other:2\"\nmax-size = \"4 kB\"\n";
    let project = Project::with(budgets).file("two.tar", archive);
    assert_eq!(project.check("").code, Some(1));
    let alone = Project::new().file("two.tar", std::fs::read(project.path("two.tar")).unwrap());
    assert_eq!(alone.check("--archive two.tar --archive-image acme/app:1 --max-size 4kB").code, Some(0));
    assert_eq!(alone.check("--archive two.tar --archive-image acme/other:2 --max-size 4kB").code, Some(1));
}

#[test]
fn which_image_of_an_archive_or_layout_that_the_file_names() {
    let other = Image::new().layer(Layer::new().zeros("b", 0o644, 9000)).named("acme/other:2");
    let images = [image(3000), other];
    let budgets = "[defaults]\nmax-size = \"4 kB\"\n[targets.a]\narchive = \"two.tar\"\n[targets.b]\nlayout = \"two\"\n[targets.c]\nimage = \"c\"\n";
    let project = Project::with(budgets).file("two.tar", docker_archive(&images));
    oci_files(&images).write_to(&project.path("two"));
    for target in ["a", "b"] {
        assert_eq!(project.check(&format!("{target} --archive-image acme/app:1")).code, Some(0), "{target}");
        assert_eq!(project.check(&format!("{target} --archive-image acme/other:2")).code, Some(1), "{target}");
    }
    assert_eq!(project.check("--layout two --archive-image acme/app:1 --max-size 4kB").code, Some(0));
    assert!(project.check("a b --archive-image x").stderr.contains("does not say which target it is for"));
    for ignored in ["c --archive-image x", "--image x --archive-image x --max-size 1MB"] {
        let screen = project.check(ignored);
        assert!(screen.stderr.contains("--archive-image is for archives and layouts"), "{}", screen.stderr);
    }
    let budgets = "[targets.b]\nlayout = \"two\"\narchive-image = \"acme/app:1\"\nmax-size = \"4 kB\"\n";
    assert_eq!(project.file("budgets.toml", budgets).check("").code, Some(0));
}

#[test]
fn platforms_that_nobody_asked_for_are_named() {
    let made = |platform: &str| image(1000).platform(platform);
    let host = imgbudget::domain::Platform::new("linux", std::env::consts::ARCH, None).to_string();
    let images = [made(&host), made("linux/s390x"), made("linux/riscv64")];
    let budgets = "[targets.a]\nlayout = \"multi\"\nmax-size = \"2 kB\"\n";
    let files = multi_platform_files("acme/app:1", &images);
    let project = Project::with(budgets).file("multi.tar", files.tar());
    files.write_to(&project.path("multi"));
    for args in ["", "--archive a=multi.tar"] {
        let screen = project.imgbudget("check").args(args.split_whitespace()).env("COLUMNS", "200").run();
        let note =
            "note: it holds linux/s390x, linux/riscv64, too, not measured: `platforms` or --platform names what is\n";
        assert!(screen.stdout.contains(note), "{}", screen.stdout);
    }
    assert!(!project.check("--platform linux/s390x").stdout.contains("not measured"));
}

#[test]
fn an_archive_that_is_piped_in() {
    let project = Project::with("[targets.app]\narchive = \"-\"\nmax-size = \"2 kB\"\n");
    let archive = docker_archive(&[image(1000)]);
    let screen = project.imgbudget("check --archive app=-").input(archive.clone()).run();
    assert_eq!(screen.code, Some(0), "{}", screen.stderr);
    let unnamed = Project::new().imgbudget("check --max-size 2kB --archive -").input(archive).screen();
    insta::assert_snapshot!(unnamed, @"
    exit: 0
    --- stdout
    Target     Size  Budget  Headroom
    ─────────────────────────────────
    ✓ image  1.0 kB  2.0 kB    1.0 kB

    image: archive from standard input

    ✓ image 1.0 kB, 1.0 kB left
    --- stderr
    ");
    insta::assert_snapshot!(Project::new().imgbudget("check --max-size 2kB --archive -").screen(), @"
    exit: 2
    --- stdout
    Target   Size  Budget  Headroom
    ───────────────────────────────
    ✗ image     –       –         –

    ✗ image: standard input is empty
      hint: An archive is what `docker save`, `podman save`, skopeo, or `docker
            buildx build --output type=oci` (or `type=docker`) writes.

    ✗ image could not be measured
    --- stderr
    ");
    insta::assert_snapshot!(Project::new().imgbudget("check --max-size 2kB --archive a=- --archive b=-").screen(), @"
    exit: 2
    --- stdout

    --- stderr
    error: two targets cannot both be read from standard input
     hint: Write one of the archives to a file, and name that.
    ");
    // A path of the file is a path.
    assert!(project.check("").stdout.contains("cannot open the archive -"));
}

#[test]
fn a_target_is_called_as_its_file_without_endings() {
    let mut project = Project::new();
    for file in ["a.tar", "b.tar.gz", "c.tgz", "d.tar.zst", "e.1.tar"] {
        project = project.file(file, docker_archive(&[image(1000)]));
    }
    let screen = project.check("--max-size 2kB --archive a.tar --archive b.tar.gz --archive c.tgz --archive d.tar.zst --archive e.1.tar --format json");
    let report: serde_json::Value = serde_json::from_str(&screen.stdout).unwrap();
    let names: Vec<_> = report["targets"].as_array().unwrap().iter().map(|target| target["name"].clone()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e.1"]);
}

#[test]
fn every_form_of_archive_has_the_same_size() {
    let image = image(3000);
    let one = std::slice::from_ref(&image);
    let project = Project::new()
        .file("legacy.tar", legacy_files(one).tar())
        .file("podman.tar", podman_files(one).tar())
        .file("oci.tar", oci_files(one).tar())
        .file("backwards.tar", oci_files(one).reversed().tar())
        .file("docker.tar", docker_archive(one));
    let args = ["legacy", "podman", "oci", "backwards", "docker"].map(|name| format!("--archive {name}.tar")).join(" ");
    project.check(&format!("{args} --max-size 1MB --write json=r.json"));
    let report = project.report("r.json");
    let targets = report["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 5);
    assert!(targets.iter().all(|target| target["size"] == 3000), "{report:#}");
    // Only where a manifest names the blobs is it known what a registry would store.
    let compressed: Vec<_> = targets.iter().map(|target| target["compressed_size"].as_u64()).collect();
    let stored = Some(image.stored_size());
    assert_eq!(compressed, [None, None, stored, stored, stored], "{report:#}");
}

#[test]
fn each_platform_is_judged_on_its_own() {
    let sized = |platform, size| Image::new().platform(platform).layer(Layer::new().zeros("app", 0o755, size));
    let files = multi_platform_files("acme/app:1", &[sized("linux/amd64", 3000), sized("linux/arm64", 5000)]);
    let budgets =
        "[targets.app]\narchive = \"app.tar\"\nplatforms = [\"linux/amd64\", \"linux/arm64\"]\nmax-size = \"4 kB\"\n";
    let project = Project::with(budgets).file("app.tar", files.tar());
    insta::assert_snapshot!(project.check("").screen(), @r#"
    exit: 1
    --- stdout
    Target  Platform       Size  Budget     Headroom
    ────────────────────────────────────────────────
    ✓ app   linux/amd64  3.0 kB  4.0 kB       1.0 kB
    ✗ app   linux/arm64  5.0 kB  4.0 kB  1.0 kB over

    ✗ app (linux/arm64)  size 1.0 kB over
      largest
       5.0 kB  layer 1 of 1  COPY 0 /
               → copy only what runs
      Needed? imgbudget allow app size --up-to 5kB --reason "…"

    image: app (linux/amd64): archive app.tar, [DIGEST]
    image: app (linux/arm64): archive app.tar, [DIGEST]

    ✗ 1 of 2 images over: app (linux/arm64) 5.0 kB, 1.0 kB over
    --- stderr
    "#);
    insta::assert_snapshot!(project.check("--platform linux/amd64").screen(), @"
    exit: 0
    --- stdout
    Target  Platform       Size  Budget  Headroom
    ─────────────────────────────────────────────
    ✓ app   linux/amd64  3.0 kB  4.0 kB    1.0 kB

    image: archive app.tar, [DIGEST]

    ✓ app 3.0 kB, 1.0 kB left
    --- stderr
    ");
}

#[test]
fn archives_and_layouts_open_no_socket() {
    let engine = FakeEngine::new(|_| Reply::Missing);
    let budgets = "[targets.a]\narchive = \"app.tar\"\nmax-size = \"1 MB\"\n[targets.b]\nlayout = \"oci\"\nmax-size = \"1 MB\"\n[targets.c]\nimage = \"acme/c:1\"\n";
    let project = Project::with(budgets).file("app.tar", docker_archive(&[image(3000)]));
    oci_files(&[image(3000)]).write_to(&project.path("oci"));
    let screen = project.imgbudget("check a b").env("DOCKER_HOST", engine.host()).run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    assert!(engine.requests().is_empty(), "an engine that no target needs was asked: {:?}", engine.requests());
    // The trap works: a target that does need an engine falls into it.
    let screen = project.imgbudget("check c").env("DOCKER_HOST", engine.host()).run();
    assert_eq!(screen.code, Some(2), "{}", screen.screen());
    assert!(!engine.requests().is_empty());
}

#[test]
fn many_targets_a_few_at_once_in_the_order_of_the_file() {
    let names = ["zeta", "alpha", "mid", "beta"];
    let budgets: String =
        names.map(|name| format!("[targets.{name}]\narchive = \"app.tar\"\nmax-size = \"1 MB\"\n")).concat();
    let project = Project::with(&budgets).file("app.tar", docker_archive(&[image(3000)]));
    let one = project.check("--jobs 1").stdout;
    assert_eq!(one, project.check("--jobs 4").stdout);
    assert_eq!(project.check("--jobs 0").code, Some(2));
}
