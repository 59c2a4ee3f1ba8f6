//! A GitLab that remembers: notes of one merge request, who wrote them, and what it was asked.
//!
//! It has the habits that matter: pages, strangers, tokens with and without rights, quick actions, the limit of a note's length.
//! What goes wrong only sometimes is ordered by the test, one fault a request. It speaks HTTP/1.1 over a thread a connection, in
//! the clear or with a certificate, so that a job in another process reaches it as it would reach the real one.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The project's number, and its path.
pub(crate) const PROJECT: &str = "7";
pub(crate) const PROJECT_PATH: &str = "acme/shop";
/// The merge request.
pub(crate) const IID: u64 = 3;
/// The user behind [`TOKEN`].
pub(crate) const ME: u64 = 100;
/// A token that may write.
pub(crate) const TOKEN: &str = "glpat-canary-of-the-bot";
/// A token of the same user that may only read.
pub(crate) const READ_ONLY: &str = "glpat-canary-read-only";

/// What goes wrong with one request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This status, nothing done.
    Refuse(u16),
    /// 429 with this `Retry-After`.
    Later(u64),
    /// It is done, and the answer is a 502.
    LoseTheAnswer,
    /// The text is taken for quick actions: 202, nothing stored.
    Swallow,
}

/// A note as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) id: u64,
    pub(crate) author: u64,
    pub(crate) body: String,
}

/// What the server knows.
#[derive(Debug, Default)]
struct State {
    notes: Vec<Note>,
    requests: Vec<String>,
    heads: String,
    commands: Vec<String>,
    faults: VecDeque<(&'static str, Fault)>,
    uncounted: bool,
}

/// A running server; it goes with the test process.
#[derive(Debug)]
pub(crate) struct FakeGitLab {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
}

/// A request, as much of it as the server looks at.
struct Request {
    method: String,
    path: String,
    query: String,
    token: Option<String>,
    body: Vec<u8>,
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl FakeGitLab {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        Self::serve("http", answer)
    }

    /// Starts one that shows this certificate.
    pub(crate) fn start_tls(config: Arc<rustls::ServerConfig>) -> Self {
        Self::serve("https", move |stream, state| {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            answer(rustls::StreamOwned::new(session, stream), state)
        })
    }

    fn serve<F>(scheme: &'static str, answer: F) -> Self
    where
        F: Fn(std::net::TcpStream, &Mutex<State>) -> io::Result<()> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let state = Arc::new(Mutex::new(State::default()));
        let (shared, answer) = (Arc::clone(&state), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                thread::spawn(move || {
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                    // A client that goes away is no fault of the server.
                    let _ = answer(stream, &shared);
                });
            }
        });
        Self { address, scheme, state }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// What `CI_API_V4_URL` would hold.
    pub(crate) fn api(&self) -> String {
        format!("{}/api/v4", self.origin())
    }

    /// Stores a note of `author`.
    pub(crate) fn add(&self, author: u64, body: &str) -> u64 {
        self.state().store(author, body)
    }

    /// The notes, oldest first.
    pub(crate) fn notes(&self) -> Vec<Note> {
        self.state().notes.clone()
    }

    /// What was asked since the last time: `GET /user`, `POST …/notes`.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }

    /// Everything in the heads of all requests, for finding what must not be there.
    pub(crate) fn heads(&self) -> String {
        self.state().heads.clone()
    }

    /// Quick actions that were obeyed.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.state().commands.clone()
    }

    /// Lets the next request with `method` go wrong.
    pub(crate) fn fail(&self, method: &'static str, fault: Fault) {
        self.state().faults.push_back((method, fault));
    }

    /// Loses all notes.
    pub(crate) fn forget(&self) {
        self.state().notes.clear();
    }

    /// Leaves out what GitLab leaves out above 10,000 notes: `X-Total`, `X-Total-Pages` and the link to the last page.
    pub(crate) fn stop_counting(&self) {
        self.state().uncounted = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds this")
    }
}

impl State {
    fn store(&mut self, author: u64, body: &str) -> u64 {
        let id = 1000 + self.notes.len() as u64;
        self.notes.push(Note { id, author, body: body.to_owned() });
        id
    }

    fn reply(&mut self, request: &Request) -> Reply {
        let short = request.path.replace(&format!("/api/v4/projects/{PROJECT}/merge_requests/{IID}"), "…");
        self.requests.push(format!("{} {}", request.method, short.trim_start_matches("/api/v4")));
        let (user, writes) = match request.token.as_deref() {
            Some(TOKEN) => (ME, true),
            Some(READ_ONLY) => (ME, false),
            _ => return Reply::error(401, "401 Unauthorized"),
        };
        let fault = match self.faults.front() {
            Some((method, _)) if *method == request.method => self.faults.pop_front().map(|(_, fault)| fault),
            _ => None,
        };
        match fault {
            Some(Fault::Refuse(status)) => return Reply::error(status, "ordered by the test"),
            Some(Fault::Later(seconds)) => {
                let mut reply = Reply::error(429, "Too Many Requests");
                reply.headers.push(("Retry-After", seconds.to_string()));
                return reply;
            }
            Some(Fault::Swallow) => {
                return Reply::ok(202, json!({ "commands_changes": {}, "summary": ["Applied."] }));
            }
            Some(Fault::LoseTheAnswer) => {
                let _stored = self.route(request, user, writes);
                return Reply::error(502, "Bad Gateway");
            }
            None => {}
        }
        self.route(request, user, writes)
    }

    fn route(&mut self, request: &Request, user: u64, writes: bool) -> Reply {
        if (request.method.as_str(), request.path.as_str()) == ("GET", "/api/v4/user") {
            return Reply::ok(200, json!({ "id": user, "username": "project_7_bot" }));
        }
        let notes = [PROJECT, "acme%2Fshop"]
            .iter()
            .find_map(|project| {
                request.path.strip_prefix(&format!("/api/v4/projects/{project}/merge_requests/{IID}/notes"))
            })
            .map(|rest| rest.trim_start_matches('/'));
        let Some(note) = notes else { return Reply::error(404, "404 Not found") };
        if request.method != "GET" && !writes {
            return Reply::error(403, "insufficient_scope");
        }
        let text = || {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            Some(body.get("body")?.as_str()?.to_owned()).filter(|text| text.chars().count() <= 1_000_000)
        };
        match (request.method.as_str(), note) {
            ("GET", "") => self.page(&request.query),
            ("POST", "") => match text() {
                None => Reply::error(400, "note is too long or missing"),
                Some(text) => match self.obey(&text) {
                    None => Reply::ok(202, json!({ "commands_changes": {}, "summary": ["Applied."] })),
                    Some(rest) => {
                        let id = self.store(user, &rest);
                        self.show(201, id)
                    }
                },
            },
            (method, id) => {
                let Some(at) = id.parse().ok().and_then(|id: u64| self.notes.iter().position(|n| n.id == id)) else {
                    return Reply::error(404, "404 Not found");
                };
                if self.notes[at].author != user {
                    return Reply::error(403, "403 Forbidden");
                }
                match (method, text()) {
                    ("DELETE", _) => {
                        self.notes.remove(at);
                        Reply { status: 204, headers: Vec::new(), body: Value::Null }
                    }
                    ("PUT", Some(text)) => {
                        let id = self.notes[at].id;
                        self.notes[at].body = self.obey(&text).unwrap_or_default();
                        self.show(200, id)
                    }
                    ("PUT", None) => Reply::error(400, "note is too long or missing"),
                    _ => Reply::error(405, "405 Method Not Allowed"),
                }
            }
        }
    }

    /// Takes quick actions out of a text; `None` when nothing is left.
    fn obey(&mut self, text: &str) -> Option<String> {
        let (commands, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| {
            line.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        });
        self.commands.extend(commands.into_iter().map(str::to_owned));
        let rest = rest.join("\n");
        (!rest.trim().is_empty()).then_some(rest)
    }

    fn page(&self, query: &str) -> Reply {
        let value = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
        };
        let number = |name: &str, or: usize| value(name).and_then(|text| text.parse().ok()).unwrap_or(or);
        let (page, size) = (number("page", 1).max(1), number("per_page", 20).clamp(1, 100));
        let mut notes: Vec<&Note> = self.notes.iter().collect();
        if value("sort").as_deref() != Some("asc") {
            notes.reverse();
        }
        let last = notes.len().div_ceil(size).max(1);
        let shown: Vec<Value> = notes.iter().skip((page - 1) * size).take(size).map(|note| note.json()).collect();
        let next = if page < last { (page + 1).to_string() } else { String::new() };
        let mut reply = Reply::ok(200, Value::Array(shown));
        reply.headers.extend([("X-Page", page.to_string()), ("X-Next-Page", next.clone())]);
        let mut links = Vec::new();
        if !next.is_empty() {
            links.push(format!("<http://elsewhere.invalid/notes?page={next}&per_page={size}>; rel=\"next\""));
        }
        if !self.uncounted {
            reply.headers.push(("X-Total-Pages", last.to_string()));
            links.push(format!("<http://elsewhere.invalid/notes?page={last}&per_page={size}>; rel=\"last\""));
        }
        reply.headers.push(("Link", links.join(", ")));
        reply
    }

    fn show(&self, status: u16, id: u64) -> Reply {
        let note = self.notes.iter().find(|note| note.id == id).map(Note::json);
        Reply::ok(status, note.expect("just stored"))
    }
}

impl Note {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "body": self.body,
            "author": { "id": self.author, "username": format!("user{}", self.author), "name": "Someone" },
            "system": false,
            "noteable_iid": IID,
            "created_at": "2026-01-01T00:00:00.000Z",
            "updated_at": "2026-01-01T00:00:00.000Z",
        })
    }
}

impl Reply {
    fn ok(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    fn error(status: u16, message: &str) -> Self {
        Self::ok(status, json!({ "message": message }))
    }
}

/// One request and its answer; the connection is closed after it.
fn answer<S: Read + Write>(stream: S, state: &Mutex<State>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        token: None,
        body: Vec::new(),
    };
    let (mut length, mut heads) = (0, line.clone());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        heads.push_str(&line);
        let Some((name, value)) = line.split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "private-token" => request.token = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse().map_err(io::Error::other)?,
            _ => {}
        }
    }
    stream.by_ref().take(length).read_to_end(&mut request.body)?;
    let reply = {
        let mut state = state.lock().expect("no test panics while it holds this");
        state.heads.push_str(&heads);
        state.reply(&request)
    };
    let body = if reply.body.is_null() { Vec::new() } else { reply.body.to_string().into_bytes() };
    let mut head = format!("HTTP/1.1 {} It\r\nConnection: close\r\n", reply.status);
    if reply.status != 204 {
        let _ = write!(head, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let stream = stream.get_mut();
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(&body)?;
    stream.flush()
}
