//! Images of a registry, beside downloading and unpacking their layers.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::images::{Image, hex};
use super::side::{bare, check, in_turn, shell, told};
use super::table::Row;

/// A registry, which ends with this where the benchmark started it.
#[derive(Debug)]
pub(crate) struct Registry {
    child: Option<Child>,
    /// `HOST:PORT`.
    pub(crate) host: String,
}

impl Registry {
    /// The one at `host`, else distribution's as the machine has it, on a free port. `None` where there is neither.
    pub(crate) fn start(folder: &Path, host: Option<&str>) -> io::Result<Option<Self>> {
        if let Some(host) = host {
            return Ok(Some(Self { child: None, host: host.to_owned() }));
        }
        let host = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let config = json!({
            "version": "0.1",
            "log": { "level": "error", "accesslog": { "disabled": true } },
            "storage": { "filesystem": { "rootdirectory": folder.join("registry") } },
            "http": { "addr": host },
        });
        // JSON is YAML.
        let file = folder.join("registry.yml");
        fs::write(&file, config.to_string())?;
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(mut child) = command.spawn() else { return Ok(None) };
        for _ in 0..600 {
            if TcpStream::connect(&host).is_ok() {
                return Ok(Some(Self { child: Some(child), host }));
            }
            thread::sleep(Duration::from_millis(50));
        }
        child.kill()?;
        child.wait()?;
        Ok(None)
    }

    /// In the clear on this machine alone.
    fn address(&self) -> String {
        let is_local = self.host.starts_with("127.") || self.host.starts_with("localhost");
        format!("{}://{}", if is_local { "http" } else { "https" }, self.host)
    }

    /// Pushes an image that it does not have: blobs first.
    pub(crate) fn push(&self, image: &Image) -> io::Result<()> {
        let (repository, version) = place(image);
        let base = format!("{}/v2/{repository}", self.address());
        let manifest = format!("{base}/manifests/{version}");
        let media_type = "application/vnd.oci.image.manifest.v1+json";
        let there = "curl -sf --noproxy '*' -o /dev/null -H \"Accept: $2\" \"$1\"";
        if shell(there, &[&manifest, media_type]).status()?.success() {
            return Ok(());
        }
        // What it has is not sent again. The place of an upload may have a query, or none.
        let script = "set -e
            curl -sf --noproxy '*' -o /dev/null -I \"$1/blobs/$2\" && exit 0
            head=$(curl -sf --noproxy '*' -X POST -H 'Content-Length: 0' -D - -o /dev/null \"$1/blobs/uploads/\")
            to=$(printf '%s' \"$head\" | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
            case $to in /*) to=$4$to ;; esac
            case $to in *\\?*) to=\"$to&\" ;; *) to=\"$to?\" ;; esac
            curl -sf --noproxy '*' -H 'Content-Type: application/octet-stream' -T \"$3\" \"${to}digest=$2\"";
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), &image.config)?;
        let config = (format!("sha256:{}", hex(&image.config)), file.path());
        let layers = image.layers.iter().map(|layer| (layer.digest.clone(), layer.gzip.as_path()));
        for (digest, file) in layers.chain([config]) {
            let sent = shell(script, &[&base, &digest, &file.display().to_string(), &self.address()]).status()?;
            assert!(sent.success(), "{digest} was not taken");
        }
        let file = tempfile::NamedTempFile::new()?;
        fs::write(file.path(), image.manifest())?;
        let put = "curl -sf --noproxy '*' -H \"Content-Type: $2\" -T \"$3\" \"$1\"";
        let sent = shell(put, &[&manifest, media_type, &file.path().display().to_string()]).status()?;
        assert!(sent.success(), "the manifest was not taken");
        Ok(())
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// An image's repository, and its tag there.
fn place(image: &Image) -> (String, String) {
    let tag = image.tag();
    let (repository, version) = tag.rsplit_once(':').expect("a tag");
    (repository.to_owned(), version.to_owned())
}

/// An image as references name it.
pub(crate) fn reference(host: &str, image: &Image) -> String {
    format!("{host}/{}", image.tag())
}

/// Nothing cached, beside downloading and unpacking each layer on all cores; and what the compressed size alone takes.
pub(crate) fn rows(registry: &Registry, image: &Image, rounds: usize) -> io::Result<Vec<Row>> {
    registry.push(image)?;
    let named = reference(&registry.host, image);
    let base = format!("{}/v2/{}/blobs", registry.address(), place(image).0);
    let mut layers: Vec<_> = image.layers.iter().collect();
    layers.sort_by_key(|layer| std::cmp::Reverse(layer.gzip_bytes));
    let blobs: Vec<String> = layers.iter().map(|layer| format!("{base}/{}", layer.digest)).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from).to_string();
    let script = "cores=$1; shift; printf '%s\\n' \"$@\" |
        xargs -P \"$cores\" -I{} sh -c 'curl -sf --noproxy \"*\" \"$1\" | gzip -dc | sha256sum' sh {}";
    let args: Vec<&str> = [cores.as_str()].into_iter().chain(blobs.iter().map(String::as_str)).collect();
    let ours = || check(&["--from", "registry", "--image", &named]);
    let theirs = || shell(script, &args);
    let peak = told(ours(), "registry").peak;
    let times = in_turn(rounds, &[&ours, &theirs]);
    let what = format!("{}: registry, nothing cached", image.name);
    let whole = Row::ratio(what, times[0], ("curl, gzip -dc, sha256sum", times[1]), 1.2).peak(peak);

    let what = format!("{}: registry, compressed size alone", image.name);
    if registry.address().starts_with("https") {
        return Ok(vec![whole, Row::not_run(&what, "requests under TLS are not counted")]);
    }
    let relay = Relay::start(&registry.host, Duration::ZERO)?;
    let named = reference(&relay.host, image);
    let command = bare(&["--from", "registry", "--image", &named, "--max-compressed-size", "1TB"]);
    let peak = told(command, "registry").peak;
    let requests = relay.requests();
    let row = Row::figure(
        what,
        format!("{requests} requests"),
        "–".to_owned(),
        None,
        "≤ 4 requests".to_owned(),
        (1..=4).contains(&requests),
    );
    Ok(vec![whole, row.peak(peak)])
}

/// Stands before a server, counts requests, and lets each connection wait before its first byte.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) host: String,
    requests: Arc<AtomicUsize>,
}

impl Relay {
    pub(crate) fn start(server: &str, wait: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (host, requests) = (listener.local_addr()?.to_string(), Arc::new(AtomicUsize::new(0)));
        let (server, count) = (server.to_owned(), Arc::clone(&requests));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (server, count) = (server.clone(), Arc::clone(&count));
                thread::spawn(move || {
                    thread::sleep(wait);
                    // Whoever goes away in between is no concern of the relay.
                    let _ = relay(client, &server, &count);
                });
            }
        });
        Ok(Self { host, requests })
    }

    /// Those that came so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn relay(client: TcpStream, server: &str, requests: &AtomicUsize) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let (mut answers, mut to_client) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut answers, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let (mut from, mut to, mut head) = (client, server, 0);
    let mut bytes = [0; 8192];
    loop {
        let read = from.read(&mut bytes)?;
        if read == 0 {
            return to.shutdown(Shutdown::Both);
        }
        for byte in &bytes[..read] {
            // The empty line that ends a request: they have no bodies.
            head = match (head, byte) {
                (0 | 2, b'\r') => head + 1,
                (1, b'\n') => 2,
                (3, b'\n') => {
                    requests.fetch_add(1, Ordering::SeqCst);
                    0
                }
                _ => 0,
            };
        }
        to.write_all(&bytes[..read])?;
    }
}
