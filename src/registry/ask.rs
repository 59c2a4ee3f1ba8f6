//! A question to a registry about one of its repositories, with what it wants to be shown.

use reqwest::Url;

use super::Shared;
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
