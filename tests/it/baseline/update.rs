//! The lock file: written whole or not at all.

use super::{BUDGETS, Shop, states};
use crate::support::images::{Image, Layer, Stored, docker_archive, oci_files};

#[test]
fn update_is_whole_or_not_at_all() {
    let shop = Shop::new();
    shop.run(&["update"]);
    let before = shop.read("budgets.lock");
    shop.image("api", 99_000);
    shop.write("web.tar", "no archive");
    insta::assert_snapshot!(shop.screen(&["update", "--quiet"]), @"
    exit: 2
    --- stdout

    --- stderr
    error: web: web.tar is not an image archive
     hint: An archive is what `docker save`, `podman save`, skopeo, or `docker buildx build --output type=oci` (or `type=docker`) writes.
    error: 1 of 2 targets could not be measured
     hint: `budgets.lock` is as it was.
    ");
    assert_eq!(shop.read("budgets.lock"), before);
    assert_eq!(shop.run(&["update", "api"]).code, Some(0));
    assert_eq!(shop.read("budgets.lock"), before.replace("60_000", "99_000"));
    let odd = Image::new().layer(Layer::new().zeros("a", 0o644, 5)).platform("li nux/amd64").named("x:1");
    shop.write("web.tar", docker_archive(&[odd]));
    let screen = shop.run(&["update", "web"]);
    assert_eq!(screen.code, Some(2));
    assert!(screen.stderr.contains("the image of `web` has no platform but `li nux/amd64`"), "{}", screen.stderr);
    shop.write("budgets.lock", "{}");
    let screen = shop.run(&["update", "api"]);
    assert_eq!((screen.code, shop.read("budgets.lock").as_str()), (Some(2), "{}"), "{}", screen.stderr);
}

#[test]
fn compressed_sizes_and_platforms_have_their_place() {
    let shop = Shop::new();
    let image = Image::new().stored(Stored::Gzip).layer(Layer::new().zeros("a", 0o644, 5000)).platform("linux/arm/v7");
    shop.write("api.tar", oci_files(&[image]).tar());
    shop.run(&["update"]);
    let lock = shop.read("budgets.lock");
    assert!(lock.contains("\napi linux/arm/v7 size=5_000 compressed="), "{lock}");
    shop.image("api", 60_000);
    shop.run(&["update", "--platform", "linux/amd64", "api"]);
    let both = shop.read("budgets.lock");
    assert!(both.contains("\napi linux/amd64 size=60_000\n\napi linux/arm/v7 size=5_000 compressed="), "{both}");
    shop.run(&["update", "api"]);
    assert!(!shop.read("budgets.lock").contains("arm"));
}

#[test]
fn git_merges_changes_of_neighbours() {
    let shop = Shop::new().repository();
    shop.run(&["update"]);
    shop.commit("sizes");
    shop.git(&["checkout", "--quiet", "-b", "feature"]);
    shop.image("api", 61_000);
    shop.run(&["update"]);
    shop.commit("api");
    shop.git(&["checkout", "--quiet", "main"]);
    shop.image("web", 41_000);
    shop.run(&["update"]);
    shop.git(&["add", "budgets.lock", "web.tar"]);
    shop.commit("web");
    shop.git(&["merge", "--quiet", "feature"]);
    let lock = shop.read("budgets.lock");
    assert!(lock.contains("api linux/amd64 size=61_000\n") && lock.contains("web linux/amd64 size=41_000\n"), "{lock}");
    let (code, report) = shop.json(&[]);
    assert_eq!((code, states(&report)), (Some(0), vec!["same", "same"]));
}

#[test]
fn without_a_baseline_in_the_file_update_says_how_it_is_read() {
    let shop = Shop::new();
    shop.write("budgets.toml", BUDGETS.replace("[baseline]\nfile = \"budgets.lock\"\n", ""));
    let screen = shop.run(&["update"]);
    assert!(screen.stderr.contains("with `[baseline] file = \"budgets.lock\"` in budgets.toml"), "{}", screen.stderr);
    assert!(shop.json(&[]).1["baseline"].is_null());
    let (_, report) = shop.json(&["--baseline", "budgets.lock"]);
    assert_eq!(states(&report), ["same", "same"]);
}

#[test]
fn update_writes_what_check_reads() {
    let shop = Shop::new();
    insta::assert_snapshot!(shop.screen(&["update", "--quiet"]), @"
    exit: 0
    --- stdout

    --- stderr
    ");
    insta::assert_snapshot!(shop.read("budgets.lock"), @"
    imgbudget.lock/1 content/1
    # Sizes in bytes, written by `imgbudget update`. The empty lines let git merge changes of neighbours.

    api linux/amd64 size=60_000

    web linux/amd64 size=40_000
    ");
    shop.image("api", 72_000);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet"]), @r#"
    exit: 1
    --- stdout
    Target     Size    Change  Budget  Headroom
    ───────────────────────────────────────────
    ✗ api   72.0 kB  +12.0 kB  1.0 MB  928.0 kB
    ✓ web   40.0 kB         –  1.0 MB  960.0 kB

    ✗ api  grew 2.0 kB too much
      largest
      62.0 kB  layer 2 of 2  RUN make
      10.0 kB  layer 1 of 2  ADD rootfs.tar /
      → build in an earlier stage and copy only what runs
      Needed? imgbudget allow api growth --up-to 12kB --reason "…"

    baseline: budgets.lock
    image: api: archive api.tar, [DIGEST]
    image: web: archive web.tar, [DIGEST]

    ✗ 1 of 2 over: api 72.0 kB (+12.0 kB), grew 2.0 kB too much
    --- stderr
    "#);
    shop.run(&["update"]);
    insta::assert_snapshot!(shop.screen(&["check", "--quiet"]), @"
    exit: 0
    --- stdout
    Target     Size  Change  Budget  Headroom
    ─────────────────────────────────────────
    ✓ api   72.0 kB       –  1.0 MB  928.0 kB
    ✓ web   40.0 kB       –  1.0 MB  960.0 kB

    baseline: budgets.lock
    image: api: archive api.tar, [DIGEST]
    image: web: archive web.tar, [DIGEST]

    ✓ both within budget; least headroom: api 928.0 kB
    --- stderr
    ");
}
