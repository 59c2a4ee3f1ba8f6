//! Where a registry is, and who may be spoken to in the clear.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use reqwest::{Certificate, Method, Url};

use super::challenge::Challenge;
use super::{Shared, failed, unusable};
use crate::Error;
use crate::credentials::key::{HUB, HUB_HOST};
use crate::domain::ImageRef;
use crate::http::{self, Client, HttpError, Incoming, Ways, is_loopback};

/// A registry by the one name that all its names lead to: `docker.io`, `registry.example.com:5000`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(String);

/// A registry that was reached, or may be.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) name: Name,
    /// `https://registry.example.com/v2/`.
    base: Url,
    /// For the registry itself.
    own: Client,
    /// For where it leads to: without its client certificate.
    away: OnceLock<Result<Client, HttpError>>,
    /// For this machine, past all proxies.
    near: OnceLock<Result<Client, HttpError>>,
    /// What these trust.
    authorities: Vec<Certificate>,
    /// Whether plain HTTP is allowed for a host, with or without a port.
    plain: Vec<String>,
    /// How it asked for a login the last time.
    challenge: Mutex<Option<Challenge>>,
}

impl Name {
    /// The registry that `image` is pulled from.
    pub(super) fn of(image: &ImageRef) -> Self {
        let name = image.registry_or_hub().to_ascii_lowercase();
        Self(if matches!(name.as_str(), "index.docker.io" | HUB_HOST) { HUB.to_owned() } else { name })
    }

    /// The repository of `image`, as the registry's paths have it.
    pub(super) fn repository(&self, image: &ImageRef) -> String {
        let official = self.0 == HUB && !image.repository.contains('/');
        if official { format!("library/{}", image.repository) } else { image.repository.clone() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that answers for it.
    fn location(&self) -> &str {
        if self.0 == HUB { HUB_HOST } else { &self.0 }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Host {
    /// Prepares to speak to a registry. Only where plain HTTP is allowed is something sent: to see whether it speaks TLS.
    pub(super) async fn reach(name: Name, shared: &Shared) -> Result<Self, Error> {
        let address = |scheme: &str| {
            format!("{scheme}://{}/v2/", name.location()).parse::<Url>().map_err(|error| {
                unusable(format!("`{name}` is not the address of a registry"))
                    .caused_by(error)
                    .with_hint("It is a host, with a port where it needs one: registry.example.com:5000.")
            })
        };
        let base = address("https")?;
        let direct = is_loopback(&base);
        let of_its_own = certificates(&name, shared).map_err(|error| failed(name.as_str(), &error))?;
        let authorities = of_its_own.authorities.clone();
        let own = Client::with(Ways { direct, ..of_its_own }).map_err(|error| failed(name.as_str(), &error))?;
        let mut host = Self {
            own,
            away: OnceLock::new(),
            near: OnceLock::new(),
            authorities,
            plain: shared.plain_http.iter().map(|host| host.to_ascii_lowercase()).collect(),
            challenge: Mutex::default(),
            base,
            name,
        };
        if host.may_be_plain(&host.base) && !host.speaks_tls(shared).await {
            host.base = address_in_the_clear(&host.base).unwrap_or(host.base);
        }
        Ok(host)
    }

    /// Whether it speaks TLS: Docker, too, tries that first where HTTP is allowed. One with a certificate that is not trusted does.
    async fn speaks_tls(&self, shared: &Shared) -> bool {
        let request = self.own.request(Method::HEAD, self.base.clone());
        match Incoming::of(request, shared.patience.answer).await {
            Err(HttpError::Unreachable(why)) => why.contains("certificate"),
            Ok(_) | Err(_) => true,
        }
    }

    /// The address of its API.
    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The address of `path` in `repository`, which was parsed and needs no escaping.
    pub(super) fn address(&self, repository: &str, path: &str) -> Result<Url, Error> {
        self.base.join(&format!("{repository}/{path}")).map_err(|error| {
            unusable(format!("{}: `{repository}` cannot be asked for", self.name))
                .caused_by(error)
                .with_hint("Check the name of the repository.")
        })
    }

    /// Whether an address is the registry's own: its scheme, its host and its port. Only there do logins and tokens go.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }

    /// The client for an address. A store of certificates takes its time to read: one that is not needed is not made.
    pub(super) fn client(&self, url: &Url) -> Result<&Client, HttpError> {
        let (client, direct) = match url {
            url if self.is_own(url) => return Ok(&self.own),
            url if is_loopback(url) => (&self.near, true),
            _ => (&self.away, false),
        };
        let make = || Client::with(Ways { authorities: self.authorities.clone(), identity: None, direct });
        client.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// Whether the registry may lead to this address, with a redirect or as a token server: to https, in the clear only from what is
    /// in the clear itself to where that is allowed, and to this machine only from this machine.
    pub(super) fn may_lead_to(&self, url: &Url) -> bool {
        let near = !is_loopback(url) || is_loopback(&self.base);
        near && match url.scheme() {
            "https" => true,
            "http" => self.base.scheme() == "http" && self.may_be_plain(url),
            _ => false,
        }
    }

    fn may_be_plain(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        is_loopback(url) || self.plain.iter().any(|it| *it == host || Some(it) == with_port.as_ref())
    }

    /// How it asked for a login the last time.
    pub(super) fn challenge(&self) -> Option<Challenge> {
        self.challenge.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It asked for a login like this.
    pub(super) fn challenged(&self, challenge: Challenge) {
        *self.challenge.lock().unwrap_or_else(PoisonError::into_inner) = Some(challenge);
    }
}

/// `http` for `https`, with the port as it is written.
fn address_in_the_clear(url: &Url) -> Option<Url> {
    url.as_str().strip_prefix("https").and_then(|rest| format!("http{rest}").parse().ok())
}

/// The authorities that are trusted for a registry, and the certificate that is shown to it: `ca.crt`, `client.cert` and
/// `client.key` in a directory with its name (docs.docker.com, "Verify repository client with certificates").
fn certificates(name: &Name, shared: &Shared) -> Result<Ways, HttpError> {
    let mut ways = Ways::default();
    for file in &shared.authorities {
        ways.authorities.extend(http::certificates(file)?);
    }
    // `..` would be a name, too.
    let is_name = |part: &str| !part.starts_with('.') && !part.contains('/');
    for directory in shared.certificates.iter().filter(|_| is_name(name.location())).map(|it| it.join(name.location()))
    {
        for file in listed(&directory) {
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("crt") => ways.authorities.extend(http::certificates(&file)?),
                Some("cert") if ways.identity.is_none() => {
                    ways.identity = Some(http::identity(&file, &file.with_extension("key"))?);
                }
                _ => {}
            }
        }
    }
    Ok(ways)
}

/// The files of a directory in their order; none where there is no such directory.
fn listed(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::registry::Registries;

    async fn host(reference: &str, plain: &[&str]) -> Host {
        let registries = Registries::new(&BTreeMap::new()).expect("no logins").with_certificates([]);
        let registries = registries.with_plain_http(plain.iter().map(|host| (*host).to_owned()));
        let name = Name::of(&reference.parse().expect(reference));
        Host::reach(name, &registries.0).await.expect("prepared")
    }

    #[tokio::test]
    async fn docker_hub_has_many_names_and_one_address() {
        for (reference, repository) in [
            ("app", "library/app"),
            ("docker.io/acme/app", "acme/app"),
            ("index.docker.io/app", "library/app"),
            ("registry-1.docker.io/library/app", "library/app"),
        ] {
            let hub = host(reference, &[]).await;
            let name = hub.name.repository(&reference.parse().expect(reference));
            assert_eq!((hub.name.as_str(), name.as_str()), ("docker.io", repository));
            let url = hub.address(&name, "tags").expect("an address");
            assert_eq!(url.as_str(), format!("https://registry-1.docker.io/v2/{repository}/tags"));
        }
    }

    #[tokio::test]
    async fn a_registry_with_tls_leads_to_https_elsewhere_and_nowhere_else() {
        let host = host("r.example.com/app", &["s.example.com", "s.example.com:80"]).await;
        let leads = |url: &str| host.may_lead_to(&url.parse().expect(url));
        for fine in ["https://r.example.com/", "https://s3.example.com:8443/x?secret"] {
            assert!(leads(fine), "{fine}");
        }
        for wrong in [
            "http://r.example.com",
            "http://s.example.com",
            "https://127.0.0.1",
            "http://[::1]:5000",
            "ftp://r.example.com",
        ] {
            assert!(!leads(wrong), "{wrong}");
        }
        for other in [
            "http://r.example.com",
            "https://r.example.com:444",
            "https://x.r.example.com",
            "https://r.example.com.evil",
        ] {
            assert!(!host.is_own(&other.parse().expect(other)), "{other}");
        }
        assert!(host.is_own(&"https://r.example.com:443/x".parse().expect("an address")));
    }
}
