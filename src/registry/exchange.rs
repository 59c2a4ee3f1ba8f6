//! One question and its answer: redirects followed, and tried again after what passes.

use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, StatusCode, Url};

use super::Patience;
use super::challenge::Challenge;
use super::host::Host;
use crate::Error;
use crate::http::{HttpError, Incoming};

/// How many redirects in a row are followed.
const MOST_REDIRECTS: u32 = 5;
/// How often something is tried.
const TRIES: u32 = 4;

/// What is asked.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// The body, for `POST`.
    pub(super) form: Option<String>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// A status that is no success.
    Status(Refusal),
    /// No answer, or none that can be read.
    Http(HttpError),
    /// A redirect that is not followed: where to, and why not.
    Redirect { to: String, why: &'static str },
    /// Something that has its sentence already.
    Other(Error),
}

/// What came instead of a success.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// The code of the registry's error, where it is one that the specification has.
    pub(super) code: Option<&'static str>,
    /// The wait that was asked for, in seconds.
    pub(super) wait: Option<u64>,
    /// The login that was asked for.
    pub(super) challenge: Option<Challenge>,
    /// Whether one was shown.
    pub(super) has_login: bool,
}

impl Call {
    pub(super) fn new(method: Method) -> Self {
        Self { method, headers: Vec::new(), form: None }
    }
}

/// Asks `url` until there is an answer that is a success, or none to be had. `pass` is shown to the registry alone.
pub(super) async fn exchange(
    patience: &Patience,
    host: &Host,
    url: &Url,
    call: &Call,
    pass: Option<&HeaderValue>,
) -> Result<Incoming, Failure> {
    let mut tries = 1;
    loop {
        let answer = match followed(patience, host, url, call, pass).await {
            Ok((reply, from)) => success(reply, host.is_own(&from), patience).await,
            Err(failure) => Err(failure),
        };
        let failure = match answer {
            Ok(reply) => return Ok(reply),
            Err(failure) => failure,
        };
        match wait(&failure, tries, patience) {
            Some(wait) if tries < TRIES => tokio::time::sleep(wait).await,
            _ => return Err(failure),
        }
        tries += 1;
    }
}

/// Follows redirects to an answer, and says from where it is. What is shown to the registry is shown to nobody else.
async fn followed(
    patience: &Patience,
    host: &Host,
    url: &Url,
    call: &Call,
    pass: Option<&HeaderValue>,
) -> Result<(Incoming, Url), Failure> {
    let first = url.origin();
    let mut url = url.clone();
    for _ in 0..=MOST_REDIRECTS {
        let client = host.client(&url).map_err(Failure::Http)?;
        let mut request = client.request(call.method.clone(), url.clone());
        // A proxy that packs what it passes on would change how many bytes come.
        request = request.header(ACCEPT_ENCODING, "identity");
        let is_first = url.origin() == first;
        for (name, value) in call.headers.iter().filter(|(name, _)| is_first || *name != AUTHORIZATION) {
            request = request.header(name, value);
        }
        if let Some(pass) = pass.filter(|_| host.is_own(&url)) {
            request = request.header(AUTHORIZATION, pass);
        }
        if let Some(form) = &call.form {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone());
        }
        let reply = Incoming::of(request, patience.answer).await.map_err(Failure::Http)?;
        if !is_redirect(reply.status()) {
            return Ok((reply, url));
        }
        let refused = |to: &Url, why| Failure::Redirect { to: place(to), why };
        if call.form.is_some() {
            return Err(refused(&url, "a login is not sent along"));
        }
        let location = reply.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let Some(next) = location.and_then(|location| url.join(location).ok()) else {
            return Err(refused(&url, "it does not say where to"));
        };
        if !host.may_lead_to(&next) {
            return Err(refused(&next, "only https is followed, and to this machine only from this machine"));
        }
        if !next.username().is_empty() || next.password().is_some() {
            return Err(refused(&next, "it brings a login along"));
        }
        url = next;
    }
    Err(Failure::Redirect { to: place(&url), why: "it is one of too many in a row" })
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where an address leads to, without what may be a secret in it.
pub(super) fn place(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// An answer if it is a success. Only the registry itself may ask for a login: one that somebody else asks for would go astray.
async fn success(reply: Incoming, is_own: bool, patience: &Patience) -> Result<Incoming, Failure> {
    /// The longest error that is read, in bytes.
    const LONGEST: usize = 64 << 10;
    let status = reply.status();
    if status.is_success() {
        return Ok(reply);
    }
    let header = reply.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let wait = header.and_then(|value| value.trim().parse().ok());
    let challenge = Challenge::of(reply.headers()).filter(|_| is_own && status == StatusCode::UNAUTHORIZED);
    let body = reply.whole(LONGEST, patience.answer).await.map(|answer| answer.body).unwrap_or_default();
    Err(Failure::Status(Refusal { status, code: code(&body), wait, challenge, has_login: false }))
}

/// The code of an error (OCI distribution-spec, "Error Codes"). Nothing else of it is used: what a registry says in its own words may
/// repeat what was shown to it.
fn code(body: &[u8]) -> Option<&'static str> {
    const CODES: [&str; 9] = [
        "DENIED",
        "MANIFEST_UNKNOWN",
        "BLOB_UNKNOWN",
        "MANIFEST_BLOB_UNKNOWN",
        "NAME_INVALID",
        "NAME_UNKNOWN",
        "TOOMANYREQUESTS",
        "UNAUTHORIZED",
        "UNSUPPORTED",
    ];
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let code = body.get("errors")?.get(0)?.get("code")?.as_str()?;
    CODES.into_iter().find(|known| *known == code)
}

/// How long to wait before the next try; `None` when there is no sense in one.
fn wait(failure: &Failure, tries: u32, patience: &Patience) -> Option<Duration> {
    let backoff = patience.backoff.saturating_mul(2u32.saturating_pow(tries.saturating_sub(1)));
    match failure {
        Failure::Status(Refusal { status, wait, .. })
            if *status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() =>
        {
            let asked = wait.map(Duration::from_secs);
            Some(asked.unwrap_or(backoff)).filter(|wait| *wait <= patience.longest_wait)
        }
        // Who was silent once is given one more chance, not three: each takes long.
        Failure::Http(HttpError::Silent(_)) if tries > 1 => None,
        Failure::Http(error) if error.is_passing() => Some(backoff),
        _ => None,
    }
}
