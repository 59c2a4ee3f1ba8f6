//! Where the rooms meet: every target is built or found, read, measured and judged, several at once, and whatever happens to one
//! does not stop the others.

mod base;
mod beside;
mod blocking;
mod building;
mod earlier;
mod engines;
mod explain;
mod finding;
mod found;
mod inside;
mod measuring;
mod opened;
mod recipe;
mod registries;
mod target;
mod upload;
pub mod whom_to_ask;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::baseline::Against;
use crate::cache::LayerCache;
use crate::ci::Environment;
use crate::contents::Wish;
use crate::domain::{Budgets, LeftOut, LookIn, PathGlob, Platform, ReadWay, Report, Source, Target, TargetReport};
use crate::error::{Class, Error};
use crate::files::Boundary;
use crate::memory::Memory;
use crate::policy::{self, Rulebook};
use crate::progress::{Event, Observer};
use crate::reading::{Joining, Reader};
use crate::source::Limits;

pub use crate::reading::Shelf;
pub use beside::{Layered, beside, drawn, layer_changes};
pub use earlier::{Choice, EarlierImages, earlier_images};
use engines::LazyEngine;
pub use opened::Opened;
pub use recipe::{NamedStage, stage_names, stages};
use registries::LazyRegistries;

/// How long the end of a run waits until the engine has removed the containers that it read through.
const TO_CLEAN_UP: Duration = Duration::from_secs(10);

/// How a run goes about its work.
#[derive(Debug, Clone)]
pub struct Options {
    /// The project that the targets belong to: part of the tags of what is built.
    pub project: String,
    /// Targets at once.
    pub jobs: usize,
    /// A needed build is an error.
    pub no_build: bool,
    /// Build without the engine's build cache.
    pub no_cache: bool,
    /// Ask the registry for newer base images.
    pub pull: bool,
    /// How layers of an engine's images are read.
    pub read: ReadWay,
    /// What earlier runs learned of layers; `None` where nothing is kept.
    pub layer_cache: Option<Arc<LayerCache>>,
    /// Talk to the engine alone.
    pub offline: bool,
    /// Registries that may be spoken to without TLS, as `host` or `host:port`, beside those on this machine.
    pub plain_http: Vec<String>,
    /// Files of certificates, in PEM, that registries' certificates may come from beside the machine's own.
    pub ca_files: Vec<PathBuf>,
    /// Whether sizes are wanted whatever the rules ask for: they are written down.
    pub wants_sizes: bool,
    /// What is to be known of what images hold, beside what rules ask about.
    pub contents: Wish,
    /// Layers that were read for the baseline and may be compared with; `None` where nothing was.
    pub shelf: Option<Shelf>,
    /// Paths without which the size is wanted, too.
    pub without: Vec<PathGlob>,
    /// The bound on each target; none when absent.
    pub timeout: Option<Duration>,
    /// What reading images may take.
    pub limits: Limits,
    /// The environment: where the engine is, and where credentials are.
    pub environment: Environment,
    /// Where the user stands: files are named relative to it.
    pub working_directory: PathBuf,
    /// What Dockerfiles, ignore files and contexts have to lie in.
    pub boundary: Boundary,
    /// The day that `until` is compared with.
    pub today: time::Date,
    /// The commit that is checked out, when it is known.
    pub commit: Option<String>,
    /// What the run is compared with; `None` when nobody asked for it.
    pub baseline: Option<Arc<Against>>,
    /// Whether only what the baseline does not have may fail.
    pub only_new: bool,
    /// Targets that are not checked, because nothing of them changed; `None` when nobody asked for that.
    pub left_out: Option<LeftOut>,
}

impl Options {
    fn reader(&self, jobs: usize) -> Reader {
        let cache = self.layer_cache.clone();
        match &self.shelf {
            Some(shelf) => Reader::with(shelf.clone(), self.read, cache, &self.limits, jobs),
            None => Reader::new(self.read, cache, &self.limits, jobs),
        }
    }
}

/// What all targets of a run share.
struct Shared {
    budgets: Budgets,
    options: Options,
    engine: LazyEngine,
    registries: LazyRegistries,
    reader: Reader,
    /// Images that are measured at once.
    measuring: Arc<Semaphore>,
}

impl Shared {
    fn new(budgets: &Budgets, options: &Options) -> Arc<Self> {
        let jobs_at_once = options.jobs.max(1);
        Arc::new(Self {
            budgets: budgets.clone(),
            options: options.clone(),
            engine: LazyEngine::new(options.environment.clone()),
            registries: LazyRegistries::new(options.clone()),
            reader: options.reader(jobs_at_once),
            measuring: Arc::new(Semaphore::new(jobs_at_once)),
        })
    }

    fn rulebook(&self) -> Rulebook<'_> {
        let Options { today, baseline, only_new, left_out, .. } = &self.options;
        let (against, left_out) = (baseline.as_deref(), left_out.as_ref());
        Rulebook { budgets: &self.budgets, today: *today, against, only_new: *only_new, left_out }
    }
}

/// Checks `targets` against `budgets`. Never fails as a whole: what went wrong with a target is in its report.
///
/// Each target is a task of its own, so one that takes long holds none of the others back. As many as [`Options::jobs`] are built or
/// read from files at once; images that an engine or a registry has are looked at together, so that what they share is read once.
/// When `cancel` fires, what is under way is dropped (the engine stops a build whose client went away) and every target that has
/// no result yet is reported as not measured.
pub async fn run(
    budgets: &Budgets,
    targets: Vec<Target>,
    options: &Options,
    observer: Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Report {
    check(&Shared::new(budgets, options), targets, &observer, cancel).await
}

/// Opens the images of `targets`, to be looked into: one for each target and platform, in their order. Of one that could not be measured the
/// report says why.
pub async fn open(
    budgets: &Budgets,
    targets: Vec<Target>,
    options: &Options,
    observer: Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Vec<Result<Opened, Box<TargetReport>>> {
    // Who looks into an image may ask anything.
    let contents = if options.contents.is_some() { options.contents } else { Wish::ALL };
    let options = Options { wants_sizes: true, contents, ..options.clone() };
    let shared = Shared::new(budgets, &options);
    each(&shared, targets, &observer, cancel, |_, opened, _| Ok(opened)).await
}

/// [`run`] with what its targets share.
async fn check(
    shared: &Arc<Shared>,
    targets: Vec<Target>,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Report {
    let reports = each(shared, targets, observer, cancel, target::judge).await;
    let reports = reports.into_iter().map(|report| report.unwrap_or_else(|report| *report)).collect();
    policy::conclude(reports, shared.options.commit.clone(), &shared.rulebook())
}

/// Carries each target as far as `then`; of one that did not get there the report says why.
async fn each<T: Send + 'static>(
    shared: &Arc<Shared>,
    targets: Vec<Target>,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
    then: impl FnOnce(&Shared, Opened, &Memory) -> Result<T, Error> + Copy + Send + 'static,
) -> Vec<Result<T, Box<TargetReport>>> {
    let slots = Arc::new(Semaphore::new(shared.options.jobs.max(1)));
    let mut under_way = Vec::new();
    // All that may need one `save` are announced before the first of them does.
    let jobs: Vec<_> = jobs(targets, observer).map(|job| (joining(shared, &job), job)).collect();
    for (joining, Job { target, platform, observer }) in jobs {
        let (slots, cancel, job) = (Arc::clone(&slots), cancel.clone(), (Arc::clone(&target), platform.clone()));
        let shared = Arc::clone(shared);
        let task = tokio::spawn(async move {
            // Nobody closes the semaphore; without a slot the target would only start early.
            let slot = match target.source {
                Source::Image(_) => None,
                _ => slots.acquire_owned().await.ok(),
            };
            let outcome = one(&shared, &target, platform.as_ref(), &observer, &cancel, joining, then).await;
            observer.event(target.name.as_str(), Event::Finished);
            drop(slot);
            outcome
        });
        under_way.push((job, AbortOnDropHandle::new(task)));
    }
    // In the order of the targets, whichever was done first.
    let mut outcomes = Vec::with_capacity(under_way.len());
    for ((target, platform), task) in under_way {
        let outcome = task.await.unwrap_or_else(|error| Err(blocking::gone(error)));
        outcomes.push(outcome.map_err(|error| Box::new(policy::unmeasured(&target, platform, &error))));
    }
    shared.reader.finish().await;
    if let Some(engine) = shared.engine.connected() {
        for container in engine.settle(TO_CLEAN_UP).await {
            let note = format!("container {container} could not be removed yet; a later run removes it");
            observer.event("clean-up", Event::Note(&note));
        }
    }
    outcomes
}

/// One target on one platform, and who watches it.
struct Job {
    target: Arc<Target>,
    platform: Option<Platform>,
    observer: Arc<dyn Observer>,
}

fn jobs(targets: Vec<Target>, observer: &Arc<dyn Observer>) -> impl Iterator<Item = Job> {
    targets.into_iter().flat_map(move |target| {
        let target = Arc::new(target);
        let several = target.platforms.len() > 1;
        let platforms: Vec<Option<Platform>> =
            if target.platforms.is_empty() { vec![None] } else { target.platforms.iter().cloned().map(Some).collect() };
        platforms.into_iter().map(move |platform| {
            // Steps of two platforms have the same names.
            let observer: Arc<dyn Observer> = match platform.as_ref().filter(|_| several) {
                Some(platform) => {
                    let label = format!("{} ({platform})", target.name);
                    Arc::new(Labelled { label, observer: Arc::clone(observer) })
                }
                None => Arc::clone(observer),
            };
            Job { target: Arc::clone(&target), platform, observer }
        })
    })
}

/// Passes on what is seen of one target under another name.
struct Labelled {
    label: String,
    observer: Arc<dyn Observer>,
}

impl Observer for Labelled {
    fn event(&self, _target: &str, event: Event<'_>) {
        self.observer.event(&self.label, event);
    }
}

/// Announces the image of a job to the reader, where an engine may have to save it.
fn joining(shared: &Shared, job: &Job) -> Option<Joining> {
    let is_of_engine = matches!(job.target.source, Source::Image(_)) && job.target.look_in != LookIn::Registry;
    is_of_engine.then(|| shared.reader.join())
}

async fn one<T: Send + 'static>(
    shared: &Arc<Shared>,
    target: &Arc<Target>,
    platform: Option<&Platform>,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
    joining: Option<Joining>,
    then: impl FnOnce(&Shared, Opened, &Memory) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let work = target::open(shared, target, platform, observer, joining, then);
    let bounded = async {
        match shared.options.timeout {
            None => work.await,
            Some(bound) => tokio::time::timeout(bound, work).await.unwrap_or_else(|_| {
                Err(Error::new(Class::Interrupted, format!("gave up after {} s", bound.as_secs()))
                    .with_hint("--timeout sets the bound; without it there is none."))
            }),
        }
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::new(Class::Interrupted, "interrupted before it was measured")),
        outcome = bounded => outcome,
    }
}
