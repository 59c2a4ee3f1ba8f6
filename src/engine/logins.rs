//! Logins as the engine's API takes them.

use std::collections::HashMap;

use bollard::auth::DockerCredentials;

use crate::credentials::key::{HUB, HUB_HOST, key};
use crate::credentials::{Credential, Credentials};

/// As BuildKit asks for them through its session.
pub(super) fn for_buildkit(credentials: &Credentials) -> HashMap<String, DockerCredentials> {
    keyed(credentials, |registry| if registry == HUB { HUB_HOST } else { registry })
}

/// As `X-Registry-Config` names them.
pub(super) fn for_header(credentials: &Credentials) -> HashMap<String, DockerCredentials> {
    keyed(credentials, key)
}

fn keyed<'a>(credentials: &'a Credentials, name: impl Fn(&'a str) -> &'a str) -> HashMap<String, DockerCredentials> {
    let entry = |(registry, credential): (&'a str, &Credential)| {
        let name = name(registry).to_owned();
        let mut login = DockerCredentials { serveraddress: Some(name.clone()), ..DockerCredentials::default() };
        match credential.clone() {
            Credential::Password { username, password } => {
                (login.username, login.password) = (Some(username), Some(password));
            }
            Credential::IdentityToken(token) => login.identitytoken = Some(token),
        }
        (name, login)
    };
    credentials.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_hub_has_three_names() {
        let password = Credential::Password { username: "u".to_owned(), password: "p".to_owned() };
        let credentials: Credentials = [("docker.io".to_owned(), password)].into_iter().collect();
        assert!(for_buildkit(&credentials).contains_key("registry-1.docker.io"));
        assert!(for_header(&credentials).contains_key("https://index.docker.io/v1/"));
    }
}
