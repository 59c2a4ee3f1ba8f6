//! One pass over an archive, and every image in it afterwards.

use imgbudget::domain::Platform;
use imgbudget::memory::{Memory, Stop};
use imgbudget::source::{Limits, archive, stream};

use crate::support::images::{
    Image, Layer, Member, digest, docker_files, header, hex, legacy_files, multi_platform_files, oci_files,
    podman_files,
};

use super::{check_sample, refusal, sample, sizes, wanted};

fn scanned(tar: &[u8]) -> archive::Scan {
    archive::scan(tar, "app.tar", &Limits::default(), &mut |_| {}).expect("an archive")
}

/// Shares its lower layer with the sample.
fn other() -> Image {
    let base = Layer::new().dir("bin").file("bin/sh", 0o755, [7; 1000]).symlink("bin/bash", "sh");
    Image::new().layer(base).layer(Layer::new().file("b", 0o644, "b")).named("acme/other:2")
}

#[test]
fn every_image_of_one_pass_by_name_and_by_id() {
    let images = [sample(), other()];
    for files in [legacy_files(&images), podman_files(&images), docker_files(&images), oci_files(&images)] {
        let scan = scanned(&files.tar());
        for by in ["acme/app:1", &sample().id()] {
            check_sample(&scan.image(&wanted(by, "")).expect("the first"));
        }
        for by in ["acme/other:2", &other().id()] {
            assert_eq!(sizes(&scan.image(&wanted(by, "linux/amd64")).expect("the second")), [1002, 1]);
        }
        assert!(refusal(scan.image(&wanted("", ""))).starts_with("app.tar holds several images\n"));
        assert!(scan.layers().count() >= 3);
    }
}

/// Docker 28's classic store, asked for several images by their ids, lists all of them in `manifest.json` and one in `index.json`.
#[test]
fn an_image_that_only_one_document_lists_is_found_by_its_digest_alone() {
    let images = [sample(), other()];
    let index = oci_files(&images[..1]).0.into_iter().find(|(path, _)| path == "index.json").unwrap().1;
    let Member::File(index) = index else { panic!("a document") };
    let scan = scanned(&docker_files(&images).change("index.json", |json| json.clone_from(&index)).tar());
    check_sample(&scan.image(&wanted(&sample().id(), "")).expect("in both"));
    assert_eq!(sizes(&scan.image(&wanted(&other().id(), "")).expect("in one")), [1002, 1]);
    for by_name in ["", "acme/app:1", "acme/other:2"] {
        let error = refusal(scan.image(&wanted(by_name, "")));
        assert!(error.contains("to which `index.json` does not lead"), "{error}");
    }
    let elsewhere = digest(b"another");
    assert!(refusal(scan.image(&wanted(&elsewhere, ""))).contains("holds no image"));
}

#[test]
fn a_broken_layer_is_an_error_of_the_image_that_has_it() {
    let broken = Image::new().layer(Layer::new().file("c", 0o644, "c")).lying_diff_id(0).named("acme/broken:1");
    let scan = scanned(&docker_files(&[sample(), broken]).tar());
    check_sample(&scan.image(&wanted("acme/app:1", "")).expect("whole"));
    let error = refusal(scan.image_of(&wanted("acme/broken:1", ""), "image acme/broken:1"));
    assert!(error.starts_with("image acme/broken:1: layer 1 of 1 ("), "{error}");
}

#[test]
fn the_digest_of_an_index_means_its_platforms() {
    let made =
        |platform: &str, size: usize| Image::new().platform(platform).layer(Layer::new().zeros("a", 0o644, size));
    let files = multi_platform_files("acme/app:1", &[made("linux/mips", 1), made("linux/s390x", 2)]);
    let index: serde_json::Value = {
        let tar = files.tar();
        let at = tar.windows(10).position(|bytes| bytes == b"index.json").unwrap();
        let end = at + 512 + tar[at + 512..].iter().position(|byte| *byte == 0).unwrap();
        serde_json::from_slice(&tar[at + 512..end]).unwrap()
    };
    let id = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    let scan = scanned(&files.tar());
    for (platform, size) in [("linux/mips", 1), ("linux/s390x", 2)] {
        for by in [id.clone(), format!("acme/app@{id}")] {
            assert_eq!(sizes(&scan.image(&wanted(&by, platform)).expect(&by)), [size]);
        }
    }
    let unknown = format!("acme/app@{}", digest(b"another"));
    assert!(refusal(scan.image(&wanted(&unknown, "linux/mips"))).contains("holds no image"));
}

/// Asked for by the digest of its index, an image is held to `manifest.json` as one that is asked for by name.
#[test]
fn both_documents_have_to_agree_whatever_an_image_is_asked_for_by() {
    let image = sample();
    let layer = Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash").tar();
    let base = Layer::new().dir("bin").file("bin/sh", 0o755, [7; 1000]).symlink("bin/bash", "sh").tar();
    let swapped = docker_files(std::slice::from_ref(&image)).change("manifest.json", |json| {
        *json = String::from_utf8(json.clone()).unwrap().replace(&hex(&layer), &hex(&base)).into_bytes();
    });
    let scan = scanned(&swapped.tar());
    let manifest = digest(&image.manifest());
    for by in ["acme/app:1".to_owned(), image.id(), manifest] {
        let error = refusal(scan.image(&wanted(&by, "")));
        assert!(error.contains("is not what the config says"), "{by}: {error}");
    }
}

/// A target that timed out leaves no thread that reads on.
#[test]
fn reading_ends_with_the_work() {
    struct Endless(Stop, u64);
    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.1 += buffer.len() as u64;
            if self.1 > 10_000_000 {
                self.0.stop();
            }
            assert!(self.1 < 20_000_000, "it reads on");
            buffer.fill(0);
            Ok(buffer.len())
        }
    }
    let tar = header(b"layer.tar", b'0', 0o644, b"", 1 << 40).to_vec();
    for begin in [[&tar[..], &header(b"a", b'0', 0o644, b"", 1 << 39)].concat(), tar, docker_files(&[sample()]).tar()] {
        let stop = Stop::default();
        let limits = Limits { memory: Memory::default().until(&stop), ..Limits::default() };
        let stream = std::io::Read::chain(&begin[..], Endless(stop, 0));
        let error = archive::scan(stream, "app.tar", &limits, &mut |_| {}).expect_err("stopped");
        assert!(error.chain().contains("it is no longer needed"), "{}", error.chain());
    }
}

#[test]
fn a_stream_is_scanned_once_for_all() {
    let tar = docker_files(&[sample(), other()]).tar();
    let chunks: Vec<_> = tar.chunks(5000).map(|chunk| Ok(chunk.to_vec().into())).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let stream = futures_util::stream::iter(chunks);
    let scan =
        runtime.block_on(stream::scan_stream(stream, "two images".to_owned(), Limits::default(), |_| {})).unwrap();
    check_sample(&scan.image(&wanted(&sample().id(), "")).expect("the first"));
    let platform = Platform::new("linux", "amd64", None).to_string();
    assert_eq!(sizes(&scan.image(&wanted("acme/other:2", &platform)).expect("the second")), [1002, 1]);
}
