//! A build runs what the Dockerfile says. In a job that holds secrets, a stranger's Dockerfile may not say anything.

use std::path::Path;

use super::git;
use crate::cli::BuildArgs;
use crate::domain::{Source, Target};
use crate::error::{Class, Error};
use crate::session::Session;

/// Refuses to build where the event hands out secrets and the code is a pull request's from a fork. What counts is the checkout around
/// each build and its budget file: a job may have its own code in one folder and the stranger's in another.
///
/// # Errors
/// A target would be built from code that is not known to be the repository's own.
pub(crate) fn refuse(args: &BuildArgs, targets: &[Target], session: &Session) -> Result<(), Error> {
    let Some(run) = session.ci.github.as_ref().filter(|_| !args.i_know_this_runs_untrusted_code) else { return Ok(()) };
    let builds = targets.iter().filter(|target| matches!(target.source, Source::Build));
    for target in builds {
        let Some(build) = &target.build else { continue };
        let dockerfile = build.dockerfile.parent().unwrap_or(Path::new(""));
        // The budget file hands arguments and variables of the job to the build.
        let budgets = target.place.as_ref().and_then(|place| Path::new(&place.file).parent());
        for folder in [build.context.as_path(), dockerfile].into_iter().chain(budgets) {
            let folder = session.working_directory.join(folder);
            if run.is_unsafe_to_build(git::commit(&folder, "HEAD").as_deref()) {
                return Err(refusal(target, &run.event));
            }
        }
    }
    Ok(())
}

fn refusal(target: &Target, event: &str) -> Error {
    let what = format!(
        "building `{}` would run code from a fork in a job that holds secrets (the event is {event})",
        target.name
    );
    Error::new(Class::Usage, what).with_hint(
        "Check on `pull_request`, and comment from a second workflow with `imgbudget comment`; or accept that the code can take \
         every secret of this job: --i-know-this-runs-untrusted-code.",
    )
}
