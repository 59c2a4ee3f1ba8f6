//! Several images in one request, on every engine of `IMGBUDGET_TEST_ENGINES`, and found again in what it hands out.

#![expect(clippy::expect_used, reason = "a test may fail loudly")]

use futures_util::stream::StreamExt as _;
use imgbudget::domain::Platform;
use imgbudget::engine::{EngineImage, Store};
use imgbudget::source::archive::Scan;
use imgbudget::source::{Limits, Wanted, stream};

use crate::support::daemon::{self, Daemon};
use crate::support::images::{Image, Layer, Stored, docker_archive, multi_platform_files};

/// Whole, as containerd wants it.
const PREFIX: &str = "docker.io/imgbudget-test/several";

fn image(name: &str, platform: &Platform) -> Image {
    let base = Layer::new().file("base", 0o644, vec![1; 100_000]);
    Image::new()
        .platform(&platform.to_string())
        .layer(base)
        .layer(Layer::new().file(name, 0o644, name))
        .named(&format!("{PREFIX}-{name}:1"))
}

async fn load(daemon: &Daemon, archive: Vec<u8>) {
    let options = bollard::query_parameters::ImportImageOptions { quiet: true, ..Default::default() };
    let mut answer = std::pin::pin!(daemon.docker.import_image(options, bollard::body_full(archive.into()), None));
    while let Some(line) = answer.next().await {
        line.unwrap_or_else(|error| panic!("{}: {error}", daemon.host));
    }
}

async fn scanned(daemon: &Daemon, images: &[EngineImage], platform: Option<&Platform>) -> Scan {
    let handles: Vec<&str> = images.iter().map(|image| image.handle.as_str()).collect();
    let saved = daemon.engine.save(&handles, platform);
    let scan = stream::scan_stream(saved, "images".to_owned(), Limits::default(), |_| {}).await;
    scan.unwrap_or_else(|error| panic!("{}: {}", daemon.host, error.chain()))
}

/// Every image is in the scan, whole, by the id that the engine gives it.
fn check(daemon: &Daemon, scan: &Scan, images: &[EngineImage]) {
    for image in images {
        let wanted = Wanted {
            image: Some(image.id.to_string().parse().expect("a digest")),
            platform: Some(image.platform.clone()),
        };
        let read = scan
            .image(&wanted)
            .unwrap_or_else(|error| panic!("{}: {:?}: {} {:?}", daemon.host, image, error.chain(), error.hint()));
        assert_eq!(read.config.diff_ids, image.diff_ids, "{}", daemon.host);
    }
}

#[tokio::test]
async fn several_images_in_one_request() {
    for daemon in daemon::all("several_images_in_one_request").await {
        let platform = daemon.engine.facts().platform.clone();
        let names = ["b", "a", "c"];
        let made = names.map(|name| image(name, &platform));
        load(&daemon, docker_archive(&made)).await;
        let mut images = Vec::new();
        for name in names {
            let name = format!("{PREFIX}-{name}:1");
            images.push(daemon.engine.image(&name, None).await.expect("loaded"));
        }
        let scan = scanned(&daemon, &images, None).await;
        check(&daemon, &scan, &images);
        let bases = scan.layers().filter(|layer| layer.index.size().0 == 100_000).count();
        assert_eq!(bases, 1, "{}: what they share is sent once", daemon.host);

        // One that is not there: nothing is handed out.
        let saved = daemon.engine.save(&[&images[0].handle, "imgbudget-test/none:9"], None);
        let read = stream::scan_stream(saved, "images".to_owned(), Limits::default(), |_| {}).await;
        let error = read.expect_err("one is missing");
        assert!(error.chain().contains(" save 2 images: "), "{}: {}", daemon.host, error.chain());
        for name in names {
            daemon.remove(&format!("{PREFIX}-{name}:1")).await;
        }
    }
}

#[tokio::test]
async fn images_of_indexes_are_found_by_the_id_of_the_index() {
    for daemon in daemon::all("images_of_indexes_are_found_by_the_id_of_the_index").await {
        if daemon.engine.facts().store != Store::Containerd {
            continue;
        }
        let platform = daemon.engine.facts().platform.clone();
        let other = Platform::new("linux", "s390x", None);
        let made = |name: &str| {
            let of = |platform: &Platform| image(name, platform).stored(Stored::Gzip).layer(Layer::new().dir(name));
            multi_platform_files(&format!("{PREFIX}-index-{name}:1"), &[of(&platform), of(&other)])
        };
        for name in ["a", "b"] {
            load(&daemon, made(name).tar()).await;
        }
        for asked in [None, Some(&platform), Some(&other)] {
            let mut images = Vec::new();
            for name in ["b", "a"] {
                let name = format!("{PREFIX}-index-{name}:1");
                images.push(daemon.engine.image(&name, asked).await.expect("loaded"));
            }
            let scan = scanned(&daemon, &images, asked).await;
            check(&daemon, &scan, &images);
        }
        for name in ["a", "b"] {
            daemon.remove(&format!("{PREFIX}-index-{name}:1")).await;
        }
    }
}
