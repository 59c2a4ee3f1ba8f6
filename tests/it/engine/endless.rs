//! Engines that talk without end: in a document, an error, a header or a line of a build. What is kept of it is bounded.

#![expect(clippy::expect_used, reason = "a test may fail loudly, and so may what it calls")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::stream::StreamExt as _;
use imgbudget::engine::{self, Engine};
use imgbudget::{Class, Error};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use super::bad_days::build;

/// An engine that answers pings and its version, and begins its other answers with `head`, to go on with `more` for ever.
struct Talker {
    _directory: tempfile::TempDir,
    socket: std::path::PathBuf,
    said: Arc<AtomicU64>,
}

/// The most that a socket and its readers may have taken beyond the 4 MiB that are kept.
const MOST_SAID: u64 = 16 << 20;

impl Talker {
    fn new(asked: &'static str, head: &'static str, more: &'static str) -> Self {
        let directory = tempfile::tempdir().expect("tempdir");
        let socket = directory.path().join("engine.sock");
        let listener = UnixListener::bind(&socket).expect("bind");
        let said = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&said);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(talk(connection, asked, head, more, Arc::clone(&counted)));
            }
        });
        Self { _directory: directory, socket, said }
    }

    async fn engine(&self) -> Result<Engine, Error> {
        let host = format!("unix://{}", self.socket.display());
        Engine::connect(&engine::find(&[("DOCKER_HOST".to_owned(), host)].into())?).await
    }

    /// What is said of `error`, once it is sure that little of the talk was listened to.
    fn heard(&self, error: &Error) -> String {
        assert_eq!(error.class(), Class::Engine, "{}", error.chain());
        let said = self.said.load(Ordering::SeqCst);
        assert!(said < MOST_SAID, "{said} bytes were taken");
        error.chain()
    }
}

async fn talk(mut connection: UnixStream, asked: &str, head: &str, more: &str, said: Arc<AtomicU64>) {
    let mut request = vec![0; 64 << 10];
    let length = connection.read(&mut request).await.unwrap_or_default();
    let line = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
    if line.contains(asked) {
        let mut next = head.as_bytes().to_vec();
        let repeated = more.repeat(4096);
        while connection.write_all(&next).await.is_ok() {
            said.fetch_add(next.len() as u64, Ordering::SeqCst);
            next = repeated.clone().into_bytes();
        }
        return;
    }
    let (status, body) = match line.split_whitespace().nth(1).unwrap_or_default() {
        path if path.ends_with("/_ping") => ("200 OK", "OK"),
        path if path.ends_with("/version") => {
            ("200 OK", r#"{"Version":"99.1","ApiVersion":"1.41","Os":"linux","Arch":"amd64"}"#)
        }
        _ => ("404 Not Found", r#"{"message":"page not found"}"#),
    };
    let reply = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
    let _closed = connection.write_all(reply.as_bytes()).await;
}

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Id\":\"";
const FAILED: &str = "HTTP/1.1 500 Internal Server Error\r\n\r\n{\"message\":\"";
const ENDLESS: &str = "the engine's answer does not end: more than 4 MiB came at once";

#[tokio::test]
async fn an_endless_document() {
    let talker = Talker::new("/images/", JSON, "aaaaaaaa");
    let error = talker.engine().await.expect("connected").image("a:1", None).await.expect_err("endless");
    assert_eq!(talker.heard(&error), format!("cannot look at image a:1: {ENDLESS}"));
    assert!(error.hint().expect("a hint").starts_with("Is there a Docker or Podman engine at unix://"));
}

#[tokio::test]
async fn an_endless_error() {
    let talker = Talker::new("/images/", FAILED, "aaaaaaaa");
    let engine = talker.engine().await.expect("connected");
    let error = engine.image("a:1", None).await.expect_err("endless");
    assert_eq!(talker.heard(&error), format!("cannot look at image a:1: {ENDLESS}"));
    talker.said.store(0, Ordering::SeqCst);
    let chunks: Vec<_> = engine.save(&["a:1"], None).collect().await;
    let error = chunks.last().and_then(|last| last.as_ref().err()).expect("an error at the end");
    assert_eq!(talker.heard(error), format!("cannot save image a:1: {ENDLESS}"));
}

#[tokio::test]
async fn an_endless_answer_to_a_ping_and_to_who_are_you() {
    let talker = Talker::new("/_ping", "HTTP/1.1 200 OK\r\n\r\n", "OKOKOKOK");
    let error = talker.engine().await.expect_err("endless");
    assert_eq!(talker.heard(&error), format!("cannot ping the engine: {ENDLESS}"));
    let talker = Talker::new("/version", JSON, "aaaaaaaa");
    let error = talker.engine().await.expect_err("endless");
    assert_eq!(talker.heard(&error), format!("cannot ask for the engine's version: {ENDLESS}"));
}

#[tokio::test]
async fn an_endless_header() {
    let talker = Talker::new("/images/", "HTTP/1.1 200 OK\r\n", "X-Header: some text that goes on\r\n");
    let error = talker.engine().await.expect("connected").image("a:1", None).await.expect_err("endless");
    let heard = talker.heard(&error);
    assert!(heard.contains("cannot look at image a:1: "), "{heard}");
}

#[tokio::test]
async fn an_endless_line_of_a_build() {
    let talker = Talker::new("/build?", "HTTP/1.1 200 OK\r\n\r\n{\"stream\":\"", "aaaaaaaa");
    let error = build(&talker.socket).await;
    assert_eq!(talker.heard(&error), format!("cannot build: {ENDLESS}"));
}

#[tokio::test]
async fn a_long_answer_of_which_something_comes_is_no_endless_one() {
    // Four times the allowance, in lines that can be read; then the engine goes away.
    let talker = Talker::new("/build?", "HTTP/1.1 200 OK\r\n\r\n", "{\"stream\":\"abcdefgh\"}\n");
    let said = Arc::clone(&talker.said);
    let built = tokio::spawn(async move { build(&talker.socket).await });
    while said.load(Ordering::SeqCst) < MOST_SAID && !built.is_finished() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(!built.is_finished(), "it was given up");
    built.abort();
}
