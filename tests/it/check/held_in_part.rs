//! containerd's store keeps an image whose blobs it never fetched, because another image had unpacked the same layers.

use crate::support::fake_engine::{FakeEngine, Reply};
use crate::support::images::{Image, Layer, digest, docker_files, hex};
use crate::support::project::Project;

const MEASURED: &str = "[targets.api]\nimage = \"acme/api:1\"\nmax-size = \"1 MB\"\n";

/// An engine with containerd's store that answers `save` so.
fn engine(image: &Image, save: impl Fn() -> Reply + Send + Sync + 'static) -> FakeEngine {
    let config: serde_json::Value = serde_json::from_slice(&image.config()).expect("a config");
    let inspected = serde_json::json!({
        "Id": digest(&image.manifest()), "Os": "linux", "Architecture": "amd64",
        "RootFS": { "Type": "layers", "Layers": config["rootfs"]["diff_ids"] },
    });
    FakeEngine::new(move |asked| match asked {
        asked if asked.ends_with("/info") => {
            Reply::Json(r#"{"DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]]}"#.to_owned())
        }
        asked if asked.ends_with("/json") => Reply::Json(inspected.to_string()),
        asked if asked.contains("/get") => save(),
        _ => Reply::Missing,
    })
}

fn image() -> Image {
    Image::new()
        .named("acme/api:1")
        .layer(Layer::new().file("below", 0o644, "base"))
        .layer(Layer::new().file("app", 0o755, "own"))
}

fn screen(engine: &FakeEngine) -> String {
    Project::with(MEASURED).imgbudget("check").env("DOCKER_HOST", engine.host()).screen()
}

#[test]
fn save_leaves_a_layer_out() {
    let (whole, image) = (docker_files(&[image()]), image());
    let lower = hex(&Layer::new().file("below", 0o644, "base").tar());
    let tar = whole.without(&lower).tar();
    let engine = engine(&image, move || Reply::Bytes(tar.clone()));
    insta::assert_snapshot!(screen(&engine), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: the engine holds image acme/api:1 only in part: image acme/api:1: layer 1
      of 2 ([DIGEST])
      is missing
      hint: Remove it and pull it again: `docker image rm acme/api:1`, then `docker
            pull acme/api:1`.

    ✗ api could not be measured
    --- stderr
    ");
}

#[test]
fn save_says_what_is_missing() {
    let engine = engine(&image(), || {
        Reply::Failure(r#"{"message":"unable to export: content digest sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef: not found"}"#.to_owned())
    });
    insta::assert_snapshot!(screen(&engine), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ api      –       –         –

    ✗ api: the engine holds image acme/api:1 only in part: the engine cannot save
      image [DIGEST]:
      unable to export: content digest
      [DIGEST]: not
      found
      hint: Remove it and pull it again: `docker image rm acme/api:1`, then `docker
            pull acme/api:1`.

    ✗ api could not be measured
    --- stderr
    ");
}
