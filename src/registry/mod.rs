//! Registries: what an image is, by manifest and config, and the blobs of its layers (OCI distribution-spec; distribution's token
//! authentication). No engine is needed, and nothing is fetched that nobody asked for.
//!
//! A registry is a stranger. Whatever it sends is bounded in bytes and in time, documents are what their digests say, and logins
//! go to it and to the token server that it names, over https, and never along with a redirect to another host.

mod access;
mod ask;
mod blob;
mod challenge;
mod describe;
mod document;
mod exchange;
mod flight;
mod host;
mod refusal;
mod token;
mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;

use crate::credentials::Logins;
use crate::domain::{Compressed, Digest, ImageConfig, ImageRef, Platform, ToldBase};
use crate::error::{Class, Error};
use crate::http;
use crate::source::remote::StoredLayer;

use self::access::Access;
use self::document::Documents;
use self::flight::Flights;
use self::host::{Host, Name};

/// The registries of one run: its logins, its tokens, and the documents that were fetched. Clones share them.
#[derive(Debug, Clone)]
pub struct Registries(Arc<Shared>);

/// What the requests of a run share.
#[derive(Debug)]
struct Shared {
    /// Hosts that plain HTTP is allowed for, with or without a port.
    plain_http: BTreeSet<String>,
    /// Files of certificate authorities that are trusted for every registry.
    authorities: Vec<PathBuf>,
    /// Directories with a directory of certificates for each registry.
    certificates: Vec<PathBuf>,
    patience: Patience,
    logins: Logins,
    hosts: Flights<Name, Arc<Host>>,
    accesses: Mutex<HashMap<(Name, String), Arc<Access>>>,
    tags: Flights<(Name, String, String), Digest>,
    documents: Documents,
}

/// How long a registry is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A small answer, or the head of a large one.
    pub answer: Duration,
    /// The next bytes of a blob.
    pub silence: Duration,
    /// The first wait before something is tried again; each next one is twice as long.
    pub backoff: Duration,
    /// The longest wait that a server may ask for.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(30),
            silence: Duration::from_secs(30),
            backoff: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
        }
    }
}

/// An image in a registry, of which no layer was read.
#[derive(Debug, Clone)]
pub struct RegistryImage {
    /// What was asked for.
    pub reference: ImageRef,
    /// What the reference stands for: the digest of an index or of a manifest.
    pub digest: Digest,
    /// Digest of the image's manifest; the same where there is no index.
    pub manifest: Digest,
    /// Its config.
    pub config: ImageConfig,
    /// The config as it is stored.
    pub config_json: Arc<[u8]>,
    /// When it was made, as the config says, in the form of RFC 3339. Untrusted.
    pub created: Option<String>,
    /// Its layers from the bottom up: one for each of `config.diff_ids`, in their order.
    pub layers: Vec<StoredLayer>,
    /// The platforms that the reference has beside it, where none was asked for. Untrusted.
    pub beside: Vec<Platform>,
}

impl RegistryImage {
    /// What its layers take in the registry: its manifest says so.
    #[must_use]
    pub fn compressed(&self) -> Compressed {
        Compressed { layers: self.layers.iter().map(|layer| layer.size).collect(), is_estimate: false }
    }
}

impl Registries {
    /// The registries of a run with this environment. Nothing is sent and no helper is asked before an image is described.
    ///
    /// # Errors
    /// The logins of Docker, Podman or `DOCKER_AUTH_CONFIG` cannot be read.
    pub fn new(env: &BTreeMap<String, String>) -> Result<Self, Error> {
        let home = env.get("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let own = home.map(|home| home.join(".config/containers/certs.d"));
        let certificates = ["/etc/docker/certs.d", "/etc/containers/certs.d"].map(PathBuf::from).into_iter().chain(own);
        Ok(Self(Arc::new(Shared {
            plain_http: BTreeSet::new(),
            authorities: Vec::new(),
            certificates: certificates.collect(),
            patience: Patience::default(),
            logins: Logins::read(env)?,
            hosts: Flights::default(),
            accesses: Mutex::default(),
            tags: Flights::default(),
            documents: Documents::default(),
        })))
    }

    /// Allows plain HTTP for these hosts (`registry.example.com`, or with a port); for this machine it always is.
    #[must_use]
    pub fn with_plain_http(self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.with(|shared| shared.plain_http = hosts.into_iter().collect())
    }

    /// Trusts the certificate authorities in these files, in PEM, beside those of the machine.
    #[must_use]
    pub fn with_authorities(self, files: impl IntoIterator<Item = PathBuf>) -> Self {
        self.with(|shared| shared.authorities = files.into_iter().collect())
    }

    /// Looks for the certificates of a registry in these directories, in one with its name, instead of where Docker and Podman do.
    #[must_use]
    pub fn with_certificates(self, directories: impl IntoIterator<Item = PathBuf>) -> Self {
        self.with(|shared| shared.certificates = directories.into_iter().collect())
    }

    /// Waits for registries this long.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        self.with(|shared| shared.patience = patience)
    }

    /// Changes what was shared with nobody yet.
    fn with(mut self, change: impl FnOnce(&mut Shared)) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.0) {
            change(shared);
        }
        self
    }

    /// What `image` is: its manifest and its config, and no layer. Without a platform that of this machine's Linux, or the only one.
    /// What was fetched for another platform or another target is not fetched again.
    ///
    /// # Errors
    /// [`Class::Image`]: there is no such image, the registry does not give it, or it is not what it says it is.
    pub async fn describe(&self, image: &ImageRef, platform: Option<&Platform>) -> Result<RegistryImage, Error> {
        describe::describe(&self.0, image, platform).await
    }

    /// The images that the build of `image` says it took, its base image among them. Nothing where it does not say. Untrusted.
    pub async fn told_bases(&self, image: &RegistryImage) -> Vec<ToldBase> {
        told::bases(&self.0, image).await
    }

    /// The blob of layer `number` of `image`, counted from 0, as it is stored: exactly as many bytes as the manifest says, or an
    /// error. Whether they are the right ones is for who reads them to see: they have a digest and a diff id.
    pub fn layer(
        &self,
        image: &RegistryImage,
        number: usize,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static + use<> {
        blob::stream(Arc::clone(&self.0), image.reference.clone(), image.layers.get(number).cloned())
    }

    /// What went wrong and was gone around, each once: credential helpers that failed.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.0.logins.notes()
    }
}

impl Shared {
    /// The registry of `image`.
    async fn host(&self, image: &ImageRef) -> Result<Arc<Host>, Error> {
        let name = Name::of(image);
        self.hosts.get(&name, || async { Host::reach(name.clone(), self).await.map(Arc::new) }).await
    }

    /// The access to a repository of `host`.
    fn access(&self, host: &Host, repository: &str) -> Arc<Access> {
        let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(accesses.entry((host.name.clone(), repository.to_owned())).or_default())
    }
}

fn unusable(message: impl Into<String>) -> Error {
    Error::new(Class::Image, message)
}

/// What errors of the HTTP client say beside who was asked.
fn failed(host: &str, error: &http::HttpError) -> Error {
    unusable(format!("{host}: {error}"))
        .with_hint("Registries have their certificates in /etc/docker/certs.d, by host and port.")
}
