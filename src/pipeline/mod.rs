//! Where the rooms meet: every target is built or found, read, measured and judged, several at once, and whatever happens to one
//! does not stop the others.

mod engines;
mod explain;
mod recipe;
mod target;
mod upload;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use crate::baseline::Against;
use crate::ci::Environment;
use crate::domain::{Budgets, Platform, Report, Target, TargetReport};
use crate::error::{Class, Error};
use crate::files::Boundary;
use crate::policy::{self, Rulebook};
use crate::progress::{Event, Observer};
use crate::source::Limits;

use engines::LazyEngine;

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
}

/// Checks `targets` against `budgets`. Never fails as a whole: what went wrong with a target is in its report.
///
/// When `cancel` fires, what is under way is dropped (the engine stops a build whose client went away) and every target that has no
/// result yet is reported as not measured.
pub async fn run(
    budgets: &Budgets,
    targets: Vec<Target>,
    options: &Options,
    observer: Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Report {
    let engine = LazyEngine::new(options.environment.clone());
    let work = targets.iter().flat_map(|target| {
        let platforms: Vec<Option<&Platform>> =
            if target.platforms.is_empty() { vec![None] } else { target.platforms.iter().map(Some).collect() };
        platforms.into_iter().map(move |platform| (target, platform))
    });
    let reports: Vec<TargetReport> = futures_util::stream::iter(work)
        .map(|(target, platform)| {
            let (engine, observer) = (&engine, Arc::clone(&observer));
            // Steps of two platforms have the same names.
            let several = platform.filter(|_| target.platforms.len() > 1);
            let observer: Arc<dyn Observer> = match several {
                Some(platform) => Arc::new(Labelled { label: format!("{} ({platform})", target.name), observer }),
                None => observer,
            };
            async move {
                let report = one(budgets, target, platform, options, engine, &observer, cancel).await;
                observer.event(target.name.as_str(), Event::Finished);
                report
            }
        })
        .buffered(options.jobs.max(1))
        .collect()
        .await;
    let rulebook = Rulebook { budgets, today: options.today, against: options.baseline.as_deref() };
    policy::conclude(reports, options.commit.clone(), &rulebook)
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

async fn one(
    budgets: &Budgets,
    target: &Target,
    platform: Option<&Platform>,
    options: &Options,
    engine: &LazyEngine,
    observer: &Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> TargetReport {
    let work = target::check(budgets, target, platform, options, engine, observer);
    let bounded = async {
        match options.timeout {
            None => work.await,
            Some(bound) => tokio::time::timeout(bound, work).await.unwrap_or_else(|_| {
                Err(Error::new(Class::Interrupted, format!("gave up after {} s", bound.as_secs()))
                    .with_hint("--timeout sets the bound; without it there is none."))
            }),
        }
    };
    let outcome = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(Error::new(Class::Interrupted, "interrupted before it was measured")),
        outcome = bounded => outcome,
    };
    outcome.unwrap_or_else(|error| policy::unmeasured(target, platform.cloned(), &error))
}
