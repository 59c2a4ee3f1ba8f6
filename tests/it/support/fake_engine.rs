//! An engine for the days that a real one cannot be asked for: a few lines of HTTP on a socket.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

/// A socket that answers as an engine would, until the test ends.
#[derive(Debug)]
pub(crate) struct FakeEngine {
    socket: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
    _dir: TempDir,
}

/// What the fake does with a request that it has no own answer for.
pub(crate) enum Reply {
    /// 200, whole.
    Json(String),
    /// 200, whole, of bytes.
    Bytes(Vec<u8>),
    /// 200 and the first piece of an answer; then the connection ends.
    CutAfter(Vec<u8>),
    /// Whatever status, with what the engine says of it.
    Status(u16, String),
    /// 404.
    Missing,
    /// 500, with what the engine says of it.
    Failure(String),
}

impl FakeEngine {
    /// An engine that answers pings and its version itself, and everything else by `answer`, which gets `METHOD /path`.
    pub(crate) fn new(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let (heard, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
                thread::spawn(move || serve(connection, &heard, &*answer));
            }
        });
        Self { socket, requests, _dir: dir }
    }

    /// Its address, for `DOCKER_HOST`.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.socket.display())
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> &std::path::Path {
        &self.socket
    }

    /// What it was asked so far; empty when nobody connected. A connection without a request counts as an empty one.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut connection: UnixStream, heard: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> Reply) {
    let mut request = vec![0; 64 << 10];
    let length = connection.read(&mut request).unwrap_or_default();
    let line = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
    let asked = line.rsplit_once(' ').map_or(line.as_str(), |(asked, _version)| asked).to_owned();
    heard.lock().unwrap().push(asked.clone());
    let whole = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
    };
    let reply = if asked.ends_with("/_ping") {
        whole("200 OK", "OK")
    } else if asked.ends_with("/version") {
        whole("200 OK", r#"{"Version":"99.1","ApiVersion":"1.47","Os":"linux","Arch":"amd64"}"#)
    } else {
        match answer(&asked) {
            Reply::Json(body) => whole("200 OK", &body),
            Reply::Bytes(body) => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                [head.as_bytes(), &body].concat()
            }
            Reply::Status(status, body) => whole(&format!("{status} So"), &body),
            Reply::Missing => whole("404 Not Found", r#"{"message":"not found"}"#),
            Reply::Failure(body) => whole("500 Internal Server Error", &body),
            Reply::CutAfter(start) => {
                let head = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n", start.len());
                [head.as_bytes(), &start, b"\r\n"].concat()
            }
        }
    };
    // A client that went away has heard enough.
    let _ = connection.write_all(&reply);
}
