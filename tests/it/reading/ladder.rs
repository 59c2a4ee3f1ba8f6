//! The program reads one image in every way, and says the same of it.

#![expect(clippy::expect_used, reason = "a test may fail loudly")]

use std::path::Path;

use bollard::query_parameters::ImportImageOptions;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::support::daemon::{self, Daemon};
use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::fake_registry::{FakeRegistry, OCI_INDEX, index};
use crate::support::images::{Image, Layer, Stored, docker_archive, legacy_files, oci_files};
use crate::support::project::Project;
use crate::support::run::Run;

/// Tools, links to them, what is deleted, replaced and hidden, and who it runs as.
fn image(name: &str) -> Image {
    let base = Layer::new()
        .dir("usr/bin")
        .file("usr/bin/gcc-12", 0o755, [7; 4000])
        .symlink("usr/bin/gcc", "gcc-12")
        .file("usr/bin/make", 0o755, [8; 300])
        .file("var/cache/big", 0o644, vec![0; 20_000])
        .file("srv/a/old", 0o644, [1; 500]);
    let own = Layer::new()
        .whiteout("usr/bin/make")
        .whiteout("var/cache/big")
        .opaque("srv/a")
        .file("srv/a/new", 0o644, [2; 600])
        .hard_link("srv/a/again", "srv/a/new");
    Image::new()
        .stored(Stored::Gzip)
        .layer_by(base, "RUN apt-get install gcc make")
        .empty_layer("ENV A=1")
        .layer_by(own, "RUN rm -rf /var/cache/big")
        .layer_by(Layer::new().file("usr/bin/npm", 0o755, [9; 100]), "COPY npm /usr/bin")
        .user("app")
        .named(name)
}

const RULES: &str = "max-size = \"20 kB\"\nmax-layers = 2\nmax-wasted = \"1 kB\"\nmax-layer-size = \"30 kB\"\n\
                     require-non-root = true\nforbid-tools = [\"@build-tools\", \"npm\"]\nforbid-paths = [\"/srv/**\"]\n";

/// The report's only target, without what says where the image came from and how it was read, and that.
fn split(stdout: &str) -> (Value, Value) {
    let mut report: Value = serde_json::from_str(stdout).expect("a report");
    let mut target = report["targets"][0].take();
    let read = target["read"].take();
    for key in ["reference", "from", "digest"] {
        target["image"][key] = Value::Null;
    }
    // Only where there are blobs.
    target["compressed_size"] = Value::Null;
    for layer in target["layers"].as_array_mut().expect("layers") {
        layer["compressed_size"] = Value::Null;
    }
    target["notes"] = Value::Null;
    (target, read)
}

fn check(run: Run) -> (Value, Value) {
    let screen = run.run();
    assert_eq!(screen.code, Some(1), "{}{}", screen.stdout, screen.stderr);
    split(&screen.stdout)
}

async fn load(daemon: &Daemon, image: &Image) {
    let body = bollard::body_full(legacy_files(std::slice::from_ref(image)).tar().into());
    let mut answer = std::pin::pin!(daemon.docker.import_image(ImportImageOptions::default(), body, None));
    while let Some(line) = answer.next().await {
        line.expect("the engine loads the image");
    }
}

/// A project of one target, `app`, with all rules.
fn project(source: &str) -> Project {
    Project::with(&format!("[targets.app]\n{source}\n{RULES}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_read_an_image_gives_one_report() {
    for daemon in daemon::all("every_way_to_read_an_image_gives_one_report").await {
        let name = format!("imgbudget-test/every-way-{}:1", std::process::id());
        let image = image(&name);
        load(&daemon, &image).await;
        let project = project(&format!("image = \"{name}\""));
        let engine = |args: &str| {
            let run = project.imgbudget(&format!("check --no-build --format json {args}"));
            check(run.env("DOCKER_HOST", daemon.host.clone()))
        };
        let folder = tempfile::tempdir().expect("a folder");
        let cache = format!("--layer-cache {}", folder.path().join("cache").display());
        let (expected, how) = engine("--read save --layer-cache off");
        assert_eq!((&how["how"], &how["layers_read"]), (&json!("save"), &json!(3)), "{}", daemon.host);
        for (args, way, read) in [
            ("--read metadata --layer-cache off".to_owned(), "metadata", 3),
            (format!("--read auto {cache}"), "metadata", 3),
            (format!("--read auto {cache}"), "cache", 0),
            (format!("--read save {cache}"), "cache", 0),
        ] {
            let (said, how) = engine(&args);
            assert_eq!((&how["how"], &how["layers_read"]), (&json!(way), &json!(read)), "{args} on {}", daemon.host);
            assert_eq!(said, expected, "{args} on {}", daemon.host);
        }
        assert_eq!(containers(&daemon, &name).await, 0, "{}", daemon.host);
        daemon.remove(&name).await;
    }
}

/// How many containers there are of an image.
async fn containers(daemon: &Daemon, image: &str) -> usize {
    let filters = [("ancestor".to_owned(), vec![image.to_owned()])];
    let options = bollard::query_parameters::ListContainersOptions {
        all: true,
        filters: Some(filters.into_iter().collect()),
        ..bollard::query_parameters::ListContainersOptions::default()
    };
    daemon.docker.list_containers(Some(options)).await.expect("list").len()
}

#[test]
fn files_and_registries_give_one_report_and_know_each_others_layers() {
    let image = image("acme/app:1");
    let registry = FakeRegistry::start();
    registry.push("acme/app", "1", &image);
    let project = Project::new().file("app.tar", docker_archive(std::slice::from_ref(&image)));
    oci_files(std::slice::from_ref(&image)).write_to(&project.path("layout"));
    let run = |source: &str, args: &str| {
        std::fs::write(project.path("budgets.toml"), format!("[targets.app]\n{source}\n{RULES}")).expect("written");
        check(project.imgbudget(&format!("check --format json {args}")))
    };
    let pulled = format!("image = \"{}/acme/app:1\"\nfrom = \"registry\"", registry.name());
    // Rules stand on the same lines in all of them.
    let (archive, layout) = ("archive = \"app.tar\"\n", "layout = \"layout\"\n");
    let (expected, _) = run(archive, "--layer-cache off");
    for source in [archive, layout, &pulled] {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = format!("--layer-cache {}", folder.path().join("cache").display());
        let (said, how) = run(source, &cache);
        assert_eq!((&said, &how["layers_read"]), (&expected, &json!(3)), "{source}");
        registry.requests();
        for known in [archive, layout, &pulled] {
            let (said, how) = run(known, &cache);
            assert_eq!((&said, &how["layers_cached"]), (&expected, &json!(3)), "{known} after {source}");
        }
        let fetched = registry.requests();
        let blobs = fetched.iter().filter(|request| request.contains("/blobs/")).count();
        assert_eq!(blobs, 1, "the config alone: {fetched:?}");
    }
}

#[test]
fn rules_about_the_manifest_fetch_no_layer() {
    let image = image("acme/app:1");
    let registry = FakeRegistry::start();
    registry.push("acme/app", "1", &image);
    let source = format!("image = \"{}/acme/app:1\"\nfrom = \"registry\"", registry.name());
    let rules = "max-compressed-size = \"1 MB\"\nmax-layers = 5\nrequire-non-root = true\n";
    let project = Project::with(&format!("[targets.app]\n{source}\n{rules}"));
    let screen = project.imgbudget("check --format json").run();
    assert_eq!(screen.code, Some(0), "{}{}", screen.stdout, screen.stderr);
    let report: Value = serde_json::from_str(&screen.stdout).expect("a report");
    assert_eq!(report["targets"][0]["size"], Value::Null);
    assert_eq!(report["targets"][0]["compressed_size"], json!(image.stored_size()));
    let requests = registry.requests();
    let asked: Vec<&str> = requests.iter().map(|request| request.split_once(' ').map_or("", |(how, _)| how)).collect();
    assert_eq!(asked, ["HEAD", "GET", "GET"], "{requests:?}");
}

#[test]
fn a_layer_that_several_images_have_is_fetched_once() {
    let base = || Layer::new().file("base", 0o644, [5; 5000]);
    let registry = FakeRegistry::start();
    let mut targets = String::new();
    for number in 0..10 {
        let own = Layer::new().file(format!("own{number}"), 0o644, [number; 10]);
        let image = Image::new().stored(Stored::Gzip).layer(base()).layer(own);
        registry.push(&format!("acme/s{number}"), "1", &image);
        let reference = format!("{}/acme/s{number}:1", registry.name());
        targets += &[
            "[targets.s",
            &number.to_string(),
            "]\nimage = \"",
            &reference,
            "\"\nfrom = \"registry\"\nmax-size = \"1 MB\"\n",
        ]
        .concat();
    }
    let screen = Project::with(&targets).imgbudget("check --format json --layer-cache off").run();
    assert_eq!(screen.code, Some(0), "{}{}", screen.stdout, screen.stderr);
    let fetched =
        registry.requests().iter().filter(|request| request.starts_with("GET") && request.contains("/blobs/")).count();
    assert_eq!(fetched, 10 + 10 + 1, "ten configs, ten layers and the common one");
}

/// An engine that has `image`, and answers everything else by `answer`.
fn engine(image: &Image, answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> FakeEngine {
    let config: Value = serde_json::from_slice(&image.config()).expect("a config");
    let inspect = json!({
        "Id": image.id(), "Os": "linux", "Architecture": "amd64",
        "RootFS": { "Type": "layers", "Layers": config["rootfs"]["diff_ids"] },
    });
    FakeEngine::new(move |asked| match asked {
        asked if asked.contains("/images/") && asked.contains("/json") => Reply::Json(inspect.to_string()),
        asked if asked.ends_with("/info") => Reply::Json(
            json!({ "DockerRootDir": "/var/lib/docker", "Driver": "overlay2", "DriverStatus": [] }).to_string(),
        ),
        asked => answer(asked),
    })
}

#[test]
fn a_refused_container_leads_to_save_and_the_report_says_so() {
    let image = image("acme/app:1");
    let archive = docker_archive(std::slice::from_ref(&image));
    let engine = engine(&image, move |asked| match asked {
        asked if asked.contains("/get") => Reply::Bytes(archive.clone()),
        _ => Reply::Failure(r#"{"message":"not here"}"#.to_owned()),
    });
    let project = project("image = \"acme/app:1\"");
    let run = |args: &str| project.imgbudget(&format!("check --format json {args}")).env("DOCKER_HOST", engine.host());
    let (said, how) = check(run("--layer-cache off"));
    assert_eq!(how["how"], json!("save"));
    let fallbacks = how["fallbacks"].to_string();
    assert!(fallbacks.contains("metadata: ") && fallbacks.contains("not here"), "{fallbacks}");
    let (plain, how) = check(run("--layer-cache off --read save"));
    assert_eq!((said, &how["fallbacks"]), (plain, &json!([])));
    let screen = run("--layer-cache off --read metadata").run();
    assert_eq!(screen.code, Some(2));
    assert!(screen.stdout.contains("cannot be read from the engine's layer metadata"), "{}", screen.stdout);
}

#[test]
fn an_image_that_is_removed_between_two_requests_could_not_be_measured() {
    let image = image("acme/app:1");
    let engine = engine(&image, |_| Reply::Missing);
    let screen = project("image = \"acme/app:1\"").imgbudget("check").env("DOCKER_HOST", engine.host()).run();
    assert_eq!(screen.code, Some(2), "{}{}", screen.stdout, screen.stderr);
    assert!(screen.stdout.contains("the engine cannot save image"), "{}", screen.stdout);
}

#[test]
fn an_image_whose_name_moves_between_two_requests_could_not_be_measured() {
    let image = image("acme/app:1");
    let other = docker_archive(&[Image::new().layer(Layer::new().file("x", 0o644, b"x")).named("acme/app:1")]);
    let engine = engine(&image, move |asked| match asked {
        asked if asked.contains("/get") => Reply::Bytes(other.clone()),
        _ => Reply::Missing,
    });
    let screen = project("image = \"acme/app:1\"").imgbudget("check").env("DOCKER_HOST", engine.host()).run();
    assert_eq!(screen.code, Some(2), "{}{}", screen.stdout, screen.stderr);
    assert!(screen.stdout.contains("the engine names other layers"), "{}", screen.stdout);
}

#[test]
fn whatever_becomes_of_the_cache_the_report_is_the_same() {
    let project = project("archive = \"app.tar\"").file("app.tar", docker_archive(&[image("acme/app:1")]));
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    let run = || check(project.imgbudget(&format!("check --format json --layer-cache {}", cache.display())));
    let (expected, _) = run();
    assert_eq!(run().1["layers_read"], json!(0));
    for (what, damage) in DAMAGES {
        files_below(&cache, damage);
        let (said, how) = run();
        assert_eq!((said, &how["layers_read"]), (expected.clone(), &json!(3)), "{what}");
        assert_eq!(run().1["layers_read"], json!(0), "{what}: read again, and kept");
    }
}

type Damage = fn(&Path, Vec<u8>);

/// What may happen to a file of the cache.
const DAMAGES: [(&str, Damage); 4] = [
    ("half of it", |file, bytes| std::fs::write(file, &bytes[..bytes.len() / 2]).expect("written")),
    ("nothing", |file, _| std::fs::write(file, b"").expect("written")),
    ("a byte is another", |file, mut bytes| {
        let middle = bytes.len() / 2;
        bytes.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 0x40);
        std::fs::write(file, bytes).expect("written");
    }),
    ("all of it backwards", |file, mut bytes| {
        bytes.reverse();
        std::fs::write(file, bytes).expect("written");
    }),
];

fn files_below(folder: &Path, damage: Damage) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            files_below(&entry, damage);
        } else if entry.file_name().is_some_and(|name| name.len() == 62) {
            let bytes = std::fs::read(&entry).expect("a file");
            damage(&entry, bytes);
        }
    }
}

#[test]
fn several_platforms_of_one_reference_are_one_run() {
    let platforms = ["linux/amd64", "linux/arm64"];
    let images = platforms.map(|platform| image("acme/app:1").platform(platform));
    let registry = FakeRegistry::start();
    for image in &images {
        registry.push("acme/app", "single", image);
    }
    let list = index(&images.each_ref().map(Image::descriptor));
    let digest = registry.push_manifest("acme/app", "1", OCI_INDEX, list);
    let source = format!(
        "image = \"{}/acme/app:1\"\nfrom = \"registry\"\nplatforms = [\"linux/amd64\", \"linux/arm64\"]",
        registry.name()
    );
    let screen = project(&source).imgbudget("check --format json --layer-cache off").run();
    assert_eq!(screen.code, Some(1), "{}{}", screen.stdout, screen.stderr);
    let report: Value = serde_json::from_str(&screen.stdout).expect("a report");
    for (number, image) in images.iter().enumerate() {
        let found = &report["targets"][number]["image"];
        assert_eq!(
            (&found["id"], &found["digest"], &found["from"]),
            (&json!(image.id()), &json!(digest), &json!("registry"))
        );
    }
    let requests = registry.requests();
    let layers = requests.iter().filter(|request| request.starts_with("GET") && request.contains("/blobs/")).count();
    assert_eq!(layers, 2 + 3, "two configs, and the layers that both have: {requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_engine_estimates_the_compressed_size_and_remembers_it() {
    let Some(daemon) = daemon::live("a_classic_engine_estimates_the_compressed_size_and_remembers_it").await else {
        return;
    };
    let name = format!("imgbudget-test/squeezed-{}:1", std::process::id());
    let text: Vec<u8> =
        (0..200_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).map(|b| b & 63).collect();
    let layer = || Layer::new().file("text", 0o644, &text);
    let folder = tempfile::tempdir().expect("a folder");
    let exact = gzipped(&layer().tar(), folder.path());
    let image = Image::new().layer(layer()).named(&name);
    load(&daemon, &image).await;
    let cache = folder.path().join("cache");
    let budget = |limit: &str| {
        let project = Project::with(&format!("[targets.app]\nimage = \"{name}\"\nmax-compressed-size = \"{limit}\"\n"));
        let args = format!("check --no-build --offline --format json --layer-cache {}", cache.display());
        let screen = project.imgbudget(&args).env("DOCKER_HOST", daemon.host.clone()).run();
        let report: Value = serde_json::from_str(&screen.stdout).expect("a report");
        (screen.code, report["targets"][0].clone(), screen.stderr)
    };
    let (code, target, stderr) = budget("10 MB");
    assert_eq!((code, &target["compressed_size_is_estimate"]), (Some(0), &json!(true)), "{target}");
    assert!(stderr.contains("is read and compressed to estimate it"), "{stderr}");
    let size = target["compressed_size"].as_u64().expect("a size");
    assert!(size.abs_diff(exact) * 100 <= exact * 3, "{size} beside {exact}");
    let (code, again, stderr) = budget(&format!("{} B", size - size / 100));
    assert_eq!((code, &again["verdict"]), (Some(0), &json!("warn")), "inside of its band it warns: {again}");
    assert!(!stderr.contains("to estimate it"), "remembered: {stderr}");
    assert_eq!(budget(&format!("{} B", size / 2)).0, Some(1), "far beyond it fails");
    daemon.remove(&name).await;
}

/// The bytes that gzip makes of it.
fn gzipped(tar: &[u8], folder: &Path) -> u64 {
    let file = folder.join("layer.tar");
    std::fs::write(&file, tar).expect("written");
    let packed = std::process::Command::new("gzip").arg("-c").arg(file).output().expect("gzip");
    packed.stdout.len() as u64
}
