//! A registry that remembers: images of one's own, logins and tokens, what it was asked, and faults that a test orders.
//!
//! It speaks HTTP/1.1 over a thread a connection, in the clear or with a certificate, and is its own token server. Who speaks TLS to
//! one in the clear is hung up on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use serde_json::json;

use super::images::{Image, digest};

/// The user that may log in.
pub(crate) const USER: &str = "robot";
/// That user's password.
pub(crate) const PASSWORD: &str = "canary-password";
/// A token that stands for that user.
pub(crate) const IDENTITY: &str = "canary-identity-token";
/// What every token begins with.
pub(crate) const TOKEN: &str = "canary-token";

pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What it wants to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Guard {
    /// Nothing.
    #[default]
    Open,
    /// User and password.
    Basic,
    /// User and password, and it says so at its door alone: to who shows none it has nothing.
    Hidden,
    /// A token, which anybody gets.
    Anonymous,
    /// A token, which only the user gets.
    Token,
}

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This status, with these headers.
    Status(u16, Vec<(&'static str, String)>),
    /// A redirect to this address and the path that was asked for.
    Redirect(String),
    /// Another body, as if it were the right one.
    Body(Vec<u8>),
    /// Without these headers.
    Without(&'static str),
    /// As many bytes of the body, and the connection is closed.
    CutAfter(usize),
    /// As many bytes of the body, and then nothing more.
    StallAfter(usize),
    /// A byte at a time, with this wait before each.
    Trickle(Duration),
    /// So many zeros, said at the beginning.
    Zeros(u64),
    /// Zeros until the other side hangs up.
    Endless,
    /// The whole, whatever part was asked for.
    NoRanges,
    /// Another part than was asked for.
    WrongRange,
}

#[derive(Debug, Default)]
struct State {
    manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    blobs: BTreeMap<String, Vec<u8>>,
    guard: Guard,
    realm: Option<String>,
    tokens: BTreeSet<String>,
    issued: usize,
    once: Vec<(String, Fault)>,
    always: Vec<(String, Fault)>,
    requests: Vec<String>,
    heads: Vec<String>,
    sent: u64,
}

/// A running server; it goes with the test process.
#[derive(Debug)]
pub(crate) struct FakeRegistry {
    address: SocketAddr,
    scheme: &'static str,
    state: Arc<Mutex<State>>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: String,
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    fault: Option<Fault>,
}

impl FakeRegistry {
    /// Starts one on a free port of this machine.
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
                    let mut first = [0];
                    let hello = stream.peek(&mut first).is_ok() && first == [0x16];
                    if hello && scheme == "http" {
                        return;
                    }
                    // A client that goes away is no fault of the server.
                    let _ = answer(stream, &shared);
                });
            }
        });
        Self { address, scheme, state }
    }

    /// `127.0.0.1:PORT`, as it stands in references.
    pub(crate) fn name(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Keeps an image under a repository and a tag, and says its manifest's digest.
    pub(crate) fn push(&self, repository: &str, tag: &str, image: &Image) -> String {
        self.push_blobs(image);
        self.push_manifest(repository, tag, OCI_MANIFEST, image.manifest())
    }

    /// Keeps the config and the layers of an image.
    pub(crate) fn push_blobs(&self, image: &Image) {
        for blob in image.blobs() {
            self.push_blob(blob);
        }
        self.push_blob(image.config());
    }

    /// Keeps a blob.
    pub(crate) fn push_blob(&self, blob: Vec<u8>) -> String {
        let digest = digest(&blob);
        self.state().blobs.insert(digest.clone(), blob);
        digest
    }

    /// Keeps a manifest under a tag and its digest.
    pub(crate) fn push_manifest(&self, repository: &str, tag: &str, media_type: &str, manifest: Vec<u8>) -> String {
        let digest = digest(&manifest);
        let kept = (media_type.to_owned(), manifest);
        let mut state = self.state();
        for name in [tag.to_owned(), digest.clone()] {
            state.manifests.insert((repository.to_owned(), name), kept.clone());
        }
        digest
    }

    /// Wants to be shown this from now on.
    pub(crate) fn guard(&self, guard: Guard) {
        self.state().guard = guard;
    }

    /// Says that its token server is elsewhere.
    pub(crate) fn realm(&self, realm: &str) {
        self.state().realm = Some(realm.to_owned());
    }

    /// Forgets the tokens that it gave out.
    pub(crate) fn expire(&self) {
        self.state().tokens.clear();
    }

    /// Lets the next request go wrong whose `METHOD path` holds `part`.
    pub(crate) fn fail(&self, part: &str, fault: Fault) {
        self.state().once.push((part.to_owned(), fault));
    }

    /// Lets all requests go wrong whose `METHOD path` holds `part`.
    pub(crate) fn fail_always(&self, part: &str, fault: Fault) {
        self.state().always.push((part.to_owned(), fault));
    }

    /// What was asked since the last time: `GET /v2/app/manifests/1`, digests shortened.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }

    /// The heads of all requests.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.state().heads.clone()
    }

    /// How many bytes of bodies it has sent.
    pub(crate) fn sent(&self) -> u64 {
        self.state().sent
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds this")
    }
}

/// An index of images, each with the platform of its descriptor.
pub(crate) fn index(entries: &[serde_json::Value]) -> Vec<u8> {
    json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries }).to_string().into_bytes()
}

impl State {
    fn reply(&mut self, request: &Request) -> Reply {
        let line = format!("{} {}", request.method, request.path);
        self.requests.push(shortened(&line));
        let fault = match self.once.iter().position(|(part, _)| line.contains(part)) {
            Some(at) => Some(self.once.remove(at).1),
            None => self.always.iter().find(|(part, _)| line.contains(part)).map(|(_, fault)| fault.clone()),
        };
        match &fault {
            Some(Fault::Status(status, headers)) => {
                return Reply { status: *status, headers: headers.clone(), body: b"{}".to_vec(), fault: None };
            }
            Some(Fault::Redirect(to)) => {
                let location = ("Location", format!("{to}{}", request.path));
                return Reply { status: 307, headers: vec![location], body: Vec::new(), fault: None };
            }
            _ => {}
        }
        let mut reply = if request.path == "/token" { self.token(request) } else { self.registry(request) };
        match fault {
            Some(Fault::Body(body)) => reply.body = body,
            Some(Fault::Without(header)) => reply.headers.retain(|(name, _)| *name != header),
            other => reply.fault = other,
        }
        reply
    }

    fn token(&mut self, request: &Request) -> Reply {
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}")));
        let granted = match (request.method.as_str(), request.headers.get("authorization")) {
            ("POST", None) => {
                request.body.contains("grant_type=refresh_token")
                    && request.body.contains("service=fake+registry")
                    && request.body.contains(&format!("refresh_token={IDENTITY}"))
            }
            ("GET", Some(login)) => *login == basic,
            ("GET", None) => self.guard == Guard::Anonymous,
            _ => false,
        };
        let asks_for_pull = [&request.query, &request.body].iter().any(|text| text.contains("%3Apull"));
        if !granted || !asks_for_pull {
            return Reply::error(401, "UNAUTHORIZED", "no");
        }
        self.issued += 1;
        let token = format!("{TOKEN}-{}", self.issued);
        self.tokens.insert(token.clone());
        let key = if request.method == "POST" { "access_token" } else { "token" };
        Reply { status: 200, headers: Vec::new(), body: json!({ key: token }).to_string().into_bytes(), fault: None }
    }

    fn registry(&self, request: &Request) -> Reply {
        if let Some(challenge) = self.challenge(request) {
            let shows_none = !request.headers.contains_key("authorization");
            if self.guard == Guard::Hidden && shows_none && request.path != "/v2/" {
                return Reply::error(404, "NAME_UNKNOWN", "no");
            }
            let shown = request.headers.get("authorization").cloned().unwrap_or_default();
            let mut reply = Reply::error(401, "UNAUTHORIZED", &format!("what you showed is wrong: {shown}"));
            reply.headers.push(("WWW-Authenticate", challenge));
            return reply;
        }
        let Some(path) = request.path.strip_prefix("/v2/") else { return Reply::error(404, "NAME_UNKNOWN", "no") };
        let found = if let Some((repository, name)) = path.split_once("/manifests/") {
            self.manifests.get(&(repository.to_owned(), name.to_owned())).cloned()
        } else {
            let blob = path.split_once("/blobs/").and_then(|(_, name)| self.blobs.get(name));
            blob.map(|blob| ("application/octet-stream".to_owned(), blob.clone()))
        };
        let Some((media_type, body)) = found else { return Reply::error(404, "MANIFEST_UNKNOWN", "no") };
        let headers = vec![("Content-Type", media_type), ("Docker-Content-Digest", digest(&body))];
        Reply { status: 200, headers, body, fault: None }
    }

    /// How it asks for what was not shown.
    fn challenge(&self, request: &Request) -> Option<String> {
        let shown = request.headers.get("authorization").map(String::as_str);
        let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}")));
        match self.guard {
            Guard::Open => None,
            Guard::Basic | Guard::Hidden => (shown != Some(basic.as_str())).then(|| "Basic realm=\"fake\"".to_owned()),
            Guard::Anonymous | Guard::Token => {
                let token = shown.and_then(|shown| shown.strip_prefix("Bearer "));
                let host = request.headers.get("host").cloned().unwrap_or_default();
                let realm = self.realm.clone().unwrap_or_else(|| format!("http://{host}/token"));
                let known = token.is_some_and(|token| self.tokens.contains(token));
                (!known).then(|| format!("Bearer realm=\"{realm}\",service=\"fake registry\",scope=\"x\""))
            }
        }
    }
}

/// A request with digests cut to what a reader can tell apart.
fn shortened(line: &str) -> String {
    match line.split_once("sha256:") {
        Some((before, hex)) => format!("{before}sha256:{}", hex.chars().take(4).collect::<String>()),
        None => line.to_owned(),
    }
}

impl Reply {
    fn error(status: u16, code: &str, message: &str) -> Self {
        let body = json!({ "errors": [{ "code": code, "message": message }] }).to_string().into_bytes();
        Self { status, headers: Vec::new(), body, fault: None }
    }
}

/// One request and its answer; the connection is closed after it.
fn answer<S: Read + Write>(stream: S, state: &Mutex<State>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':').filter(|_| !head.is_empty()) {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        head.push_str(&line);
    }
    let mut words = head.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = String::new();
    stream.by_ref().take(length).read_to_string(&mut body)?;
    let request = Request { method, path, query, headers, body };
    let reply = {
        let mut state = state.lock().expect("no test panics while it holds this");
        state.heads.push(format!("{head}\n{}", request.body));
        state.reply(&request)
    };
    send(stream.get_mut(), &request, reply, state)
}

fn send(stream: &mut impl Write, request: &Request, reply: Reply, state: &Mutex<State>) -> io::Result<()> {
    let Reply { mut status, mut headers, mut body, fault } = reply;
    let whole = body.len();
    let from: Option<usize> =
        request.headers.get("range").and_then(|it| it.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    if let Some(from) = from.filter(|from| status == 200 && *from < whole && !matches!(fault, Some(Fault::NoRanges))) {
        status = 206;
        let said = if matches!(fault, Some(Fault::WrongRange)) { from + 1 } else { from };
        headers.push(("Content-Range", format!("bytes {said}-{}/{whole}", whole - 1)));
        body.drain(..said);
    }
    let length = match &fault {
        Some(Fault::Zeros(length)) => Some(*length),
        Some(Fault::Endless) => None,
        _ => Some(body.len() as u64),
    };
    let mut head = format!("HTTP/1.1 {status} It\r\nConnection: close\r\n");
    if let Some(length) = length {
        let _ = write!(head, "Content-Length: {length}\r\n");
    }
    for (name, value) in &headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    let mut put = |bytes: &[u8]| {
        stream.write_all(bytes)?;
        stream.flush()?;
        state.lock().expect("no test panics while it holds this").sent += bytes.len() as u64;
        Ok::<_, io::Error>(())
    };
    if request.method == "HEAD" {
        return put(b"");
    }
    let zeros = vec![0; 1 << 16];
    match fault {
        Some(Fault::CutAfter(most)) => put(&body[..most.min(body.len())]),
        Some(Fault::StallAfter(most)) => {
            put(&body[..most.min(body.len())])?;
            thread::sleep(Duration::from_secs(20));
            Ok(())
        }
        Some(Fault::Trickle(wait)) => body.chunks(1).try_for_each(|byte| {
            thread::sleep(wait);
            put(byte)
        }),
        Some(Fault::Zeros(length)) => (0..length.div_ceil(1 << 16)).try_for_each(|_| put(&zeros)),
        Some(Fault::Endless) => loop {
            put(&zeros)?;
        },
        _ => put(&body),
    }
}
