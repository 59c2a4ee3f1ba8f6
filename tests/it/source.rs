//! Images out of archives, layouts and streams: every form, every order, and every way to be broken.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]

mod documents;
mod files;
mod go_documents;
mod hostile_layouts;
mod layers;
mod readings;
mod scans;

use std::io::Write as _;

use imgbudget::domain::{Bytes, Compressed};
use imgbudget::source::{ImageContent, Limits, Wanted, archive, layout, stream};
use imgbudget::{Class, Error};
use proptest::prelude::*;

use crate::support::images::{
    Files, Image, Layer, Member, Stored, blob_path, docker_archive, docker_files, header, hex, legacy_files,
    multi_platform_files, oci_files, pack, podman_files,
};

fn wanted(image: &str, platform: &str) -> Wanted {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Wanted {
        image: some(image).map(|text| text.parse().unwrap()),
        platform: some(platform).map(|text| text.parse().unwrap()),
    }
}

fn read(tar: &[u8]) -> Result<ImageContent, Error> {
    archive::read(tar, &Wanted::default(), "app.tar", &Limits::default(), &mut |_| {})
}

fn read_wanted(tar: &[u8], image: &str, platform: &str) -> Result<ImageContent, Error> {
    archive::read(tar, &wanted(image, platform), "app.tar", &Limits::default(), &mut |_| {})
}

/// What went wrong, and the hint.
fn refusal(result: Result<ImageContent, Error>) -> String {
    let error = result.expect_err("must be refused");
    assert_eq!(error.class(), Class::Image);
    format!("{}\n{}", error.chain(), error.hint().unwrap_or("-"))
}

fn refused(tar: &[u8]) -> String {
    refusal(read(tar))
}

fn sizes(image: &ImageContent) -> Vec<u64> {
    image.layers.iter().map(|layer| layer.size().0).collect()
}

fn base() -> Layer {
    Layer::new().dir("bin").file("bin/sh", 0o755, [7; 1000]).symlink("bin/bash", "sh")
}

/// Three layers, the third equal to the first.
fn sample() -> Image {
    Image::new()
        .layer_by(base(), "ADD base /")
        .empty_layer("ENV a=b")
        .layer(Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash"))
        .layer(base())
        .user("app")
        .named("acme/app:1")
}

fn check_sample(image: &ImageContent) {
    assert_eq!(sizes(image), [1002, 100_000, 1002]);
    assert_eq!(image.config.id.to_string(), sample().id());
    assert_eq!(image.config.user.as_deref(), Some("app"));
    assert_eq!(image.config.layer_history().len(), 3);
    assert_eq!(image.reference.as_deref(), Some("acme/app:1"));
    assert!(std::sync::Arc::ptr_eq(&image.layers[0], &image.layers[2]));
}

#[test]
fn every_form_in_any_order() {
    let image = [sample()];
    for files in [legacy_files(&image), podman_files(&image), docker_files(&image), oci_files(&image)] {
        for files in [files.clone(), files.reversed()] {
            let content = read(&files.tar()).expect("valid");
            check_sample(&content);
            assert_eq!(content.compressed, None);
        }
    }
}

#[test]
fn archives_may_be_compressed_as_a_whole() {
    for stored in [Stored::Gzip, Stored::GzipMembers, Stored::Zstd, Stored::ZstdFrames] {
        check_sample(&read(&pack(&legacy_files(&[sample()]).tar(), stored)).expect("valid"));
    }
}

#[test]
fn compressed_layers_and_their_exact_size() {
    for stored in [Stored::Gzip, Stored::GzipMembers, Stored::Zstd, Stored::ZstdFrames] {
        let image = Image::new().stored(stored).layer(Layer::new().zeros("zeros", 0o644, 3_000_000));
        let content = read(&oci_files(std::slice::from_ref(&image)).tar()).expect("valid");
        assert_eq!(sizes(&content), [3_000_000]);
        let stored: Option<Bytes> = content.compressed.and_then(|compressed| compressed.total().if_exact());
        assert_eq!(stored, Some(Bytes(image.stored_size())), "{stored:?}");
    }
    let mixed = Image::new().layer(Layer::new()).stored(Stored::Gzip).layer(Layer::new());
    assert_eq!(read(&docker_archive(&[mixed])).expect("valid").compressed, None);
}

#[test]
fn an_image_without_layers() {
    let image = [Image::new().named("empty:1")];
    for files in [legacy_files(&image), podman_files(&image)] {
        let content = read(&files.tar()).expect("valid");
        assert_eq!((content.layers.len(), content.compressed), (0, None));
    }
    assert_eq!(read(&docker_archive(&image)).expect("valid").compressed, Some(Compressed::default()));
}

#[test]
fn several_images_and_which_one() {
    let two =
        [sample(), Image::new().layer(Layer::new().file("b", 0o644, "b")).named("acme/other:2").named("acme/other:3")];
    for files in [legacy_files(&two), podman_files(&two), docker_files(&two)] {
        let tar = files.tar();
        insta::allow_duplicates! {
            insta::assert_snapshot!(refused(&tar), @"
            app.tar holds several images
            It holds acme/app:1, acme/other:2, acme/other:3. Say which with `archive-image` or --archive-image.
            ");
            insta::assert_snapshot!(refusal(read_wanted(&tar, "acme/none", "")), @r"
            app.tar holds no image `acme/none`
            It holds acme/app:1, acme/other:2, acme/other:3.
            ");
        }
        check_sample(&read_wanted(&tar, "acme/app:1", "").expect("valid"));
        let other = read_wanted(&tar, "docker.io/acme/other:3", "linux/amd64").expect("valid");
        assert_eq!((sizes(&other), other.reference.as_deref()), (vec![1], Some("acme/other:3")));
        for by_id in [format!("acme/app@{}", sample().id()), sample().id()] {
            check_sample(&read_wanted(&tar, &by_id, "").expect("valid"));
        }
        check_sample(&read_wanted(&tar, "1", "").expect("one image has this tag"));
    }
    let alike = docker_archive(&[two[0].clone(), two[1].clone().named("acme/other:1")]);
    insta::assert_snapshot!(refusal(read_wanted(&alike, "1", "")), @"
    app.tar holds several images
    It holds acme/app:1, acme/other:1, acme/other:2, acme/other:3. Say which with `archive-image` or --archive-image.
    ");
    let candidate = docker_archive(&[two[1].clone(), sample().named("acme/app:RC1")]);
    let chosen = read_wanted(&candidate, "RC1", "").expect("a tag may have upper case");
    assert_eq!(chosen.reference.as_deref(), Some("acme/app:RC1"));
    assert!(refusal(read_wanted(&candidate, "rc1", "")).starts_with("app.tar holds no image `rc1`"));
    let apart = |platform: &str| sample().platform(platform).named(&format!("acme/{}", platform.replace('/', "-")));
    let tar = docker_archive(&[apart("linux/mips"), apart("linux/s390x")]);
    assert_eq!(read_wanted(&tar, "", "linux/s390x").unwrap().config.platform.to_string(), "linux/s390x");
    assert!(read_wanted(&tar, "", "linux/arm64").is_err() && read(&tar).is_err());
    let twice = [sample(), sample().named("acme/app:2")];
    assert!(read(&docker_archive(&twice)).is_ok(), "two names of one image are one image");
}

#[test]
fn a_tag_that_stands_alone_is_not_taken_for_the_latest() {
    let image = |name: &str, size: usize| Image::new().layer(Layer::new().zeros("b", 0o644, size)).named(name);
    // Where the name did not decide it, the platform of this machine would.
    let tar = oci_files(&[image("latest", 1), image("1.2", 2).platform("linux/s390x"), image("RC1", 3)]).tar();
    let wanted = [("1.2", 2), ("acme/app:1.2", 2), ("RC1", 3), ("acme/app", 1), ("app", 1), ("latest", 1)];
    for (wanted, size) in wanted {
        assert_eq!(sizes(&read_wanted(&tar, wanted, "").expect(wanted)), [size], "{wanted}");
    }
}

#[test]
fn platforms_with_attestations() {
    let made =
        |platform: &str, size: usize| Image::new().platform(platform).layer(Layer::new().zeros("a", 0o644, size));
    let images = [made("linux/arm/v6", 1), made("linux/arm/v7", 2), made("linux/s390x", 3)];
    let files = multi_platform_files("acme/app:1", &images);
    let tar = files.tar();
    let size = |platform: &str| read_wanted(&tar, "", platform).map(|image| sizes(&image));
    assert_eq!(size("linux/arm/v7").unwrap(), [2]);
    assert_eq!(size("linux/s390x").unwrap(), [3]);
    insta::assert_snapshot!(refusal(read_wanted(&tar, "", "windows/amd64")), @"
    app.tar has no image for windows/amd64
    It has linux/arm/v6, linux/arm/v7, linux/s390x: choose with `platforms`, or with --platform.
    ");
    insta::assert_snapshot!(refusal(read_wanted(&tar, "", "linux/arm")), @"
    app.tar has several images for linux/arm
    It has linux/arm/v6, linux/arm/v7: choose with `platforms`, or with --platform.
    ");
    let equal = [made("linux/s390x", 1), made("linux/s390x", 2)];
    let error = refusal(read_wanted(&oci_files(&equal).tar(), "", "linux/s390x"));
    assert!(error.starts_with("app.tar holds several images\nIt holds sha256:"), "{error}");

    let only = multi_platform_files("acme/app:1", &images[2..]).tar();
    assert_eq!(sizes(&read(&only).expect("the only one")), [3]);
    insta::assert_snapshot!(refusal(read_wanted(&only, "", "linux/arm64")), @"
    app.tar has no image for linux/arm64
    It has linux/s390x: choose with `platforms`, or with --platform.
    ");

    // An engine lists the platforms that it never fetched as well.
    let index = images[..2].iter().map(|image| hex(&image.config()));
    let fetched = index.fold(files, |files, config| files.without(&config));
    let error = refusal(read_wanted(&fetched.tar(), "", "linux/arm/v7"));
    assert!(error.contains(": the image's config (") && error.contains(") is missing"), "{error}");
    let fetched = images[..2]
        .iter()
        .fold(multi_platform_files("a:1", &images), |files, image| files.without(&hex(&image.manifest())));
    assert_eq!(sizes(&read(&fetched.tar()).expect("the only one that was fetched")), [3]);
    let error = refusal(read_wanted(&fetched.tar(), "", "linux/arm/v7"));
    assert!(error.starts_with("app.tar: the manifest sha256:"), "{error}");
}

#[test]
fn documents_have_a_bound() {
    let image = Image::new().layer(Layer::new()).named("a:1");
    let config = hex(&image.config());
    for files in [oci_files(std::slice::from_ref(&image)), legacy_files(&[image])] {
        let large = files.change(&config, |json| json.resize(5 << 20, b' '));
        let error = refused(&large.tar());
        assert!(error.contains("is not a JSON document, or has more than 4 MiB"), "{error}");
    }
    let sboms = (0..12).fold(Files(Vec::new()), |mut files, number| {
        let mut sbom = br#"{"_type":"https://in-toto.io/Statement/v0.1"}"#.to_vec();
        sbom.resize(3 << 20, b' ');
        files.add(format!("blobs/sha256/sbom{number}"), sbom);
        files
    });
    let files = Files([sboms.0, oci_files(&[sample()]).0].concat());
    check_sample(&read(&files.tar()).expect("statements are not kept"));
}

#[test]
fn the_host_is_the_platform_of_last_resort() {
    let host = imgbudget::domain::Platform::new("linux", std::env::consts::ARCH, None).to_string();
    let made =
        |platform: &str, size: usize| Image::new().platform(platform).layer(Layer::new().zeros("a", 0o644, size));
    let tar = multi_platform_files("a:1", &[made("linux/mips", 1), made(&host, 2)]).tar();
    assert_eq!(sizes(&read(&tar).expect("valid")), [2]);
    let foreign = multi_platform_files("a:1", &[made("linux/mips", 1), made("plan9/mips", 2)]).tar();
    assert!(refused(&foreign).contains(&format!("no image for {host}")));
}

#[test]
fn what_is_missing_is_named() {
    let image = [sample()];
    let layer = |files: Files| {
        let error = refused(&files.tar());
        let (what, hint) = error.split_once('\n').unwrap();
        assert!(hint.starts_with("Write it again"), "{hint}");
        assert!(what.starts_with("app.tar: layer 2 of 3 (") && what.ends_with(") is missing"), "{what}");
    };
    let tar = Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash").tar();
    layer(docker_files(&image).without(&hex(&tar)));
    layer(podman_files(&image).without(&format!("{}.tar", hex(&tar))));
    for files in [docker_files(&image), legacy_files(&image), podman_files(&image)] {
        let error = refused(&files.without(&hex(&sample().config())).tar());
        assert!(error.contains(": the image's config (") && error.contains(") is missing"), "{error}");
    }
    insta::assert_snapshot!(refused(&podman_files(&image).without("manifest.json").tar()), @r"
    app.tar is not an image archive: it has neither `manifest.json` nor `index.json`
    An archive is what `docker save`, `podman save`, skopeo, or `docker buildx build --output type=oci` (or `type=docker`) writes.
    ");
}

#[test]
fn what_lies_is_named() {
    let image = Image::new().layer(Layer::new().file("a", 0o644, "abc")).lying_diff_id(0);
    for files in {
        let image = std::slice::from_ref(&image);
        [docker_files(image), legacy_files(image), podman_files(image)]
    } {
        let error = refused(&files.tar());
        assert!(error.contains("is not what the config says: its diff id is sha256:"), "{error}");
    }
    let blob = Layer::new().file("a", 0o644, "abc").tar();
    let image = Image::new().layer(Layer::new().file("a", 0o644, "abc"));
    let other = Layer::new().file("a", 0o644, "xyz").tar();
    let swapped = oci_files(std::slice::from_ref(&image)).change(&hex(&blob), |content| content.clone_from(&other));
    let error = refused(&swapped.tar());
    assert!(error.contains("is not what its name says: its digest is sha256:"), "{error}");
    let config = hex(&image.config());
    for files in [oci_files(std::slice::from_ref(&image)), legacy_files(std::slice::from_ref(&image))] {
        let error = refused(&files.change(&config, |json| json.push(b' ')).tar());
        assert!(error.contains("has other content than its name says"), "{error}");
    }
    let resized = |json: &mut Vec<u8>| {
        let text = String::from_utf8(json.clone()).unwrap();
        *json = text.replace(&format!("\"size\":{}", blob.len()), "\"size\":1").into_bytes();
    };
    // The manifest's own digest follows what the test changed.
    let mut files = oci_files(&[image]);
    let (old, new) = files
        .0
        .iter_mut()
        .find_map(|(path, member)| match member {
            Member::File(json)
                if json.windows(8).any(|part| part == b"\"layers\"")
                    && json.windows(6).any(|part| part == b"\"size\"") =>
            {
                let old = hex(json);
                let length = json.len();
                resized(json);
                *path = blob_path(json);
                Some(((old, length), (hex(json), json.len())))
            }
            _ => None,
        })
        .unwrap();
    let files = files.change("index.json", |json| {
        let text = String::from_utf8(json.clone()).unwrap();
        *json = text.replace(&old.0, &new.0).replace(&old.1.to_string(), &new.1.to_string()).into_bytes();
    });
    let error = refused(&files.tar());
    assert!(error.contains("has 2048 bytes, and its manifest says 1"), "{error}");
}

#[test]
fn not_an_archive() {
    insta::assert_snapshot!(refused(b"FROM scratch\n"), @r"
    app.tar is not an image archive
    An archive is what `docker save`, `podman save`, skopeo, or `docker buildx build --output type=oci` (or `type=docker`) writes.
    ");
    assert!(refused(b"").starts_with("app.tar is empty\n"));
    assert!(refused(&vec![b'x'; 100_000]).starts_with("app.tar is not an image archive\n"));
    assert!(refused(&pack(&vec![b'x'; 100_000], Stored::Gzip)).starts_with("app.tar is not an image archive: "));
    assert!(refused(&Layer::new().file("etc/passwd", 0o644, "root").tar()).contains("neither `manifest.json` nor"));
    for json in ["{}", "null", "[1]", "[{\"Config\":7}]", "{\"manifests\":{}}"] {
        for file in ["manifest.json", "index.json"] {
            let result = refused(&Layer::new().file(file, 0o644, json).tar());
            assert!(result.starts_with("app.tar"), "{result}");
        }
    }
    assert!(refused(&docker_archive(&[])).starts_with("app.tar holds no image\n"));
    let many = (0..130_000).fold(Layer::new(), |layer, number| {
        layer.raw(&header(number.to_string().as_bytes(), b'0', 0o644, b"", 0), b"")
    });
    assert!(refused(&many.tar()).contains("it has more files than one holds"));
    let giant = Layer::new().raw(&header(b"x", b'x', 0o644, b"", 3 << 30), b"abc");
    assert!(refused(&giant.tar()).contains("an extension entry claims 3221225472 bytes"));
}

#[test]
fn links_that_lead_nowhere_or_round() {
    let files = |links: &[(&str, &str)]| {
        let mut files = podman_files(&[sample()]).without(".tar");
        let tar = hex(&Layer::new().dir("bin").file("bin/sh", 0o755, [7; 1000]).symlink("bin/bash", "sh").tar());
        for (from, to) in links {
            files.0.push((from.replace("LAYER", &format!("{tar}.tar")), Member::Symlink((*to).to_owned())));
        }
        files.tar()
    };
    for links in
        [&[("LAYER", "nowhere")][..], &[("LAYER", "b"), ("b", "c"), ("c", "b")], &[("LAYER", "../../../etc/passwd")]]
    {
        assert!(refused(&files(links)).contains("is missing"));
    }
}

#[test]
fn an_index_that_lists_itself_ends() {
    // No blob can hold its own digest, but index.json may list an index many times over, with as many names.
    let nested = br#"{"manifests":[]}"#;
    let entry = |name: usize| {
        format!(
            r#"{{"digest":"sha256:{}","size":1,"annotations":{{"io.containerd.image.name":"a:{name}"}}}}"#,
            hex(nested)
        )
    };
    let entries: Vec<String> = (0..10_001).map(entry).collect();
    let index = format!(r#"{{"manifests":[{}]}}"#, entries.join(","));
    let tar = Layer::new().file(blob_path(nested), 0o644, nested).file("index.json", 0o644, index).tar();
    assert!(refused(&tar).starts_with("app.tar lists more than 10000 manifests"));
}

#[test]
fn a_stream_that_never_ends_is_no_archive() {
    let endless = |begin: Vec<u8>| {
        let stream = std::io::Read::chain(std::io::Cursor::new(begin), std::io::repeat(0));
        refusal(archive::read(stream, &Wanted::default(), "app.tar", &Limits::default(), &mut |_| {}))
    };
    let begin = "app.tar is not an image archive: more than 64 MiB follow the end of its tar\n";
    assert!(endless(Vec::new()).starts_with(begin));
    assert!(endless(docker_archive(&[sample()])).starts_with(begin));
}

#[test]
fn a_truncated_archive_is_an_error_at_every_byte() {
    let image = Image::new().stored(Stored::Gzip).layer(Layer::new().file("a", 0o644, "abc")).named("a:1");
    for files in [oci_files(std::slice::from_ref(&image)), legacy_files(&[image]).without("repositories")] {
        let tar = files.tar();
        // The last member's padding and the end marker may be lost: nothing of the image is in them.
        let Some((_, Member::File(last))) = files.0.last() else { panic!("the last member says what is what") };
        let end = tar.len() - 1024 - (last.len().next_multiple_of(512) - last.len());
        for cut in 0..end {
            let error = refused(&tar[..cut]);
            assert!(
                error.contains("truncated")
                    || error.contains("not an image archive")
                    || error.contains("is empty")
                    || error.contains("corrupt")
                    || error.contains("lacks"),
                "{cut}: {error}"
            );
        }
        assert!(read(&tar[..end]).is_ok());
    }
    let packed = pack(&docker_archive(&[sample()]), Stored::Gzip);
    for cut in (0..packed.len()).step_by(101) {
        assert!(read(&packed[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn layout_directories() {
    let directory = tempfile::tempdir().unwrap();
    let read = |image: &str| layout::read(directory.path(), &wanted(image, ""), &Limits::default(), &mut |_| {});
    let shown = |result| refusal(result).replace(directory.path().to_str().unwrap(), "DIR");
    insta::assert_snapshot!(shown(read("")), @r"
    DIR is not an OCI image layout: it has no `oci-layout`
    A layout is a directory with `oci-layout`, `index.json` and `blobs`, as `docker buildx build --output type=oci,tar=false` or skopeo write it.
    ");
    let image = sample();
    oci_files(std::slice::from_ref(&image)).write_to(directory.path());
    check_sample(&read("").expect("valid"));
    assert!(shown(read("acme/none")).starts_with("DIR holds no image `acme/none`"));

    // Blobs of other images are not looked at.
    std::fs::write(directory.path().join("blobs/sha256").join("0".repeat(64)), "junk").unwrap();
    check_sample(&read("acme/app:1").expect("valid"));

    let layer = Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash").tar();
    let blob = directory.path().join(blob_path(&layer));
    std::fs::write(&blob, Layer::new().tar()).unwrap();
    assert!(shown(read("")).contains("layer 2 of 3"));
    std::fs::remove_file(&blob).unwrap();
    assert!(shown(read("")).contains("is missing"));
    std::os::unix::fs::symlink("/dev/zero", &blob).unwrap();
    assert!(shown(read("")).contains("is not a regular file"));
    let error =
        archive::open(directory.path(), &Wanted::default(), &Limits::default(), &mut |_| {}).expect_err("a directory");
    assert_eq!(error.hint(), Some("For an OCI image layout use `layout` instead of `archive`."));
}

#[test]
fn files_are_opened_and_progress_is_told() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let tar = docker_archive(&[sample()]);
    file.write_all(&tar).unwrap();
    let mut told = 0;
    check_sample(
        &archive::open(file.path(), &Wanted::default(), &Limits::default(), &mut |bytes| told = bytes).expect("valid"),
    );
    let layers = [Layer::new().file("app", 0o755, vec![9; 100_000]).whiteout("bin/bash"), base()];
    assert_eq!(told, layers.map(|layer| layer.tar().len() as u64).iter().sum::<u64>(), "each layer once");
    let error =
        archive::open(std::path::Path::new("/no/such.tar"), &Wanted::default(), &Limits::default(), &mut |_| {})
            .expect_err("none");
    assert_eq!(error.class(), Class::Io);
    insta::assert_snapshot!(error.chain(), @"cannot open the archive /no/such.tar: No such file or directory (os error 2)");
}

fn streamed(chunks: Vec<Result<bytes::Bytes, Error>>) -> Result<ImageContent, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let chunks = futures_util::stream::iter(chunks);
    runtime.block_on(stream::read_stream(chunks, Wanted::default(), "acme/app:1".to_owned(), Limits::default(), |_| {}))
}

#[test]
fn an_error_of_the_stream_is_the_answer() {
    let tar = docker_archive(&[sample()]);
    let lost = || Err(Error::new(Class::Engine, "the engine went away"));
    for at in [0, 100, 5000, tar.len()] {
        let error = streamed(vec![Ok(tar[..at].to_vec().into()), lost()]).expect_err("lost");
        assert_eq!((error.class(), error.to_string().as_str()), (Class::Engine, "the engine went away"));
    }
    let error = streamed(vec![Ok(tar[..5000].to_vec().into())]).expect_err("truncated");
    assert_eq!(error.class(), Class::Image);
    // The reader gives up early: the rest of an endless stream is not read.
    let endless = futures_util::stream::repeat_with(|| Ok(bytes::Bytes::from_static(b"no tar at all")));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let refused =
        runtime.block_on(stream::read_stream(endless, Wanted::default(), "x".to_owned(), Limits::default(), |_| {}));
    assert_eq!(refused.expect_err("no tar").to_string(), "x is not an image archive");
}

#[test]
fn dropping_the_future_ends_the_thread() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let silent = futures_util::stream::pending();
    runtime.block_on(async {
        let read = stream::read_stream(silent, Wanted::default(), "x".to_owned(), Limits::default(), |_| {});
        let short = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(short, read).await.is_err());
    });
    // Waits for blocking threads, and would hang here.
    drop(runtime);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn chunks_do_not_matter(cuts in proptest::collection::vec(1..40_000_usize, 1..40)) {
        let tar = legacy_files(&[sample()]).tar();
        let mut rest = tar.as_slice();
        let mut chunks = Vec::new();
        for cut in cuts.iter().cycle() {
            let (chunk, more) = rest.split_at(rest.len().min(*cut));
            chunks.push(Ok(chunk.to_vec().into()));
            // A stream may hold chunks without bytes.
            chunks.push(Ok(bytes::Bytes::new()));
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
        check_sample(&streamed(chunks).expect("valid"));
    }

    #[test]
    fn bytes_at_random_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..3000), at in 0..8000_usize) {
        drop(read(&bytes));
        for stored in [Stored::Gzip, Stored::Zstd] {
            drop(read(&pack(&bytes, stored)));
        }
        let image = Image::new().stored(Stored::Zstd).layer(Layer::new().file("a", 0o644, "abc")).named("a:1");
        let mut tar = docker_archive(&[image]);
        for (offset, byte) in bytes.iter().take(20).enumerate() {
            let position = (at + offset * 37) % tar.len();
            tar[position] = *byte;
        }
        drop(read(&tar));
    }
}
