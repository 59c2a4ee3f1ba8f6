//! Why there is no answer to go on with.

use reqwest::StatusCode;

/// What the server answered, or did not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Asked to wait: 429, or 403 with the limit used up. In seconds, when the server says for how long.
    #[error("the rate limit is used up{}", .0.map(|seconds| format!(", for {seconds} s more")).unwrap_or_default())]
    RateLimited(Option<u64>),
    /// Another status that is no success.
    #[error("the server answered {}", .0.as_u16())]
    Status(StatusCode),
    /// No answer at all: the cause in words.
    #[error("the server could not be reached: {0}")]
    Unreachable(String),
    /// The connection was there and did not last: the cause in words.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// Nothing came for so many seconds.
    #[error("nothing came for {0} s")]
    Silent(u64),
    /// An answer of more bytes than it may have.
    #[error("the server's answer cannot be read: it is longer than {0} bytes")]
    TooLong(usize),
    /// An answer that makes no sense.
    #[error("the server's answer cannot be read: {0}")]
    Unreadable(String),
}

impl HttpError {
    /// Whether the same request could succeed a moment later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Broken(_) | Self::Silent(_) => true,
            Self::Status(status) => status.is_server_error(),
            Self::RateLimited(_) | Self::TooLong(_) | Self::Unreadable(_) => false,
        }
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
}
