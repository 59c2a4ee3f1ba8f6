//! Archives and layouts that are broken, or lie.

use crate::support::images::{Files, Image, Layer, Stored, docker_archive, docker_files, header, oci_files};
use crate::support::project::Project;

fn image() -> Image {
    let base = Layer::new().dir("bin").file("bin/app", 0o755, vec![7; 3000]);
    Image::new().layer(base).layer(Layer::new().file("etc/app.conf", 0o644, "a = 1\n")).named("acme/app:1")
}

/// What is said of an archive of these bytes.
fn screen(archive: impl AsRef<[u8]>) -> String {
    Project::new().file("app.tar", archive).check("--archive app.tar --max-size 1MB").screen()
}

#[test]
fn the_archive_is_missing() {
    insta::assert_snapshot!(Project::new().check("--archive app.tar --max-size 1MB").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: cannot open the archive app.tar: No such file or directory (os error 2)
      hint: In budgets.toml `archive` is relative to that file, on the command line
            to the current directory.

    ✗ app could not be measured
    --- stderr
    ");
    insta::assert_snapshot!(Project::new().check("--layout oci --max-size 1MB").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ oci      –       –         –

    ✗ oci: cannot read directory oci
      hint: A layout is a directory with `oci-layout`, `index.json` and `blobs`, as
            `docker buildx build --output type=oci,tar=false` or skopeo write it.

    ✗ oci could not be measured
    --- stderr
    ");
}

#[test]
fn a_truncated_archive() {
    let whole = docker_archive(&[image()]);
    insta::assert_snapshot!(screen(&whole[..2000]), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar is truncated: it ends in the middle of an entry
      hint: Write it again: it is incomplete or was changed after it was written.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn not_an_archive() {
    insta::assert_snapshot!(screen("just a text\n".repeat(100)), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar is not an image archive
      hint: An archive is what `docker save`, `podman save`, skopeo, or `docker
            buildx build --output type=oci` (or `type=docker`) writes.

    ✗ app could not be measured
    --- stderr
    ");
    insta::assert_snapshot!(screen(""), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar is empty
      hint: An archive is what `docker save`, `podman save`, skopeo, or `docker
            buildx build --output type=oci` (or `type=docker`) writes.

    ✗ app could not be measured
    --- stderr
    ");
    insta::assert_snapshot!(screen(Layer::new().file("a", 0o644, "b").tar()), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar is not an image archive: it has neither `manifest.json` nor
      `index.json`
      hint: An archive is what `docker save`, `podman save`, skopeo, or `docker
            buildx build --output type=oci` (or `type=docker`) writes.

    ✗ app could not be measured
    --- stderr
    ");
    let project = Project::new().file("oci/readme", "");
    insta::assert_snapshot!(project.check("--layout oci --max-size 1MB").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ oci      –       –         –

    ✗ oci: oci is not an OCI image layout: it has no `oci-layout`
      hint: A layout is a directory with `oci-layout`, `index.json` and `blobs`, as
            `docker buildx build --output type=oci,tar=false` or skopeo write it.

    ✗ oci could not be measured
    --- stderr
    ");
}

#[test]
fn a_layer_is_missing() {
    let layer = crate::support::images::blob_path(&Layer::new().file("etc/app.conf", 0o644, "a = 1\n").tar());
    insta::assert_snapshot!(screen(docker_files(&[image()]).without(&layer).tar()), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar: layer 2 of 2
      ([DIGEST]) is
      missing
      hint: Write it again; an engine with the containerd store leaves out layers
            that it never fetched, so pull the image anew.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn the_config_is_missing() {
    let config = crate::support::images::blob_path(&image().config());
    insta::assert_snapshot!(screen(docker_files(&[image()]).without(&config).tar()), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar: the image's config
      (blobs/sha256/
      [DIGEST]) is missing
      hint: Write it again: it is incomplete or was changed after it was written.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn a_layer_that_is_not_its_diff_id() {
    insta::assert_snapshot!(screen(docker_archive(&[image().lying_diff_id(1)])), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar: layer 2 of 2
      ([DIGEST]) is
      not what the config says: its diff id is
      [DIGEST], not
      [DIGEST]
      hint: Write it again: it is incomplete or was changed after it was written.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn a_corrupt_gzip() {
    let layer = Layer::new().file("app", 0o755, (0..50_000u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>());
    let image = Image::new().stored(Stored::Gzip).layer(layer).blob(0, |blob| {
        let middle = blob.len() / 2;
        blob[middle..middle + 64].fill(0xff);
    });
    insta::assert_snapshot!(screen(docker_archive(&[image])), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar: layer 1 of 1
      ([DIGEST])
      cannot be read: corrupt gzip stream: does not have a matching checksum
      hint: Write it again: it is incomplete or was changed after it was written.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn an_entry_that_claims_more_than_follows() {
    let layer = Layer::new().raw(&header(b"big", b'0', 0o644, b"", 1 << 40), b"little");
    insta::assert_snapshot!(screen(docker_archive(&[Image::new().layer(layer)])), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar: layer 1 of 1
      ([DIGEST])
      cannot be read: it ends in the middle of an entry
      hint: Write it again: it is incomplete or was changed after it was written.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn an_extension_member_of_a_gigabyte() {
    let layer = Layer::new().raw(&header(b"././@LongLink", b'L', 0o644, b"", 1 << 30), &[b'a'; 4096]);
    insta::assert_snapshot!(screen(docker_archive(&[Image::new().layer(layer)])), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar: layer 1 of 1
      ([DIGEST])
      cannot be read: an extension entry claims 1073741824 bytes, and 1 MiB is the
      most there may be
      hint: Write it again: it is incomplete or was changed after it was written.

    ✗ app could not be measured
    --- stderr
    ");
    let archive = Layer::new().raw(&header(b"././@PaxHeader", b'x', 0o644, b"", 1 << 30), &[b'a'; 4096]).tar();
    insta::assert_snapshot!(screen(archive), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ app      –       –         –

    ✗ app: app.tar cannot be read: an extension entry claims 1073741824 bytes, and 1
      MiB is the most there may be
      hint: Write it again: it is incomplete or was changed after it was written.

    ✗ app could not be measured
    --- stderr
    ");
}

#[test]
fn a_platform_that_the_image_does_not_have() {
    let images = [image().platform("linux/amd64"), image().platform("linux/arm64/v8")];
    let project = Project::new().file("app.tar", multi(&images).tar());
    let screen = project.check("--archive app.tar --platform windows/amd64 --max-size 1MB").screen();
    insta::assert_snapshot!(screen, @"
    exit: 2
    --- stdout
    Target  Platform       Size  Budget  Headroom
    ─────────────────────────────────────────────
    ✗ app   windows/amd64     –       –         –

    ✗ app: app.tar has no image for windows/amd64
      hint: It has linux/amd64, linux/arm64: choose with `platforms`, or with
            --platform.

    ✗ app could not be measured
    --- stderr
    ");
    insta::assert_snapshot!(project.check("--archive app.tar --max-size 1MB").screen(), @"
    exit: 0
    --- stdout
    Target    Size  Budget  Headroom
    ────────────────────────────────
    ✓ app   3.0 kB  1.0 MB  997.0 kB

    image: archive app.tar, [DIGEST]
    note: it holds linux/arm64, too, not measured: `platforms` or --platform names
          what is

    ✓ app 3.0 kB, 997.0 kB left
    --- stderr
    ");
    let project = Project::new().file("app.tar", docker_archive(&[image()]));
    let screen = project.check("--archive app.tar --platform linux/s390x --max-size 1MB").screen();
    insta::assert_snapshot!(screen, @"
    exit: 2
    --- stdout
    Target  Platform     Size  Budget  Headroom
    ───────────────────────────────────────────
    ✗ app   linux/s390x     –       –         –

    ✗ app: app.tar has no image for linux/s390x
      hint: It has linux/amd64: choose with `platforms`, or with --platform.

    ✗ app could not be measured
    --- stderr
    ");
}

fn multi(images: &[Image]) -> Files {
    crate::support::images::multi_platform_files("acme/app:1", images)
}

#[test]
fn several_images_and_no_word_which() {
    let archive = docker_archive(&[image(), Image::new().named("acme/other:1")]);
    let project = Project::new().file("two.tar", archive);
    insta::assert_snapshot!(project.check("--archive two.tar --max-size 1MB").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ two      –       –         –

    ✗ two: two.tar holds several images
      hint: It holds acme/app:1, acme/other:1. Say which with `archive-image` or
            --archive-image.

    ✗ two could not be measured
    --- stderr
    ");
    let screen = project.check("--archive two.tar --archive-image acme/third:1 --max-size 1MB").screen();
    insta::assert_snapshot!(screen, @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ two      –       –         –

    ✗ two: two.tar holds no image `acme/third:1`
      hint: It holds acme/app:1, acme/other:1.

    ✗ two could not be measured
    --- stderr
    ");
}

#[test]
fn a_layout_that_lacks_a_blob() {
    let project = Project::new();
    let layer = crate::support::images::blob_path(&Layer::new().file("etc/app.conf", 0o644, "a = 1\n").tar());
    oci_files(&[image()]).without(&layer).write_to(&project.path("oci"));
    insta::assert_snapshot!(project.check("--layout oci --max-size 1MB").screen(), @"
    exit: 2
    --- stdout
    Target  Size  Budget  Headroom
    ──────────────────────────────
    ✗ oci      –       –         –

    ✗ oci: oci: layer 2 of 2
      ([DIGEST]) is
      missing
      hint: Write it again; an engine with the containerd store leaves out layers
            that it never fetched, so pull the image anew.

    ✗ oci could not be measured
    --- stderr
    ");
}
