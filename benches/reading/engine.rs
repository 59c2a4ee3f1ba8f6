//! Images of an engine: its own metadata, `save`, the layer cache, and the content store of containerd.

use std::collections::BTreeMap;
use std::io::{self, BufWriter};
use std::path::Path;
use std::process::{Command, Stdio};

use super::images::{self, Image};
use super::side::{TOOLS, asked, check, in_turn, shell, told};
use super::table::Row;

/// An engine that answers.
#[derive(Debug)]
pub(crate) struct Engine {
    /// For `docker --host`; the CLI's own choice when absent.
    host: Option<String>,
    pub(crate) is_containerd: bool,
    root: String,
}

impl Engine {
    /// The engine at `host`, if there is one.
    pub(crate) fn find(host: Option<&str>) -> Option<Self> {
        let format = "{{.DockerRootDir}}\n{{json .DriverStatus}}";
        let facts = match host {
            Some(host) => asked("docker", &["--host", host, "info", "--format", format]),
            None => asked("docker", &["info", "--format", format]),
        };
        let facts = facts?;
        let (root, status) = facts.split_once('\n')?;
        let is_containerd = status.contains("io.containerd.snapshotter.v1");
        Some(Self { host: host.map(str::to_owned), is_containerd, root: root.to_owned() })
    }

    /// A command that is asked of this engine.
    pub(crate) fn at(&self, mut command: Command) -> Command {
        if let Some(host) = &self.host {
            command.env("DOCKER_HOST", host);
        }
        command
    }

    /// The variables that lead to it.
    pub(crate) fn environment(&self) -> BTreeMap<String, String> {
        let mut variables: BTreeMap<String, String> = std::env::vars().collect();
        if let Some(host) = &self.host {
            variables.insert("DOCKER_HOST".to_owned(), host.clone());
        }
        variables
    }

    fn docker(&self, args: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.args(args);
        self.at(command)
    }

    fn answers(&self, args: &[&str]) -> bool {
        let mut command = self.docker(args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Loads images that it does not have: plain layers, or gzip where blobs are kept as they come.
    pub(crate) fn load(&self, some: &[Image]) -> io::Result<()> {
        let missing: Vec<Image> =
            some.iter().filter(|image| !self.answers(&["image", "inspect", &image.tag()])).cloned().collect();
        if missing.is_empty() {
            return Ok(());
        }
        let groups: Vec<&[Image]> = if self.is_containerd { missing.chunks(1).collect() } else { vec![&missing] };
        for group in groups {
            eprintln!("loading {}, once", group.iter().map(Image::tag).collect::<Vec<_>>().join(", "));
            let mut child = self.docker(&["load", "--quiet"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
            let to = BufWriter::with_capacity(1 << 20, child.stdin.take().expect("piped"));
            if self.is_containerd {
                images::oci_archive(&group[0], to)?;
            } else {
                images::docker_archive(group, to)?;
            }
            assert!(child.wait()?.success(), "docker load failed");
        }
        Ok(())
    }
}

/// Nothing cached: the engine's metadata beside `save`, and beside asking containers of the image.
pub(crate) fn classic(engine: &Engine, image: &Image, rounds: usize) -> Vec<Row> {
    let tag = image.tag();
    let ours = || engine.at(check(&["--image", &tag]));
    let save = || engine.docker(&["save", &tag]);
    let script = format!(
        "docker image inspect \"$1\"; for tool in {}; do docker run --rm \"$1\" which $tool; done; true",
        TOOLS.join(" ")
    );
    let containers = || engine.at(shell(&script, &[&tag]));
    let peak = told(ours(), "metadata").peak;
    let times = in_turn(rounds, &[&ours, &save, &containers]);
    let what = |beside: &str| format!("{}: engine, nothing cached, beside {beside}", image.name);
    vec![
        Row::ratio(what("save"), times[0], ("docker save", times[1]), 0.05).peak(peak),
        Row::ratio(what("containers"), times[0], ("inspect and six docker run … which", times[2]), 0.2),
    ]
}

/// All layers in the cache.
pub(crate) fn cached(engine: &Engine, image: &Image, folder: &Path, rounds: usize) -> Row {
    let tag = image.tag();
    let cache = folder.join("layer-cache").display().to_string();
    let ours = || engine.at(check(&["--image", &tag, "--layer-cache", &cache]));
    let inspect = || engine.docker(&["image", "inspect", &tag]);
    let filled = engine.at(check(&["--image", &tag, "--layer-cache", &cache])).output();
    assert!(filled.is_ok_and(|output| output.status.success()), "the cache can be filled");
    let peak = told(ours(), "cache").peak;
    let times = in_turn(rounds.max(11), &[&ours, &inspect]);
    let what = format!("{}: all layers cached", image.name);
    Row::ratio(what, times[0], ("docker image inspect", times[1]), 3.0).peak(peak)
}

/// All of the image through one `save`.
pub(crate) fn save(engine: &Engine, image: &Image, rounds: usize) -> Row {
    let tag = image.tag();
    let ours = || engine.at(check(&["--image", &tag, "--read", "save"]));
    let save = || engine.docker(&["save", &tag]);
    let peak = told(ours(), "save").peak;
    let times = in_turn(rounds, &[&ours, &save]);
    Row::ratio(format!("{}: --read save", image.name), times[0], ("docker save", times[1]), 1.1).peak(peak)
}

/// Where dockerd's containerd keeps blobs, or that of its machine (`plugins/content/local/store.go` of containerd).
const STORE: &str = "io.containerd.content.v1.content";

/// The content store of containerd, beside fetching the same blobs the same way and unpacking them on all cores.
pub(crate) fn containerd(engine: &Engine, image: &Image, rounds: usize) -> Row {
    let tag = image.tag();
    let what = format!("{}: containerd's store, nothing cached", image.name);
    let host = engine.host.clone().unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned());
    let address = match host.split_once("://") {
        Some(("unix", socket)) => format!("--unix-socket {socket} http://engine"),
        Some(("tcp", place)) => format!("http://{place}"),
        _ => return Row::not_run(&what, "curl knows no way to this engine"),
    };
    let ours = || engine.at(check(&["--image", &tag]));
    let peak = told(ours(), "metadata").peak;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let places = [format!("{}/containerd/daemon/{STORE}", engine.root), format!("/var/lib/containerd/{STORE}")];
    // One for each core, as an engine hands out one file of a container at a time.
    let create = |place: &String| -> Option<Vec<String>> {
        let mount = format!("type=bind,source={place},target=/bench,readonly");
        (0..cores)
            .map(|_| {
                let created = engine.docker(&["create", "--network", "none", "--mount", &mount, &tag]).output().ok()?;
                created.status.success().then(|| String::from_utf8_lossy(&created.stdout).trim().to_owned())
            })
            .collect()
    };
    let Some(containers) = places.iter().find_map(create) else {
        return Row::not_run(&what, "no store at the usual places");
    };
    // The largest first.
    let mut layers: Vec<_> = image.layers.iter().collect();
    layers.sort_by_key(|layer| std::cmp::Reverse(layer.gzip_bytes));
    let digests: Vec<&str> = layers.iter().map(|layer| layer.digest.trim_start_matches("sha256:")).collect();
    // Each worker has a container of its own, and takes the next blob that nobody has (mkdir is what only one can do).
    let script = format!(
        "turns=$(mktemp -d); blobs=$1; shift
        for container; do (
            for blob in $blobs; do
                mkdir $turns/$blob 2>/dev/null || continue
                path=/bench/blobs/sha256/$blob
                curl -sf {address}/containers/$container/archive?path=$path | tar -xOf - | gzip -dc >/dev/null || touch $turns/failed
            done
        ) & done; wait; ok=true; test ! -e $turns/failed || ok=false; rm -r $turns; $ok"
    );
    let blobs = digests.join(" ");
    let args: Vec<&str> = [blobs.as_str()].into_iter().chain(containers.iter().map(String::as_str)).collect();
    let theirs = || engine.at(shell(&script, &args));
    let times = in_turn(rounds, &[&ours, &theirs]);
    for container in &containers {
        engine.answers(&["rm", "--force", "--volumes", container]);
    }
    Row::ratio(what, times[0], ("the same blobs, gzip -dc", times[1]), 1.2).peak(peak)
}
