//! Docker's client configuration: `config.json` and the contexts beside it (docs.docker.com, "Docker contexts").

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde::Deserialize;

use super::login::Credential;
use crate::{Class, Error, files};

/// The longest configuration file that is read, in bytes. Real ones have a few thousand.
const LONGEST: u64 = 4 << 20;

/// What imgbudget reads of `config.json`.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DockerConfig {
    /// The context in use when the environment names none.
    pub current_context: Option<String>,
    /// Credential helper for every registry.
    pub creds_store: Option<String>,
    /// Credential helpers for single registries.
    pub cred_helpers: BTreeMap<String, String>,
    /// Logins that are kept in the file itself.
    pub auths: BTreeMap<String, StoredAuth>,
}

/// One login of `auths`. Secret, so without `Debug`.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "lowercase", default)]
pub struct StoredAuth {
    /// base64 of `user:password`.
    pub auth: Option<String>,
    /// The user, where tools write it apart.
    pub username: Option<String>,
    /// The password, where tools write it apart.
    pub password: Option<String>,
    /// A token that stands for the login.
    pub identitytoken: Option<String>,
}

impl StoredAuth {
    /// The login, when it is one: what cannot be read is none.
    pub(super) fn credential(&self) -> Option<Credential> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(token) = filled(&self.identitytoken) {
            return Some(Credential::IdentityToken(token));
        }
        let (username, password) = match self.auth.as_deref().filter(|auth| !auth.is_empty()) {
            Some(auth) => {
                let decoded = base64::engine::general_purpose::STANDARD.decode(auth.trim()).ok()?;
                let text = String::from_utf8(decoded).ok()?;
                let (username, password) = text.split_once(':')?;
                (username.to_owned(), password.trim_end_matches('\0').to_owned())
            }
            None => filled(&self.username).zip(filled(&self.password))?,
        };
        Some(Credential::Password { username, password })
    }
}

/// The part of a context's `meta.json` that says where its engine is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContextEndpoint {
    /// Address in the form of `DOCKER_HOST`.
    pub host: String,
    /// The context's owner wants no TLS verification.
    #[serde(rename = "SkipTLSVerify")]
    pub skip_tls_verify: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextMeta {
    #[serde(default)]
    endpoints: BTreeMap<String, ContextEndpoint>,
}

/// Docker's configuration directory: `DOCKER_CONFIG`, else `.docker` in the home directory.
#[must_use]
pub fn directory(env: &BTreeMap<String, String>) -> Option<PathBuf> {
    let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
    set("DOCKER_CONFIG").map(PathBuf::from).or_else(|| set("HOME").map(|home| Path::new(home).join(".docker")))
}

/// `config.json` of `directory`. No file is the empty configuration.
pub fn load(directory: Option<&Path>) -> Result<DockerConfig, Error> {
    let Some(path) = directory.map(|directory| directory.join("config.json")) else {
        return Ok(DockerConfig::default());
    };
    Ok(read_json(&path)?.unwrap_or_default())
}

/// A file of logins in Docker's form, as Podman keeps one; `None` when there is none.
pub fn load_logins(path: &Path) -> Result<Option<DockerConfig>, Error> {
    let unreadable = |error: std::io::Error| {
        Error::new(Class::Config, format!("cannot read the logins in {}", path.display())).caused_by(error)
    };
    match files::read(path, LONGEST) {
        Ok(text) => parse_logins(&text, &path.display().to_string())
            .map(Some)
            .map_err(|error| error.with_hint("Repair the file, or log in again with `podman login`.")),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unreadable(error)),
    }
}

/// Logins in Docker's form, out of `source`. Their text stays out of errors.
pub(super) fn parse_logins(json: &[u8], source: &str) -> Result<DockerConfig, Error> {
    serde_json::from_slice(json).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::new(Class::Config, format!("{source} does not hold logins in Docker's form: it is wrong at {place}"))
    })
}

/// The engine of context `name`; `None` when there is no such context.
pub fn context(directory: &Path, name: &str) -> Result<Option<ContextEndpoint>, Error> {
    let path = directory.join("contexts/meta").join(context_id(name)).join("meta.json");
    let Some(mut meta) = read_json::<ContextMeta>(&path)? else { return Ok(None) };
    Ok(meta.endpoints.remove("docker"))
}

/// Where the TLS material of context `name` lies, whether or not it has any.
#[must_use]
pub fn context_tls(directory: &Path, name: &str) -> PathBuf {
    directory.join("contexts/tls").join(context_id(name)).join("docker")
}

/// Docker names a context's directories by the sha256 of its name.
fn context_id(name: &str) -> String {
    crate::domain::Digest::of(name).hex()
}

/// A JSON file, `None` when there is none. Its text stays out of errors: it may hold secrets.
fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, Error> {
    let unreadable = |error: std::io::Error| {
        Error::new(Class::Config, format!("cannot read Docker's configuration {}", path.display())).caused_by(error)
    };
    let text = match files::read(path, LONGEST) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::new(Class::Config, format!("Docker's configuration {} is not valid at {place}", path.display()))
            .with_hint("Repair the file, or point DOCKER_CONFIG at another directory.")
    })
}
