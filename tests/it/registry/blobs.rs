//! The blob of a layer: as many bytes as its descriptor says, whatever happens on the way.

use std::time::Duration;

use futures_util::StreamExt as _;
use imgbudget::registry::{Patience, Registries, RegistryImage};
use serde_json::{Value, json};

use super::{PATIENCE, describe, layer, registries, screen};
use crate::support::fake_registry::{FakeRegistry, Fault, OCI_MANIFEST};
use crate::support::images::{Image, Layer};

/// Its one layer has 300 KB that repeat in no simple way.
fn large() -> Image {
    let content: Vec<u8> = (0..300_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    Image::new().layer(Layer::new().file("large", 0o644, content))
}

struct Scene {
    registry: FakeRegistry,
    registries: Registries,
    image: RegistryImage,
}

async fn scene() -> Scene {
    let registry = FakeRegistry::start();
    registry.push("app", "1", &large());
    let registries = registries();
    let image = describe(&registries, &format!("{}/app:1", registry.name()), None).await.expect("an image");
    registry.requests();
    Scene { registry, registries, image }
}

impl Scene {
    async fn whole(&self) -> bool {
        Some(layer(&self.registries, &self.image, 0).await.expect("a layer")) == large().blobs().next()
    }

    async fn refused(&self) -> String {
        screen(&layer(&self.registries, &self.image, 0).await.expect_err("no layer"))
    }

    /// With so little patience that a test can wait for its end.
    fn impatient(self) -> Self {
        let silence = Duration::from_millis(200);
        let registries = registries().with_patience(Patience { silence, ..PATIENCE });
        Self { registries, ..self }
    }
}

#[tokio::test]
async fn a_blob_is_taken_up_where_the_connection_broke() {
    let scene = scene().await;
    for at in [100_000, 1, 50_000] {
        scene.registry.fail("/blobs/", Fault::CutAfter(at));
    }
    assert!(scene.whole().await);
    let ranges: Vec<String> = scene
        .registry
        .heads()
        .iter()
        .filter_map(|head| head.lines().find(|line| line.to_lowercase().starts_with("range")).map(str::to_owned))
        .collect();
    assert_eq!(ranges, ["range: bytes=100000-", "range: bytes=100001-", "range: bytes=150001-"]);
    assert!(scene.registry.sent() < 310_000);
}

#[tokio::test]
async fn a_registry_without_ranges_sends_it_anew_and_nothing_comes_twice() {
    let scene = scene().await;
    scene.registry.fail("/blobs/", Fault::CutAfter(100_000));
    scene.registry.fail("/blobs/", Fault::NoRanges);
    assert!(scene.whole().await);
}

#[tokio::test]
async fn another_part_than_was_asked_for_is_refused() {
    let scene = scene().await;
    scene.registry.fail("/blobs/", Fault::CutAfter(100_000));
    scene.registry.fail("/blobs/", Fault::WrongRange);
    insta::assert_snapshot!(scene.refused().await, @r"
    127.0.0.1:PORT/app:1: 127.0.0.1:PORT sends another part of the layer sha256:[digest] than was asked for
    hint: Try again later, or ask whoever runs the registry.
    ");
}

#[tokio::test]
async fn a_blob_that_breaks_again_and_again_is_given_up() {
    let scene = scene().await;
    scene.registry.fail_always("/blobs/", Fault::CutAfter(1000));
    insta::assert_snapshot!(scene.refused().await, @r"
    127.0.0.1:PORT/app:1: the layer sha256:[digest]: 127.0.0.1:PORT: the connection broke: error reading a body from connection: end of file before message length reached
    hint: Try again later, or ask whoever runs the registry.
    ");
    assert_eq!(scene.registry.requests().len(), 4);
}

#[tokio::test]
async fn a_blob_has_as_many_bytes_as_its_descriptor_says() {
    let scene = scene().await;
    let sized = |tag: &str, size: u64| {
        let mut manifest: Value = serde_json::from_slice(&large().manifest()).expect("JSON");
        manifest["layers"][0]["size"] = json!(size);
        scene.registry.push_manifest("app", tag, OCI_MANIFEST, manifest.to_string().into_bytes());
        format!("{}/app:{tag}", scene.registry.name())
    };
    let registries = registries();
    for (tag, size) in [("larger", 1000), ("smaller", 1 << 40)] {
        let image = describe(&registries, &sized(tag, size), None).await.expect("an image");
        let before = scene.registry.sent();
        let error = screen(&layer(&registries, &image, 0).await.expect_err("no layer"));
        match tag {
            "larger" => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:larger: the layer sha256:[digest] has more bytes than the 1000 of its manifest
            hint: Push the image again.
            "),
            _ => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:smaller: the layer sha256:[digest] has 301568 bytes, and its manifest says 1099511627776
            hint: Push the image again.
            "),
        }
        if tag == "larger" {
            scene.registry.fail("/blobs/", Fault::Endless);
            let endless = screen(&layer(&registries, &image, 0).await.expect_err("no layer"));
            assert_eq!(endless, error);
            assert!(scene.registry.sent() - before < 8 << 20);
        }
    }
}

#[tokio::test]
async fn a_blob_that_does_not_come_is_given_up() {
    for fault in [Fault::StallAfter(1000), Fault::Trickle(Duration::from_millis(20))] {
        let scene = scene().await.impatient();
        scene.registry.fail_always("/blobs/", fault.clone());
        let error = scene.refused().await;
        match fault {
            Fault::StallAfter(_) => insta::assert_snapshot!(error, @r"
            127.0.0.1:PORT/app:1: the layer sha256:[digest]: 127.0.0.1:PORT: nothing came for 1 s
            hint: Try again later, or ask whoever runs the registry.
            "),
            _ => assert!(error.contains(" bytes came in 1 s"), "{error}"),
        }
        assert_eq!(scene.registry.requests().len(), 4);
    }
}

#[tokio::test]
async fn who_reads_may_take_longer_than_a_registry() {
    let scene = scene().await.impatient();
    let mut pieces = Box::pin(scene.registries.layer(&scene.image, 0));
    let mut bytes = pieces.next().await.expect("a piece").expect("bytes").to_vec();
    tokio::time::sleep(Duration::from_millis(600)).await;
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece.expect("bytes"));
    }
    assert_eq!(Some(bytes), large().blobs().next());
    assert_eq!(scene.registry.requests().len(), 1);
}

#[tokio::test]
async fn a_blob_that_is_not_there_is_said() {
    let scene = scene().await;
    scene.registry.fail_always("/blobs/", Fault::Status(404, vec![]));
    insta::assert_snapshot!(scene.refused().await, @r"
    127.0.0.1:PORT/app:1: 127.0.0.1:PORT does not have the layer sha256:[digest] (HTTP 404)
    hint: Push the image again: it is incomplete.
    ");
}

#[tokio::test]
async fn a_layer_that_may_not_be_passed_on_is_not_measured_and_its_address_not_asked() {
    let (registry, elsewhere) = (FakeRegistry::start(), FakeRegistry::start());
    let mut manifest: Value = serde_json::from_slice(&large().manifest()).expect("JSON");
    registry.push_blobs(&large());
    manifest["layers"][0]["urls"] = json!([format!("{}/large", elsewhere.origin())]);
    for (tag, media_type) in [
        ("urls", "application/vnd.oci.image.layer.v1.tar"),
        ("foreign", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
        ("oci", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
    ] {
        manifest["layers"][0]["mediaType"] = json!(media_type);
        registry.push_manifest("app", tag, OCI_MANIFEST, manifest.to_string().into_bytes());
        let registries = registries();
        let image = describe(&registries, &format!("{}/app:{tag}", registry.name()), None).await.expect("an image");
        assert_eq!(image.layers[0].kept_elsewhere, tag != "urls");
        let read = layer(&registries, &image, 0).await;
        match tag {
            "urls" => assert_eq!(Some(read.expect("a layer")), large().blobs().next()),
            "oci" => insta::assert_snapshot!(screen(&read.expect_err("no layer")), @r"
            127.0.0.1:PORT/app:oci: the layer sha256:[digest] may not be passed on, so registries lack it
            hint: What is in it could not be measured. Compressed size and number of layers can be.
            "),
            _ => drop(read.expect_err("no layer")),
        }
    }
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}
