//! `[baseline] image`: the images that a run is compared with, by target and commit.

use crate::domain::{Budgets, ImageRef, ImageTemplate, TargetName};
use crate::error::{Class, Error};
use crate::text;

/// The images that may stand for a target's baseline, the best first.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The target.
    pub(crate) target: TargetName,
    /// Its images.
    pub(crate) images: Vec<ImageRef>,
}

/// The images of every target. Without a commit, templates that ask for one have none.
///
/// # Errors
/// A target's name does not fit into the reference.
pub(super) fn wanted(budgets: &Budgets, commit: Option<&str>) -> Result<Vec<Wanted>, Error> {
    let of = |name: &TargetName| -> Result<Wanted, Error> {
        let filled = budgets.baseline_images.iter().filter_map(|template| {
            let image = template.filled(name.as_str(), commit)?;
            Some(image.parse::<ImageRef>().map_err(|error| wrong(&image, name, template).caused_by(error)))
        });
        Ok(Wanted { target: name.clone(), images: filled.collect::<Result<_, Error>>()? })
    };
    budgets.targets.iter().map(|target| of(&target.name)).collect()
}

/// What the images of all targets are called together.
pub(super) fn name(budgets: &Budgets, commit: Option<&str>) -> String {
    let filled = budgets.baseline_images.iter().find_map(|template| template.filled("{target}", commit));
    let first = budgets.baseline_images.first().map(|template| template.text.clone());
    text::line(&filled.or(first).unwrap_or_default())
}

fn wrong(image: &str, name: &TargetName, template: &ImageTemplate) -> Error {
    Error::new(Class::Config, format!("the baseline of `{name}` cannot be called `{}`", text::line(image)))
        .with_hint("Repositories have lower-case names: rename the target, or name its image without {target}.")
        .at(template.place.clone())
}
