//! When to try again: a failure that passes, and a wait that the server asks for.

use std::future::Future;
use std::time::Duration;

use super::{Answer, HttpError};

/// The longest wait that a server may ask for; a job is not a place to wait for an hour.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How often something is read at most.
const TRIES: u32 = 3;

/// Reads, up to three times: after a failure that passes, or after the wait that a rate limit asks for when it is short.
pub async fn reading<F>(mut request: impl FnMut() -> F + Send) -> Result<Answer, HttpError>
where
    F: Future<Output = Result<Answer, HttpError>> + Send,
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
pub async fn writing<F>(mut request: impl FnMut() -> F + Send) -> Result<Answer, HttpError>
where
    F: Future<Output = Result<Answer, HttpError>> + Send,
{
    match request().await.and_then(Answer::success) {
        Err(error @ HttpError::RateLimited(Some(_))) => match wait(&error, 1) {
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
fn wait(error: &HttpError, tries: u32) -> Option<Duration> {
    match error {
        HttpError::RateLimited(Some(seconds)) => {
            Some(Duration::from_secs(*seconds)).filter(|wait| *wait <= LONGEST_WAIT)
        }
        error if error.is_passing() => Some(Duration::from_millis(300) * 2u32.pow(tries.min(4))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    #[test]
    fn no_wait_is_longer_than_a_minute() {
        assert_eq!(wait(&HttpError::RateLimited(Some(61)), 1), None);
        assert_eq!(wait(&HttpError::RateLimited(Some(2)), 1), Some(Duration::from_secs(2)));
        assert_eq!(wait(&HttpError::Status(StatusCode::FORBIDDEN), 1), None);
        assert!(wait(&HttpError::Status(StatusCode::BAD_GATEWAY), 1).is_some());
    }
}
