//! What talking to any forge needs: a client with bounds, answers with bounds, and a policy for trying again.

use std::future::Future;
use std::time::Duration;

use reqwest::{StatusCode, Url, header::HeaderMap};

use super::ForgeError;

/// No answer of an API that we ask is larger: a page of 100 comments of 65,536 characters, four bytes each.
pub const LARGEST_ANSWER: usize = 32 << 20;

/// The longest wait that an API may ask for; a job is not a place to wait for an hour.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How often something is read at most.
const TRIES: u32 = 3;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most [`LARGEST_ANSWER`] bytes.
    pub body: Vec<u8>,
}

/// A client with time bounds that honours the proxy variables and follows no redirect: a token must not travel to another host.
pub fn client() -> Result<reqwest::Client, ForgeError> {
    client_trusting(Vec::new())
}

/// The same client, trusting these certificates beside those of the machine.
pub fn client_trusting(authorities: Vec<reqwest::Certificate>) -> Result<reqwest::Client, ForgeError> {
    // Err means that somebody in the process installed one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .tls_certs_merge(authorities)
        .user_agent(concat!("imgbudget/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| ForgeError::Unreachable(reasons(&error)))
}

/// An address that a token may be sent to: https, or http on this machine.
pub fn api_address(text: &str) -> Result<Url, ForgeError> {
    let url: Url = text.parse().map_err(|error| ForgeError::Unreachable(format!("`{text}` is no address: {error}")))?;
    let loopback = match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if loopback => Ok(url),
        _ => Err(ForgeError::Unreachable(format!("a token is sent over https only, not to `{text}`"))),
    }
}

impl Answer {
    /// The answer if it is a success.
    pub fn success(self) -> Result<Self, ForgeError> {
        if self.status.is_success() { Ok(self) } else { Err(self.error()) }
    }

    /// The body as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, ForgeError> {
        serde_json::from_slice(&self.body).map_err(|error| ForgeError::Unreadable(error.to_string()))
    }

    /// Number of the page that a `Link` header calls `relation` (RFC 8288). Only the number is taken from it: wherever the header
    /// points, the next request goes to the same API.
    #[must_use]
    pub fn linked_page(&self, relation: &str) -> Option<u32> {
        let header = self.headers.get("link")?.to_str().ok()?;
        header.split(',').find_map(|part| {
            let (target, parameters) = part.split_once(';')?;
            let named = parameters.split(';').any(|parameter| {
                parameter.trim().strip_prefix("rel=").is_some_and(|value| value.trim_matches('"') == relation)
            });
            let target = target.trim().strip_prefix('<')?.strip_suffix('>')?;
            let query = target.split_once('?')?.1;
            let page = query.split('&').find_map(|pair| pair.strip_prefix("page="))?;
            named.then(|| page.parse().ok()).flatten()
        })
    }

    fn error(&self) -> ForgeError {
        let limited = self.headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0");
        match self.status.as_u16() {
            401 => ForgeError::Unauthorised,
            429 => ForgeError::RateLimited(self.retry_after()),
            403 if limited || self.headers.contains_key("retry-after") => ForgeError::RateLimited(self.retry_after()),
            403 => ForgeError::Forbidden,
            404 => ForgeError::NotFound,
            410 => ForgeError::Gone,
            422 => ForgeError::Refused,
            status => ForgeError::Status(status),
        }
    }

    /// Seconds of `Retry-After` (RFC 9110, 10.2.3), in the form of a number only.
    fn retry_after(&self) -> Option<u64> {
        self.headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()
    }
}

/// Reads, up to three times: after a failure that passes, or after the wait that a rate limit asks for when it is short.
pub async fn reading<F>(mut request: impl FnMut() -> F + Send) -> Result<Answer, ForgeError>
where
    F: Future<Output = Result<Answer, ForgeError>> + Send,
{
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match request().await.and_then(Answer::success) {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match wait(&error, tries) {
            Some(wait) if tries < TRIES => tokio::time::sleep(wait).await,
            _ => return Err(error),
        }
    }
}

/// Writes once, and once more only when a rate limit said that it had stored nothing and how long to wait.
pub async fn writing<F>(mut request: impl FnMut() -> F + Send) -> Result<Answer, ForgeError>
where
    F: Future<Output = Result<Answer, ForgeError>> + Send,
{
    match request().await.and_then(Answer::success) {
        Err(error @ ForgeError::RateLimited(Some(_))) => match wait(&error, 1) {
            Some(wait) => {
                tokio::time::sleep(wait).await;
                request().await.and_then(Answer::success)
            }
            None => Err(error),
        },
        other => other,
    }
}

/// How long to wait before the next try; `None` when there is no sense in one.
fn wait(error: &ForgeError, tries: u32) -> Option<Duration> {
    match error {
        ForgeError::RateLimited(Some(seconds)) => {
            Some(Duration::from_secs(*seconds)).filter(|wait| *wait <= LONGEST_WAIT)
        }
        error if error.is_passing() => Some(Duration::from_millis(300) * 2u32.pow(tries.min(4))),
        _ => None,
    }
}

/// The end of an error's chain, where it says what happened: what stands before it are the names of clients and their layers, and
/// addresses, which can hold secrets.
pub fn reasons(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string);
    let (mut before, mut last) = (String::new(), String::new());
    for said in chain.filter(|said| !said.is_empty()) {
        if !last.contains(&said) {
            before = std::mem::replace(&mut last, said);
        }
    }
    if before.is_empty() { last } else { format!("{before}: {last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_chain_the_end_is_told() {
        use crate::error::{Class, Error};
        let link = |said: &str, cause: Option<Error>| {
            let error = Error::new(Class::Io, said);
            cause.map_or(error.clone(), |cause| error.caused_by(cause))
        };
        let end = link("dns error", Some(link("Name or service not known", None)));
        assert_eq!(reasons(&end), "dns error: Name or service not known");
        let request = link("Reqwest Error", Some(link("error sending request for url (https://x/y)", Some(end))));
        assert_eq!(reasons(&request), "dns error: Name or service not known");
        assert_eq!(reasons(&link("alone", Some(link("alone", None)))), "alone");
    }

    fn answer(status: u16, headers: &[(&'static str, &str)]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (reqwest::header::HeaderName::from_static(name), value.parse().expect("header")))
            .collect();
        Answer { status: StatusCode::from_u16(status).expect("status"), headers, body: Vec::new() }
    }

    #[test]
    fn pages_come_from_the_number_alone() {
        let link =
            "<https://evil.example/?per_page=100&page=2>; rel=\"next\", <https://a/?page=9&per_page=100>; rel=\"last\"";
        let answer = answer(200, &[("link", link)]);
        assert_eq!(answer.linked_page("next"), Some(2));
        assert_eq!(answer.linked_page("last"), Some(9));
        assert_eq!(answer.linked_page("prev"), None);
    }

    #[test]
    fn a_403_can_be_a_rate_limit() {
        assert_eq!(answer(403, &[]).error(), ForgeError::Forbidden);
        assert_eq!(answer(403, &[("x-ratelimit-remaining", "0")]).error(), ForgeError::RateLimited(None));
        assert_eq!(answer(429, &[("retry-after", "7")]).error(), ForgeError::RateLimited(Some(7)));
    }

    #[test]
    fn tokens_travel_over_https_or_stay_here() {
        for fine in ["https://api.github.com", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:1"] {
            assert!(api_address(fine).is_ok(), "{fine}");
        }
        for wrong in ["http://api.github.com", "ftp://127.0.0.1", "nonsense", "http://127.0.0.1.evil.example"] {
            assert!(api_address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_wait_is_longer_than_a_minute() {
        assert_eq!(wait(&ForgeError::RateLimited(Some(61)), 1), None);
        assert_eq!(wait(&ForgeError::RateLimited(Some(2)), 1), Some(Duration::from_secs(2)));
        assert_eq!(wait(&ForgeError::Forbidden, 1), None);
        assert!(wait(&ForgeError::Status(502), 1).is_some());
    }
}
