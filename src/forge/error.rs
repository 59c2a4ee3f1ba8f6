//! Why a comment was not posted: always a notice, never a verdict.

use crate::http::HttpError;

/// What the API answered, or did not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// 401: the token is not known.
    #[error("the token was refused (401)")]
    Unauthorised,
    /// 403: the token may not do this; on pull requests from forks it never may.
    #[error("the token may not do this (403)")]
    Forbidden,
    /// 404: not there, or not for this token.
    #[error("not found, or not visible to this token (404)")]
    NotFound,
    /// 410: the conversation is gone.
    #[error("the conversation is gone (410)")]
    Gone,
    /// 422: the API understood and refused.
    #[error("the API refused the comment (422)")]
    Refused,
    /// 429, or 403 with the limit used up: asked to wait longer than a job should.
    #[error("the API's rate limit is used up{}", .0.map(|seconds| format!(", for {seconds} s more")).unwrap_or_default())]
    RateLimited(Option<u64>),
    /// 202 of GitLab: the text held nothing but quick actions, so no note was stored.
    #[error("the note was taken for quick actions and not stored (202)")]
    QuickAction,
    /// Another status.
    #[error("the API answered {0}")]
    Status(u16),
    /// No answer at all: the cause in words.
    #[error("the API could not be reached: {0}")]
    Unreachable(String),
    /// An answer that makes no sense.
    #[error("the API's answer cannot be read: {0}")]
    Unreadable(String),
}

impl ForgeError {
    /// What the person can do, as a sentence, when there is something.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unauthorised => Some("Check that the token is still valid and belongs to this server."),
            Self::Forbidden => Some(
                "Give the job `permissions: pull-requests: write`; for a pull request from a fork, comment from a workflow on `workflow_run`.",
            ),
            Self::NotFound => Some("Check the pull request's number, and that the token can see the repository."),
            _ => None,
        }
    }

    /// Whether the same request could succeed a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Status(500..=599))
    }
}

impl From<HttpError> for ForgeError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::RateLimited(seconds) => Self::RateLimited(seconds),
            HttpError::Unreachable(why) => Self::Unreachable(why),
            HttpError::Broken(_) | HttpError::Silent(_) => Self::Unreachable(error.to_string()),
            HttpError::Unreadable(why) => Self::Unreadable(why),
            HttpError::TooLong(most) => Self::Unreadable(format!("it is longer than {most} bytes")),
            HttpError::Status(status) => match status.as_u16() {
                401 => Self::Unauthorised,
                403 => Self::Forbidden,
                404 => Self::NotFound,
                410 => Self::Gone,
                422 => Self::Refused,
                status => Self::Status(status),
            },
        }
    }
}
