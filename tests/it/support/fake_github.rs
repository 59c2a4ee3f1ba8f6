//! A GitHub on loopback with a memory: one conversation, its limits, its strangers, and the bad days that a test asks for.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::thread;

use serde_json::{Value, json};

/// What GitHub's own description says about the calls that are used.
pub(crate) const DESCRIPTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/forge/github.openapi.json");
/// The repository.
pub(crate) const REPOSITORY: &str = "acme/shop";
/// The pull request.
pub(crate) const NUMBER: u64 = 5;
/// The commit at its head.
pub(crate) const HEAD: &str = "00000000000000000000000000000000000000ad";
/// Characters that a body may have.
const LONGEST_BODY: usize = 65_536;

/// A server that lives until its test ends.
#[derive(Debug, Clone)]
pub(crate) struct FakeGitHub {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// What the server remembers.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The conversation, oldest first.
    pub(crate) comments: Vec<Comment>,
    /// Every request that came, in order.
    pub(crate) requests: Vec<Request>,
    /// What goes wrong, once each, in order.
    pub(crate) faults: Vec<Fault>,
    /// Where `Link` headers and redirects pretend the API is.
    pub(crate) elsewhere: Option<String>,
    /// A page is handed out only after this many were asked for: for runs that race.
    pub(crate) rendezvous: usize,
    last_id: u64,
}

/// A comment.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    /// Login and type; `None` for a deleted account.
    pub(crate) user: Option<(String, String)>,
    pub(crate) body: String,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `POST /repos/…`
    pub(crate) line: String,
    /// Header lines.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

/// Something that goes wrong with the next request that fits.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// The request line begins so.
    pub(crate) request: &'static str,
    /// The status that is answered.
    pub(crate) status: u16,
    /// A header more.
    pub(crate) header: Option<(&'static str, String)>,
    /// What was asked for is done all the same.
    pub(crate) done: bool,
    /// How often; 0 is always.
    pub(crate) times: usize,
}

impl Fault {
    /// The next requests that begin so are answered with `status`, always.
    pub(crate) fn always(request: &'static str, status: u16) -> Self {
        Self { request, status, header: None, done: false, times: 0 }
    }

    /// … or once.
    pub(crate) fn once(request: &'static str, status: u16) -> Self {
        Self { times: 1, ..Self::always(request, status) }
    }

    /// … with a header.
    pub(crate) fn header(self, name: &'static str, value: &str) -> Self {
        Self { header: Some((name, value.to_owned())), ..self }
    }
}

/// Who the token belongs to, as REST says it.
pub(crate) const ME: (&str, &str) = ("github-actions[bot]", "Bot");

impl FakeGitHub {
    /// Starts it on a port of its own.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let state = Arc::clone(&server.state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&state);
                thread::spawn(move || serve(stream, &state));
            }
        });
        server
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it remembers.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Adds a comment of somebody.
    pub(crate) fn say(&self, user: Option<(&str, &str)>, body: &str) -> u64 {
        let mut state = self.state();
        let user = user.map(|(login, kind)| (login.to_owned(), kind.to_owned()));
        state.add(user, body.to_owned())
    }

    /// Adds many comments of a stranger.
    pub(crate) fn chatter(&self, number: usize) {
        (0..number).for_each(|_| {
            self.say(Some(("mallory", "User")), "+1");
        });
    }

    /// Makes something go wrong.
    pub(crate) fn fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// The bodies of comments that the token wrote.
    pub(crate) fn ours(&self) -> Vec<String> {
        let state = self.state();
        let mine = |comment: &&Comment| comment.user.as_ref().is_some_and(|(login, _)| login == ME.0);
        state.comments.iter().filter(mine).map(|comment| comment.body.clone()).collect()
    }

    /// Takes the request lines out: `POST /graphql`, …
    pub(crate) fn calls(&self) -> Vec<String> {
        let taken = std::mem::take(&mut self.state().requests);
        taken.into_iter().map(|request| request.line).collect()
    }
}

impl State {
    fn add(&mut self, user: Option<(String, String)>, body: String) -> u64 {
        self.last_id += 1;
        self.comments.push(Comment { id: self.last_id, user, body });
        self.last_id
    }
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Answer {
    fn new(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    fn error(status: u16) -> Self {
        let message = json!({ "message": "as the test asked", "documentation_url": "https://docs.github.com/rest" });
        Self::new(status, message)
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let Some(request) = read(&stream) else { return };
    let (answer, racing) = {
        let mut state = state.lock().unwrap();
        state.requests.push(request.clone());
        (answer(&request, &mut state), state.rendezvous)
    };
    if racing > 0 && request.line.starts_with("GET ") {
        let readers = || state.lock().unwrap().requests.iter().filter(|seen| seen.line.starts_with("GET ")).count();
        // Ten seconds are enough for a run that is late; one that never comes fails its test by what it left.
        (0..500).take_while(|_| readers() < racing).for_each(|_| thread::sleep(std::time::Duration::from_millis(20)));
    }
    write(stream, &answer);
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end().to_owned();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        headers.push(header);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    Some(Request { line, headers, body: String::from_utf8(body).unwrap() })
}

fn write(mut stream: TcpStream, answer: &Answer) {
    let body = if answer.status == 204 { String::new() } else { answer.body.to_string() };
    let mut head = format!("HTTP/1.1 {} X\r\nContent-Type: application/json\r\nConnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    // A client that went away has its own test.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
}

fn answer(request: &Request, state: &mut State) -> Answer {
    if let Some(position) = state.faults.iter().position(|fault| request.line.starts_with(fault.request)) {
        let fault = state.faults[position].clone();
        if fault.times == 1 {
            state.faults.remove(position);
        } else if fault.times > 1 {
            state.faults[position].times -= 1;
        }
        if fault.done {
            route(request, state);
        }
        let mut answer = Answer::error(fault.status);
        answer.headers.extend(fault.header);
        return answer;
    }
    route(request, state)
}

fn route(request: &Request, state: &mut State) -> Answer {
    if !request.headers.iter().any(|header| header.to_ascii_lowercase().starts_with("authorization: bearer ")) {
        return Answer::error(401);
    }
    let (method, target) = request.line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let comments = format!("/repos/{REPOSITORY}/issues/{NUMBER}/comments");
    let comment = format!("/repos/{REPOSITORY}/issues/comments/");
    let pulls = format!("/repos/{REPOSITORY}/pulls");
    let of_commit = format!("/repos/{REPOSITORY}/commits/{HEAD}/pulls");
    let sent = || serde_json::from_str::<Value>(&request.body).unwrap()["body"].as_str().unwrap().to_owned();
    match (method, path) {
        ("POST", "/graphql") => {
            let login = ME.0.trim_end_matches("[bot]");
            Answer::new(200, json!({ "data": { "viewer": { "login": login } } }))
        }
        ("GET", path) if path == comments => page(state, parameter("page"), parameter("per_page"), &comments),
        ("POST", path) if path == comments => {
            let body = sent();
            if body.chars().count() > LONGEST_BODY {
                return Answer::error(422);
            }
            let id = state.add(Some((ME.0.to_owned(), ME.1.to_owned())), body);
            Answer::new(201, shown(state.comments.iter().find(|comment| comment.id == id).unwrap()))
        }
        ("PATCH" | "DELETE", path) if path.starts_with(&comment) => {
            let id: u64 = path[comment.len()..].parse().unwrap();
            let Some(position) = state.comments.iter().position(|comment| comment.id == id) else {
                return Answer::error(404);
            };
            if state.comments[position].user.as_ref().is_none_or(|(login, _)| login != ME.0) {
                return Answer::error(403);
            }
            if method == "DELETE" {
                state.comments.remove(position);
                return Answer::new(204, Value::Null);
            }
            let body = sent();
            if body.chars().count() > LONGEST_BODY {
                return Answer::error(422);
            }
            state.comments[position].body = body;
            Answer::new(200, shown(&state.comments[position]))
        }
        // The repository knows no commits of forks.
        ("GET", path) if path == pulls && parameter("head") == Some("mallory%3Afix%26evil%3D1") => Answer::new(
            200,
            json!([pull(4, HEAD, "closed"), pull(NUMBER, HEAD, "open"), pull(6, &"b".repeat(40), "open")]),
        ),
        ("GET", path) if path == pulls => Answer::new(200, json!([])),
        ("GET", path) if path == of_commit => Answer::new(200, json!([pull(NUMBER, HEAD, "open")])),
        _ => Answer::error(404),
    }
}

fn page(state: &State, page: Option<&str>, size: Option<&str>, path: &str) -> Answer {
    let page: usize = page.map_or(1, |page| page.parse().unwrap());
    let size: usize = size.map_or(30, |size| size.parse().unwrap()).min(100);
    let last = state.comments.len().div_ceil(size).max(1);
    let shown: Vec<Value> = state.comments.iter().skip((page - 1) * size).take(size).map(shown).collect();
    let mut answer = Answer::new(200, json!(shown));
    if page < last {
        let api = state.elsewhere.as_deref().unwrap_or("https://api.github.com");
        let link = |to: usize, relation: &str| format!("<{api}{path}?per_page={size}&page={to}>; rel=\"{relation}\"");
        answer.headers.push(("Link", format!("{}, {}", link(page + 1, "next"), link(last, "last"))));
    }
    answer
}

fn shown(comment: &Comment) -> Value {
    let mut shown = sample("issue-comment");
    shown["id"] = json!(comment.id);
    shown["body"] = json!(comment.body);
    shown["html_url"] = json!(format!("https://github.com/{REPOSITORY}/pull/{NUMBER}#issuecomment-{}", comment.id));
    shown["user"] = comment.user.as_ref().map_or(Value::Null, |(login, kind)| {
        let mut user = sample("simple-user");
        user["login"] = json!(login);
        user["type"] = json!(kind);
        user
    });
    shown
}

fn pull(number: u64, sha: &str, state: &str) -> Value {
    let mut pull = sample("pull-request-simple");
    pull["number"] = json!(number);
    pull["state"] = json!(state);
    pull["head"]["sha"] = json!(sha);
    pull
}

/// The least that GitHub's description takes for `name`.
fn sample(name: &str) -> Value {
    static DESCRIBED: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(&std::fs::read_to_string(DESCRIPTION).unwrap()).unwrap());
    least(&DESCRIBED["components"]["schemas"][name], &DESCRIBED["components"]["schemas"])
}

fn least(schema: &Value, all: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return least(&all[name.rsplit('/').next().unwrap()], all);
    }
    if schema["nullable"] == true {
        return Value::Null;
    }
    if let Some(first) = ["allOf", "anyOf", "oneOf"].iter().find_map(|kind| schema[kind].get(0)) {
        return least(first, all);
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("uri")) => json!("https://github.com/x"),
        (Some("string"), Some("date-time")) => json!("2026-01-01T00:00:00Z"),
        (Some("string"), _) => json!("x"),
        (Some("integer" | "number"), _) => json!(1),
        (Some("boolean"), _) => json!(false),
        (Some("array"), _) => json!([]),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            required.map(|field| (field.to_owned(), least(&schema["properties"][field], all))).collect()
        }
    }
}
