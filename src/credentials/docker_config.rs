//! Docker's client configuration: `config.json` and the contexts beside it (docs.docker.com, "Docker contexts").

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

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
