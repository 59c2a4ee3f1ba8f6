//! Engines that are not there, forbid, go away, or fall silent: a few lines of HTTP on a socket.

#![expect(clippy::expect_used, reason = "a test may fail loudly, and so may what it calls")]

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::time::Duration;

use futures_util::stream::StreamExt as _;
use imgbudget::credentials::Credentials;
use imgbudget::domain::Network;
use imgbudget::engine::endpoint::Origin;
use imgbudget::engine::{self, Address, BuildRequest, Endpoint, Engine, NoEngine};
use imgbudget::progress::Silent;
use imgbudget::{Class, Error};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::support::daemon::context;
use crate::support::fake_engine::{FakeEngine, Reply};

/// What the fake engine does with `/build` and `save`.
#[derive(Clone, Copy)]
enum Then {
    /// Sends the start of an answer and closes the connection.
    Drops,
    /// Never answers, and no ping either once it was asked for that.
    FallsSilent,
    /// Takes a while, answering pings beside it.
    TakesLong,
    /// Ends the answer without an image.
    SaysNothing,
}

async fn connect(socket: &Path) -> Result<Engine, Error> {
    connect_to(&format!("unix://{}", socket.display())).await
}

async fn connect_to(host: &str) -> Result<Engine, Error> {
    let env = BTreeMap::from([("DOCKER_HOST".to_owned(), host.to_owned())]);
    Engine::connect(&engine::find(&env)?).await
}

fn serve(socket: &Path, then: Then) {
    let listener = UnixListener::bind(socket).expect("bind");
    let dead = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer(connection, then, dead.clone()));
        }
    });
}

async fn answer(mut connection: UnixStream, then: Then, dead: std::sync::Arc<std::sync::atomic::AtomicBool>) {
    let mut request = vec![0; 8192];
    let length = connection.read(&mut request).await.unwrap_or_default();
    let line = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
    if dead.load(std::sync::atomic::Ordering::SeqCst) {
        return tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let reply = if line.contains("/build?") || line.contains("/get ") {
        match then {
            Then::Drops => format!("{chunked}12\r\n{{\"stream\":\"begun\"}}\n\r\n"),
            Then::SaysNothing => format!("{chunked}0\r\n\r\n"),
            Then::TakesLong => {
                tokio::time::sleep(Duration::from_millis(700)).await;
                format!("{chunked}3\r\ntar\r\n0\r\n\r\n")
            }
            Then::FallsSilent => {
                dead.store(true, std::sync::atomic::Ordering::SeqCst);
                return tokio::time::sleep(Duration::from_secs(60)).await;
            }
        }
    } else {
        let (status, body) = match line.split_whitespace().nth(1).unwrap_or_default() {
            "/_ping" => ("200 OK", "OK"),
            "/version" => ("200 OK", r#"{"Version":"99.1","ApiVersion":"1.60","Os":"linux","Arch":"amd64"}"#),
            _ => ("404 Not Found", r#"{"message":"page not found"}"#),
        };
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let _closed = connection.write_all(reply.as_bytes()).await;
}

pub(super) async fn build(socket: &Path) -> Error {
    let engine = connect(socket).await.expect("connected").with_silence(Duration::from_millis(200));
    let request = BuildRequest {
        project: "engine".to_owned(),
        target: "web".parse().expect("a name"),
        dockerfile: "Dockerfile".to_owned(),
        stage: None,
        args: BTreeMap::new(),
        network: Network::Default,
        platform: None,
        no_cache: false,
        pull: false,
        credentials: Credentials::default(),
    };
    let files: &[(&str, &[u8])] = &[("Dockerfile", b"FROM scratch\n")];
    // On a task of its own, as runs build: the future must be one that may move between threads.
    let build = tokio::spawn(async move { engine.build(&request, context(files), &Silent).await });
    build.await.expect("no panic").expect_err("no image").into()
}

#[tokio::test]
async fn no_engine_names_what_was_tried() {
    let directory = tempfile::tempdir().expect("tempdir");
    let error = connect(&directory.path().join("none.sock")).await.expect_err("nothing there");
    assert_eq!(error.class(), Class::Engine);
    assert_eq!(error.to_string(), "no Docker or Podman engine answers");
    assert!(error.detail()[0].ends_with("none.sock (DOCKER_HOST): there is no such socket"), "{:?}", error.detail());
    assert_eq!(error.hint(), Some("Start the engine that DOCKER_HOST names, or unset DOCKER_HOST."));

    // A socket that outlived its daemon.
    let stale = directory.path().join("stale.sock");
    drop(UnixListener::bind(&stale).expect("bind"));
    let error = connect(&stale).await.expect_err("nobody listens");
    assert!(error.detail()[0].contains("Connection refused"), "{:?}", error.detail());
}

#[tokio::test]
async fn the_engine_drops_during_build_and_save() {
    let directory = tempfile::tempdir().expect("tempdir");
    let socket = directory.path().join("docker.sock");
    serve(&socket, Then::Drops);
    let error = build(&socket).await;
    assert_eq!(error.class(), Class::Engine);
    assert!(error.to_string().contains("went away, so imgbudget cannot build"), "{}", error.chain());
    let engine = connect(&socket).await.expect("connected");
    let chunks: Vec<_> = engine.save(&["a:1"], None).collect().await;
    let error = chunks.last().and_then(|last| last.as_ref().err()).expect("an error at the end");
    assert!(error.to_string().contains("cannot save image a:1"), "{}", error.chain());
}

#[tokio::test]
async fn silence_is_an_error_only_without_a_ping() {
    let directory = tempfile::tempdir().expect("tempdir");
    let socket = directory.path().join("docker.sock");
    serve(&socket, Then::TakesLong);
    let engine = connect(&socket).await.expect("connected").with_silence(Duration::from_millis(100));
    let chunks: Vec<_> = engine.save(&["a:1"], None).map(|chunk| chunk.expect("a chunk")).collect().await;
    assert_eq!(chunks.concat(), b"tar");
}

#[tokio::test]
async fn an_engine_that_falls_silent_is_given_up() {
    let directory = tempfile::tempdir().expect("tempdir");
    let socket = directory.path().join("docker.sock");
    serve(&socket, Then::FallsSilent);
    let error = build(&socket).await;
    assert!(error.to_string().contains("it is silent and answers no ping"), "{}", error.chain());
}

#[tokio::test]
async fn an_answer_without_an_image_is_an_error() {
    let directory = tempfile::tempdir().expect("tempdir");
    let socket = directory.path().join("docker.sock");
    serve(&socket, Then::SaysNothing);
    let error = build(&socket).await;
    assert_eq!(error.to_string(), "the engine ended the build without naming the image it built");
}

#[tokio::test]
async fn tls_with_an_engine_that_has_none_fails_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let host = format!("tcp://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _closed = connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _read = connection.read(&mut [0; 4096]).await;
        }
    });
    let certificates = tempfile::tempdir().expect("tempdir");
    let env = BTreeMap::from([
        ("DOCKER_HOST".to_owned(), host),
        ("DOCKER_TLS_VERIFY".to_owned(), "1".to_owned()),
        ("DOCKER_CERT_PATH".to_owned(), certificates.path().display().to_string()),
    ]);
    let endpoints = engine::find(&env).expect("an endpoint");
    let error = Engine::connect(&endpoints).await.expect_err("no certificates");
    assert!(error.to_string().contains("ca.pem, which TLS to tcp://127.0.0.1"), "{error}");
    for file in ["ca.pem", "cert.pem", "key.pem"] {
        std::fs::write(certificates.path().join(file), "").expect("write");
    }
    let error = Engine::connect(&endpoints).await.expect_err("empty certificates");
    assert!(error.chain().ends_with("it holds no certificate"), "{}", error.chain());
    let openssl =
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout key.pem -out ca.pem -subj /CN=a";
    let mut command = std::process::Command::new("openssl");
    let made = command.args(openssl.split_whitespace()).current_dir(certificates.path()).output().expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::copy(certificates.path().join("ca.pem"), certificates.path().join("cert.pem")).expect("copy");
    let begun = std::time::Instant::now();
    let error = Engine::connect(&endpoints).await.expect_err("no TLS");
    assert!(error.to_string().contains(" with TLS (DOCKER_HOST) fails: received corrupt message"), "{}", error.chain());
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn an_engine_on_tcp_may_start_late() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    let late = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(600)).await;
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("bind");
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _length = connection.read(&mut request).await;
            let body = r#"{"Version":"99.1","ApiVersion":"1.60","Os":"linux","Arch":"arm64"}"#;
            let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let _closed = connection.write_all(reply.as_bytes()).await;
        }
    });
    let engine = connect_to(&format!("tcp://127.0.0.1:{port}")).await.expect("it came up");
    assert_eq!(engine.facts().platform.to_string(), "linux/arm64");
    assert_eq!(engine.facts().api, (1, 60));
    late.abort();
}

fn at(socket: &Path) -> Endpoint {
    Endpoint { address: Address::Unix(socket.to_owned()), from: Origin::Default }
}

#[tokio::test]
async fn no_engine_is_another_thing_than_one_that_fails() {
    let directory = tempfile::tempdir().expect("tempdir");
    let (none, stale) = (directory.path().join("none.sock"), directory.path().join("stale.sock"));
    drop(UnixListener::bind(&stale).expect("bind"));
    let error = Engine::connect(&[at(&none), at(&stale)]).await.expect_err("nobody listens");
    assert!(NoEngine::is_behind(&error), "{}", error.chain());
    assert_eq!(error.chain(), "no Docker or Podman engine answers", "told once");
    let error = connect(&none).await.expect_err("nothing there");
    assert!(!NoEngine::is_behind(&error), "DOCKER_HOST names one, which is to answer");
    let refusing = directory.path().join("refusing.sock");
    let listener = UnixListener::bind(&refusing).expect("bind");
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _read = connection.read(&mut [0; 4096]).await;
            let _closed = connection.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let error = Engine::connect(&[at(&none), at(&refusing)]).await.expect_err("it says no");
    assert!(!NoEngine::is_behind(&error), "there is one: {}", error.chain());
}

/// What the program says to somebody who may use few sockets, looking for an engine with these variables. Root may use every socket, so
/// root runs it as nobody.
fn told(home: &Path, env: &[(&str, &str)]) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_imgbudget"));
    let copy = home.join("imgbudget");
    let mut command = if is_root() {
        // The folder of the build may be closed to nobody.
        std::fs::copy(program, &copy).expect("copied");
        open(home, 0o777);
        let mut command = std::process::Command::new(&copy);
        command.uid(65534).gid(65534);
        command
    } else {
        std::process::Command::new(program)
    };
    command.args(["check", "--image", "acme/api:1", "--max-size", "1MB"]).current_dir(home).env_clear();
    command.env("HOME", home).envs(env.iter().copied());
    let output = loop {
        match command.output() {
            // Another test that starts a program at this moment still holds the file that was copied.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(20));
            }
            ended => break ended.expect("run"),
        }
    };
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").expect("a process").uid() == 0
}

fn open(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("chmod");
}

#[test]
fn a_forbidden_socket_has_its_own_hint() {
    let home = tempfile::tempdir().expect("tempdir");
    let socket = home.path().join("docker.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("bind");
    open(&socket, 0o000);
    let said = told(home.path(), &[("DOCKER_HOST", &format!("unix://{}", socket.display()))]);
    assert!(said.contains("no permission to use unix://"), "{said}");
    assert!(said.contains("run as that user, or with sudo") || said.contains("usermod"), "{said}");
}

#[test]
fn a_forbidden_socket_leads_on_to_the_next() {
    let usual = Path::new("/var/run/docker.sock");
    let is_open = |socket: std::fs::Metadata| !is_root() || socket.mode() & 0o006 == 0o006;
    if std::os::unix::net::UnixStream::connect(usual).is_ok() && usual.metadata().is_ok_and(is_open) {
        // Whoever runs the program may use the first of all sockets, and it looks no further.
        return;
    }
    let home = tempfile::tempdir().expect("tempdir");
    let forbidden = home.path().join("docker.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&forbidden).expect("bind");
    open(&forbidden, 0o000);
    let answers = FakeEngine::new(|_| Reply::Missing);
    open(answers.socket(), 0o777);
    open(answers.socket().parent().expect("a folder"), 0o755);
    let next = home.path().join(".docker/run/docker.sock");
    std::fs::create_dir_all(next.parent().expect("a folder")).expect("mkdir");
    std::os::unix::fs::symlink(answers.socket(), &next).expect("link");
    let said = told(home.path(), &[("XDG_RUNTIME_DIR", &home.path().display().to_string())]);
    assert!(!answers.requests().is_empty(), "{said}");
    assert!(said.contains("acme/api:1") && !said.contains("no permission"), "{said}");
}
