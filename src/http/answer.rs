//! An answer, read to its end: its status, what its headers say, and its body.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::HttpError;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as long as whoever asked allowed it to be.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer if it is a success.
    ///
    /// # Errors
    /// Its status.
    pub fn success(self) -> Result<Self, HttpError> {
        if self.status.is_success() { Ok(self) } else { Err(self.error()) }
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// It is something else.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, HttpError> {
        serde_json::from_slice(&self.body).map_err(|error| HttpError::Unreadable(error.to_string()))
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

    /// GitHub says 403 where others say 429, and then that nothing is left or how long to wait ("Rate limits for the REST API").
    fn error(&self) -> HttpError {
        let used_up = self.headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0");
        match self.status.as_u16() {
            429 => HttpError::RateLimited(self.retry_after()),
            403 if used_up || self.headers.contains_key("retry-after") => HttpError::RateLimited(self.retry_after()),
            _ => HttpError::Status(self.status),
        }
    }

    /// Seconds of `Retry-After` (RFC 9110, 10.2.3), in the form of a number only.
    fn retry_after(&self) -> Option<u64> {
        self.headers.get("retry-after")?.to_str().ok()?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(answer(403, &[]).error(), HttpError::Status(StatusCode::FORBIDDEN));
        assert_eq!(answer(403, &[("x-ratelimit-remaining", "0")]).error(), HttpError::RateLimited(None));
        assert_eq!(answer(429, &[("retry-after", "7")]).error(), HttpError::RateLimited(Some(7)));
    }
}
