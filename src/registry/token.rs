//! Tokens of a registry's token server (distribution's "Token Authentication Specification" and "OAuth2 Token Authentication").

use base64::Engine as _;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::exchange::{Call, exchange, place};
use super::host::Host;
use super::{Shared, refusal, unusable};
use crate::Error;
use crate::credentials::Credential;

/// The longest answer of a token server that is read, in bytes: tokens have a few thousand.
const LONGEST: usize = 256 << 10;

/// What a token is wanted for.
pub(super) struct Wanted<'a> {
    pub(super) realm: &'a str,
    pub(super) service: Option<&'a str>,
    pub(super) repository: &'a str,
}

/// What a server answers: `token` of the one specification, `access_token` of the other.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Granted {
    token: String,
    access_token: String,
}

/// Gets a token to pull from a repository. A token that stands for a user is exchanged with `POST`, everything else is `GET`.
pub(super) async fn fetch(
    shared: &Shared,
    host: &Host,
    wanted: &Wanted<'_>,
    login: Option<&Credential>,
) -> Result<HeaderValue, Error> {
    let name = &host.name;
    let mut realm = wanted.realm.parse::<Url>().map_err(|error| {
        unusable(format!("{name} names a token server that has no address")).caused_by(error).with_hint(ASK)
    })?;
    let server = place(&realm);
    if !host.may_lead_to(&realm) || !realm.username().is_empty() || realm.password().is_some() {
        return Err(unusable(format!(
            "{name} names a token server that is not spoken to: {}://{server}",
            realm.scheme()
        ))
        .with_hint("Logins are sent over https only; plain HTTP has to be allowed for the token server, too."));
    }
    let scope = format!("repository:{}:pull", wanted.repository);
    let service = wanted.service.map(|service| ("service", service));
    let asked = service.into_iter().chain([("scope", scope.as_str())]);
    let call = match login {
        Some(Credential::IdentityToken(token)) => {
            let fields =
                [("grant_type", "refresh_token"), ("client_id", "imgbudget"), ("refresh_token", token.as_str())];
            Call { form: Some(encoded(fields.into_iter().chain(asked))), ..Call::new(Method::POST) }
        }
        login => {
            realm.query_pairs_mut().extend_pairs(asked);
            let mut call = Call::new(Method::GET);
            if let Some(pass) = login.and_then(basic) {
                call.headers.push((AUTHORIZATION, pass));
            }
            call
        }
    };
    let answer = match exchange(&shared.patience, host, &realm, &call, None).await {
        Ok(reply) => reply.whole(LONGEST, shared.patience.answer).await.map_err(|error| unreadable(&server, &error))?,
        Err(failure) => return Err(refusal::of_token_server(failure, host, &server, login.is_some())),
    };
    // What does not parse may hold the token: its text stays out of errors.
    let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| no_token(&server))?;
    let token = if granted.token.is_empty() { granted.access_token } else { granted.token };
    Some(token)
        .filter(|token| !token.is_empty())
        .and_then(|it| secret(&format!("Bearer {it}")))
        .ok_or_else(|| no_token(&server))
}

const ASK: &str = "Ask whoever runs the registry.";

fn no_token(server: &str) -> Error {
    unusable(format!("the token server {server} answers without a token")).with_hint(ASK)
}

fn unreadable(server: &str, error: &crate::http::HttpError) -> Error {
    unusable(format!("the token server {server}: {error}")).with_hint(refusal::TRY_AGAIN)
}

/// User and password (RFC 7617); `None` for a login that has none.
pub(super) fn basic(login: &Credential) -> Option<HeaderValue> {
    let Credential::Password { username, password } = login else { return None };
    secret(&format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"))))
}

/// A header that no `Debug` shows; `None` for what no header can hold.
fn secret(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// A form (WHATWG URL, `application/x-www-form-urlencoded`).
fn encoded<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut url = Url::parse("form:").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(fields);
    }
    url.as_ref().and_then(Url::query).unwrap_or_default().to_owned()
}
