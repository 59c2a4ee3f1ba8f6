//! A real engine for the tests that need one, and images made in code, since no test may need a registry.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may fail loudly, and so may what it calls"
)]

use std::collections::BTreeMap;
use std::io;

use bollard::Docker;
use bollard::query_parameters::{ImportImageOptions, RemoveImageOptions};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use imgbudget::engine::{self, Engine};

/// An image with a static busybox and nothing else: `FROM` it to have a shell for `RUN`.
pub(crate) const BASE: &str = "imgbudget-test/busybox:1";

/// An engine that answers.
pub(crate) struct Daemon {
    /// How `DOCKER_HOST` names it.
    pub(crate) host: String,
    /// Our own view of it.
    pub(crate) engine: Engine,
    /// bollard's, for what tests need beyond.
    pub(crate) docker: Docker,
}

/// The default engine. `None` with a line on stderr when live tests are off; with `IMGBUDGET_LIVE=1` an engine must be there.
pub(crate) async fn live(test: &str) -> Option<Daemon> {
    if !on(test) {
        return None;
    }
    let host = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    Some(Daemon::at(&host).await)
}

/// Every engine of `IMGBUDGET_TEST_ENGINES` (values for `DOCKER_HOST`, separated by spaces), else the default one alone.
pub(crate) async fn all(test: &str) -> Vec<Daemon> {
    match std::env::var("IMGBUDGET_TEST_ENGINES") {
        Ok(hosts) if on(test) => stream::iter(hosts.split_whitespace()).then(Daemon::at).collect().await,
        _ => live(test).await.into_iter().collect(),
    }
}

/// Whether tests may talk to an engine; said on stderr where they may not.
pub(crate) fn on(test: &str) -> bool {
    let on = std::env::var("IMGBUDGET_LIVE").is_ok_and(|value| value == "1");
    if !on {
        eprintln!("skipped (IMGBUDGET_LIVE is not set): {test}");
    }
    on
}

impl Daemon {
    /// The engine at `host`, which must answer.
    pub(crate) async fn at(host: &str) -> Self {
        let mut env: BTreeMap<String, String> = std::env::vars().collect();
        env.insert("DOCKER_HOST".to_owned(), host.to_owned());
        let endpoints = engine::find(&env).expect(host);
        let engine = Engine::connect(&endpoints).await.unwrap_or_else(|error| panic!("{host}: {}", error.chain()));
        let docker = client(host);
        Self { host: host.to_owned(), engine, docker }
    }

    /// Makes sure that the engine has [`BASE`], out of `/bin/busybox`, which must be a static one.
    pub(crate) async fn base_image(&self) -> &'static str {
        if self.docker.inspect_image(BASE).await.is_err() {
            let shell = std::fs::read("/bin/busybox").expect("a static busybox: apt-get install busybox-static");
            let mut layer = tar::Builder::new(Vec::new());
            entry(&mut layer, "bin/busybox", 0o755, &shell);
            for applet in ["sh", "cat", "cp", "echo", "ln", "ls", "mkdir", "rm", "sleep", "dd", "touch", "chmod"] {
                let mut header = tar::Header::new_gnu();
                header.set_entry_type(tar::EntryType::Symlink);
                header.set_size(0);
                layer.append_link(&mut header, format!("bin/{applet}"), "busybox").expect("in memory");
            }
            self.load(BASE, &[layer.into_inner().expect("in memory")]).await;
        }
        BASE
    }

    /// Loads an image for the engine's own platform, made of `layers` (tars, from the bottom up).
    pub(crate) async fn load(&self, tag: &str, layers: &[Vec<u8>]) {
        let platform = &self.engine.facts().platform;
        self.load_for(tag, &platform.os, &platform.architecture, layers).await;
    }

    /// Loads an image for any platform.
    pub(crate) async fn load_for(&self, tag: &str, os: &str, architecture: &str, layers: &[Vec<u8>]) {
        let archive = docker_archive(tag, os, architecture, layers);
        let options = ImportImageOptions { quiet: true, ..ImportImageOptions::default() };
        let body = bollard::body_full(archive.into());
        let mut answer = std::pin::pin!(self.docker.import_image(options, body, None));
        while let Some(line) = answer.next().await {
            line.expect("the engine loads the image");
        }
    }

    /// Removes an image; it need not be there.
    pub(crate) async fn remove(&self, image: &str) {
        let options = RemoveImageOptions { force: true, ..RemoveImageOptions::default() };
        let _gone = self.docker.remove_image(image, Some(options), None).await;
    }
}

/// A client of our own beside the product's, over a unix socket or TCP in the clear.
fn client(host: &str) -> Docker {
    trait Connection: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}
    impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Connection for T {}
    let (scheme, place) = host.split_once("://").expect(host);
    let (is_socket, place) = (scheme == "unix", place.to_owned());
    let transport = move |mut request: bollard::BollardRequest| {
        let place = place.clone();
        async move {
            let connection: Box<dyn Connection> = if is_socket {
                Box::new(tokio::net::UnixStream::connect(place).await?)
            } else {
                Box::new(tokio::net::TcpStream::connect(place).await?)
            };
            let connection = hyper_util::rt::TokioIo::new(connection);
            let (mut sender, connection) = hyper::client::conn::http1::handshake(connection).await?;
            tokio::spawn(connection.with_upgrades());
            let path = request.uri().path_and_query().expect("a path").clone();
            *request.uri_mut() = hyper::Uri::from(path);
            request.headers_mut().insert("host", hyper::header::HeaderValue::from_static("localhost"));
            Ok(sender.send_request(request).await?)
        }
    };
    let bound = 600;
    Docker::connect_with_custom_transport(transport, Some("http://localhost"), bound, bollard::API_DEFAULT_VERSION)
        .expect(host)
}

/// A tar of `files`, as build contexts are sent.
pub(crate) fn context(files: &[(&str, &[u8])]) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, content) in files {
        entry(&mut tar, path, 0o644, content);
    }
    let bytes = tar.into_inner().expect("in memory");
    let chunks: Vec<_> = bytes.chunks(64 << 10).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(chunks)
}

/// What `docker save` of one image looks like.
pub(crate) fn docker_archive(tag: &str, os: &str, architecture: &str, layers: &[Vec<u8>]) -> Vec<u8> {
    let hex = |bytes: &[u8]| imgbudget::domain::Digest::of(bytes).hex();
    let diff_ids: Vec<String> = layers.iter().map(|layer| format!("sha256:{}", hex(layer))).collect();
    let config = serde_json::json!({
        "architecture": architecture, "os": os, "created": "2026-01-01T00:00:00Z",
        "config": { "Env": ["PATH=/bin"] },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": layers.iter().map(|_| serde_json::json!({ "created_by": "made in code" })).collect::<Vec<_>>(),
    });
    let config = config.to_string().into_bytes();
    let name = format!("{}.json", hex(&config));
    let files: Vec<String> = layers.iter().map(|layer| format!("{}.tar", hex(layer))).collect();
    let manifest = serde_json::json!([{ "Config": name, "RepoTags": [tag], "Layers": files }]);
    let mut tar = tar::Builder::new(Vec::new());
    entry(&mut tar, &name, 0o644, &config);
    for (file, layer) in files.iter().zip(layers) {
        entry(&mut tar, file, 0o644, layer);
    }
    entry(&mut tar, "manifest.json", 0o644, manifest.to_string().as_bytes());
    tar.into_inner().expect("in memory")
}

/// Appends one file.
pub(crate) fn entry(tar: &mut tar::Builder<Vec<u8>>, path: &str, mode: u32, content: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, path, content).expect("in memory");
}
