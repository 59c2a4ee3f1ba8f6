//! A target that is built: its context goes to the engine, and an image comes out of it.

use super::engines::LazyEngine;
use super::recipe::{Recipe, shown};
use super::upload::upload;
use super::{Options, blocking};
use crate::context;
use crate::credentials::{Credentials, docker_config};
use crate::domain::{Build, BuildFacts, Digest, Platform, Target};
use crate::engine::{BuildError, BuildRequest, Built, StepName};
use crate::error::{Class, Error};
use crate::progress::Observer;

/// What was built.
pub(super) struct Product {
    /// Its id on the engine.
    pub(super) image: Digest,
    pub(super) facts: BuildFacts,
    /// The steps that made it.
    pub(super) steps: Vec<StepName>,
    pub(super) notes: Vec<String>,
}

/// Builds the target.
///
/// # Errors
/// It must not be built, or the build failed.
pub(super) async fn build(
    target: &Target,
    build: &Build,
    recipe: &Recipe,
    platform: Option<&Platform>,
    options: &Options,
    engine: &LazyEngine,
    observer: &dyn Observer,
) -> Result<Product, Error> {
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
    let outcome = engine.build(&request, stream, observer).await;
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
    Ok(Product { facts: facts(&built), image: built.image, steps: built.names, notes })
}

/// Logins for the registries that the Dockerfile names; whatever goes wrong on the way is a note, since the images may be public. A helper
/// may ask anybody, so offline there are none.
async fn credentials(recipe: &Recipe, options: &Options) -> (Credentials, Vec<String>) {
    if options.offline {
        return (Credentials::default(), Vec::new());
    }
    let directory = docker_config::directory(&options.environment);
    match docker_config::load(directory.as_deref()) {
        Ok(config) => Credentials::find(&config, &recipe.registries()).await,
        Err(error) => (Credentials::default(), vec![format!("building without logins: {}", error.chain())]),
    }
}

fn facts(built: &Built) -> BuildFacts {
    let milliseconds = u64::try_from(built.took.as_millis()).unwrap_or(u64::MAX);
    BuildFacts { milliseconds, cached_steps: built.cached_steps, steps: built.steps }
}
