//! What a registry's refusals mean, and what to do about each.

use reqwest::StatusCode;

use super::exchange::{Failure, Refusal};
use super::host::{Host, Name};
use super::unusable;
use crate::Error;
use crate::credentials::key::HUB;
use crate::domain::ImageRef;
use crate::http::HttpError;

pub(super) const TRY_AGAIN: &str = "Try again later, or ask whoever runs the registry.";

/// What was asked for, in messages.
#[derive(Debug, Clone, Copy)]
pub(super) enum What<'a> {
    /// The image itself, by tag or digest.
    Image,
    /// A part of it: `the config sha256:…`.
    Part(&'a str),
}

/// The error for `what` of `image`.
pub(super) fn of(failure: Failure, host: &Host, image: &ImageRef, what: What<'_>) -> Error {
    let name = &host.name;
    let said = match what {
        What::Image => image.to_string(),
        What::Part(part) => format!("{image}: {part}"),
    };
    let (status, code, wait, has_login) = match failure {
        Failure::Other(error) => return error,
        Failure::Http(error) => return unreachable(&said, name, &error),
        Failure::Redirect { to, why } => {
            return unusable(format!("{said}: {name} redirects to {to}, which is not followed: {why}"))
                .with_hint("Ask whoever runs the registry; for plain HTTP, both hosts have to be allowed.");
        }
        Failure::Status(Refusal { status, code, wait, has_login, .. }) => (status, code, wait, has_login),
    };
    let answered = answered(status, code);
    match status.as_u16() {
        401 if has_login => unusable(format!("{said}: {name} refuses the login for it ({answered})"))
            .with_hint(format!("Log in again: `{}`. The login needs to be allowed to pull.", log_in(name))),
        401 => unusable(format!("{said}: {name} asks for a login ({answered})")).with_hint(format!(
            "Log in: `{}`, or set DOCKER_AUTH_CONFIG. Check the name, too: many registries answer so for what they do not have.",
            log_in(name)
        )),
        403 => unusable(format!("{said}: {name} does not allow it ({answered})")).with_hint(if has_login {
            format!("The login for {name} needs to be allowed to pull from this repository.")
        } else {
            format!("Log in: `{}`, or set DOCKER_AUTH_CONFIG.", log_in(name))
        }),
        404 => match what {
            What::Image => unusable(format!("{name} has no image {image} ({answered})"))
                .with_hint("Check repository and tag, and whether it was pushed. A private one needs a login.")
                .gone(),
            What::Part(part) => unusable(format!("{image}: {name} does not have {part} ({answered})"))
                .with_hint("Push the image again: it is incomplete."),
        },
        429 => unusable(format!("{said}: {name} has answered too many requests{} ({answered})", for_long(wait)))
            .with_hint(if name.as_str() == HUB && !has_login {
                format!("Docker Hub allows more to who is logged in: `{}`.", log_in(name))
            } else {
                TRY_AGAIN.to_owned()
            }),
        _ => unusable(format!("{said}: {name} failed{} ({answered})", for_long(wait))).with_hint(TRY_AGAIN),
    }
}

/// The error of a token server, with which a registry's images cannot be asked for.
pub(super) fn of_token_server(failure: Failure, host: &Host, server: &str, has_login: bool) -> Error {
    let name = &host.name;
    let said = format!("the token server {server} of {name}");
    let (status, code, wait) = match failure {
        Failure::Other(error) => return error,
        Failure::Http(error) => return unusable(format!("{said}: {error}")).with_hint(TRY_AGAIN),
        Failure::Redirect { to, why } => {
            return unusable(format!("{said} redirects to {to}, which is not followed: {why}"))
                .with_hint("Ask whoever runs the registry.");
        }
        Failure::Status(Refusal { status, code, wait, .. }) => (status, code, wait),
    };
    let answered = answered(status, code);
    match status.as_u16() {
        400 | 401 | 403 if has_login => unusable(format!("{said} refuses the login ({answered})"))
            .with_hint(format!("Log in again: `{}`.", log_in(name))),
        400 | 401 | 403 => {
            unusable(format!("{said} asks for a login ({answered})")).with_hint(format!("Log in: `{}`.", log_in(name)))
        }
        429 => unusable(format!("{said} has answered too many requests{} ({answered})", for_long(wait)))
            .with_hint(TRY_AGAIN),
        _ => unusable(format!("{said} failed{} ({answered})", for_long(wait))).with_hint(TRY_AGAIN),
    }
}

/// A body that could not be read.
pub(super) fn unreadable(error: &HttpError, host: &Host, image: &ImageRef, part: &str) -> Error {
    unreachable(&format!("{image}: {part}"), &host.name, error)
}

fn unreachable(said: &str, name: &Name, error: &HttpError) -> Error {
    let text = error.to_string();
    let hint = if matches!(error, HttpError::TooLong(_)) {
        "It is not an image's manifest or config: those are smaller than 4 MiB.".to_owned()
    } else if text.contains("certificate") {
        format!(
            "Put the certificate of its authority into /etc/docker/certs.d/{name}/ca.crt, or name it in SSL_CERT_FILE."
        )
    } else if matches!(error, HttpError::Broken(_) | HttpError::Silent(_)) {
        TRY_AGAIN.to_owned()
    } else {
        "Check the name of the registry, the network, and HTTPS_PROXY and NO_PROXY.".to_owned()
    };
    unusable(format!("{said}: {name}: {text}")).with_hint(hint)
}

fn answered(status: StatusCode, code: Option<&str>) -> String {
    let code = code.map(|code| format!(", {code}")).unwrap_or_default();
    format!("HTTP {}{code}", status.as_u16())
}

fn for_long(wait: Option<u64>) -> String {
    wait.map(|seconds| format!(" and asks to wait {seconds} s")).unwrap_or_default()
}

fn log_in(name: &Name) -> String {
    if name.as_str() == HUB { "docker login".to_owned() } else { format!("docker login {name}") }
}
