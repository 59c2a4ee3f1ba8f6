//! The way to the engine: connect, wait for one that starts late, and learn what it is.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bollard::{API_DEFAULT_VERSION, Docker};

use super::endpoint::{Address, Endpoint, Origin};
use super::fault;
use crate::domain::Platform;
use crate::{Class, Error};

/// How long an engine on `tcp://` may take to come up: beside a CI job it starts at the same time as the job.
const LATE: Duration = Duration::from_secs(30);
/// How long one ping may take.
const PING: Duration = Duration::from_secs(10);
/// How long an answer to a small request may take. Builds and `save` have no such bound.
const ANSWER: Duration = Duration::from_secs(120);
/// How long a build or a `save` may be silent before the engine is pinged.
const SILENCE: Duration = Duration::from_secs(30);
/// Builds and `save` may take this long to begin to answer: for ever, in practice.
pub(crate) const UNBOUNDED: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A connected engine. Cheap to clone; clones share nothing that blocks.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) docker: Docker,
    endpoint: Endpoint,
    facts: Facts,
    /// Silence after which a stream's engine is pinged; tests shorten it.
    pub(crate) silence: Duration,
}

/// What is known of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Docker or Podman.
    pub kind: Kind,
    /// Its version, as it says: `28.5.2`.
    pub version: String,
    /// The newest API that it speaks, as (major, minor).
    pub api: (u32, u32),
    /// How it keeps images.
    pub store: Store,
    /// What it builds and runs by default.
    pub platform: Platform,
    /// Where it keeps everything, on **its** machine.
    pub root: Option<PathBuf>,
}

/// Whose engine it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Docker: builds with BuildKit.
    Docker,
    /// Podman: builds with Buildah, behind the classic form of the API.
    Podman,
}

/// How an engine keeps images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Unpacked layers only.
    Classic,
    /// containerd's content store: blobs as they came.
    Containerd,
}

/// Why an engine could not be reached, and whether the next place is worth trying.
enum Unreachable {
    /// Nothing listens there.
    Nobody(String),
    /// Something is there, and it said no.
    Refused(Error),
}

impl Engine {
    /// Connects to the first of `endpoints` that answers. On `tcp://` that may take up to 30 seconds; a unix socket that is not
    /// there, or that nobody listens on, is passed over at once.
    ///
    /// # Errors
    /// No engine: everything that was tried, and how to start one. Or one that refuses us.
    pub async fn connect(endpoints: &[Endpoint]) -> Result<Self, Error> {
        let mut tried = Vec::new();
        for endpoint in endpoints {
            match reach(endpoint).await {
                Ok(docker) => return Self::introduce(docker, endpoint.clone()).await,
                Err(Unreachable::Nobody(why)) => tried.push(format!("{endpoint}: {why}")),
                Err(Unreachable::Refused(error)) => return Err(error),
            }
        }
        Err(Error::new(Class::Engine, "no Docker or Podman engine answers")
            .with_detail(tried)
            .with_hint(start(endpoints)))
    }

    /// Asks the engine what it is.
    async fn introduce(docker: Docker, endpoint: Endpoint) -> Result<Self, Error> {
        let version =
            docker.version().await.map_err(|fault| fault::error(fault, &endpoint, "ask for the engine's version"))?;
        // A proxy in front of the socket may keep /info to itself; what it says is worth having, not needed.
        let info = docker.info().await.unwrap_or_default();
        let podman = version.components.iter().flatten().any(|component| component.name == "Podman Engine");
        let containerd = info
            .driver_status
            .iter()
            .flatten()
            .any(|pair| pair.iter().map(String::as_str).eq(["driver-type", "io.containerd.snapshotter.v1"]));
        let facts = Facts {
            kind: if podman { Kind::Podman } else { Kind::Docker },
            version: version.version.unwrap_or_default(),
            api: version.api_version.as_deref().and_then(pair).unwrap_or_default(),
            store: if containerd { Store::Containerd } else { Store::Classic },
            platform: Platform::new(
                version.os.as_deref().unwrap_or("linux"),
                version.arch.as_deref().unwrap_or("amd64"),
                None,
            ),
            root: info.docker_root_dir.filter(|root| !root.is_empty()).map(PathBuf::from),
        };
        Ok(Self { docker, endpoint, facts, silence: SILENCE })
    }

    /// What is known of this engine.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Where it is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Whether it still answers, within ten seconds.
    ///
    /// # Errors
    /// It went away.
    pub async fn ping(&self) -> Result<(), Error> {
        let lost = |why: &str| fault::lost(&self.endpoint, "go on", why);
        match tokio::time::timeout(PING, self.docker.ping()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(fault)) => Err(lost(&fault::said(&fault))),
            Err(_) => Err(lost("it is silent and answers no ping")),
        }
    }

    /// Pings an engine that has been silent for `silence` during a build or a `save`, instead of for 30 seconds.
    #[must_use]
    pub fn with_silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// The connection for requests whose first byte may take any time.
    pub(crate) fn unbounded(&self) -> Docker {
        self.docker.clone().with_timeout(UNBOUNDED)
    }
}

/// A client of `endpoint` whose engine has answered a ping.
async fn reach(endpoint: &Endpoint) -> Result<Docker, Unreachable> {
    let docker = client(endpoint)?;
    let patience = match endpoint.address {
        Address::Unix(_) => Duration::ZERO,
        Address::Tcp { .. } => LATE,
    };
    let begun = Instant::now();
    loop {
        let why = match tokio::time::timeout(PING, docker.ping()).await {
            Ok(Ok(_)) => return Ok(docker),
            Ok(Err(fault)) => {
                if let Some(error) = final_word(&fault, endpoint) {
                    return Err(Unreachable::Refused(error));
                }
                fault::said(&fault)
            }
            Err(_) => "no answer to a ping".to_owned(),
        };
        if begun.elapsed() >= patience {
            return Err(Unreachable::Nobody(why));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// The client for an address; nothing is sent yet.
fn client(endpoint: &Endpoint) -> Result<Docker, Unreachable> {
    let seconds = ANSWER.as_secs();
    let client = match &endpoint.address {
        Address::Unix(path) => {
            let Some(path) = path.to_str() else {
                return Err(Unreachable::Nobody("the path is not UTF-8".to_owned()));
            };
            if let Err(error) = std::fs::metadata(path) {
                return Err(match error.kind() {
                    std::io::ErrorKind::PermissionDenied => Unreachable::Refused(forbidden(endpoint)),
                    _ => Unreachable::Nobody("there is no such socket".to_owned()),
                });
            }
            Docker::connect_with_unix(path, seconds, API_DEFAULT_VERSION)
        }
        Address::Tcp { authority, tls: None } => {
            Docker::connect_with_http(&format!("tcp://{authority}"), seconds, API_DEFAULT_VERSION)
        }
        Address::Tcp { authority, tls: Some(tls) } => {
            for path in [&tls.ca, &tls.cert, &tls.key] {
                if let Err(error) = std::fs::File::open(path) {
                    let message = format!("cannot read {}, which TLS to {endpoint} needs", path.display());
                    let hint = "DOCKER_CERT_PATH names the directory with ca.pem, cert.pem and key.pem.";
                    return Err(Unreachable::Refused(
                        Error::new(Class::Engine, message).with_hint(hint).caused_by(error),
                    ));
                }
            }
            let address = format!("tcp://{authority}");
            Docker::connect_with_ssl(&address, &tls.key, &tls.cert, &tls.ca, seconds, API_DEFAULT_VERSION)
        }
    };
    client.map_err(|fault| {
        let message = format!("cannot set up the connection to {endpoint}");
        Unreachable::Refused(Error::new(Class::Engine, message).caused_by(fault))
    })
}

/// An answer that waiting will not change.
fn final_word(fault: &bollard::errors::Error, endpoint: &Endpoint) -> Option<Error> {
    if fault::io_kind(fault) == Some(std::io::ErrorKind::PermissionDenied) {
        return Some(forbidden(endpoint));
    }
    if let Some((status, message)) = fault::refusal(fault) {
        let spoken = format!("{endpoint} answers a ping with HTTP status {status}: {message}");
        // A TLS port that is spoken to in the clear answers so.
        return Some(Error::new(Class::Engine, spoken).with_hint(if status == 400 {
            "If it is a TLS port, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH."
        } else {
            "Is there a Docker or Podman engine at that address?"
        }));
    }
    let said = fault::said(fault);
    let encrypted = matches!(&endpoint.address, Address::Tcp { tls: Some(_), .. });
    let about_tls = ["certificate", "InvalidContentType", "corrupt message", "alert"].iter().any(|w| said.contains(w));
    (encrypted && about_tls).then(|| {
        Error::new(Class::Engine, format!("{endpoint} fails: {said}")).with_hint(
            "ca.pem must have signed the engine's certificate, which must name the host; cert.pem must be one the engine accepts.",
        )
    })
}

fn forbidden(endpoint: &Endpoint) -> Error {
    Error::new(Class::Engine, format!("no permission to use {endpoint}")).with_hint(
        "Join the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or run with sudo.",
    )
}

/// How to start an engine, for who said where it is.
fn start(endpoints: &[Endpoint]) -> String {
    match endpoints.first().map(|endpoint| &endpoint.from) {
        Some(Origin::DockerHost) => "Start the engine that DOCKER_HOST names, or unset DOCKER_HOST.".to_owned(),
        Some(Origin::Context(name)) => {
            format!("Start the engine of context `{name}`, or choose another one: `docker context use default`.")
        }
        _ => {
            "Start one (`sudo systemctl start docker`, or `systemctl --user start podman.socket`), or set DOCKER_HOST."
                .to_owned()
        }
    }
}

/// `1.41` as numbers.
fn pair(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
