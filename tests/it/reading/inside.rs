//! What files an engine hands over of an image, beside what an archive of the same image holds.

#![expect(clippy::expect_used, reason = "a test may fail loudly")]

use std::fs;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::Value;

use crate::support::daemon::{self, Daemon};
use crate::support::images::Layer;
use crate::support::run::Run;

/// An image whose packages are in all sorts of places: a database of a distribution with many lists, a large directory of modules, one
/// file beside large ones, a program; some of it replaced or deleted by the second layer.
fn layers() -> Vec<Vec<u8>> {
    let status = |names: &[&str]| {
        let stanza = |name: &&str| {
            format!(
                "Package: {name}\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\nDescription: x\n\n"
            )
        };
        names.iter().map(stanza).collect::<String>()
    };
    let names: Vec<String> = (0..60).map(|number| format!("package-{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut base = Layer::new().file("var/lib/dpkg/status", 0o644, status(&names));
    for name in &names {
        base = base.file(format!("var/lib/dpkg/info/{name}.list"), 0o644, format!("/.\n/usr/bin/{name}\n"));
        base = base.file(format!("usr/bin/{name}"), 0o755, vec![b'x'; 3000]);
    }
    for name in ["one", "two", "three"] {
        let directory = format!("app/node_modules/{name}");
        let document = format!(r#"{{"name":"{name}","version":"1.2.3"}}"#);
        base = base.file(format!("{directory}/package.json"), 0o644, document).file(
            format!("{directory}/index.js"),
            0o644,
            vec![b'j'; 40_000],
        );
    }
    let metadata = "Metadata-Version: 2.1\nName: requests\nVersion: 2.31.0\n\n";
    let base = base
        .file("usr/lib/python3/site-packages/large.so", 0o644, vec![1; 20_000_000])
        .file("usr/lib/python3/site-packages/requests-2.31.0.dist-info/METADATA", 0o644, metadata)
        .file("usr/lib/python3/site-packages/requests-2.31.0.dist-info/RECORD", 0o644, "requests/a.py,,\n")
        .file("usr/lib/python3/site-packages/requests/a.py", 0o644, "import os\n")
        .file("srv/copy-1", 0o644, vec![7; 2_000_000])
        .file("srv/copy-2", 0o644, vec![7; 2_000_000]);
    let mut own = Layer::new().file("var/lib/dpkg/status", 0o644, status(&names[..50]));
    for gone in &names[50..] {
        own = own.whiteout(&format!("var/lib/dpkg/info/{gone}.list"));
    }
    let own = own
        .whiteout("app/node_modules/two")
        .dir("opt/real/node_modules/four")
        .file("opt/real/node_modules/four/package.json", 0o644, r#"{"name":"four","version":"4.0.0"}"#)
        .dir("opt/linked/node_modules/four")
        .hard_link("opt/linked/node_modules/four/package.json", "opt/real/node_modules/four/package.json");
    let program = fs::read("/bin/bash").expect("every machine with engines has it");
    vec![base.tar(), own.file("opt/tool", 0o755, program).tar()]
}

/// What is in the image, and what reading took.
fn inspected(host: &str, cache: &std::path::Path, what: [&str; 2]) -> (Value, Value) {
    let run = Run::new().env("DOCKER_HOST", host).args(["inspect", what[0], what[1], "--format", "json"]);
    let screen = run.args(["--layer-cache".into(), cache.as_os_str().to_owned()]).run();
    let report: Value = serde_json::from_str(&screen.stdout).expect(&screen.stderr);
    let target = &report["targets"][0];
    (target["contents"].clone(), target["read"].clone())
}

async fn archive_of(daemon: &Daemon, tag: &str, file: &std::path::Path) {
    let mut bytes = Vec::new();
    let mut tar = Box::pin(daemon.engine.save(&[tag], None));
    while let Some(chunk) = tar.next().await {
        bytes.extend_from_slice(&chunk.expect("it saves"));
    }
    fs::write(file, bytes).expect("writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_hands_over_what_an_archive_of_the_image_holds() {
    for daemon in daemon::all("files of an image from its engine").await {
        let (tag, folder) = ("imgbudget-files/inside:1", tempfile::tempdir().expect("a folder"));
        daemon.load(tag, &layers()).await;
        let file = folder.path().join("image.tar");
        archive_of(&daemon, tag, &file).await;
        let (cache, other) = (folder.path().join("cache"), folder.path().join("other"));
        let (archived, _) = inspected(&daemon.host, &other, ["--archive", file.to_str().expect("text")]);
        let (handed, cost) = inspected(&daemon.host, &cache, ["--image", tag]);
        assert_eq!(archived["packages"].as_array().map(Vec::len), Some(55), "{archived:#}");
        assert!(archived["unread"].as_array().is_none_or(Vec::is_empty), "{archived:#}");
        assert_eq!(handed, archived, "{}", daemon.host);
        assert_ne!(cost["bytes"], 0, "{cost}");

        let (again, cost) = inspected(&daemon.host, &cache, ["--image", tag]);
        assert_eq!((&again, &cost["bytes"], &cost["how"]), (&handed, &0.into(), &"cache".into()), "{}", daemon.host);
        // What an engine said is no proof of what an archive holds: it is read, and then it is known.
        let (hashed, _) = inspected(&daemon.host, &cache, ["--archive", file.to_str().expect("text")]);
        assert_eq!(hashed, archived);
        daemon.remove(tag).await;
        assert_eq!(daemon.engine.settle(Duration::from_secs(60)).await, Vec::<String>::new());
    }
}
