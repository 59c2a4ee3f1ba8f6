//! Logins for the registries of base images, from Docker's `config.json` and its credential helpers
//! (docs.docker.com, `docker login`, "Credential helper protocol").
//!
//! Helpers are asked only for registries that the caller names, because a helper may open a window or a network connection. One
//! that fails is a note: the image may well be public. Secrets appear in no `Debug` and in no message.

use std::collections::BTreeMap;

use super::docker_config::DockerConfig;
use super::helper::ask;
use super::key::{host, key};
use super::login::Credential;

/// Logins by registry (`docker.io`, `registry.example.com:5000`).
#[derive(Debug, Clone, Default)]
pub struct Credentials(BTreeMap<String, Credential>);

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
            if let Some(credential) = credential.or_else(|| entry(&config.auths, registry)?.credential()) {
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

/// The entry of `map` for `registry`: under its own name, or under an address of the same host.
fn entry<'a, T>(map: &'a BTreeMap<String, T>, registry: &str) -> Option<&'a T> {
    map.get(key(registry)).or_else(|| map.iter().find(|(name, _)| host(name) == registry).map(|(_, value)| value))
}

pub(super) fn helper_for<'a>(config: &'a DockerConfig, registry: &str) -> Option<&'a str> {
    entry(&config.cred_helpers, registry).or(config.creds_store.as_ref()).map(String::as_str).filter(|h| !h.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> DockerConfig {
        serde_json::from_str(json).expect("valid")
    }

    fn login(config: &DockerConfig, registry: &str) -> Option<String> {
        entry(&config.auths, registry)?.credential().map(|credential| match credential {
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
}
