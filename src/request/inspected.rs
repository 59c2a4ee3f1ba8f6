//! What `inspect` is to measure: an image, the same beside another base, or every stage of a Dockerfile.

use super::{adhoc, budgets, subject};
use crate::cli::InspectArgs;
use crate::domain::{Budgets, ImageRef, PathGlob, Rules, Source, Target, TargetName};
use crate::error::{Class, Error};
use crate::pipeline;
use crate::session::{Session, Stop};
use crate::text;

/// What is measured, and how it is shown.
#[derive(Debug)]
pub(crate) struct Inspected {
    /// The budgets around it.
    pub(crate) budgets: Budgets,
    /// What is measured.
    pub(crate) targets: Vec<Target>,
    /// What the image was called, where no file has a target for it.
    pub(crate) title: Option<String>,
    /// What the last of the targets is, where that is another base.
    pub(crate) on_base: Option<String>,
    /// What each target is called, where they are stages; else empty.
    pub(crate) stages: Vec<pipeline::NamedStage>,
    /// Globs without which the size is wanted.
    pub(crate) without: Vec<PathGlob>,
}

/// Finds out what was asked for.
///
/// # Errors
/// Those of [`subject::of`]; a glob or a reference that is none, stages of what is not built here.
pub(crate) fn inspected(args: &InspectArgs, session: &Session) -> Result<Inspected, Stop> {
    let without = args.show.without.iter().map(|glob| glob_of(glob)).collect::<Result<_, _>>()?;
    let base = args.show.base.as_deref().map(reference).transpose()?;
    let subject = subject::of(args.what.as_deref(), &args.look, "inspect", session)?;
    let (budgets, target) = (subject.budgets, subject.target);
    let mut all =
        Inspected { budgets, targets: Vec::new(), title: subject.title, on_base: None, stages: Vec::new(), without };
    if args.show.stages {
        (all.targets, all.stages) = stages(&target, all.title.as_deref(), args, &all.budgets, session)?;
        return Ok(all);
    }
    let platform = target.platforms.first().cloned();
    all.targets.push(target);
    if let Some(reference) = base {
        all.on_base = Some(reference.to_string());
        let platforms: Vec<_> = platform.into_iter().collect();
        let mut other = adhoc::target(named("base")?, Source::Image(reference), &platforms, Rules::default());
        if let Some(place) = args.look.source.from {
            other.look_in = place;
        }
        all.targets.push(other);
    }
    Ok(all)
}

/// A target for each stage of the Dockerfile, in its order.
fn stages(
    target: &Target,
    title: Option<&str>,
    args: &InspectArgs,
    budgets: &Budgets,
    session: &Session,
) -> Result<(Vec<Target>, Vec<pipeline::NamedStage>), Error> {
    let Some(build) = &target.build else {
        let shown = text::line(title.unwrap_or(target.name.as_str()));
        return Err(Error::new(Class::Usage, format!("--stages builds a Dockerfile, and `{shown}` is an image"))
            .with_hint("Name a target that is built here, or leave the name out."));
    };
    let boundary = budgets::boundary(budgets.file.as_deref(), &args.look.permits, session);
    let mut stages = pipeline::stages(build, &boundary, &session.working_directory)?;
    for stage in stages.iter().filter(|stage| stage.name.is_none() && !stage.is_last) {
        let said = format!("the stage on line {} is left out: it has no name to build it by", stage.line);
        session.terminal.notice(&said, Some("Name it: FROM … AS builder."), false);
    }
    stages.retain(|stage| stage.name.is_some() || stage.is_last);
    let mut targets = Vec::new();
    for stage in &stages {
        let mut build = build.clone();
        build.stage.clone_from(&stage.name);
        let name = stage.name.as_deref().unwrap_or(target.name.as_str()).parse().or_else(|_| named("stage"))?;
        let platforms = target.platforms.iter().take(1).cloned().collect();
        let target = Target {
            name,
            source: Source::Build,
            build: Some(build),
            base: None,
            platforms,
            rules: Rules::default(),
            ..target.clone()
        };
        targets.push(target);
    }
    Ok((targets, stages))
}

fn named(name: &str) -> Result<TargetName, Error> {
    name.parse().map_err(|error: crate::domain::TargetNameError| Error::new(Class::Usage, error.to_string()))
}

fn reference(text: &str) -> Result<ImageRef, Error> {
    text.parse().map_err(|error: crate::domain::ReferenceError| {
        Error::new(Class::Usage, "--base needs a reference")
            .with_hint("Write it as for FROM, such as node:22-slim.")
            .caused_by(error)
    })
}

fn glob_of(text: &str) -> Result<PathGlob, Error> {
    PathGlob::new(text).map_err(|why| {
        Error::new(Class::Usage, format!("--without: `{}` is not a glob: {why}", text::line(text)))
            .with_hint("`*` stays within a directory, `**` does not, `[` begins a set: write `\\[` for the character.")
    })
}
