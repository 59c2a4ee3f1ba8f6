//! Building one target: BuildKit on Docker, the classic form on Podman. The context is a stream and is never held.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bollard::models::{BuildInfo, BuildInfoAux};
use bollard::query_parameters::{BuildImageOptions, BuilderVersion};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt as _};

use super::connect::{Engine, Kind, Store};
use super::failure::{BuildError, BuildFailure};
use super::step::StepName;
use super::trace::Trace;
use super::transcript::Transcript;
use super::{fault, logins, names, watchdog};
use crate::credentials::Credentials;
use crate::domain::{Digest, Network, Platform, TargetName};
use crate::progress::{Event, Observer};
use crate::{Class, Error};

/// What to build, apart from the context.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// The project that the target belongs to, for the tag.
    pub project: String,
    /// The target, for events, label and tag.
    pub target: TargetName,
    /// The Dockerfile's name inside the context's tar.
    pub dockerfile: String,
    /// The stage; the last one when absent.
    pub stage: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Network of RUN steps.
    pub network: Network,
    /// The platform; the engine's own when absent.
    pub platform: Option<Platform>,
    /// Build every step anew.
    pub no_cache: bool,
    /// Ask the registries for newer base images.
    pub pull: bool,
    /// Logins for the registries of the base images.
    pub credentials: Credentials,
}

/// A build that worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The image: the one name to measure it by, since tags move.
    pub image: Digest,
    /// How long it took.
    pub took: Duration,
    /// Steps, FROM included.
    pub steps: u64,
    /// Steps out of the build cache.
    pub cached_steps: u64,
    /// The steps by name, where BuildKit built them; in no order. Untrusted.
    pub names: Vec<StepName>,
}

/// One line of the engine's answer.
enum Line {
    Info(Box<BuildInfo>),
    /// The build failed, and the engine said why.
    Failed(String),
}

/// What is kept of the answer.
#[derive(Default)]
struct Answer {
    trace: Trace,
    transcript: Transcript,
    image: Option<String>,
}

impl Engine {
    /// Builds an image out of `context`, a tar as it comes. There is no bound in time. Dropping the future closes the connection,
    /// and the engine then stops the build and removes what it had started.
    ///
    /// # Errors
    /// [`BuildError::Failed`] with the instruction to blame; otherwise why it could not even be tried, or what broke off.
    pub async fn build(
        &self,
        request: &BuildRequest,
        context: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        observer: &dyn Observer,
    ) -> Result<Built, BuildError> {
        let target = request.target.as_str();
        let begun = Instant::now();
        observer.event(target, Event::BuildStarted);
        let mut answer = Answer::default();
        let unreadable = Arc::new(OnceLock::new());
        let ended = self.converse(request, remember(context, &unreadable), observer, &mut answer).await;
        if let Some(error) = unreadable.get() {
            return Err(Error::new(Class::Io, format!("cannot read the build context: {error}")).into());
        }
        let failed = ended?;
        answer.transcript.end_step(failed.is_some(), target, observer);
        if let Some(message) = failed {
            return Err(BuildError::Failed(Box::new(self.explain(&message, &answer))));
        }
        let image = self.built_image(&answer).await?;
        let (steps, cached_steps) = match self.facts().kind {
            Kind::Docker => answer.trace.counts(),
            Kind::Podman => answer.transcript.counts(),
        };
        let took = begun.elapsed();
        observer.event(target, Event::BuildDone { took, cached: cached_steps, steps });
        Ok(Built { image, took, steps, cached_steps, names: answer.trace.names() })
    }

    /// Sends the request and reads the answer to its end, or to the message of a failed build.
    async fn converse(
        &self,
        request: &BuildRequest,
        context: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
        observer: &dyn Observer,
        answer: &mut Answer,
    ) -> Result<Option<String>, Error> {
        let (docker, allowance) = self.unbounded().map_err(|fault| fault::error(fault, self.endpoint(), "build"))?;
        let (options, credentials) = match self.facts().kind {
            Kind::Docker => (request.buildkit(), logins::for_buildkit(&request.credentials)),
            Kind::Podman => (request.classic(), logins::for_header(&request.credentials)),
        };
        let body = bollard::body_try_stream(context);
        let lines = docker.build_image(options, Some(credentials), Some(body)).map(|line| {
            // On its way here the error of the connection has become text.
            if line.is_err() && allowance.is_spent() {
                return Err(fault::endless(self.endpoint(), "build"));
            }
            allowance.renew();
            self.sort(line)
        });
        let mut lines = pin!(watchdog::watch(self.clone(), lines));
        let target = request.target.as_str();
        while let Some(line) = lines.next().await {
            match line? {
                Line::Failed(message) => return Ok(Some(message)),
                Line::Info(info) => {
                    answer.trace.read(info.aux.as_ref(), target, observer);
                    if let Some(text) = &info.stream {
                        answer.transcript.read(text, target, observer);
                    }
                    if let Some(BuildInfoAux::Default(image)) = info.aux {
                        answer.image = image.id.or(answer.image.take());
                    }
                }
            }
        }
        Ok(None)
    }

    /// Tells a failed build from a failed engine.
    fn sort(&self, line: Result<BuildInfo, bollard::errors::Error>) -> Result<Line, Error> {
        match line {
            Ok(info) => Ok(Line::Info(Box::new(info))),
            Err(bollard::errors::Error::DockerStreamError { error }) => Ok(Line::Failed(error)),
            // The classic form parses the Dockerfile before it answers.
            Err(error) => match fault::refusal(&error) {
                Some((400 | 404 | 500, message)) if !message.is_empty() => Ok(Line::Failed(message.to_owned())),
                _ => Err(fault::error(error, self.endpoint(), "build")),
            },
        }
    }

    fn explain(&self, message: &str, answer: &Answer) -> BuildFailure {
        let mut failure = if let Some(vertex) = answer.trace.failed() {
            let said = if message.is_empty() { vertex.error } else { message };
            BuildFailure::new(said, Some(vertex.name), vertex.log)
        } else if let Some((step, log)) = answer.transcript.current() {
            BuildFailure::new(message, Some(step), log)
        } else {
            BuildFailure::new(message, None, Vec::new())
        };
        if self.facts().store == Store::Containerd && message.contains("invalid response status 403") {
            failure.hint = Some(format!(
                "Docker {} with the containerd image store cannot build a context that is sent to it (moby issue 47717): update \
                 to 28, or build with `docker buildx build --load` and give the image with `--image`.",
                self.facts().version
            ));
        }
        failure
    }

    /// The id that the engine gave. The classic form may give a short one.
    async fn built_image(&self, answer: &Answer) -> Result<Digest, Error> {
        let nameless = || Error::new(Class::Engine, "the engine ended the build without naming the image it built");
        if let Some(digest) = answer.image.as_deref().and_then(|id| id.parse().ok()) {
            return Ok(digest);
        }
        let short = answer.transcript.image().ok_or_else(nameless)?;
        Ok(self.image(short, None).await?.id)
    }
}

impl BuildRequest {
    fn buildkit(&self) -> BuildImageOptions {
        BuildImageOptions { version: BuilderVersion::BuilderBuildKit, session: Some(session()), ..self.options() }
    }

    /// `forcerm`, or a failed RUN leaves its container behind.
    fn classic(&self) -> BuildImageOptions {
        BuildImageOptions { version: BuilderVersion::BuilderV1, rm: true, forcerm: true, ..self.options() }
    }

    fn options(&self) -> BuildImageOptions {
        let network = match self.network {
            Network::Default => None,
            Network::Host | Network::None => Some(self.network.as_str().to_owned()),
        };
        BuildImageOptions {
            dockerfile: self.dockerfile.clone(),
            t: Some(names::tag(&self.project, &self.target, self.platform.as_ref())),
            nocache: self.no_cache,
            pull: self.pull.then(|| "true".to_owned()),
            buildargs: Some(self.args.clone().into_iter().collect()),
            labels: Some(HashMap::from([(names::LABEL.to_owned(), self.target.to_string())])),
            networkmode: network,
            platform: self.platform.as_ref().map_or_else(String::new, ToString::to_string),
            target: self.stage.clone().unwrap_or_default(),
            ..BuildImageOptions::default()
        }
    }
}

/// A name for BuildKit's session: it must differ from that of any other build on the engine.
fn session() -> String {
    let random = || RandomState::new().hash_one(std::process::id());
    format!("imgbudget-{:016x}{:016x}", random(), random())
}

/// `context`, whose first error is kept: what comes back from the engine would only say that the request broke off.
fn remember(
    context: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    unreadable: &Arc<OnceLock<String>>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let unreadable = Arc::clone(unreadable);
    context.map(move |chunk| {
        chunk.inspect_err(|error| {
            unreadable.get_or_init(|| error.to_string());
        })
    })
}
