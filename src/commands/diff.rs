//! `imgbudget diff`: what two images differ by.

use super::measure::{earlier_images, open};
use crate::cli::{DiffArgs, DiffShape, SourceArgs};
use crate::delivery::{publish, screen};
use crate::domain::{
    Budgets, ComparedImage, Comparison, Difference, DifferenceRest, LookIn, Platform, Source, Target, TargetReport,
};
use crate::error::{Class, Error};
use crate::exit::Exit;
use crate::output::{difference as shown, html};
use crate::pipeline::{self, Choice, Layered, Opened};
use crate::request;
use crate::request::sides::{self, Side};
use crate::request::subject::Subject;
use crate::session::{Session, Stop};
use crate::text;

/// Compares the images and prints what changed. Nothing is judged.
pub(super) fn run(args: &DiffArgs, session: &Session) -> Result<Exit, Error> {
    diff(args, session).or_else(|stop| stop.show(session))
}

fn diff(args: &DiffArgs, session: &Session) -> Result<Exit, Stop> {
    let (old, mut new) = sides::of(args, session)?;
    let none = SourceArgs::default();
    request::refuse_offline(&args.reach, &none, None)?;
    let budgets = match (&old, &new) {
        (_, Side::Image(subject)) if subject.budgets.file.is_some() => subject.budgets.clone(),
        (Some(Side::Image(subject)), _) | (_, Side::Image(subject)) => subject.budgets.clone(),
        _ => Budgets::default(),
    };
    let mut options = request::options(&args.build, &args.permits, &args.limits, &args.reach, &budgets, session)?;
    options.wants_sizes = true;
    let mut old = match old {
        Some(old) => old,
        None => of_baseline(args, &new, &mut options, session)?,
    };
    same_platform(&mut old, &mut new)?;
    let mut targets = Vec::new();
    for (side, label) in [(&mut old, "old"), (&mut new, "new")] {
        if let Side::Image(subject) = side {
            sides::one_platform(&subject.target)?;
            subject.target.name =
                sides::label(&format!("{}-{label}", subject.target.name), subject.target.name.clone());
            targets.push(subject.target.clone());
        }
    }
    request::refuse(&args.build, &none, &mut targets, session)?;
    let mut opened = open(&budgets, targets, &options, session)?.into_iter();
    let mut images = Vec::new();
    for side in [old, new] {
        images.push(Looked::of(side, &mut opened, &options)?);
    }
    let [old, new] = <[Looked; 2]>::try_from(images).map_err(|_| gone())?;
    let later = if args.format == DiffShape::Html { drawn(&old, &new, &options)? } else { None };
    let comparison = compare(old, new, &options)?;
    let terminal = session.terminal;
    let how = shown::Options { width: terminal.width(), colour: terminal.colour(), all: args.all };
    let result = match args.format {
        DiffShape::Table => shown::screen(&comparison, &how),
        DiffShape::Json => shown::json(&comparison),
        DiffShape::Markdown => shown::markdown(&comparison, &how),
        DiffShape::Html => html::difference(&comparison, later, &publish::links(options.commit.as_deref(), session)),
    };
    screen::print(result.into_bytes(), session)?;
    Ok(Exit::Within)
}

/// An image, as far as it is known.
struct Looked {
    image: ComparedImage,
    layers: Option<Layered>,
    /// Whether its layers are only known by their sizes, as a report has them.
    is_report: bool,
}

impl Looked {
    fn of(
        side: Side,
        opened: &mut impl Iterator<Item = Result<Opened, Box<TargetReport>>>,
        options: &pipeline::Options,
    ) -> Result<Self, Stop> {
        match side {
            Side::Image(subject) => {
                let opened = opened.next().ok_or_else(gone)?;
                let name = name(&subject);
                let opened = opened.map_err(|report| failed(&name, *report))?;
                Ok(Self { image: measured(name, &opened)?, layers: Layered::of(&opened), is_report: false })
            }
            Side::Report { name, target } => {
                let layers = Layered::reported(&target, options.layer_cache.as_deref(), &options.limits.memory);
                let is_report = !layers.is_known();
                Ok(Self { image: reported(name, &target)?, layers: Some(layers), is_report })
            }
            Side::Sizes { name, platform, size, base } => {
                let image = ComparedImage { name, platform, id: None, size, base, compressed: None, layers: 0 };
                Ok(Self { image, layers: None, is_report: true })
            }
        }
    }
}

/// What people call an image.
fn name(subject: &Subject) -> String {
    let of_target = || {
        let name = subject.target.name.to_string();
        name.strip_suffix("-old").or_else(|| name.strip_suffix("-new")).map_or(name.clone(), str::to_owned)
    };
    subject.title.clone().unwrap_or_else(of_target)
}

fn measured(name: String, opened: &Opened) -> Result<ComparedImage, Error> {
    let measurement = &opened.measured.measurement;
    let size = measurement.size().ok_or_else(|| unknown_size(&name))?;
    Ok(ComparedImage {
        platform: measurement.platform.clone(),
        id: Some(measurement.image_id.clone()),
        size,
        base: measurement.base_size(),
        compressed: measurement.compressed_size,
        layers: measurement.layers.len(),
        name,
    })
}

fn reported(name: String, target: &TargetReport) -> Result<ComparedImage, Error> {
    let (platform, size) = target.platform.clone().zip(target.size).ok_or_else(|| unknown_size(&name))?;
    Ok(ComparedImage {
        platform,
        id: target.image.as_ref().map(|image| image.id.clone()),
        size,
        base: target.base_size,
        compressed: target.compressed_size,
        layers: target.layers.len(),
        name,
    })
}

fn unknown_size(name: &str) -> Error {
    Error::new(Class::Image, format!("the size of `{}` is not known", text::line(name)))
        .with_hint("Its layers were not read, so there is nothing to compare.")
}

fn failed(name: &str, report: TargetReport) -> Error {
    let Some(why) = report.error else { return unknown_size(name) };
    let error = Error::new(Class::Image, format!("cannot measure `{}`: {}", text::line(name), why.message));
    let error = error.with_detail(why.detail);
    let error = why.hint.map_or(error.clone(), |hint| error.with_hint(hint));
    why.place.map_or(error.clone(), |place| error.at(place))
}

fn gone() -> Error {
    Error::new(Class::Image, "an image to compare was not opened")
}

/// The map of the second, where the layers of both are known.
fn drawn(old: &Looked, new: &Looked, options: &pipeline::Options) -> Result<Option<html::Drawn>, Error> {
    let Some((before, after)) = old.layers.as_ref().zip(new.layers.as_ref()) else { return Ok(None) };
    let drawn = pipeline::drawn(before, after, &options.limits.memory)?;
    Ok(drawn.map(|(layers, map)| html::Drawn { layers, map }))
}

/// What became of the first in the second.
fn compare(old: Looked, new: Looked, options: &pipeline::Options) -> Result<Comparison, Error> {
    if old.image.platform != new.image.platform {
        return Err(other_platform(&old.image.platform, &new.image.platform));
    }
    let (layers, mut difference) = match old.layers.zip(new.layers) {
        Some((old, new)) => {
            let difference = pipeline::beside(&old, &new, &options.limits.memory)?;
            (pipeline::layer_changes(&old, &new), difference)
        }
        None => (Vec::new(), None),
    };
    for looked in [(&old.image, old.is_report), (&new.image, new.is_report)] {
        if let (image, true) = looked
            && let Some(difference) = &mut difference
        {
            let why = format!("what the layers of {} hold is not in the layer cache", image.name);
            difference.unknown.push(why);
        }
    }
    let difference = difference.unwrap_or_else(|| sizes_alone(&old.image, &new.image));
    Ok(Comparison { old: old.image, new: new.image, difference, layers })
}

/// Where only the sizes are known, they are all that can be told.
fn sizes_alone(old: &ComparedImage, new: &ComparedImage) -> Difference {
    let rest = DifferenceRest { rows: 0, before: old.size, after: new.size };
    let unknown = vec![format!("{} has sizes alone", old.name)];
    Difference { rest, unknown, ..Difference::default() }
}

/// Lets an image whose platform nobody named be looked for on that of the other.
fn same_platform(old: &mut Side, new: &mut Side) -> Result<(), Error> {
    let platform = |side: &Side| match side {
        Side::Image(subject) => sides::one_platform(&subject.target),
        Side::Report { target, .. } => Ok(target.platform.clone()),
        Side::Sizes { platform, .. } => Ok(Some(platform.clone())),
    };
    let (of_old, of_new) = (platform(old)?, platform(new)?);
    match (of_old, of_new) {
        (Some(old), Some(new)) if old != new => Err(other_platform(&old, &new)),
        (Some(platform), None) => {
            take(new, platform);
            Ok(())
        }
        (None, Some(platform)) => {
            take(old, platform);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn take(side: &mut Side, platform: Platform) {
    if let Side::Image(subject) = side {
        subject.target.platforms = vec![platform];
    }
}

fn other_platform(old: &Platform, new: &Platform) -> Error {
    let [old, new] = [old, new].map(|platform| text::line(&platform.to_string()));
    Error::new(Class::Usage, format!("{old} and {new} cannot be compared"))
        .with_hint(format!("Sizes of other platforms are of other programs: --platform {new} reads that one of both."))
}

/// What a target is compared with where only it was named.
fn of_baseline(args: &DiffArgs, new: &Side, options: &mut pipeline::Options, session: &Session) -> Result<Side, Stop> {
    let Side::Image(subject) = new else {
        return Err(Error::new(Class::Usage, "there is nothing to compare the report with")
            .with_hint("Name two: `imgbudget diff main.json api`.")
            .into());
    };
    let mut found = sides::baseline(args, subject, session)?;
    let target = &subject.target;
    if !found.images.is_empty() && !options.offline {
        request::refuse_images(&subject.budgets, session)?;
        return image_of_baseline(&mut found, subject, options, session);
    }
    let here = || Platform::new("linux", std::env::consts::ARCH, None);
    let platform = sides::one_platform(target)?.unwrap_or_else(here);
    Ok(sides::of_earlier(&found.against.source, &found.against.earlier, &target.name, &platform)?)
}

/// The image in a registry that stands for the baseline.
fn image_of_baseline(
    found: &mut request::baseline::Found,
    subject: &Subject,
    options: &mut pipeline::Options,
    session: &Session,
) -> Result<Side, Stop> {
    let target = &subject.target;
    let wanted = found.images.iter().find(|wanted| wanted.target == target.name);
    let images = wanted.map(|wanted| wanted.images.clone()).unwrap_or_default();
    let choice = Choice { target: target.clone(), images: images.clone() };
    let earlier = earlier_images(&subject.budgets, vec![choice], options, session)?;
    options.shelf = Some(earlier.shelf);
    let image = earlier.taken.first().copied().flatten().and_then(|at| images.get(at)).cloned();
    let image = image.ok_or_else(|| {
        let named = images.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
        Error::new(Class::Image, format!("the registry does not have {}", text::line(&named)))
            .with_hint("There is no baseline yet; name two images to compare them.")
    })?;
    let title = Some(image.to_string());
    let target = Target { source: Source::Image(image), look_in: LookIn::Registry, ..target.clone() };
    Ok(Side::Image(Box::new(Subject { budgets: subject.budgets.clone(), target, title })))
}
