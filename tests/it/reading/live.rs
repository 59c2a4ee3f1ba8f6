//! An engine's own layer metadata and its export beside `save`, on every engine of `IMGBUDGET_TEST_ENGINES`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may fail loudly, and so may what it calls")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::process::{Command, Stdio};
use std::time::Duration;

use bollard::query_parameters::{ListContainersOptionsBuilder, ListVolumesOptions};
use imgbudget::credentials::Credentials;
use imgbudget::domain::{DiffId, Digest, Network};
use imgbudget::engine::{BuildRequest, ContainerRequest, Kind, Store, janitor, names};
use imgbudget::layer::index::NodeKind;
use imgbudget::layer::{Evidence, LayerIndex};
use imgbudget::progress::Silent;
use imgbudget::reading::{export, metadata};
use imgbudget::source::{ImageContent, Limits, Wanted, stream};

use super::entries;
use crate::support::daemon::{self, BASE, Daemon, context};
use crate::support::images::Layer;

const PATIENCE: Duration = Duration::from_secs(60);

/// The image as `save` has it.
async fn saved(daemon: &Daemon, name: &str) -> ImageContent {
    let tar = daemon.engine.save(&[name], None);
    let wanted = Wanted { image: None, platform: Some(daemon.engine.facts().platform.clone()) };
    let read = stream::read_stream(tar, wanted, name.to_owned(), Limits::default(), |_| {}).await;
    read.unwrap_or_else(|error| panic!("{name}: {}", error.chain()))
}

/// Whether the engine's own metadata says the same of an image as `save`, entry by entry.
async fn same(daemon: &Daemon, name: &str) {
    let image = daemon.engine.image(name, None).await.expect(name);
    let handed = metadata::read(&daemon.engine, &image, &image.diff_ids, true, &Limits::default(), |_| {}).await;
    let handed = handed.unwrap_or_else(|why| panic!("{name} at {}: {why}", daemon.host));
    let saved = saved(daemon, name).await;
    let ours: HashMap<&DiffId, &LayerIndex> =
        handed.layers.iter().map(|(layer, _)| (layer.diff_id(), layer.index.as_ref())).collect();
    for layer in &saved.layers {
        let ours = ours.get(layer.diff_id()).unwrap_or_else(|| panic!("{name}: {} is lacking", layer.diff_id()));
        assert_eq!(ours.size(), layer.size(), "{name}: {}", layer.diff_id());
        assert_eq!(entries(ours), entries(layer), "{name}: {}", layer.diff_id());
    }
    let least = if daemon.engine.facts().store == Store::Containerd { Evidence::Hashed } else { Evidence::EngineSaid };
    assert!(handed.layers.iter().all(|(_, evidence)| *evidence == least), "{}", daemon.host);
    let config = handed.config.expect("asked for");
    assert_eq!(Digest::of(&config), saved.config.id, "{name} at {}", daemon.host);
    assert!(handed.bytes > 0);
}

/// Whether its final file system, as the engine exports it, is that of its layers.
async fn same_tree(daemon: &Daemon, name: &str) {
    let image = daemon.engine.image(name, None).await.expect(name);
    let tree = export::read(&daemon.engine, &image, &Limits::default(), |_| {}).await;
    let tree = tree.unwrap_or_else(|why| panic!("{name} at {}: {why}", daemon.host));
    let saved = saved(daemon, name).await;
    let mut stack = imgbudget::image::Stack::default();
    for layer in &saved.layers {
        stack.push(layer).expect("room");
    }
    let files: BTreeSet<Vec<u8>> = (1..=tree.index.len())
        .filter(|at| {
            matches!(
                tree.index.node(*at).kind,
                NodeKind::File { .. } | NodeKind::Name { .. } | NodeKind::Symlink { .. }
            )
        })
        .map(|at| [b"/", &tree.index.path(at)[..]].concat())
        .collect();
    let is_leaf = |kind: &imgbudget::image::node::NodeKind| {
        matches!(kind, imgbudget::image::node::NodeKind::File { .. } | imgbudget::image::node::NodeKind::Symlink { .. })
    };
    let expected: BTreeSet<Vec<u8>> =
        stack.live().filter(|(_, node)| is_leaf(&node.kind)).map(|(id, _)| stack.path(id)).collect();
    assert_eq!(files, expected, "{name} at {}", daemon.host);
}

/// Containers of imgbudget that are there.
async fn containers(daemon: &Daemon) -> BTreeSet<String> {
    let filters = HashMap::from([("label", vec![janitor::LABEL])]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    let found = daemon.docker.list_containers(Some(options)).await.expect("a list");
    found.into_iter().flat_map(|container| container.names.unwrap_or_default()).collect()
}

async fn volumes(daemon: &Daemon) -> BTreeSet<String> {
    let found = daemon.docker.list_volumes(None::<ListVolumesOptions>).await.expect("a list");
    found.volumes.unwrap_or_default().into_iter().map(|volume| volume.name).collect()
}

/// Waits until everything is removed, and looks for what these containers are gone.
async fn settled(daemon: &Daemon) {
    assert_eq!(daemon.engine.settle(PATIENCE).await, Vec::<String>::new(), "{}", daemon.host);
}

fn strange_layers() -> Vec<Vec<u8>> {
    let long = "directory/".repeat(30) + "file";
    vec![
        Layer::new()
            .dir("usr/bin")
            .file("usr/bin/gcc", 0o4755, vec![1; 5000])
            .hard_link("usr/bin/cc", "usr/bin/gcc")
            .file(&long, 0o644, b"long")
            .pax(&[("path", "größe <&>".as_bytes())])
            .file("short", 0o600, vec![1; 1024])
            .symlink("bin", "usr/bin")
            .file("empty", 0o644, b"")
            .dir("gone")
            .file("gone/a", 0o644, b"a")
            .file("gone/b", 0o644, b"b")
            .tar(),
        Layer::new().whiteout("gone/a").opaque("usr/bin").file("usr/bin/cc", 0o755, b"new").tar(),
        Layer::new().symlink("usr/bin/link", "../../short").tar(),
    ]
}

#[tokio::test]
async fn the_engines_own_metadata_is_what_save_says() {
    for daemon in daemon::all("the_engines_own_metadata_is_what_save_says").await {
        let loaded = "imgbudget-test/reading-loaded:1";
        daemon.load(loaded, &strange_layers()).await;
        same(&daemon, loaded).await;
        same_tree(&daemon, loaded).await;
        daemon.remove(loaded).await;
        settled(&daemon).await;
    }
}

#[tokio::test]
async fn what_was_built_is_read_too_and_its_volumes_make_none() {
    for daemon in daemon::all("what_was_built_is_read_too_and_its_volumes_make_none").await {
        daemon.base_image().await;
        let dockerfile = format!(
            "FROM {BASE}\nRUN mkdir -p /data/x && echo hello >/data/x/file && ln -s x /data/link && echo a >/a\nRUN rm /a && \
             chmod 700 /bin/busybox\nCOPY Dockerfile /data/\nVOLUME [\"/data\", \"/data/\", \"/var/other\"]\n"
        );
        let request = BuildRequest {
            project: "reading".to_owned(),
            target: "volumes".parse().expect("a name"),
            dockerfile: "Dockerfile".to_owned(),
            stage: None,
            args: BTreeMap::new(),
            network: Network::None,
            platform: None,
            no_cache: false,
            pull: false,
            credentials: Credentials::default(),
        };
        let files: &[(&str, &[u8])] = &[("Dockerfile", dockerfile.as_bytes())];
        let built = daemon.engine.build(&request, context(files), &Silent).await.expect("built");
        let name = built.image.to_string();
        let before = volumes(&daemon).await;
        same(&daemon, &name).await;
        same_tree(&daemon, &name).await;
        settled(&daemon).await;
        let new: Vec<_> = volumes(&daemon).await.difference(&before).cloned().collect();
        assert_eq!(new, Vec::<String>::new(), "{}", daemon.host);
        daemon.remove(&names::tag("reading", &request.target, None)).await;
    }
}

/// Says of a process that it is the one to be killed, and on which engine.
const VICTIM: &str = "IMGBUDGET_TEST_VICTIM";

/// No test of its own: it holds a container until it is killed.
#[tokio::test]
async fn somebody_who_is_killed() {
    let Ok(host) = std::env::var(VICTIM) else { return };
    let daemon = Daemon::at(&host).await;
    let image = daemon.engine.image(BASE, None).await.expect("there");
    let request = ContainerRequest { image: &image.handle, platform: &image.platform, volumes: &[], binds: &[] };
    let container = daemon.engine.create(&request).await.expect("created");
    println!("at {} ", container.directory());
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_by_the_next() {
    for daemon in daemon::all("what_a_killed_process_left_is_removed_by_the_next").await {
        daemon.base_image().await;
        let name = "reading::live::somebody_who_is_killed";
        let mut victim = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", name, "--nocapture"])
            .env(VICTIM, &daemon.host)
            .stdout(Stdio::piped())
            .spawn()
            .expect("starts");
        let mut said = std::io::BufReader::new(victim.stdout.take().expect("piped"));
        let mut line = String::new();
        while !line.contains("/.imgbudget-") {
            assert_ne!(std::io::BufRead::read_line(&mut said, &mut line).expect("readable"), 0, "{line}");
        }
        let (_, token) = line.split_once("/.imgbudget-").expect("just seen");
        let left = format!("/imgbudget-{}", token.trim());
        assert!(containers(&daemon).await.contains(&left), "{}", daemon.host);
        // Its process still runs: another run leaves it alone.
        same(&daemon, BASE).await;
        settled(&daemon).await;
        assert!(containers(&daemon).await.contains(&left), "{}", daemon.host);
        victim.kill().expect("killed");
        victim.wait().expect("gone");
        let next = Daemon::at(&daemon.host).await;
        same(&next, BASE).await;
        settled(&next).await;
        assert!(!containers(&daemon).await.contains(&left), "{}", daemon.host);
    }
}

#[tokio::test]
async fn podman_makes_no_directory_on_its_machine() {
    for daemon in daemon::all("podman_makes_no_directory_on_its_machine").await {
        if daemon.engine.facts().kind != Kind::Podman {
            continue;
        }
        let root = daemon.engine.facts().root.clone().expect("Podman says it");
        let entries = || std::fs::read_dir(&root).map(|found| found.flatten().map(|entry| entry.file_name()).collect());
        let before: Option<BTreeSet<_>> = entries().ok();
        daemon.base_image().await;
        same(&daemon, BASE).await;
        settled(&daemon).await;
        assert_eq!(entries().ok(), before);
    }
}
