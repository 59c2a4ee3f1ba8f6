//! Where a secret may be sent.

use std::net::IpAddr;

use reqwest::Url;

use super::HttpError;

/// An address that a token may be sent to: https, or http on this machine.
///
/// # Errors
/// Anything else, and what is not an address.
pub fn secure(text: &str) -> Result<Url, HttpError> {
    let url: Url =
        text.parse().map_err(|error| HttpError::Unreachable(format!("`{text}` is not an address: {error}")))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(HttpError::Unreachable(format!("a token is sent over https only, not to `{text}`"))),
    }
}

/// Whether an address is on this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_travel_over_https_or_stay_here() {
        for fine in ["https://api.github.com", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:1"] {
            assert!(secure(fine).is_ok(), "{fine}");
        }
        for wrong in ["http://api.github.com", "ftp://127.0.0.1", "nonsense", "http://127.0.0.1.evil.example"] {
            assert!(secure(wrong).is_err(), "{wrong}");
        }
    }
}
