//! An answer whose body is still to come: read piece by piece, with a bound on each wait.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};

use super::{Answer, HttpError, reasons};

/// For how long a body may come in all, when every single wait has its bound: for ever, in practice.
const UNBOUNDED: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// An answer of which the head has come.
#[derive(Debug)]
pub struct Incoming(reqwest::Response);

impl Incoming {
    /// Sends a request and waits `patience` for the head of its answer. Whatever its status, an answer is not an error here.
    ///
    /// # Errors
    /// No answer.
    pub async fn of(request: RequestBuilder, patience: Duration) -> Result<Self, HttpError> {
        let reply = within(patience, request.timeout(UNBOUNDED).send()).await?;
        Ok(Self(reply))
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// How many bytes the body has, when the head says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// The next piece of the body, waited for as long as `patience`; `None` at its end.
    ///
    /// # Errors
    /// The connection broke, or nothing came.
    pub async fn piece(&mut self, patience: Duration) -> Result<Option<Bytes>, HttpError> {
        within(patience, self.0.chunk()).await.map_err(broken)
    }

    /// The answer with its whole body, of at most `most` bytes, which has to be there within `patience`.
    ///
    /// # Errors
    /// As [`Self::piece`]; [`HttpError::TooLong`].
    pub async fn whole(mut self, most: usize, patience: Duration) -> Result<Answer, HttpError> {
        let longer = || HttpError::TooLong(most);
        if self.0.content_length().is_some_and(|length| usize::try_from(length).map_or(true, |length| length > most)) {
            return Err(longer());
        }
        let (status, headers) = (self.0.status(), self.0.headers().clone());
        let read = async {
            let mut body = Vec::new();
            while let Some(chunk) = self.0.chunk().await.map_err(unreachable).map_err(broken)? {
                if body.len().saturating_add(chunk.len()) > most {
                    return Err(longer());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Answer { status, headers, body })
        };
        tokio::time::timeout(patience, read).await.unwrap_or_else(|_| Err(silence(patience)))
    }
}

async fn within<T>(
    patience: Duration,
    wait: impl Future<Output = Result<T, reqwest::Error>> + Send,
) -> Result<T, HttpError> {
    match tokio::time::timeout(patience, wait).await {
        Ok(come) => come.map_err(unreachable),
        Err(_) => Err(silence(patience)),
    }
}

fn unreachable(error: reqwest::Error) -> HttpError {
    HttpError::Unreachable(reasons(&error.without_url()))
}

/// What is wrong once the head has come.
fn broken(error: HttpError) -> HttpError {
    match error {
        HttpError::Unreachable(why) => HttpError::Broken(why),
        other => other,
    }
}

fn silence(patience: Duration) -> HttpError {
    HttpError::Silent(patience.as_secs().max(1))
}
