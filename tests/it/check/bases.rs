//! Images that were built elsewhere, and what they were built on: told by budgets.toml, by labels, by the provenance of the build.

use serde_json::{Value, json};

use crate::support::fake_registry::{FakeRegistry, OCI_INDEX, OCI_MANIFEST, index};
use crate::support::images::{Image, Layer, digest, docker_archive};
use crate::support::project::Project;
use crate::support::run::Screen;

fn base() -> Image {
    Image::new().layer_by(Layer::new().zeros("bin/sh", 0o755, 100), "ADD rootfs / # buildkit")
}

/// An image on [`base()`], with 5000 bytes of its own.
fn app() -> Image {
    base().layer_by(Layer::new().zeros("app", 0o755, 5000), "COPY app /app # buildkit").named("acme/app:1")
}

/// Who brought each layer, and by which line; and the notes.
fn origins(project: &Project, args: &str) -> (Vec<String>, String, Screen) {
    let screen = project.check(&format!("{args} --write json=report.json"));
    let target = &project.report("report.json")["targets"][0];
    let layer = |layer: &Value| {
        let line = &layer["dockerfile"]["line"];
        let line = if line.is_null() { String::new() } else { format!(":{line}") };
        format!("{}{line}", layer["origin"].as_str().unwrap())
    };
    let notes = target["notes"].to_string();
    (target["layers"].as_array().unwrap().iter().map(layer).collect(), notes, screen)
}

/// A budget for the image in app.tar, with more keys.
fn saved(more: &str) -> Project {
    let budgets = format!("[targets.app]\narchive = \"app.tar\"\nmax-own-size = \"1 kB\"\n{more}");
    Project::with(&budgets).file("app.tar", docker_archive(&[app()]))
}

#[test]
fn a_base_that_the_budget_names_tells_own_layers_apart() {
    let registry = FakeRegistry::start();
    registry.push("base", "1", &base());
    let project = saved(&format!("base = \"{}/base:1\"\nfrom = \"registry\"\n", registry.name()));
    let (layers, notes, screen) = origins(&project, "");
    assert_eq!((layers.as_slice(), notes.as_str()), (&["base".to_owned(), "own".to_owned()][..], "[]"));
    assert_eq!(screen.code, Some(1), "its own 5 kB are over 1 kB: {}", screen.stdout);
    let report = project.report("report.json");
    assert_eq!(report["targets"][0]["base_size"], 100);
    assert_eq!(
        report["targets"][0]["base"]["place"]["line"], 4,
        "the line to change: {}",
        report["targets"][0]["base"]
    );
    // No layer of the base was fetched.
    assert!(registry.requests().iter().filter(|line| line.contains("/blobs/")).count() == 1);
}

#[test]
fn a_base_that_does_not_fit_or_cannot_be_had_is_not_believed() {
    let registry = FakeRegistry::start();
    registry.push("base", "1", &Image::new().layer(Layer::new().zeros("other", 0o644, 7)));
    let named = |tag: &str| saved(&format!("base = \"{}/base:{tag}\"\nfrom = \"registry\"\n", registry.name()));
    let (layers, notes, _) = origins(&named("1"), "");
    assert_eq!(layers, ["unknown", "unknown"]);
    assert!(notes.contains("does not begin with the layers of"), "{notes}");
    let (layers, notes, screen) = origins(&named("2"), "");
    assert_eq!(layers, ["unknown", "unknown"]);
    assert!(notes.contains("which `base` at budgets.toml:4 names, cannot be looked up"), "{notes}");
    assert!(screen.stdout.contains("not judged: own-size"), "{}", screen.stdout);
    let (_, notes, _) = origins(&named("1"), "--offline");
    assert!(notes.contains("no registry is asked: --offline is given"), "{notes}");
}

#[test]
fn a_dockerfile_beside_an_archive_explains_its_lines() {
    let project =
        saved("context = \"services/app\"\n").file("services/app/Dockerfile", "FROM node:20\n\nCOPY app /app\n");
    let (layers, notes, screen) = origins(&project, "--no-build");
    assert_eq!((layers.as_slice(), notes.as_str()), (&["base".to_owned(), "own:3".to_owned()][..], "[]"));
    assert_eq!(screen.code, Some(1), "{}", screen.stdout);
    let project = saved("dockerfile = \"docker/App\"\ntarget = \"run\"\n")
        .file("docker/App", "FROM node:20 AS run\nCOPY app /app\nFROM run\nCOPY other /x\n");
    assert_eq!(origins(&project, "").0, ["base", "own:2"]);
    let (layers, notes, _) = origins(&saved("dockerfile = \"no-such\"\n"), "");
    assert_eq!(layers, ["unknown", "unknown"]);
    assert!(notes.contains("layers are not matched with Dockerfile lines"), "{notes}");
}

#[test]
fn a_named_base_holds_where_the_dockerfile_does_not_fit() {
    let registry = FakeRegistry::start();
    registry.push("base", "1", &base());
    let more = format!("context = \".\"\nbase = \"{}/base:1\"\nfrom = \"registry\"\n", registry.name());
    let project = saved(&more).file("Dockerfile", "FROM node:20\nRUN something else\n");
    let (layers, notes, _) = origins(&project, "");
    assert_eq!(layers, ["base", "own"]);
    assert!(notes.contains("the image does not fit Dockerfile, so lines are unknown"), "{notes}");
    let project = saved(&more).file("Dockerfile", "FROM node:20\nCOPY app /app\n");
    assert_eq!(origins(&project, "").0, ["base", "own:2"]);
}

/// A budget for an image in a registry.
fn pulled(registry: &FakeRegistry, more: &str) -> Project {
    Project::with(&format!(
        "[targets.app]\nimage = \"{}/app:1\"\nfrom = \"registry\"\nmax-own-size = \"1 kB\"\n{more}",
        registry.name()
    ))
}

#[test]
fn a_label_is_believed_where_the_registry_of_the_image_has_what_it_names() {
    let registry = FakeRegistry::start();
    let pinned = registry.push("base", "1", &base());
    // The tag has moved since.
    registry.push("base", "1", &Image::new().layer(Layer::new().zeros("other", 0o644, 7)));
    let name = |host: &str| app().label("org.opencontainers.image.base.name", &format!("{host}/base:1"));
    let own = name(&registry.name());
    registry.push("app", "1", &own.clone().label("org.opencontainers.image.base.digest", &pinned));
    let (layers, notes, _) = origins(&pulled(&registry, ""), "");
    assert_eq!((layers.as_slice(), notes.as_str()), (&["base".to_owned(), "own".to_owned()][..], "[]"));
    registry.push("app", "1", &own);
    let (layers, notes, _) = origins(&pulled(&registry, ""), "");
    assert_eq!(layers, ["unknown", "unknown"]);
    assert!(notes.contains("whose layers it does not begin with"), "{notes}");
    // A label chooses no host that is spoken to.
    let other = FakeRegistry::start();
    other.push("base", "1", &base());
    registry.push("app", "1", &name(&other.name()));
    let (layers, notes, _) = origins(&pulled(&registry, ""), "");
    assert_eq!((layers, other.requests().len()), (vec!["unknown".to_owned(); 2], 0));
    assert!(notes.contains("in budgets.toml has that looked up"), "{notes}");
    let (layers, _, _) = origins(&pulled(&registry, &format!("base = \"{}/base:1\"\n", other.name())), "");
    assert_eq!(layers, ["base", "own"]);
}

/// An index of `image` with the provenance of its build, which took these images.
fn push_with_provenance(registry: &FakeRegistry, image: &Image, took: &[(&str, &str)]) {
    registry.push_blobs(image);
    let manifest = registry.push_manifest("app", "unused", OCI_MANIFEST, image.manifest());
    let materials: Vec<Value> = took
        .iter()
        .map(|(name, digest)| {
            let (host, rest) = name.split_once('/').unwrap();
            let uri =
                format!("pkg:docker/{}/{}?platform=linux%2Famd64", host.replace(':', "%3A"), rest.replace(':', "@"));
            json!({ "uri": uri, "digest": { "sha256": digest.trim_start_matches("sha256:") } })
        })
        .collect();
    let statement =
        json!({ "predicateType": "https://slsa.dev/provenance/v0.2", "predicate": { "materials": materials } });
    let statement = statement.to_string().into_bytes();
    let config = registry.push_blob(b"{}".to_vec());
    let blob = registry.push_blob(statement.clone());
    let attestation = json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2 },
        "layers": [{
            "mediaType": "application/vnd.in-toto+json",
            "digest": blob,
            "size": statement.len(),
            "annotations": { "in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2" },
        }],
    });
    let attestation = attestation.to_string().into_bytes();
    registry.push_manifest("app", "unused-too", OCI_MANIFEST, attestation.clone());
    let beside = json!({
        "mediaType": OCI_MANIFEST,
        "digest": digest(&attestation),
        "size": attestation.len(),
        "platform": { "os": "unknown", "architecture": "unknown" },
        "annotations": { "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": manifest },
    });
    registry.push_manifest("app", "1", OCI_INDEX, index(&[image.descriptor(), beside]));
}

#[test]
fn the_provenance_of_a_build_tells_its_base() {
    let registry = FakeRegistry::start();
    let builder = Image::new().layer(Layer::new().zeros("usr/bin/gcc", 0o755, 900));
    let (base, builder) = (registry.push("base", "1", &base()), registry.push("builder", "1", &builder));
    let host = registry.name();
    let (base_name, builder_name) = (format!("{host}/base:1"), format!("{host}/builder:1"));
    let took = [(builder_name.as_str(), builder.as_str()), (base_name.as_str(), base.as_str())];
    push_with_provenance(&registry, &app(), &took);
    let (layers, notes, screen) = origins(&pulled(&registry, ""), "");
    assert_eq!((layers.as_slice(), notes.as_str()), (&["base".to_owned(), "own".to_owned()][..], "[]"));
    assert_eq!(screen.code, Some(1));
    // A Dockerfile says which of them is the base image.
    let dockerfile = format!("FROM {builder_name} AS build\nFROM {base_name}\nCOPY app /app\n");
    let project = pulled(&registry, "context = \".\"\n").file("Dockerfile", dockerfile);
    assert_eq!(origins(&project, "").0, ["base", "own:3"]);
    // One that lies claims nothing: the layers decide.
    push_with_provenance(
        &registry,
        &app(),
        &[(&builder_name, &builder), (&base_name, &format!("sha256:{}", "0".repeat(64)))],
    );
    assert_eq!(origins(&pulled(&registry, ""), "").0, ["unknown", "unknown"]);
}
