//! Containers that are created and never started: through them an engine hands over files of its own, or an image's final file system.
//!
//! Nothing of the image runs. A container is removed, with its volumes, when its [`Container`] is dropped, whatever the reason; what
//! a killed process leaves is found by its label (see [`janitor`]).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bollard::Docker;
use bollard::errors::Error as Fault;
use bollard::models::{ContainerCreateBody, HostConfig, Mount, MountType};
use bollard::query_parameters::{CreateContainerOptions, DownloadFromContainerOptions};
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt as _};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::connect::{Engine, Store};
use super::janitor::{self, Charge};
use super::{fault, watchdog};
use crate::domain::Platform;
use crate::{Class, Error};

/// What a container is made of.
#[derive(Debug, Clone, Copy)]
pub struct ContainerRequest<'a> {
    /// The image, by what the engine knows it by ([`EngineImage::handle`](super::EngineImage::handle)).
    pub image: &'a str,
    /// Its platform.
    pub platform: &'a Platform,
    /// The image's own volumes. Each gets a tmpfs over it: else the engine makes a volume and copies the image's files into it.
    pub volumes: &'a [String],
    /// Files and directories of the engine's machine, by absolute path. They are read-only at [`Container::bind`].
    pub binds: &'a [String],
}

/// Why there is no container.
#[derive(Debug, Clone)]
pub enum NotCreated {
    /// Somebody forbids it, and will the next time, too: a proxy in front of the socket, say.
    Forbidden(Arc<str>),
    /// What was to be bound is not there.
    NoSource,
    /// Anything else.
    Failed(Error),
}

/// A container that was created and is never started. It is removed when this is dropped.
#[derive(Debug)]
pub struct Container {
    engine: Engine,
    token: String,
    charge: Charge,
}

impl Engine {
    /// Creates a container that nobody starts.
    ///
    /// The future may be dropped at any moment: an engine creates what it was asked for even when nobody waits for its answer, so
    /// the answer is awaited in the background, and the container removed.
    ///
    /// # Errors
    /// See [`NotCreated`].
    pub async fn create(&self, request: &ContainerRequest<'_>) -> Result<Container, NotCreated> {
        if let Some(why) = self.errands().forbidden() {
            return Err(NotCreated::Forbidden(why));
        }
        let token = token().map_err(NotCreated::Failed)?;
        let name = format!("{}{token}", janitor::NAME);
        // Classic stores have one platform of an image, and old ones refuse the question.
        let several = self.facts().store == Store::Containerd;
        let platform = if several { request.platform.to_string() } else { String::new() };
        let options = CreateContainerOptions { name: Some(name.clone()), platform };
        let (engine, body) = (self.clone(), body(request, &token));
        let create = Box::pin(async move {
            engine.ask(async |docker| docker.create_container(Some(options), body).await.map(drop)).await
        });
        match Charge::create(self, name, create, |fault| matches!(fault::refusal(fault), Some((400..500, _)))).await {
            Ok(charge) => Ok(Container { engine: self.clone(), token, charge }),
            Err(Some(fault)) => Err(self.not_created(fault)),
            Err(None) => {
                Err(NotCreated::Failed(Error::new(Class::Engine, "the request for a container ended unexpectedly")))
            }
        }
    }

    fn not_created(&self, fault: Fault) -> NotCreated {
        match fault::refusal(&fault) {
            Some((401 | 403, why)) => NotCreated::Forbidden(self.errands().forbid(why)),
            Some((400, why)) if why.contains("bind source path does not exist") => NotCreated::NoSource,
            _ => NotCreated::Failed(fault::error(fault, self.endpoint(), "create a container")),
        }
    }
}

impl Container {
    /// The directory of all binds. The image belongs to a stranger and its root may have links: they cannot lead away a path whose
    /// name nobody knew when the image was made.
    #[must_use]
    pub fn directory(&self) -> String {
        directory(&self.token)
    }

    /// Where the bind of this number is.
    #[must_use]
    pub fn bind(&self, number: usize) -> String {
        format!("{}/{number}", self.directory())
    }

    /// The tar of what is at an absolute path, as it comes. Errors are items of the stream; after one nothing more comes.
    pub fn archive(&self, path: &str) -> impl Stream<Item = Result<Bytes, Error>> + Send + Unpin + use<> {
        let options = DownloadFromContainerOptions { path: path.to_owned() };
        let ask = |docker: Docker, name: &str| docker.download_from_container(name, Some(options)).boxed();
        self.stream("read files through a container", ask)
    }

    /// The tar of the final file system, with what the engine adds of its own, as it comes. Errors are items of the stream.
    pub fn export(&self) -> impl Stream<Item = Result<Bytes, Error>> + Send + Unpin + use<> {
        self.stream("export a container", |docker, name| docker.export_container(name).boxed())
    }

    fn stream(
        &self,
        doing: &'static str,
        ask: impl FnOnce(Docker, &str) -> BoxStream<'static, Result<Bytes, Fault>>,
    ) -> BoxStream<'static, Result<Bytes, Error>> {
        let endpoint = self.engine.endpoint().clone();
        let errands = Arc::clone(self.engine.errands());
        let chunks = match self.engine.unbounded() {
            Ok((docker, allowance)) => ask(docker, self.charge.name())
                .map(move |chunk| {
                    allowance.renew();
                    chunk.map_err(|fault| {
                        if let Some((401 | 403, why)) = fault::refusal(&fault) {
                            errands.forbid(why);
                        }
                        fault::error(fault, &endpoint, doing)
                    })
                })
                .left_stream(),
            Err(fault) => {
                let error = fault::error(fault, &endpoint, doing);
                futures_util::stream::iter([Err(error)]).right_stream()
            }
        };
        Box::pin(watchdog::watch(self.engine.clone(), chunks))
    }
}

fn directory(token: &str) -> String {
    format!("/.imgbudget-{token}")
}

fn body(request: &ContainerRequest<'_>, token: &str) -> ContainerCreateBody {
    let tmpfs = |path: String| Mount { typ: Some(MountType::TMPFS), target: Some(path), ..Mount::default() };
    // `/data/` and `/data` are one: engines refuse two mounts there.
    let volumes: BTreeSet<PathBuf> =
        request.volumes.iter().map(|path| Path::new(path).components().collect()).collect();
    let volumes = volumes.into_iter().map(|path| path.display().to_string());
    // `Mounts` and never `Binds`: for those Docker makes what is not there on its machine. No propagation and no relabelling either:
    // what is bound stays as it is.
    let bind = |(number, source): (usize, &String)| Mount {
        typ: Some(MountType::BIND),
        source: Some(source.clone()),
        target: Some(format!("{}/{number}", directory(token))),
        read_only: Some(true),
        ..Mount::default()
    };
    let binds = request.binds.iter().enumerate().map(bind);
    let labels = [(janitor::LABEL.to_owned(), token.to_owned()), (janitor::PROCESS.to_owned(), janitor::process())];
    ContainerCreateBody {
        image: Some(request.image.to_owned()),
        // Never run; without it an image that has no command of its own cannot become a container.
        cmd: Some(vec!["imgbudget".to_owned()]),
        // Podman looks the image's user up in its /etc/passwd before it hands over a file, and a user who is only a name fails there.
        user: Some("0:0".to_owned()),
        labels: Some(labels.into()),
        host_config: Some(HostConfig {
            network_mode: Some("none".to_owned()),
            mounts: Some(volumes.map(tmpfs).chain(binds).collect()),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

/// 128 random bits of the operating system: what tells containers apart has to be new, and what an image must not know in advance must
/// not be guessed from other such names either, which the standard library's hashes do not promise.
fn token() -> Result<String, Error> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::new(Class::Io, "the operating system has no random numbers"))?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}
