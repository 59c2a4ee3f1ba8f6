//! One target on one platform: from its source to its report.

use std::path::Path;
use std::sync::Arc;

use super::engines::LazyEngine;
use super::explain::{Provenance, explained};
use super::recipe::{Recipe, shown};
use super::upload::upload;
use super::{Options, Shared, blocking, from_engine};
use crate::context;
use crate::credentials::{Credentials, docker_config};
use crate::domain::{Build, BuildFacts, ImageRef, Platform, Source, Target, TargetReport, ToolPattern};
use crate::engine::{BuildError, BuildRequest, Built, Engine, StepName, Store};
use crate::error::{Class, Error};
use crate::image::{Explanation, Measurement, Question, TooLarge, measure};
use crate::memory::{Memory, OutOfMemory};
use crate::policy::{self, Measured};
use crate::progress::{Event, Observer};
use crate::source::{self, ImageContent, Limits, Wanted};

/// Reads an image from a path, saying how far it is.
type Reader = fn(&Path, &Wanted, &Limits, &mut dyn FnMut(u64)) -> Result<ImageContent, Error>;

/// What is known of an image before it is judged.
struct Found {
    content: ImageContent,
    /// What people call it; none for what was built just now.
    reference: Option<String>,
    build: Option<BuildFacts>,
    /// The steps of that build.
    steps: Vec<StepName>,
    notes: Vec<String>,
}

/// Builds or finds the target's image, reads it, measures it and judges it.
///
/// # Errors
/// Why it could not be measured.
pub(super) async fn check(
    shared: &Arc<Shared>,
    target: &Arc<Target>,
    platform: Option<&Platform>,
    observer: &Arc<dyn Observer>,
) -> Result<TargetReport, Error> {
    let Shared { options, engine, .. } = shared.as_ref();
    let mut recipe = None;
    let mut notes = Vec::new();
    if let Some(build) = &target.build {
        match Recipe::read(build, &options.boundary, &options.working_directory) {
            Ok(read) => recipe = Some(read),
            Err(error) if target.source == Source::Build => {
                let place = target.place.clone().filter(|_| error.place().is_none());
                return Err(place.map_or(error.clone(), |place| error.at(place)));
            }
            // The image is measured all the same; its layers just have no Dockerfile lines.
            Err(error) => notes.push(format!("layers are not matched with Dockerfile lines: {}", error.chain())),
        }
    }
    let mut found = match &target.source {
        Source::Build => {
            let missing = || Error::new(Class::Config, "the target has nothing to build from");
            let (build, recipe) = target.build.as_ref().zip(recipe.as_ref()).ok_or_else(missing)?;
            build_and_read(target, build, recipe, platform, options, engine, observer).await?
        }
        Source::Image(reference) => {
            read_image(target, reference, platform, options, engine.get().await?, observer).await?
        }
        Source::Archive { path, image } => {
            let wanted = Wanted { image: image.clone(), platform: platform.cloned() };
            let is_piped = path == Path::new(source::archive::STANDARD_INPUT);
            let read = if is_piped { source::archive::standard_input } else { source::archive::open };
            read_file(target, path, wanted, options, observer, read).await?
        }
        Source::Layout { path, image } => {
            let wanted = Wanted { image: image.clone(), platform: platform.cloned() };
            read_file(target, path, wanted, options, observer, source::layout::read).await?
        }
    };
    found.notes.splice(0..0, notes);
    let provenance = match (&target.source, &recipe) {
        (Source::Build, Some(recipe)) => {
            let platform = &found.content.config.platform;
            Provenance::of_build(engine.get().await?, recipe, platform, &found.steps).await
        }
        (Source::Image(_), Some(recipe)) => {
            Provenance::of_image(engine.get().await?, recipe, &found.content.config.platform).await
        }
        // Files open no socket.
        _ => Provenance::elsewhere(),
    };
    let (shared, target, observer) = (Arc::clone(shared), Arc::clone(target), Arc::clone(observer));
    blocking::off_reactor(move || {
        observer.event(target.name.as_str(), Event::Judging);
        let memory = &shared.options.limits.memory;
        let measured = measured(&target, recipe.as_ref().zip(Some(&provenance)), found, memory)?;
        Ok(policy::judge(&target, measured, &shared.rulebook()))
    })
    .await
}

/// Measures what was found, with what explains it.
fn measured(
    target: &Target,
    explanation: Option<(&Recipe, &Provenance)>,
    found: Found,
    memory: &Memory,
) -> Result<Measured, Error> {
    let Found { content, reference, build, mut notes, .. } = found;
    let (mut measurement, note) = measurement(target, explanation, &content, memory)?;
    notes.extend(note);
    // What is known of the Dockerfile holds for the image only where its layers fit it.
    let recipe = explanation.map(|(recipe, _)| recipe).filter(|_| measurement.base_size().is_some());
    measurement.user_place = recipe.and_then(Recipe::user);
    Ok(Measured { measurement, reference, base: recipe.and_then(Recipe::base_image), build, notes })
}

fn measurement(
    target: &Target,
    explanation: Option<(&Recipe, &Provenance)>,
    content: &ImageContent,
    memory: &Memory,
) -> Result<(Measurement, Option<String>), Error> {
    let names: Vec<&str> = target
        .rules
        .forbid_tools
        .iter()
        .filter_map(|entry| match &entry.what {
            ToolPattern::Name(name) => Some(name.as_str()),
            ToolPattern::Group(_) => None,
        })
        .collect();
    let globs: Vec<_> = target.rules.forbid_paths.iter().map(|entry| &entry.what).collect();
    let with = |explanation: Option<Explanation<'_>>| {
        let question = Question { tool_names: &names, globs: &globs, explanation };
        measure(&content.config, &content.layers, content.compressed_layers.as_deref(), &question, memory)
    };
    let measured = match explanation {
        Some((recipe, provenance)) => explained(recipe, &content.config, provenance, with),
        None => with(None).map(|measured| (measured, None)),
    };
    measured.map_err(|error| {
        let failed = Error::new(Class::Image, "the image could not be measured").caused_by(error);
        if matches!(error, TooLarge::Memory(_)) { failed.with_hint(OutOfMemory::HINT) } else { failed }
    })
}

async fn build_and_read(
    target: &Target,
    build: &Build,
    recipe: &Recipe,
    platform: Option<&Platform>,
    options: &Options,
    engine: &LazyEngine,
    observer: &Arc<dyn Observer>,
) -> Result<Found, Error> {
    if options.no_build {
        return Err(Error::new(
            Class::Usage,
            format!("target `{}` would have to be built, and --no-build is given", target.name),
        )
        .with_hint(format!("Name an image that is built already: --image {}=REF.", target.name)));
    }
    recipe.supported()?;
    // Relative paths, so that what is said of them is what the user would type.
    let (context, dockerfile) =
        (shown(&build.context, &options.working_directory), shown(&build.dockerfile, &options.working_directory));
    let boundary = options.boundary.clone();
    let plan = blocking::off_reactor(move || context::plan(&context, &dockerfile, &boundary)).await?;
    let engine = engine.get().await?;
    let (credentials, mut notes) = credentials(recipe, options).await;
    notes.extend(plan.notes().iter().cloned());
    let request = BuildRequest {
        project: options.project.clone(),
        target: target.name.clone(),
        dockerfile: plan.dockerfile_name().to_owned(),
        stage: build.stage.clone(),
        args: build.args.clone(),
        network: build.network,
        platform: platform.cloned(),
        no_cache: options.no_cache,
        pull: options.pull,
        credentials,
    };
    let (stream, writer) = upload(plan);
    let outcome = engine.build(&request, stream, observer.as_ref()).await;
    let built = match outcome {
        Ok(built) => built,
        Err(error) => {
            // A context that could not be sent is the cause, whatever the engine made of it; and only its error has the hint.
            if let Ok(Err(cause)) = writer.await {
                return Err(cause);
            }
            return Err(match error {
                BuildError::Failed(failure) => recipe.blame(*failure),
                BuildError::Other(error) => error,
            });
        }
    };
    let content =
        from_engine::read(engine, &built.image.to_string(), platform, &options.limits, reading(target, observer))
            .await?;
    notes.extend(store_note(engine));
    Ok(Found { content, reference: None, build: Some(facts(&built)), steps: built.names, notes })
}

async fn read_image(
    target: &Target,
    reference: &ImageRef,
    platform: Option<&Platform>,
    options: &Options,
    engine: &Engine,
    observer: &Arc<dyn Observer>,
) -> Result<Found, Error> {
    let name = reference.to_string();
    let content = from_engine::read(engine, &name, platform, &options.limits, reading(target, observer)).await?;
    let notes = store_note(engine).into_iter().collect();
    Ok(Found { content, reference: Some(name), build: None, steps: Vec::new(), notes })
}

async fn read_file(
    target: &Target,
    path: &Path,
    wanted: Wanted,
    options: &Options,
    observer: &Arc<dyn Observer>,
    read: Reader,
) -> Result<Found, Error> {
    // What errors name is what the user would type.
    let path = shown(path, &options.working_directory);
    let shown = path.display().to_string();
    let mut progress = reading(target, observer);
    let limits = options.limits.clone();
    let content = blocking::off_reactor(move || read(&path, &wanted, &limits, &mut progress)).await?;
    let notes = beside_note(&content.beside).into_iter().collect();
    Ok(Found { content, reference: Some(shown), build: None, steps: Vec::new(), notes })
}

/// Platforms that nobody asked for, and that a budget may have been meant for.
fn beside_note(platforms: &[Platform]) -> Option<String> {
    const MOST: usize = 5;
    let mut names: Vec<String> = platforms.iter().take(MOST).map(ToString::to_string).collect();
    let more = platforms.len().saturating_sub(MOST);
    names.extend((more > 0).then(|| format!("{more} more")));
    (!names.is_empty())
        .then(|| format!("it holds {}, too, not measured: `platforms` or --platform names what is", names.join(", ")))
}

fn reading(target: &Target, observer: &Arc<dyn Observer>) -> impl FnMut(u64) + Send + 'static {
    let (name, observer) = (target.name.clone(), Arc::clone(observer));
    move |bytes| observer.event(name.as_str(), Event::Reading { bytes })
}

/// Logins for the registries that the Dockerfile names; whatever goes wrong on the way is a note, since the images may be public.
async fn credentials(recipe: &Recipe, options: &Options) -> (Credentials, Vec<String>) {
    let directory = docker_config::directory(&options.environment);
    match docker_config::load(directory.as_deref()) {
        Ok(config) => Credentials::find(&config, &recipe.registries()).await,
        Err(error) => (Credentials::default(), vec![format!("building without logins: {}", error.chain())]),
    }
}

fn store_note(engine: &Engine) -> Option<String> {
    let note = "this engine keeps images in containerd's store, so `docker image ls` shows another size: it adds compressed blobs \
                and unpacked files; see \"Which size is this?\" in the README";
    (engine.facts().store == Store::Containerd).then(|| note.to_owned())
}

fn facts(built: &Built) -> BuildFacts {
    let milliseconds = u64::try_from(built.took.as_millis()).unwrap_or(u64::MAX);
    BuildFacts { milliseconds, cached_steps: built.cached_steps, steps: built.steps }
}
