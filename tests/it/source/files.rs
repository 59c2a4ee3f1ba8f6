//! Files and layouts are read in two steps, documents and then layers. What comes out is what one pass over the same bytes makes of
//! them, whoever wrote them.

use std::collections::HashMap;
use std::sync::Arc;

use imgbudget::domain::DiffId;
use imgbudget::layer::{IndexedLayer, LayerIndex};
use imgbudget::source::{ImageContent, Limits, Wanted, archive, layout};
use proptest::prelude::*;

use super::{check_sample, read, refusal, sample, sizes, wanted};
use crate::support::images::{
    Files, Image, Layer, Member, Stored, blob_path, docker_files, header, hex, legacy_files, oci_files, pack,
    podman_files,
};

fn written(tar: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), tar).unwrap();
    file
}

fn opened(tar: &[u8]) -> Result<ImageContent, imgbudget::Error> {
    archive::open(written(tar).path(), &Wanted::default(), &Limits::default(), &mut |_| {})
}

/// Whether the file is read by parts.
fn is_apart(tar: &[u8]) -> bool {
    archive::describe(written(tar).path(), &Wanted::default(), &Limits::default()).expect("valid").is_some()
}

/// What is told of an image, to compare.
fn told(image: &ImageContent) -> String {
    let layers: Vec<_> =
        image.layers.iter().map(|layer| (layer.diff_id().clone(), layer.size(), layer.len())).collect();
    format!("{:?} {layers:?} {:?} {:?} {:?}", image.config, image.compressed, image.reference, image.beside)
}

fn assert_same(tar: &[u8]) {
    match (read(tar), opened(tar)) {
        (Ok(stream), Ok(file)) => assert_eq!(told(&stream), told(&file)),
        (Err(_), Err(_)) => {}
        (stream, file) => panic!(
            "stream: {:?}, file: {:?}",
            stream.map_err(|error| error.chain()).map(|image| told(&image)),
            file.map_err(|error| error.chain()).map(|image| told(&image))
        ),
    }
}

fn forms(images: &[Image]) -> [Files; 4] {
    [legacy_files(images), podman_files(images), docker_files(images), oci_files(images)]
}

#[test]
fn every_form_is_read_by_parts() {
    for files in forms(&[sample()]) {
        for files in [files.clone(), files.reversed()] {
            let tar = files.tar();
            assert!(is_apart(&tar));
            check_sample(&opened(&tar).expect("valid"));
        }
    }
}

#[test]
fn what_only_one_pass_can_tell_is_read_in_one_pass() {
    let layer = Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash").tar();
    let mut twice = docker_files(&[sample()]);
    twice.0.push((blob_path(&layer), Member::File(layer.clone())));
    assert!(!is_apart(&twice.tar()));
    check_sample(&opened(&twice.tar()).expect("the same content twice"));
    let mut other = docker_files(&[sample()]);
    other.0.push((blob_path(&layer), Member::File(Layer::new().tar())));
    let file = written(&other.tar());
    assert!(archive::describe(file.path(), &Wanted::default(), &Limits::default()).expect("no error yet").is_none());
    let error = refusal(opened(&other.tar()));
    assert!(error.contains("it is there twice, with different content"), "{error}");
    let packed = pack(&docker_files(&[sample()]).tar(), Stored::Gzip);
    assert!(!is_apart(&packed));
    check_sample(&opened(&packed).expect("valid"));
}

#[test]
fn two_names_of_one_image_must_lead_to_the_same_layers() {
    let image = sample();
    let layer = Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash").tar();
    let swap = |to: &str| {
        docker_files(std::slice::from_ref(&image)).change("manifest.json", |json| {
            *json = String::from_utf8(json.clone()).unwrap().replace(&blob_path(&layer), to).into_bytes();
        })
    };
    let mut copied = swap("copy.tar");
    copied.add("copy.tar", layer.clone());
    assert!(is_apart(&copied.tar()));
    assert_same(&copied.tar());
    check_sample(&opened(&copied.tar()).expect("the same layer at two places"));
    let mut other = swap("copy.tar");
    other.add("copy.tar", Layer::new().file("app", 0o755, vec![8; 100_000]).tar());
    let error = refusal(opened(&other.tar()));
    assert!(error.contains("(copy.tar) is not what the config says"), "{error}");
    assert_same(&other.tar());
}

#[test]
fn layers_that_are_known_are_not_read() {
    let whole = read(&docker_files(&[sample()]).tar()).expect("valid");
    let layer = |index: &Arc<LayerIndex>| IndexedLayer { index: Arc::clone(index), files: Arc::default() };
    let known: HashMap<DiffId, IndexedLayer> =
        whole.layers.iter().map(|index| (index.diff_id().clone(), layer(index))).collect();
    let directory = tempfile::tempdir().unwrap();
    docker_files(&[sample()]).write_to(directory.path());
    let layer = Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash").tar();
    let file = written(&docker_files(&[sample()]).change(&hex(&layer), |blob| blob[5000] ^= 1).tar());
    let blob = directory.path().join(blob_path(&layer));
    std::fs::write(&blob, layer.iter().map(|byte| byte ^ u8::from(*byte == 9)).collect::<Vec<u8>>()).unwrap();
    let limits = Limits::default();
    let described = [
        layout::describe(directory.path(), &Wanted::default()).expect("all is there"),
        archive::describe(file.path(), &Wanted::default(), &limits).expect("all is there").expect("by parts"),
    ];
    for described in described {
        let mut bytes = 0;
        let image =
            described.image(&mut |id| known.get(id).cloned(), &limits, &mut |read| bytes = read).expect("known");
        check_sample(&image);
        assert_eq!(bytes, 0, "nothing of a known layer is read");
        assert_eq!(described.config.id.to_string(), sample().id());

        let error = refusal(described.image(&mut |_| None, &limits, &mut |_| {}));
        assert!(error.contains("layer 2 of 3 (") && error.contains("is not what its name says"), "{error}");
        let first = &described.config.diff_ids[0];
        let read = described.layers(&[first], &limits, &mut |_| {}).expect("this one is sound");
        assert_eq!(read.iter().map(|blob| blob.index.diff_id()).collect::<Vec<_>>(), [first]);
    }
    // A blob that is not as long as the manifest says is not there.
    std::fs::write(&blob, &layer[..layer.len() - 512]).unwrap();
    let error = layout::describe(directory.path(), &Wanted::default()).expect_err("cut");
    assert!(error.to_string().contains(&format!(
        "has {} bytes, and its manifest says {}",
        layer.len() - 512,
        layer.len()
    )));
}

#[test]
fn layers_that_need_more_memory_together_are_read_one_after_the_other() {
    // Each layer's window takes most of the memory there is.
    let frame = |tar: &[u8]| {
        let block = u32::try_from(tar.len() << 3 | 1).unwrap().to_le_bytes();
        [&[0x28, 0xb5, 0x2f, 0xfd, 0, (25 - 10) << 3][..], &block[..3], tar].concat()
    };
    let image = (0..8).fold(Image::new(), |image, number| {
        let layer = || Layer::new().file(format!("{number}"), 0o644, "a");
        image.stored(Stored::Zstd).layer(layer()).blob(number, |blob| blob.clone_from(&frame(&layer().tar())))
    });
    let limits =
        Limits { memory: imgbudget::memory::Memory::new(imgbudget::domain::Bytes(40_000_000)), ..Limits::default() };
    let file = written(&docker_files(&[image]).tar());
    let image = archive::open(file.path(), &Wanted::default(), &limits, &mut |_| {}).expect("one fits");
    assert_eq!(sizes(&image), [1; 8]);
}

#[test]
fn an_image_of_several_in_a_file_costs_its_own_layers() {
    let other = Image::new().layer(Layer::new().zeros("big", 0o644, 5_000_000)).named("acme/other:1");
    let file = written(&docker_files(&[sample(), other]).tar());
    let mut bytes = 0;
    let limits = Limits::default();
    let image = archive::open(file.path(), &wanted("acme/app:1", ""), &limits, &mut |read| bytes = read);
    check_sample(&image.expect("valid"));
    assert!((100_000..200_000).contains(&bytes), "{bytes}");
}

#[test]
fn what_is_no_regular_file_is_read_in_one_pass() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let tar = docker_files(&[sample()]).tar();
    let into = pipe.clone();
    let writer = std::thread::spawn(move || std::fs::write(into, tar));
    let image = archive::open(&pipe, &Wanted::default(), &Limits::default(), &mut |_| {});
    check_sample(&image.expect("valid"));
    writer.join().unwrap().expect("read to its end");
}

#[test]
fn holes_in_the_tar_around_an_image() {
    let member = |layer: Layer, path: &str, content: &[u8]| {
        let said = [
            ("GNU.sparse.major", &b"0"[..]),
            ("GNU.sparse.minor", b"1"),
            ("GNU.sparse.size", b"200000"),
            ("GNU.sparse.numblocks", b"1"),
        ];
        let map = format!("0,{}", content.len());
        let said: Vec<_> = said.into_iter().chain([("GNU.sparse.map", map.as_bytes())]).collect();
        layer.pax(&said).raw(&header(path.as_bytes(), b'0', 0o644, b"", content.len() as u64), content)
    };
    let files = podman_files(&[sample()]);
    let tar = files.0.iter().fold(Layer::new(), |tar, (path, content)| match content {
        Member::File(content) if path.contains(".tar") => member(tar, path, content),
        Member::File(content) => tar.raw(&header(path.as_bytes(), b'0', 0o644, b"", content.len() as u64), content),
        Member::Symlink(_) => tar,
    });
    assert_same(&tar.tar());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_says_what_its_stream_says(
        form in 0..4_usize,
        stored in prop::sample::select(vec![Stored::Plain, Stored::Gzip, Stored::Zstd]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        doubled in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let image = Image::new()
            .stored(stored)
            .layer(Layer::new().file("a", 0o644, "abc").dir("b"))
            .layer(Layer::new().whiteout("a").symlink("c", "b"))
            .named("a:1");
        let mut files = forms(&[image])[form].clone();
        if let Some(doubled) = doubled {
            let member = files.0[doubled.index(files.0.len())].clone();
            files.0.push(member);
        }
        let mut tar = files.tar();
        for (at, byte) in changes {
            let at = at.index(tar.len());
            tar[at] = byte;
        }
        if let Some(cut) = cut {
            tar.truncate(cut.index(tar.len()));
        }
        assert_same(&tar);
    }
}
