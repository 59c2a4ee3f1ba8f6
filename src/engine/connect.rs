//! The way to the engine: connect, wait for one that starts late, and learn what it is.

use std::error::Error as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::errors::Error as Fault;

use super::allowance::Allowance;
use super::endpoint::{Address, Endpoint, Origin};
use super::errands::Errands;
use super::fault;
use super::route::Route;
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

/// A connected engine. Cheap to clone; clones share what goes on in the background, and nothing that blocks.
#[derive(Debug, Clone)]
pub struct Engine {
    route: Route,
    endpoint: Endpoint,
    facts: Facts,
    errands: Arc<Errands>,
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
    /// What unpacks layers for it: `overlay2`.
    pub driver: Option<String>,
    /// Whether it is Docker Desktop's, whose machine is a hidden one.
    pub is_desktop: bool,
    /// Whether a plugin has to allow every request.
    pub has_authorization: bool,
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
    /// The engine does not say: a proxy in front of it may keep that to itself.
    Unknown,
}

/// Nobody configured an engine, and none answers where engines usually listen: the cause of an error that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no Docker or Podman engine answers")]
pub struct NoEngine;

impl NoEngine {
    /// Whether it is why there is this error.
    #[must_use]
    pub fn is_behind(error: &Error) -> bool {
        error.source().is_some_and(<dyn std::error::Error>::is::<Self>)
    }
}

/// Why an engine could not be reached, and whether the next place is worth trying.
enum Unreachable {
    /// Nothing listens there.
    Nobody(String),
    /// We may not use it.
    Forbidden,
    /// Something is there, and it said no.
    Refused(Error),
}

impl Engine {
    /// Connects to the first of `endpoints` that answers. On `tcp://` that may take up to 30 seconds; a unix socket that is not
    /// there, that nobody listens on, or that we may not use, is passed over at once.
    ///
    /// # Errors
    /// No engine: everything that was tried, and how to start one. Or one that refuses us.
    pub async fn connect(endpoints: &[Endpoint]) -> Result<Self, Error> {
        let mut tried = Vec::new();
        let mut forbidden = None;
        for endpoint in endpoints {
            match reach(endpoint).await {
                Ok(route) => return Self::introduce(route, endpoint.clone()).await,
                Err(Unreachable::Nobody(why)) => tried.push(format!("{endpoint}: {why}")),
                Err(Unreachable::Forbidden) => {
                    tried.push(format!("{endpoint}: no permission"));
                    forbidden.get_or_insert(endpoint);
                }
                Err(Unreachable::Refused(error)) => return Err(error),
            }
        }
        Err(match (forbidden, endpoints) {
            (Some(only), [_]) => {
                Error::new(Class::Engine, format!("no permission to use {only}")).with_hint(permission(only))
            }
            (Some(first), _) => {
                Error::new(Class::Engine, format!("no permission to use {first}, and no other engine answers"))
                    .with_detail(tried)
                    .with_hint(permission(first))
            }
            (None, _) => {
                let error =
                    Error::new(Class::Engine, NoEngine.to_string()).with_detail(tried).with_hint(start(endpoints));
                let is_default = endpoints.iter().all(|endpoint| endpoint.from == Origin::Default);
                if is_default { error.caused_by(NoEngine) } else { error }
            }
        })
    }

    /// Asks the engine what it is.
    async fn introduce(route: Route, endpoint: Endpoint) -> Result<Self, Error> {
        let version = ask(&route, ANSWER, async |docker| docker.version().await)
            .await
            .map_err(|fault| fault::error(fault, &endpoint, "ask for the engine's version"))?;
        // A proxy in front of the socket may keep /info to itself; what it says is worth having, not needed.
        let info = ask(&route, ANSWER, async |docker| docker.info().await).await.unwrap_or_default();
        let stated = |text: Option<String>| text.filter(|text| !text.is_empty());
        let podman = version.components.iter().flatten().any(|component| component.name == "Podman Engine");
        let store = info.driver_status.as_ref().map_or(Store::Unknown, |status| {
            let snapshots = ["driver-type", "io.containerd.snapshotter.v1"];
            let is_containerd = status.iter().any(|pair| pair.iter().map(String::as_str).eq(snapshots));
            if is_containerd { Store::Containerd } else { Store::Classic }
        });
        let facts = Facts {
            kind: if podman { Kind::Podman } else { Kind::Docker },
            version: version.version.unwrap_or_default(),
            api: version.api_version.as_deref().and_then(pair).unwrap_or_default(),
            store,
            platform: Platform::new(
                version.os.as_deref().unwrap_or("linux"),
                version.arch.as_deref().unwrap_or("amd64"),
                None,
            ),
            root: stated(info.docker_root_dir).map(PathBuf::from),
            driver: stated(info.driver),
            is_desktop: info.operating_system.is_some_and(|system| system.contains("Docker Desktop")),
            has_authorization: info
                .plugins
                .and_then(|plugins| plugins.authorization)
                .is_some_and(|all| !all.is_empty()),
        };
        Ok(Self { route, endpoint, facts, errands: Arc::default(), silence: SILENCE })
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

    /// What goes on in the background.
    pub(super) fn errands(&self) -> &Arc<Errands> {
        &self.errands
    }

    /// Whether it still answers, within ten seconds.
    ///
    /// # Errors
    /// It went away.
    pub async fn ping(&self) -> Result<(), Error> {
        let lost = |why: &str| fault::lost(&self.endpoint, "go on", why);
        match ask(&self.route, PING, async |docker| docker.ping().await).await {
            Ok(_) => Ok(()),
            Err(Fault::RequestTimeoutError) => Err(lost("it is silent and answers no ping")),
            Err(fault) => Err(lost(&fault::said(&fault))),
        }
    }

    /// Pings an engine that has been silent for `silence` during a build or a `save`, instead of for 30 seconds.
    #[must_use]
    pub fn with_silence(mut self, silence: Duration) -> Self {
        self.silence = silence;
        self
    }

    /// Asks something that has a small answer.
    pub(crate) async fn ask<T>(&self, question: impl AsyncFnOnce(Docker) -> Result<T, Fault>) -> Result<T, Fault> {
        ask(&self.route, ANSWER, question).await
    }

    /// A client for requests whose first byte may take any time, and whose answer may go on as long as something comes of it: who
    /// reads it renews the allowance.
    pub(crate) fn unbounded(&self) -> Result<(Docker, Allowance), Fault> {
        let allowance = Allowance::default();
        Ok((self.route.client(&allowance, UNBOUNDED)?, allowance))
    }
}

/// Asks `question` of an engine that has to answer it whole within `patience`.
async fn ask<T>(
    route: &Route,
    patience: Duration,
    question: impl AsyncFnOnce(Docker) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let client = route.client(&Allowance::default(), patience)?;
    tokio::time::timeout(patience, question(client)).await.unwrap_or(Err(Fault::RequestTimeoutError))
}

/// The route to `endpoint`, whose engine has answered a ping.
async fn reach(endpoint: &Endpoint) -> Result<Route, Unreachable> {
    if let Address::Unix(path) = &endpoint.address {
        look_for(path)?;
    }
    let route = Route::to(endpoint).map_err(Unreachable::Refused)?;
    let patience = match endpoint.address {
        Address::Unix(_) => Duration::ZERO,
        Address::Tcp { .. } => LATE,
    };
    let begun = Instant::now();
    loop {
        let why = match ask(&route, PING, async |docker| docker.ping().await).await {
            Ok(_) => return Ok(route),
            Err(Fault::RequestTimeoutError) => "no answer to a ping".to_owned(),
            Err(fault) => {
                if fault::io_kind(&fault) == Some(std::io::ErrorKind::PermissionDenied) {
                    return Err(Unreachable::Forbidden);
                }
                if let Some(error) = final_word(&fault, endpoint) {
                    return Err(Unreachable::Refused(error));
                }
                fault::said(&fault)
            }
        };
        if begun.elapsed() >= patience {
            return Err(Unreachable::Nobody(why));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Whether there is something at the path of a socket.
fn look_for(path: &Path) -> Result<(), Unreachable> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(Unreachable::Forbidden),
        Err(_) => Err(Unreachable::Nobody("there is no such socket".to_owned())),
    }
}

/// An answer that waiting will not change.
fn final_word(fault: &bollard::errors::Error, endpoint: &Endpoint) -> Option<Error> {
    if fault::is_endless(fault) {
        return Some(fault::endless(endpoint, "ping the engine"));
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

/// How to come to use a socket that we may not use.
fn permission(endpoint: &Endpoint) -> &'static str {
    let Address::Unix(path) = &endpoint.address else { return "Ask whoever runs the engine." };
    let is_for_a_group = |socket: std::fs::Metadata| socket.mode() & 0o060 == 0o060 && socket.gid() != 0;
    if path.file_name().is_some_and(|name| name == "podman.sock") {
        "Start a Podman socket of your own (`systemctl --user start podman.socket`), or run with sudo."
    } else if std::fs::metadata(path).is_ok_and(is_for_a_group) {
        "Join the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or run with sudo."
    } else {
        "Only its owner may use this socket: run as that user, or with sudo."
    }
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
