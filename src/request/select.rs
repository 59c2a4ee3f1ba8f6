//! From a budget file and a command line to the targets of this run.

use std::path::Path;

use super::bake::{self, Baked};
use super::meant;
use crate::cli::{NamedSource, SourceArgs};
use crate::domain::{Budgets, ImageChoice, ImageRef, Source, Target, TargetName};
use crate::error::{Class, Error};
use crate::source::archive::STANDARD_INPUT;
use crate::text;

/// The targets that were asked for, in the order of the file, with the sources and platforms that flags replace.
///
/// # Errors
/// A name that is not in the file, a flag for a target that is unknown or not chosen, two flags for one target.
pub(crate) fn select(budgets: &Budgets, chosen: &[String], source: &SourceArgs) -> Result<Vec<Target>, Error> {
    let names: Vec<&str> = budgets.targets.iter().map(|target| target.name.as_str()).collect();
    for name in chosen {
        if !names.contains(&name.as_str()) {
            return Err(unknown(name, &names));
        }
    }
    let mut targets: Vec<Target> = budgets
        .targets
        .iter()
        .filter(|target| chosen.is_empty() || chosen.iter().any(|name| name == target.name.as_str()))
        .cloned()
        .collect();
    let mut replaced: Vec<String> = Vec::new();
    for (flag, named, source) in sources(source)? {
        let Some(name) = &named.name else {
            return Err(Error::new(Class::Usage, format!("`{flag} {}` does not say which target it is", named.value))
                .with_hint(format!("Write {flag} NAME={}, with NAME one of {}; or add a budget, such as --max-size 150MB, to leave the file aside.", named.value, listed(&names))));
        };
        if !names.contains(&name.as_str()) {
            return Err(unknown(name.as_str(), &names));
        }
        if replaced.iter().any(|earlier| earlier == name.as_str()) {
            return Err(Error::new(Class::Usage, format!("target `{name}` is given two images on the command line"))
                .with_hint("Give each target at most one of --image, --archive and --layout."));
        }
        replaced.push(name.to_string());
        let Some(target) = targets.iter_mut().find(|target| target.name == *name) else {
            return Err(Error::new(
                Class::Usage,
                format!("{flag} names target `{name}`, which is not among the targets to check"),
            )
            .with_hint(format!("Add `{name}` to the targets on the command line, or leave {flag} out.")));
        };
        target.source = source;
    }
    if let Some(path) = &source.bake_metadata {
        apply_bake(path, &bake::read(path)?, &mut targets, &replaced)?;
    }
    choose_image(source, &mut targets)?;
    look_in(source, &mut targets)?;
    if !source.platform.is_empty() {
        for target in &mut targets {
            target.platforms.clone_from(&source.platform);
        }
    }
    Ok(targets)
}

/// Lets --archive-image speak of the one archive or layout, where none is on the command line beside it.
///
/// # Errors
/// There is none, or there are several.
pub(crate) fn choose_image(args: &SourceArgs, targets: &mut [Target]) -> Result<(), Error> {
    let is_open = args.archive.is_empty() && args.layout.is_empty();
    let Some(wanted) = args.archive_image.as_ref().filter(|_| is_open) else { return Ok(()) };
    let mut chosen: Vec<(&TargetName, &mut Option<ImageChoice>)> = targets
        .iter_mut()
        .filter_map(|target| match &mut target.source {
            Source::Archive { image, .. } | Source::Layout { image, .. } => Some((&target.name, image)),
            Source::Build | Source::Image(_) => None,
        })
        .collect();
    match chosen.as_mut_slice() {
        [(_, image)] => {
            **image = Some(wanted.clone());
            Ok(())
        }
        [] => Err(Error::new(Class::Usage, "--archive-image is for archives and layouts, and no target here is one")
            .with_hint("Name an image of the engine with --image NAME=REF.")),
        several => {
            let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
            Err(Error::new(Class::Usage, "--archive-image does not say which target it is for")
                .with_hint(format!("Name one of {} on the command line.", listed(&names))))
        }
    }
}

/// Lets --from say where the images are looked for that references name.
///
/// # Errors
/// No target has one.
pub(crate) fn look_in(args: &SourceArgs, targets: &mut [Target]) -> Result<(), Error> {
    let Some(place) = args.from else { return Ok(()) };
    let mut met = false;
    for target in targets.iter_mut().filter(|target| matches!(target.source, Source::Image(_))) {
        target.look_in = place;
        met = true;
    }
    if met {
        return Ok(());
    }
    Err(Error::new(Class::Usage, "--from is for targets with an image reference, and no target here has one")
        .with_hint("Name the image that was built elsewhere: --image NAME=REF."))
}

/// Gives each target that bake built the image that bake made. A flag that names the target wins over the file.
fn apply_bake(path: &Path, baked: &Baked, targets: &mut [Target], replaced: &[String]) -> Result<(), Error> {
    let mut met = false;
    for target in targets {
        let Some(image) = baked.get(&target.name) else { continue };
        met = true;
        if replaced.iter().any(|name| name == target.name.as_str()) {
            continue;
        }
        let Some(image) = image else {
            return Err(Error::new(Class::Usage, format!("buildx bake left no image of target `{}`", target.name))
                .with_hint(
                    "Let bake load it (`--load`, or `output = [\"type=docker\"]` in the bake file) and give it a tag.",
                ));
        };
        target.source = Source::Image(image.clone());
    }
    if met {
        return Ok(());
    }
    let shown = text::line(&path.display().to_string());
    let names: Vec<&str> = baked.keys().map(TargetName::as_str).collect();
    Err(Error::new(Class::Usage, format!("`{shown}` has none of the targets to check")).with_hint(format!(
        "A bake target and a target of budgets.toml belong together by name; the file has {}.",
        listed(&names)
    )))
}

/// Every source on the command line: the flag, what was typed, what it means.
pub(crate) fn sources(args: &SourceArgs) -> Result<Vec<(&'static str, &NamedSource, Source)>, Error> {
    let mut all = Vec::new();
    for named in &args.image {
        let reference: ImageRef = named.value.parse().map_err(|error: crate::domain::ReferenceError| {
            Error::new(Class::Usage, "--image needs a reference")
                .with_hint("Write it as for docker run, such as r.example.com/acme/api@sha256:… or node:22.")
                .caused_by(error)
        })?;
        all.push(("--image", named, Source::Image(reference)));
    }
    let piped = args.archive.iter().filter(|named| named.value == STANDARD_INPUT);
    if piped.count() > 1 {
        return Err(Error::new(Class::Usage, "two targets cannot both be read from standard input")
            .with_hint("Write one of the archives to a file, and name that."));
    }
    for named in &args.archive {
        let source = Source::Archive { path: named.value.clone().into(), image: args.archive_image.clone() };
        all.push(("--archive", named, source));
    }
    for named in &args.layout {
        all.push((
            "--layout",
            named,
            Source::Layout { path: named.value.clone().into(), image: args.archive_image.clone() },
        ));
    }
    Ok(all)
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => "(none)".to_owned(),
        names if names.len() > 12 => format!("{}, … ({} in all)", names[..12].join(", "), names.len()),
        names => names.join(", "),
    }
}

fn unknown(name: &str, names: &[&str]) -> Error {
    let shown = text::line(name);
    let image = || meant::image(name, Some(of_image(name, names)));
    let hint = match text::nearest(name, names.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`? The targets are {}.", listed(names)),
        None => image().unwrap_or_else(|| format!("The targets are {}.", listed(names))),
    };
    Error::new(Class::Usage, format!("no target is called `{shown}`")).with_hint(hint)
}

/// The target that an image is most likely of: the one that its reference names, the only one, or any.
fn of_image<'a>(image: &str, names: &[&'a str]) -> &'a str {
    let is_named = |name: &&&str| image.split(['/', ':', '@', '.']).any(|part| part == **name);
    names.iter().find(is_named).or(names.first().filter(|_| names.len() == 1)).copied().unwrap_or("TARGET")
}
