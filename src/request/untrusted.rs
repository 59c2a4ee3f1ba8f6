//! A job that holds secrets, and a stranger's checkout in it: their Dockerfile may run nothing, and their budget file may not choose
//! which registry gets to see the logins.

use std::path::Path;

use super::git;
use crate::ci::GitHubRun;
use crate::cli::{BuildArgs, SourceArgs};
use crate::domain::{Budgets, LookIn, Source, Target};
use crate::error::{Class, Error};
use crate::session::Session;

/// Refuses to build where the event hands out secrets and the code is a pull request's from a fork, and lets no registry be asked about
/// an image that such a checkout names. What counts is the checkout around each build and its budget file: a job may have its own code
/// in one folder and the stranger's in another.
///
/// # Errors
/// A target would be built from code, or its image asked of the registry in a file, that is not known to be the repository's own.
pub(crate) fn refuse(
    args: &BuildArgs,
    source: &SourceArgs,
    targets: &mut [Target],
    session: &Session,
) -> Result<(), Error> {
    let Some(run) = session.ci.github.as_ref() else { return Ok(()) };
    let is_unsafe =
        |folder: &Path| run.is_unsafe_to_build(git::commit(&session.working_directory.join(folder), "HEAD").as_deref());
    for target in targets {
        let is_of_stranger = folder_of(target).is_some_and(is_unsafe);
        if let Some(base) = &mut target.base {
            base.may_ask_registry = !is_of_stranger;
        }
        match &target.source {
            Source::Build if args.i_know_this_runs_untrusted_code => {}
            Source::Build => {
                let Some(build) = &target.build else { continue };
                let dockerfile = build.dockerfile.parent().unwrap_or(Path::new(""));
                // The budget file hands arguments and variables of the job to the build.
                let folders = [build.context.as_path(), dockerfile].into_iter().chain(folder_of(target));
                if folders.into_iter().any(is_unsafe) {
                    return Err(no_build(target, run));
                }
            }
            Source::Image(_) if is_typed(target, source) => {}
            Source::Image(_) => {
                // What bake wrote names what the bake file says, wherever that was checked out.
                let is_baked = source.bake_metadata.is_some() && run.is_unsafe_to_build(None);
                target.may_ask_registry = !is_baked && !folder_of(target).is_some_and(is_unsafe);
                if target.look_in == LookIn::Registry && !target.may_ask_registry {
                    return Err(no_registry(target, run));
                }
            }
            Source::Archive { .. } | Source::Layout { .. } => {}
        }
    }
    Ok(())
}

/// Refuses to ask a registry for a baseline that a stranger's budget file names, in a job that holds secrets: it would get to see the logins.
///
/// # Errors
/// The budget file is not known to be the repository's own.
pub(crate) fn refuse_images(budgets: &Budgets, session: &Session) -> Result<(), Error> {
    let (Some(run), Some(template)) = (session.ci.github.as_ref(), budgets.baseline_images.first()) else {
        return Ok(());
    };
    let file = budgets.file.as_deref().unwrap_or(Path::new(""));
    let folder = session.working_directory.join(file.parent().unwrap_or(Path::new("")));
    let is_of_policy = budgets.is_of_policy(&template.place);
    if is_of_policy || !run.is_unsafe_to_build(git::commit(&folder, "HEAD").as_deref()) {
        return Ok(());
    }
    let what = format!(
        "a file from a fork chooses the registry of the baseline, in a job that holds secrets (the event is {})",
        run.event
    );
    Err(Error::new(Class::Usage, what)
        .with_hint("Name the baseline on the command line, where no fork can change it: --baseline FILE.")
        .at(template.place.clone()))
}

/// The folder of the budget file that declares it.
fn folder_of(target: &Target) -> Option<&Path> {
    target.place.as_ref().and_then(|place| Path::new(&place.file).parent())
}

/// Whether its image stands on the command line.
fn is_typed(target: &Target, source: &SourceArgs) -> bool {
    target.place.is_none() || source.image.iter().any(|named| named.name.as_ref() == Some(&target.name))
}

fn no_build(target: &Target, run: &GitHubRun) -> Error {
    let what = format!(
        "building `{}` would run code from a fork in a job that holds secrets (the event is {})",
        target.name, run.event
    );
    Error::new(Class::Usage, what).with_hint(
        "Check on `pull_request`, and comment from a second workflow with `imgbudget comment`; or accept that the code can take \
         every secret of this job: --i-know-this-runs-untrusted-code.",
    )
}

fn no_registry(target: &Target, run: &GitHubRun) -> Error {
    let what = format!(
        "a file from a fork chooses the registry of `{}`, in a job that holds secrets (the event is {})",
        target.name, run.event
    );
    let error = Error::new(Class::Usage, what).with_hint(format!(
        "Name the image on the command line, where no fork can change it: --image {}=REF.",
        target.name
    ));
    target.place.clone().map_or(error.clone(), |place| error.at(place))
}
