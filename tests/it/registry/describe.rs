//! From a reference to manifest and config, and nothing beyond.

use imgbudget::registry::RegistryImage;
use serde_json::{Value, json};

use super::{app, describe, layer, registries, screen};
use crate::support::fake_registry::{FakeRegistry, Fault, OCI_INDEX, OCI_MANIFEST, index};
use crate::support::images::{Image, Layer, digest};

/// An image for a platform, with that platform in its one file.
fn image(platform: &str) -> Image {
    Image::new().layer(Layer::new().file("platform", 0o644, platform)).platform(platform)
}

/// Keeps an image for each platform, with an attestation each, as buildx pushes them; says the index's digest.
fn push_index(registry: &FakeRegistry, repository: &str, tag: &str, platforms: &[&str]) -> String {
    let mut entries = Vec::new();
    for platform in platforms {
        let image = image(platform);
        registry.push(repository, "unused", &image);
        entries.push(image.descriptor());
    }
    for platform in platforms {
        let attestation = Image::new().user(platform).platform("unknown/unknown");
        registry.push(repository, "unused", &attestation);
        entries.push(attestation.descriptor());
    }
    registry.push_manifest(repository, tag, OCI_INDEX, index(&entries))
}

async fn refused(registry: &FakeRegistry, reference: &str, platform: Option<&str>) -> String {
    let reference = format!("{}/{reference}", registry.name());
    screen(&describe(&registries(), &reference, platform).await.expect_err("no image"))
}

fn of(image: &RegistryImage) -> String {
    image.config.platform.to_string()
}

#[tokio::test]
async fn an_image_is_known_by_two_documents_and_its_layers_come_when_they_are_asked_for() {
    let registry = FakeRegistry::start();
    let pushed = registry.push("acme/app", "1", &app());
    let registries = registries();
    let image = describe(&registries, &format!("{}/acme/app:1", registry.name()), None).await.expect("an image");
    assert_eq!((image.digest.to_string(), image.manifest.to_string()), (pushed.clone(), pushed));
    assert_eq!(image.config.id.to_string(), app().id());
    assert_eq!(image.config_json.to_vec(), app().config());
    assert_eq!(image.config.user.as_deref(), Some("app"));
    let blobs: Vec<Vec<u8>> = app().blobs().collect();
    let sizes: Vec<u64> = image.layers.iter().map(|layer| layer.size.0).collect();
    assert_eq!(sizes, blobs.iter().map(|blob| blob.len() as u64).collect::<Vec<_>>());
    assert_eq!(registry.requests().len(), 3);
    for (number, blob) in blobs.iter().enumerate() {
        assert_eq!(&layer(&registries, &image, number).await.expect("a layer"), blob);
    }
    assert_eq!(registry.requests().len(), 2);
    let none = layer(&registries, &image, 2).await.expect_err("no layer");
    insta::assert_snapshot!(screen(&none), @r"
    127.0.0.1:PORT/acme/app:1 has no such layer
    hint: none
    ");
}

#[tokio::test]
async fn an_image_of_several_platforms_takes_four_requests_and_each_further_platform_two() {
    let registry = FakeRegistry::start();
    let index = push_index(&registry, "app", "latest", &["linux/amd64", "linux/arm64", "linux/arm/v7"]);
    let (registries, reference) = (registries(), format!("{}/app", registry.name()));
    let arm = describe(&registries, &reference, Some("linux/arm64")).await.expect("an image");
    assert_eq!((of(&arm), arm.digest.to_string(), arm.beside), ("linux/arm64".to_owned(), index, vec![]));
    insta::assert_snapshot!(registry.requests().join("\n"), @r"
    HEAD /v2/app/manifests/latest
    GET /v2/app/manifests/sha256:0cb0
    GET /v2/app/manifests/sha256:4d3d
    GET /v2/app/blobs/sha256:268a
    ");
    let v7 = describe(&registries, &reference, Some("linux/arm/v7")).await.expect("an image");
    assert_eq!(of(&v7), "linux/arm/v7");
    assert_eq!(registry.requests().len(), 2);
    let ours = describe(&registries, &reference, None).await.expect("an image");
    assert!(ours.config.platform.to_string().starts_with("linux/"));
    assert_eq!(ours.beside.len(), 2, "{:?}", ours.beside);
}

#[tokio::test]
async fn targets_that_ask_at_the_same_time_ask_once() {
    let registry = FakeRegistry::start();
    push_index(&registry, "app", "1", &["linux/amd64", "linux/arm64"]);
    let (registries, reference) = (registries(), format!("{}/app:1", registry.name()));
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let (registries, reference) = (registries.clone(), reference.clone());
            let platform = if number % 2 == 0 { "linux/amd64" } else { "linux/arm64" };
            tokio::spawn(async move {
                describe(&registries, &reference, Some(platform)).await.map(|it| platform == of(&it))
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.expect("no panic").expect("an image"));
    }
    // HEAD, index, and manifest and config for either.
    assert_eq!(registry.requests().len(), 6);
}

#[tokio::test]
async fn a_nested_index_is_walked_and_an_index_for_one_platform_needs_no_choice() {
    let registry = FakeRegistry::start();
    let inner = push_index(&registry, "app", "inner", &["linux/s390x"]);
    let outer = index(&[json!({ "mediaType": OCI_INDEX, "digest": inner, "size": 1 })]);
    registry.push_manifest("app", "outer", OCI_INDEX, outer);
    for tag in ["inner", "outer"] {
        let found = describe(&registries(), &format!("{}/app:{tag}", registry.name()), None).await.expect("an image");
        assert_eq!((of(&found), found.beside), ("linux/s390x".to_owned(), vec![]));
    }
    insta::assert_snapshot!(refused(&registry, "app:outer", Some("linux/amd64")).await, @r"
    127.0.0.1:PORT/app:outer has no image for linux/amd64
    hint: It has linux/s390x (sha256:[digest]): choose with `platforms`, with --platform, or by digest.
    ");
}

#[tokio::test]
async fn an_index_that_does_not_say_what_is_for_what_is_answered_by_the_configs() {
    let registry = FakeRegistry::start();
    let platforms = ["linux/riscv64", "linux/ppc64le", "windows/amd64"];
    let silent = |image: &Image| {
        let mut descriptor = image.descriptor();
        descriptor.as_object_mut().expect("an object").remove("platform");
        descriptor
    };
    let entries: Vec<Value> = platforms.iter().map(|platform| silent(&image(platform))).collect();
    for platform in platforms {
        registry.push("app", "unused", &image(platform));
    }
    registry.push_manifest("app", "1", OCI_INDEX, index(&entries));
    let reference = format!("{}/app:1", registry.name());
    let found = describe(&registries(), &reference, Some("windows/amd64")).await.expect("an image");
    assert_eq!(of(&found), "windows/amd64");
    // A hundred of them are more than anybody would ask for.
    let many: Vec<Image> = (0..100).map(|number| image(&format!("linux/a{number}"))).collect();
    for image in &many {
        registry.push("app", "unused", image);
    }
    registry.push_manifest("app", "many", OCI_INDEX, index(&many.iter().map(silent).collect::<Vec<_>>()));
    let large: Vec<Value> = (0..6)
        .map(|number| {
            let padded = json!({ "manifests": [], "annotations": { "x": format!("{number}{}", " ".repeat(4_000_000)) } });
            json!({ "digest": registry.push_manifest("app", "unused", OCI_INDEX, padded.to_string().into_bytes()), "size": 1 })
        })
        .collect();
    registry.push_manifest("app", "large", OCI_INDEX, index(&large));
    insta::assert_snapshot!(refused(&registry, "app:large", Some("linux/a99")).await, @r"
    127.0.0.1:PORT/app:large: more than 16 MiB of manifests would have to be read to find the image
    hint: Its index does not say what each is for. Name the image by its digest.
    ");
    registry.requests();
    insta::assert_snapshot!(refused(&registry, "app:many", Some("linux/a99")).await, @r"
    127.0.0.1:PORT/app:many: more than 60 manifests would have to be read to find the image
    hint: Its index does not say what each is for. Name the image by its digest.
    ");
    assert!(registry.requests().len() < 70);
}

#[tokio::test]
async fn an_index_without_the_platform_says_what_it_has() {
    let registry = FakeRegistry::start();
    push_index(&registry, "app", "1", &["linux/amd64", "linux/arm64"]);
    insta::assert_snapshot!(refused(&registry, "app:1", Some("linux/s390x")).await, @r"
    127.0.0.1:PORT/app:1 has no image for linux/s390x
    hint: It has linux/amd64 (sha256:[digest]), linux/arm64 (sha256:[digest]): choose with `platforms`, with --platform, or by digest.
    ");
    registry.push("single", "1", &image("linux/arm64"));
    insta::assert_snapshot!(refused(&registry, "single:1", Some("linux/amd64")).await, @r"
    127.0.0.1:PORT/single:1 has no image for linux/amd64
    hint: It has linux/arm64 (sha256:[digest]): choose with `platforms`, with --platform, or by digest.
    ");
    let twice = [image("linux/amd64").user("a"), image("linux/amd64").user("b")];
    for image in &twice {
        registry.push("twice", "unused", image);
    }
    registry.push_manifest("twice", "1", OCI_INDEX, index(&twice.map(|image| image.descriptor())));
    insta::assert_snapshot!(refused(&registry, "twice:1", Some("linux/amd64")).await, @r"
    127.0.0.1:PORT/twice:1 holds several images
    hint: It has linux/amd64 (sha256:[digest]), linux/amd64 (sha256:[digest]): choose with `platforms`, with --platform, or by digest.
    ");
}

#[tokio::test]
async fn a_digest_is_asked_for_itself_and_has_to_be_what_comes() {
    let registry = FakeRegistry::start();
    let pushed = registry.push("app", "1", &app());
    let reference = format!("{}/app:other@{pushed}", registry.name());
    let image = describe(&registries(), &reference, None).await.expect("an image");
    assert_eq!(image.digest.to_string(), pushed);
    assert_eq!(registry.requests().len(), 2);
    registry.fail("/manifests/", Fault::Body(image_manifest_of_somebody_else()));
    insta::assert_snapshot!(refused(&registry, &format!("app@{pushed}"), None).await, @r"
    127.0.0.1:PORT/app@sha256:[digest]: what 127.0.0.1:PORT sends as the manifest sha256:[digest] has another digest
    hint: It was changed on the way or in the registry. Push the image again.
    ");
    registry.fail("/blobs/", Fault::Body(b"{}".to_vec()));
    insta::assert_snapshot!(refused(&registry, &format!("app@{pushed}"), None).await, @r"
    127.0.0.1:PORT/app@sha256:[digest]: what 127.0.0.1:PORT sends as the config sha256:[digest] has another digest
    hint: It was changed on the way or in the registry. Push the image again.
    ");
}

fn image_manifest_of_somebody_else() -> Vec<u8> {
    Image::new().user("somebody else").manifest()
}

#[tokio::test]
async fn a_registry_that_does_not_say_digests_is_asked_for_the_manifest() {
    let registry = FakeRegistry::start();
    let pushed = registry.push("app", "1", &app());
    let reference = format!("{}/app:1", registry.name());
    for fault in [Fault::Without("Docker-Content-Digest"), Fault::Status(405, vec![])] {
        registry.fail("HEAD /v2/app", fault);
        let image = describe(&registries(), &reference, None).await.expect("an image");
        assert_eq!(image.digest.to_string(), pushed);
    }
}

#[tokio::test]
async fn what_is_no_image_is_said_to_be_what_it_is() {
    let registry = FakeRegistry::start();
    let put = |tag: &str, manifest: Value| {
        registry.push_manifest("app", tag, OCI_MANIFEST, manifest.to_string().into_bytes())
    };
    let config = json!({ "mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest(b"{}"), "size": 2 });
    put("chart", json!({ "schemaVersion": 2, "config": config, "layers": [] }));
    insta::assert_snapshot!(refused(&registry, "app:chart", None).await, @r"
    127.0.0.1:PORT/app:chart is not an image but `application/vnd.cncf.helm.config.v1+json`
    hint: A registry keeps other things beside images: charts, signatures, attestations. Name an image.
    ");
    let mut signature: Value = serde_json::from_slice(&app().manifest()).expect("JSON");
    signature["layers"][0]["mediaType"] = json!("application/vnd.dev.cosign.simplesigning.v1+json");
    put("signature", signature);
    insta::assert_snapshot!(refused(&registry, "app:signature", None).await, @r"
    127.0.0.1:PORT/app:signature is not an image but `application/vnd.dev.cosign.simplesigning.v1+json`
    hint: A registry keeps other things beside images: charts, signatures, attestations. Name an image.
    ");
    put("old", json!({ "schemaVersion": 1, "name": "app", "tag": "old", "fsLayers": [{ "blobSum": digest(b"") }] }));
    insta::assert_snapshot!(refused(&registry, "app:old", None).await, @r"
    127.0.0.1:PORT/app:old is stored in the form that Docker wrote before 2016 (schema 1)
    hint: Pull it with an engine and push it again.
    ");
    put("none", json!({ "schemaVersion": 2 }));
    insta::assert_snapshot!(refused(&registry, "app:none", None).await, @r"
    127.0.0.1:PORT/app:none is neither an image nor an index
    hint: Push the image again.
    ");
    put("page", json!("<html>"));
    insta::assert_snapshot!(refused(&registry, "app:page", None).await, @r#"
    127.0.0.1:PORT/app:page: the manifest sha256:[digest] cannot be read: invalid type: string "<html>", expected struct RawNode at line 1 column 8
    hint: Push the image again.
    "#);
    put("charts", json!({ "manifests": [{ "digest": put("chart", json!({ "config": config })), "size": 1 }] }));
    insta::assert_snapshot!(refused(&registry, "app:charts", None).await, @r"
    127.0.0.1:PORT/app:charts is an index without an image
    hint: It lists other things, such as signatures or charts. Name an image.
    ");
}

#[tokio::test]
async fn a_manifest_and_a_config_that_contradict_each_other_are_no_image() {
    let registry = FakeRegistry::start();
    registry.push_blobs(&app());
    let manifest: Value = serde_json::from_slice(&app().manifest()).expect("JSON");
    let put = |tag: &str, change: &dyn Fn(&mut Value)| {
        let mut manifest = manifest.clone();
        change(&mut manifest);
        registry.push_manifest("app", tag, OCI_MANIFEST, manifest.to_string().into_bytes());
    };
    put("few", &|manifest| drop(manifest["layers"].as_array_mut().expect("layers").pop()));
    insta::assert_snapshot!(refused(&registry, "app:few", None).await, @r"
    127.0.0.1:PORT/app:few: the config has 2 layers, the manifest lists 1
    hint: Push the image again.
    ");
    put("size", &|manifest| manifest["config"]["size"] = json!(7));
    insta::assert_snapshot!(refused(&registry, "app:size", None).await, @r"
    127.0.0.1:PORT/app:size: the image's config has 383 bytes, and its manifest says 7
    hint: Push the image again.
    ");
    let blob = registry.push_blob(b"{\"os\":1}".to_vec());
    put("config", &|manifest| manifest["config"] = json!({ "digest": blob, "size": 8 }));
    insta::assert_snapshot!(refused(&registry, "app:config", None).await, @r"
    127.0.0.1:PORT/app:config: the image's config cannot be read: invalid type: integer `1`, expected a string at line 1 column 7
    hint: Push the image again.
    ");
    put("both", &|manifest| manifest["manifests"] = json!([{ "digest": blob, "size": 8 }]));
    insta::assert_snapshot!(refused(&registry, "app:both", None).await, @r"
    127.0.0.1:PORT/app:both: the manifest sha256:[digest] cannot be read: it has `manifests` as an index, and `config` or `layers` as a manifest
    hint: Push the image again.
    ");
}
