//! Logins for the registries of base images, from Docker's `config.json` and its credential helpers
//! (docs.docker.com, `docker login`, "Credential helper protocol").
//!
//! Helpers are asked only for registries that the caller names, because a helper may open a window or a network connection. One
//! that fails is a note: the image may well be public. Secrets appear in no `Debug` and in no message.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::docker_config::{DockerConfig, StoredAuth};

/// Docker Hub's name in references.
pub const HUB: &str = "docker.io";
/// Docker Hub's name in `config.json`, for helpers, and in `X-Registry-Config`.
pub const HUB_KEY: &str = "https://index.docker.io/v1/";
/// The name by which BuildKit asks for Docker Hub's login.
pub const HUB_HOST: &str = "registry-1.docker.io";
/// How long a helper may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that a helper may write, in bytes.
const MOST: u64 = 64 << 10;

/// Logins by registry (`docker.io`, `registry.example.com:5000`).
#[derive(Debug, Clone, Default)]
pub struct Credentials(BTreeMap<String, Credential>);

/// One login.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// User and password.
    Password {
        /// The user.
        username: String,
        /// The password.
        password: String,
    },
    /// A token that stands for a user.
    IdentityToken(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password(…)",
            Self::IdentityToken(_) => "IdentityToken(…)",
        })
    }
}

impl Credentials {
    /// The logins that `config` has for `registries`, and a note for each helper that failed. A registry without a login is no
    /// entry: its images may be public.
    pub async fn find(config: &DockerConfig, registries: &[String]) -> (Self, Vec<String>) {
        let (mut found, mut notes) = (BTreeMap::new(), Vec::new());
        for registry in registries {
            let credential = match helper_for(config, registry) {
                Some(helper) => ask(helper, key(registry)).await.unwrap_or_else(|why| {
                    notes.push(format!("no login for {registry}: docker-credential-{helper} {why}"));
                    None
                }),
                None => None,
            };
            if let Some(credential) = credential.or_else(|| stored(config, registry)) {
                found.insert(registry.clone(), credential);
            }
        }
        (Self(found), notes)
    }

    /// The login for `registry`.
    #[must_use]
    pub fn get(&self, registry: &str) -> Option<&Credential> {
        self.0.get(registry)
    }

    /// Every login with its registry.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Credential)> {
        self.0.iter().map(|(registry, credential)| (registry.as_str(), credential))
    }
}

impl FromIterator<(String, Credential)> for Credentials {
    fn from_iter<T: IntoIterator<Item = (String, Credential)>>(logins: T) -> Self {
        Self(logins.into_iter().collect())
    }
}

/// What `config.json` and helpers call a registry.
#[must_use]
pub fn key(registry: &str) -> &str {
    if registry == HUB { HUB_KEY } else { registry }
}

/// The host of a key, which may be a whole address: `https://registry.example.com/v1/`.
fn host(key: &str) -> &str {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    match rest.split('/').next().unwrap_or(rest) {
        "index.docker.io" | HUB_HOST => HUB,
        host => host,
    }
}

/// The entry of `map` for `registry`: under its own name, or under an address of the same host.
fn entry<'a, T>(map: &'a BTreeMap<String, T>, registry: &str) -> Option<&'a T> {
    map.get(key(registry)).or_else(|| map.iter().find(|(name, _)| host(name) == registry).map(|(_, value)| value))
}

fn helper_for<'a>(config: &'a DockerConfig, registry: &str) -> Option<&'a str> {
    entry(&config.cred_helpers, registry).or(config.creds_store.as_ref()).map(String::as_str).filter(|h| !h.is_empty())
}

/// The login in `config.json` itself.
fn stored(config: &DockerConfig, registry: &str) -> Option<Credential> {
    let StoredAuth { auth, username, password, identitytoken } = entry(&config.auths, registry)?;
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(token) = filled(identitytoken) {
        return Some(Credential::IdentityToken(token));
    }
    let apart = filled(username).zip(filled(password));
    let (username, password) = match auth.as_deref().filter(|auth| !auth.is_empty()) {
        Some(auth) => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(auth.trim()).ok()?;
            let text = String::from_utf8(decoded).ok()?;
            let (username, password) = text.split_once(':')?;
            (username.to_owned(), password.trim_end_matches('\0').to_owned())
        }
        None => apart?,
    };
    Some(Credential::Password { username, password })
}

/// What a helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HelperAnswer {
    #[serde(default)]
    username: String,
    #[serde(default)]
    secret: String,
}

/// Asks `docker-credential-<helper>` for the login of `server`. `Ok(None)`: it has none. The error is a verb phrase.
async fn ask(helper: &str, server: &str) -> Result<Option<Credential>, String> {
    if !helper.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
        return Err("is not the name of a program".to_owned());
    }
    run(Command::new(format!("docker-credential-{helper}")), server).await
}

async fn run(mut command: Command, server: &str) -> Result<Option<Credential>, String> {
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_our_secret) {
            command.env_remove(name);
        }
    }
    let exchange = async {
        let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A helper that does not read its question has failed already; its exit says so.
            let _ = stdin.write_all(server.as_bytes()).await;
        }
        let mut output = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(MOST).read_to_end(&mut output).await.map_err(|error| format!("cannot be read: {error}"))?;
        }
        let status = child.wait().await.map_err(|error| format!("cannot be waited for: {error}"))?;
        Ok((status, output))
    };
    let (status, output) =
        tokio::time::timeout(PATIENCE, exchange).await.unwrap_or_else(|_| Err("did not answer in time".to_owned()))?;
    if !status.success() {
        // Helpers say so on stdout; the sentence is part of their protocol.
        let none = String::from_utf8_lossy(&output).contains("credentials not found");
        return if none { Ok(None) } else { Err(format!("failed ({status})")) };
    }
    let answer: HelperAnswer =
        serde_json::from_slice(&output).map_err(|_| "answered with something that is no login".to_owned())?;
    Ok(match (answer.username.as_str(), answer.secret) {
        (_, secret) if secret.is_empty() => None,
        ("<token>", token) => Some(Credential::IdentityToken(token)),
        (username, password) => Some(Credential::Password { username: username.to_owned(), password }),
    })
}

/// Environment variables that are for imgbudget alone: a helper has no business with the token that writes comments.
#[must_use]
pub fn is_our_secret(name: &str) -> bool {
    matches!(name, "GITHUB_TOKEN" | "GH_TOKEN") || name.starts_with("IMGBUDGET_") && name.ends_with("TOKEN")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> DockerConfig {
        serde_json::from_str(json).expect("valid")
    }

    fn login(config: &DockerConfig, registry: &str) -> Option<String> {
        stored(config, registry).map(|credential| match credential {
            Credential::Password { username, password } => format!("{username} {password}"),
            Credential::IdentityToken(token) => token,
        })
    }

    #[test]
    fn logins_in_the_file() {
        let config = config(
            r#"{"auths": {
                "https://index.docker.io/v1/": {"auth": "dTpwOnc="},
                "https://r.example.com/v2/": {"username": "a", "password": "b"},
                "t.example.com:5000": {"identitytoken": "tok", "auth": "dTpw"},
                "broken.example.com": {"auth": "%%%"},
                "empty.example.com": {}
            }}"#,
        );
        assert_eq!(login(&config, "docker.io").as_deref(), Some("u p:w"));
        assert_eq!(login(&config, "r.example.com").as_deref(), Some("a b"));
        assert_eq!(login(&config, "t.example.com:5000").as_deref(), Some("tok"));
        for without in ["broken.example.com", "empty.example.com", "t.example.com", "other.example.com"] {
            assert_eq!(login(&config, without), None, "{without}");
        }
    }

    #[test]
    fn helpers_are_chosen_by_registry() {
        let config =
            config(r#"{"credsStore": "desktop", "credHelpers": {"r.example.com": "ecr-login", "p.example.com": ""}}"#);
        assert_eq!(helper_for(&config, "r.example.com"), Some("ecr-login"));
        assert_eq!(helper_for(&config, "docker.io"), Some("desktop"));
        assert_eq!(helper_for(&config, "p.example.com"), None);
    }

    #[test]
    fn no_secret_is_shown() {
        let password = Credential::Password { username: "u".to_owned(), password: "hunter2".to_owned() };
        let token = Credential::IdentityToken("hunter2".to_owned());
        let credentials: Credentials = [("a".to_owned(), password), ("b".to_owned(), token)].into_iter().collect();
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn a_helper_that_fails_is_a_note() {
        let config = config(
            r#"{"credsStore": "imgbudget-test-missing", "credHelpers": {"evil.example.com": "../../bin/sh"},
                "auths": {"r.example.com": {"auth": "dTpw"}}}"#,
        );
        let registries = ["r.example.com".to_owned(), "evil.example.com".to_owned()];
        let (found, notes) = Credentials::find(&config, &registries).await;
        assert!(found.get("r.example.com").is_some());
        assert_eq!(notes.len(), 2);
        assert!(notes[0].contains("docker-credential-imgbudget-test-missing cannot be started"), "{notes:?}");
        assert!(notes[1].contains("is not the name of a program"), "{notes:?}");
    }

    #[tokio::test]
    async fn what_helpers_answer() {
        let password = |username: &str, password: &str| {
            Ok(Some(Credential::Password { username: username.to_owned(), password: password.to_owned() }))
        };
        for (script, answer) in [
            (
                r#"read -r s; echo "{\"ServerURL\":\"x\",\"Username\":\"$1\",\"Secret\":\"$s\"}""#,
                password("get", "r.example.com"),
            ),
            (r#"echo '{"Username":"<token>","Secret":"t"}'"#, Ok(Some(Credential::IdentityToken("t".to_owned())))),
            ("echo credentials not found in native keychain; exit 1", Ok(None)),
            ("echo '{}'", Ok(None)),
            ("echo hunter2", Err("answered with something that is no login".to_owned())),
            ("echo hunter2; exit 3", Err("failed (exit status: 3)".to_owned())),
            (
                "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
                Err("failed (signal: 13 (SIGPIPE))".to_owned()),
            ),
        ] {
            let mut helper = Command::new("sh");
            helper.args(["-c", script, "helper"]);
            assert_eq!(run(helper, "r.example.com\n").await, answer, "{script}");
        }
    }

    #[test]
    fn secrets_that_helpers_never_see() {
        for name in ["IMGBUDGET_GITHUB_TOKEN", "IMGBUDGET_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"] {
            assert!(is_our_secret(name), "{name}");
        }
        for name in ["PATH", "AWS_SESSION_TOKEN", "IMGBUDGET_LIVE", "TOKEN"] {
            assert!(!is_our_secret(name), "{name}");
        }
    }
}
