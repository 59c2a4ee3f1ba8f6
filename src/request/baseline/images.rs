//! `[baseline] image`: the images that a run is compared with, by target and commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::baseline::{Against, Earlier};
use crate::domain::{Budgets, ImageRef, ImageTemplate, Report, TargetName};
use crate::error::{Class, Error};
use crate::text;

/// The images that may stand for a target's baseline, the best first.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The target.
    pub(crate) target: TargetName,
    /// Its images.
    pub(crate) images: Vec<ImageRef>,
    /// What each of them is called for all targets together, and whether it is of the commit that the change was made on.
    names: Vec<(String, bool)>,
}

/// The images of every target. Without a commit, templates that ask for one have none.
///
/// # Errors
/// A target's name does not fit into the reference.
pub(super) fn wanted(budgets: &Budgets, commit: Option<&str>) -> Result<Vec<Wanted>, Error> {
    let of = |target: &TargetName| -> Result<Wanted, Error> {
        let (mut images, mut names) = (Vec::new(), Vec::new());
        for template in &budgets.baseline_images {
            let filled = template.filled(target.as_str(), commit).zip(template.filled(ImageTemplate::TARGET, commit));
            let Some((image, name)) = filled else { continue };
            let parsed: Result<ImageRef, _> = image.parse();
            images.push(parsed.map_err(|error| wrong(&image, target, template).caused_by(error))?);
            names.push((text::line(&name), template.text.contains(ImageTemplate::BASE)));
        }
        Ok(Wanted { target: target.clone(), images, names })
    };
    budgets.targets.iter().map(|target| of(&target.name)).collect()
}

/// What the images of all targets are called together, before anybody was asked.
pub(super) fn name(budgets: &Budgets, commit: Option<&str>) -> String {
    let filled = budgets.baseline_images.iter().find_map(|template| template.filled(ImageTemplate::TARGET, commit));
    let first = budgets.baseline_images.first().map(|template| template.text.clone());
    text::line(&filled.or(first).unwrap_or_default())
}

/// Enters what was found: the report on the images that are there, and for each of `wanted` which of its images that is.
pub(crate) fn enter(
    against: &mut Against,
    wanted: &[Wanted],
    taken: &[Option<usize>],
    report: Report,
    commit: Option<&str>,
) {
    let mut by_name: BTreeMap<(usize, &str), Vec<&Wanted>> = BTreeMap::new();
    let mut of_commit = true;
    for (wanted, position) in wanted.iter().zip(taken) {
        let Some(position) = position else { continue };
        let Some((name, is_of_commit)) = wanted.names.get(*position) else { continue };
        of_commit &= *is_of_commit;
        by_name.entry((*position, name)).or_default().push(wanted);
    }
    if by_name.is_empty() {
        let images: BTreeSet<&str> =
            wanted.iter().flat_map(|wanted| &wanted.names).map(|(name, _)| name.as_str()).collect();
        let images: Vec<&str> = images.into_iter().collect();
        against.earlier = Earlier::Missing(format!("the registry does not have {}", images.join(" or ")));
        return;
    }
    let several = by_name.len() > 1;
    let said = by_name.iter().map(|((_, name), of)| {
        let names: Vec<&str> = of.iter().map(|wanted| wanted.target.as_str()).collect();
        match names.as_slice() {
            [only] => name.replace(ImageTemplate::TARGET, only),
            [first, rest @ ..] if several => format!("{name} for {first} and {} more", rest.len()),
            _ => (*name).to_owned(),
        }
    });
    against.source = said.collect::<Vec<_>>().join(", ");
    against.commit = commit.filter(|_| of_commit).map(str::to_owned);
    let mut report = Report { commit: against.commit.clone(), ..report };
    // It was judged by the budget of today, which says nothing of the budget that it had.
    report.targets.iter_mut().for_each(|target| target.budget = None);
    against.earlier = Earlier::Report(Box::new(report));
}

fn wrong(image: &str, name: &TargetName, template: &ImageTemplate) -> Error {
    Error::new(Class::Config, format!("the baseline of `{name}` cannot be called `{}`", text::line(image)))
        .with_hint("Repositories have lower-case names: rename the target, or name its image without {target}.")
        .at(template.place.clone())
}
