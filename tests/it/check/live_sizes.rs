//! `size` against what the engine says, to the byte; and how much memory a large image takes.
//!
//! Docker counts a layer when it enters the store, and counts it in one of two ways. Layers that were loaded, pulled or committed
//! are counted from their files, as we count them. Layers that BuildKit has just built are counted from their regular files alone,
//! so that symlinks add nothing until the image was pushed and pulled. The tests hold us to the first to the byte, and to the second
//! up to exactly the symlinks.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use bollard::query_parameters::{BuildImageOptions, BuilderVersion};
use futures_util::StreamExt as _;
use imgbudget::engine::Store;
use serde_json::Value;

use crate::support::daemon::{self, BASE, Daemon, entry};
use crate::support::project::Project;

/// More than 500 MB with a real toolchain in it; `scripts/test-images.sh` makes it.
const TOOLCHAIN: &str = "imgbudget-test/toolchain:1";

/// Builds `dockerfile` with two files beside it.
async fn build(daemon: &Daemon, tag: &str, version: BuilderVersion, dockerfile: &str) {
    let mut context = tar::Builder::new(Vec::new());
    for (path, content) in [("Dockerfile", dockerfile.as_bytes()), ("a", &[1; 12_345]), ("b", b"b\n")] {
        entry(&mut context, path, 0o644, content);
    }
    let session = (version == BuilderVersion::BuilderBuildKit).then(|| tag.to_owned());
    let options = BuildImageOptions { t: Some(tag.to_owned()), version, session, rm: true, ..Default::default() };
    let body = bollard::body_full(context.into_inner().unwrap().into());
    let mut answer = std::pin::pin!(daemon.docker.build_image(options, None, Some(body)));
    while let Some(line) = answer.next().await {
        line.unwrap();
    }
}

const LINKS: &str = "mkdir -p /l/deep && dd if=/dev/zero of=/l/one bs=1000 count=70 && ln /l/one /l/hard \
                     && ln -s ../one /l/deep/soft && ln -s /nowhere /l/dangling && ln -s deep /l/dir";

fn report(image: &str) -> Value {
    let screen = Project::new().imgbudget("check --max-size 10GB --format json --image").args([image]).live().run();
    assert_eq!(screen.code, Some(0), "{}", screen.screen());
    serde_json::from_str(&screen.stdout).unwrap()
}

/// Compares the whole image, and every layer with its entry of the engine's history.
async fn same_size(daemon: &Daemon, image: &str) {
    let report = report(image);
    let target = &report["targets"][0];
    if daemon.engine.facts().store != Store::Classic {
        println!("not compared: only the classic store tells sizes of content");
        return;
    }
    let inspected = daemon.docker.inspect_image(image).await.unwrap();
    assert_eq!(target["size"].as_i64(), inspected.size, "{image}");
    let mut layers = target["layers"].as_array().unwrap().iter().peekable();
    let history = daemon.docker.image_history(image).await.unwrap();
    for entry in history.iter().rev() {
        let made_by = |layer: &&&Value| layer["created_by"].as_str().unwrap_or_default() == entry.created_by;
        match layers.peek().filter(made_by) {
            Some(layer) => {
                assert_eq!(layer["size"].as_i64(), Some(entry.size), "{image}: {}", entry.created_by);
                layers.next();
            }
            None => assert_eq!(entry.size, 0, "{image}: {}", entry.created_by),
        }
    }
    assert_eq!(layers.count(), 0, "{image}: every layer is in the history");
}

#[tokio::test(flavor = "multi_thread")]
async fn size_is_what_the_engine_says_to_the_byte() {
    let Some(daemon) = daemon::live("size_is_what_the_engine_says_to_the_byte").await else { return };
    daemon.base_image().await;
    let run = |commands: &str| format!("FROM {BASE}\nRUN {commands}\n");
    let images = [
        ("e2e-size-scratch", "FROM scratch\nCOPY a /a\nCOPY . /all\nENV A=b\n".to_owned()),
        (
            "e2e-size-links",
            run(
                "mkdir -p /l/deep && dd if=/dev/zero of=/l/one bs=1000 count=70 && ln /l/one /l/hard && ln -s ../one /l/deep/soft \
                 && ln -s /nowhere /l/dangling && ln -s deep /l/dir",
            ) + "RUN ln /l/one /l/later && ln -s /l/later /l/soft\n",
        ),
        (
            "e2e-size-gone",
            run("mkdir /d && dd if=/dev/zero of=/d/big bs=1000 count=300 && echo x > /d/x && echo y > /y")
                + "RUN rm /d/big\nRUN chmod 700 /y /bin/busybox\nRUN rm -r /d && echo file > /d\nRUN rm /d && mkdir /d && echo z > /d/z\n",
        ),
        (
            "e2e-size-many",
            run("i=0; while [ $i -lt 2000 ]; do mkdir -p /app/node_modules/p$((i / 10))/lib; \
                 echo \"module.exports = $i\" > /app/node_modules/p$((i / 10))/lib/$i.js; i=$((i + 1)); done")
                + "RUN rm -r /app/node_modules/p1 && echo '{}' > /app/package.json\n",
        ),
    ];
    for (name, dockerfile) in &images {
        build(&daemon, name, BuilderVersion::BuilderV1, dockerfile).await;
        same_size(&daemon, name).await;
        daemon.remove(name).await;
    }
    same_size(&daemon, TOOLCHAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buildkit_alone_leaves_symlinks_out() {
    let Some(daemon) = daemon::live("buildkit_alone_leaves_symlinks_out").await else { return };
    daemon.base_image().await;
    let image = "e2e-size-buildkit";
    build(&daemon, image, BuilderVersion::BuilderBuildKit, &format!("FROM {BASE}\nRUN {LINKS}\n")).await;
    let report = report(image);
    let inspected = daemon.docker.inspect_image(image).await.unwrap().size.unwrap();
    daemon.remove(image).await;
    if daemon.engine.facts().store == Store::Classic {
        let symlinks = ["../one", "/nowhere", "deep"].concat().len();
        assert_eq!(
            report["targets"][0]["size"].as_u64(),
            u64::try_from(inspected).ok().map(|size| size + symlinks as u64)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_image_takes_little_memory() {
    const MOST: u64 = 64 << 10;

    let Some(_daemon) = daemon::live("a_large_image_takes_little_memory").await else { return };
    let project = Project::new();
    let run =
        project.imgbudget("check --max-size 10GB --forbid-tools @build-tools --quiet --image").args([TOOLCHAIN]).live();
    let mut child = run.command().stdout(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let high_water =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = peak.max(high_water.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    eprintln!("peak memory of check on {TOOLCHAIN}: {peak} kB");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(peak > 0 && peak < MOST, "{peak} kB");
}
