//! Every login that a run may use, asked for one repository at a time.
//!
//! The first of these that has one counts: `DOCKER_AUTH_CONFIG`, `REGISTRY_AUTH_FILE`, Docker's `config.json` with its helpers, and
//! Podman's `auth.json` where it keeps it (containers-auth.json.5). In one file the key that names most of the repository counts.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::docker_config::{self, DockerConfig};
use super::find::helper_for;
use super::helper::ask;
use super::key::{fit, key};
use super::login::Credential;
use crate::Error;

/// What a helper said of a registry, by both their names.
type Asked = HashMap<(String, String), Arc<OnceCell<Option<Credential>>>>;

/// The logins of one run. A helper is asked once for each registry.
#[derive(Default)]
pub struct Logins {
    sources: Vec<DockerConfig>,
    asked: Mutex<Asked>,
    notes: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Logins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logins({} sources)", self.sources.len())
    }
}

impl Logins {
    /// Reads what there is. No helper is asked yet.
    ///
    /// # Errors
    /// A file or `DOCKER_AUTH_CONFIG` cannot be read.
    pub fn read(env: &BTreeMap<String, String>) -> Result<Self, Error> {
        let set = |name: &str| env.get(name).filter(|value| !value.is_empty());
        let mut sources = Vec::new();
        if let Some(json) = set("DOCKER_AUTH_CONFIG") {
            let config = docker_config::parse_logins(json.as_bytes(), "DOCKER_AUTH_CONFIG").map_err(|error| {
                error.with_hint("It is a whole config.json: {\"auths\":{\"registry.example.com\":{\"auth\":\"…\"}}}.")
            })?;
            sources.push(config);
        }
        let named = set("REGISTRY_AUTH_FILE").map(PathBuf::from);
        if let Some(path) = &named {
            sources.extend(docker_config::load_logins(path)?);
        }
        sources.push(docker_config::load(docker_config::directory(env).as_deref())?);
        if named.is_none() {
            let runtime = set("XDG_RUNTIME_DIR").map(|directory| Path::new(directory).join("containers/auth.json"));
            let config = set("XDG_CONFIG_HOME").map(PathBuf::from);
            let config = config.or_else(|| set("HOME").map(|home| Path::new(home).join(".config")));
            let config = config.map(|directory| directory.join("containers/auth.json"));
            for path in [runtime, config].into_iter().flatten() {
                sources.extend(docker_config::load_logins(&path)?);
            }
        }
        Ok(Self { sources, ..Self::default() })
    }

    /// The login for `repository` of `registry`; `None` when there is none: its images may be public.
    pub async fn of(&self, registry: &str, repository: &str) -> Option<Credential> {
        for source in &self.sources {
            if let Some(helper) = helper_for(source, registry)
                && let Some(credential) = self.helped(helper, registry).await
            {
                return Some(credential);
            }
            let fits = source.auths.iter().filter_map(|(key, auth)| Some((fit(key, registry, repository)?, auth)));
            // Of equal keys the first that is a login: logging out leaves empty ones behind.
            let mut fits: Vec<_> = fits.filter_map(|(fit, auth)| Some((fit, auth.credential()?))).collect();
            fits.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
            if let Some((_, credential)) = fits.into_iter().next() {
                return Some(credential);
            }
        }
        None
    }

    /// What went wrong with helpers, each once.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn helped(&self, helper: &str, registry: &str) -> Option<Credential> {
        let asked = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(asked.entry((helper.to_owned(), registry.to_owned())).or_default())
        };
        let answer = asked.get_or_init(async || {
            ask(helper, key(registry)).await.unwrap_or_else(|why| {
                let note = format!("no login for {registry}: docker-credential-{helper} {why}");
                self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
                None
            })
        });
        answer.await.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    async fn user(logins: &Logins, registry: &str, repository: &str) -> Option<String> {
        logins.of(registry, repository).await.map(|credential| match credential {
            Credential::Password { username, .. } => username,
            Credential::IdentityToken(token) => token,
        })
    }

    fn auths(logins: &[(&str, &str)]) -> String {
        let auths: serde_json::Map<_, _> = logins
            .iter()
            .map(|(key, user)| ((*key).to_owned(), serde_json::json!({ "username": user, "password": "hunter2" })))
            .collect();
        serde_json::json!({ "auths": auths }).to_string()
    }

    #[tokio::test]
    async fn the_key_that_names_most_of_the_repository_counts() {
        let json =
            auths(&[("r.example.com", "host"), ("r.example.com/team", "team"), ("r.example.com/team/app", "app")]);
        let logins = Logins::read(&env(&[("DOCKER_AUTH_CONFIG", &json)])).expect("valid");
        for (repository, login) in [("team/app", "app"), ("team/other", "team"), ("teamster", "host")] {
            assert_eq!(user(&logins, "r.example.com", repository).await.as_deref(), Some(login), "{repository}");
        }
        assert_eq!(user(&logins, "other.example.com", "team/app").await, None);
        assert!(!format!("{logins:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn the_first_place_that_has_a_login_counts() {
        let home = tempfile::tempdir().expect("a folder");
        let put = |path: &str, json: &str| {
            let path = home.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, json).expect("written");
        };
        put(".docker/config.json", &auths(&[("d.example.com", "docker"), ("r.example.com", "docker")]));
        put("run/containers/auth.json", &auths(&[("r.example.com", "runtime"), ("p.example.com", "runtime")]));
        put(".config/containers/auth.json", &auths(&[("p.example.com", "home"), ("h.example.com", "home")]));
        put("named.json", &auths(&[("d.example.com", "named"), ("e.example.com", "named")]));
        let (home, of) = (home.path().display().to_string(), |path: &str| home.path().join(path).display().to_string());
        let (runtime, named, json) = (of("run"), of("named.json"), auths(&[("e.example.com", "variable")]));
        let some = Logins::read(&env(&[("HOME", &home), ("XDG_RUNTIME_DIR", &runtime)])).expect("valid");
        for (registry, login) in [("d", "docker"), ("r", "docker"), ("p", "runtime"), ("h", "home")] {
            assert_eq!(user(&some, &format!("{registry}.example.com"), "app").await.as_deref(), Some(login));
        }
        let all = [("HOME", home.as_str()), ("REGISTRY_AUTH_FILE", &named), ("DOCKER_AUTH_CONFIG", &json)];
        let all = Logins::read(&env(&all)).expect("valid");
        for (registry, login) in [("d", Some("named")), ("r", Some("docker")), ("e", Some("variable")), ("h", None)] {
            assert_eq!(user(&all, &format!("{registry}.example.com"), "app").await.as_deref(), login);
        }
    }

    #[tokio::test]
    async fn a_helper_that_fails_is_one_note_and_the_file_goes_on() {
        let json = r#"{"credsStore":"imgbudget-test-missing","auths":{"r.example.com":{"auth":"dTpw"}}}"#;
        let logins = Logins::read(&env(&[("DOCKER_AUTH_CONFIG", json)])).expect("valid");
        for _ in 0..2 {
            assert_eq!(user(&logins, "r.example.com", "app").await.as_deref(), Some("u"));
        }
        let notes = logins.notes();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("no login for r.example.com: docker-credential-imgbudget-test-missing cannot"));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_without_its_text() {
        let error = Logins::read(&env(&[("DOCKER_AUTH_CONFIG", "{\"auths\":\"hunter2\"}")])).expect_err("wrong");
        insta::assert_snapshot!(error.chain(), @"DOCKER_AUTH_CONFIG does not hold logins in Docker's form: it is wrong at line 1, column 18");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("auth.json");
        std::fs::write(&file, "hunter2").expect("written");
        let error = Logins::read(&env(&[("REGISTRY_AUTH_FILE", &file.display().to_string())])).expect_err("wrong");
        assert!(
            error.chain().ends_with("auth.json does not hold logins in Docker's form: it is wrong at line 1, column 1")
        );
    }
}
