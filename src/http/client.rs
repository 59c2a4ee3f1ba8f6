//! The client: time bounds, the proxy variables, and no redirect.

use std::time::Duration;

use reqwest::{Certificate, Identity, Method, RequestBuilder, Url};

use super::{Answer, HttpError, reasons};

/// How long a connection may take to come about.
const TO_CONNECT: Duration = Duration::from_secs(10);
/// How long a request may take with its answer.
const TO_ANSWER: Duration = Duration::from_secs(30);

/// What a client has that others have not.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// Certificates that it trusts beside the machine's.
    pub authorities: Vec<Certificate>,
    /// The certificate that it shows where a server asks for one.
    pub identity: Option<Identity>,
    /// Whether it goes past every proxy: one elsewhere does not reach this machine's loopback.
    pub direct: bool,
}

/// A client that follows no redirect: a token must not travel to another host.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

impl Client {
    /// A client that trusts the machine's certificates and these beside them. Nothing is sent yet.
    ///
    /// # Errors
    /// There is no store of certificates on the machine.
    pub fn new(authorities: Vec<Certificate>) -> Result<Self, HttpError> {
        Self::with(Ways { authorities, ..Ways::default() })
    }

    /// A client with ways of its own. Nothing is sent yet.
    ///
    /// # Errors
    /// There is no store of certificates on the machine.
    pub fn with(ways: Ways) -> Result<Self, HttpError> {
        // Err means that somebody in the process installed one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .tls_certs_merge(ways.authorities)
            .user_agent(concat!("imgbudget/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(TO_CONNECT)
            .timeout(TO_ANSWER)
            .redirect(reqwest::redirect::Policy::none());
        if let Some(identity) = ways.identity {
            builder = builder.identity(identity);
        }
        if ways.direct {
            builder = builder.no_proxy();
        }
        builder.build().map(Self).map_err(|error| HttpError::Unreachable(reasons(&error)))
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
            return Err(HttpError::TooLong(most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, headers, body })
}
