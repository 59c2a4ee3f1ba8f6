//! The client: time bounds, the proxy variables, and no redirect.

use std::time::Duration;

use reqwest::{Certificate, Method, RequestBuilder, Url};

use super::{Answer, HttpError, reasons};

/// How long a connection may take to come about.
const TO_CONNECT: Duration = Duration::from_secs(10);
/// How long a request may take with its answer.
const TO_ANSWER: Duration = Duration::from_secs(30);

/// A client that follows no redirect: a token must not travel to another host.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

impl Client {
    /// A client that trusts the machine's certificates and these beside them. Nothing is sent yet.
    ///
    /// # Errors
    /// There is no store of certificates on the machine.
    pub fn new(authorities: Vec<Certificate>) -> Result<Self, HttpError> {
        // Err means that somebody in the process installed one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .tls_certs_merge(authorities)
            .user_agent(concat!("imgbudget/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(TO_CONNECT)
            .timeout(TO_ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map(Self)
            .map_err(|error| HttpError::Unreachable(reasons(&error)))
    }

    /// The client itself, for a library that brings its own requests.
    #[must_use]
    pub fn carrier(&self) -> reqwest::Client {
        self.0.clone()
    }

    /// A request to add headers and a body to.
    pub fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.0.request(method, url)
    }
}

/// Sends a request and reads its answer to the end, at most `most` bytes of it.
///
/// # Errors
/// No answer, or one that is longer. Whatever its status, an answer is not an error here.
pub async fn send(request: RequestBuilder, most: usize) -> Result<Answer, HttpError> {
    let unreachable = |error: reqwest::Error| HttpError::Unreachable(reasons(&error.without_url()));
    let mut reply = request.send().await.map_err(unreachable)?;
    let (status, headers) = (reply.status(), reply.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(unreachable)? {
        if body.len().saturating_add(chunk.len()) > most {
            return Err(HttpError::Unreadable(format!("it is longer than {most} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}
