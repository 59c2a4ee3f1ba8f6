//! A question to a registry about one of its repositories, with what it wants to be shown.

use reqwest::{Method, StatusCode, Url};

use super::Shared;
use super::challenge::Challenge;
use super::exchange::{Call, Failure, Refusal, exchange};
use super::host::Host;
use crate::http::Incoming;

/// Asks for what `url` has of `repository`. A pass that is refused is renewed once.
pub(super) async fn ask(
    shared: &Shared,
    host: &Host,
    repository: &str,
    url: &Url,
    call: &Call,
) -> Result<Incoming, Failure> {
    let access = shared.access(host, repository);
    let mut pass = access.pass(shared, host, repository).await.map_err(Failure::Other)?;
    let mut refused = match exchange(&shared.patience, host, url, call, pass.header.as_ref()).await {
        Err(Failure::Status(refused)) => refused,
        other => return other,
    };
    let is_hidden = matches!(refused.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
    if is_hidden && pass.header.is_none() && shared.logins.of(host.name.as_str(), repository).await.is_some() {
        refused.challenge = at_the_door(shared, host).await;
    }
    if let Some(challenge) = refused.challenge.take() {
        host.challenged(challenge.clone());
        if let Some(next) = access.after(&pass, &challenge, shared, host, repository).await.map_err(Failure::Other)? {
            pass = next;
            refused = match exchange(&shared.patience, host, url, call, pass.header.as_ref()).await {
                Err(Failure::Status(refused)) => refused,
                other => return other,
            };
        }
    }
    Err(Failure::Status(Refusal { has_login: pass.has_login, ..refused }))
}

/// How a registry asks for a login in general: some hide what is private from who shows none, instead of asking there.
async fn at_the_door(shared: &Shared, host: &Host) -> Option<Challenge> {
    match exchange(&shared.patience, host, host.base(), &Call::new(Method::GET), None).await {
        Err(Failure::Status(refused)) => refused.challenge,
        _ => None,
    }
}
