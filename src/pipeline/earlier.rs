//! Images that stand for a baseline: found in their registries, measured and judged as if they were of today, so that findings can be
//! compared.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::{Options, Shared, check};
use crate::domain::{Budgets, ImageRef, LookIn, Platform, Report, Source, Target};
use crate::error::{Class, Error};
use crate::progress::Observer;
use crate::reading::Shelf;

/// A target, and the images that may stand for what it was, the best first.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The target as it is checked today.
    pub target: Target,
    /// The images.
    pub images: Vec<ImageRef>,
}

/// What was found.
#[derive(Debug)]
pub struct EarlierImages {
    /// The images that are there, measured and judged by the budgets of today.
    pub report: Report,
    /// For each choice, the position of the image that was taken; `None` where none of them is there. A target on several platforms counts as
    /// its last choice.
    pub taken: Vec<Option<usize>>,
    /// What was read of them.
    pub shelf: Shelf,
}

/// Finds the first image of each choice that is there, and measures it.
///
/// # Errors
/// A registry cannot be asked, or an image that is there cannot be read: that is another thing than one that is not there.
pub async fn earlier_images(
    budgets: &Budgets,
    choices: Vec<Choice>,
    options: &Options,
    observer: Arc<dyn Observer>,
    cancel: &CancellationToken,
) -> Result<EarlierImages, Error> {
    let options = Options { baseline: None, left_out: None, only_new: false, wants_sizes: true, ..options.clone() };
    let shared = Shared::new(budgets, &options);
    let interrupted = || Error::new(Class::Interrupted, "interrupted before the baseline was read");
    let found = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(interrupted()),
        found = join_all(choices.iter().map(|choice| choose(&shared, choice))) => found,
    };
    // The first of the choices speaks, whichever failed first.
    let found = found.into_iter().collect::<Result<Vec<_>, Error>>()?;
    let taken = found.iter().map(|found| found.iter().map(|(_, position)| *position).max()).collect();
    let targets = choices.iter().zip(&found).flat_map(|(choice, found)| {
        found.iter().filter_map(|(platform, position)| {
            Some(Target {
                source: Source::Image(choice.images.get(*position)?.clone()),
                look_in: LookIn::Registry,
                platforms: platform.iter().cloned().collect(),
                ..choice.target.clone()
            })
        })
    });
    let report = check(&shared, targets.collect(), &observer, cancel).await;
    if cancel.is_cancelled() {
        return Err(interrupted());
    }
    match report.targets.iter().find_map(|target| Some((target, target.error.as_ref()?))) {
        Some((target, why)) => {
            let what = format!("cannot measure the baseline of `{}`: {}", target.name, why.message);
            let error = Error::new(Class::Image, what);
            Err(why.hint.clone().map_or(error.clone(), |hint| error.with_hint(hint)))
        }
        None => Ok(EarlierImages { report, taken, shelf: shared.reader.shelf().clone() }),
    }
}

/// The first image that is there, for each platform of the target.
async fn choose(shared: &Arc<Shared>, choice: &Choice) -> Result<Vec<(Option<Platform>, usize)>, Error> {
    let platforms: Vec<Option<Platform>> = match choice.target.platforms.as_slice() {
        [] => vec![None],
        platforms => platforms.iter().cloned().map(Some).collect(),
    };
    let mut found = Vec::new();
    for platform in platforms {
        for (position, image) in choice.images.iter().enumerate() {
            match shared.registries.get()?.describe(image, platform.as_ref()).await {
                Ok(_) => {
                    found.push((platform.clone(), position));
                    break;
                }
                Err(error) if error.is_gone() => {}
                Err(error) => {
                    let what = format!("cannot read the baseline of `{}`", choice.target.name);
                    let hint = error.hint().unwrap_or_default().to_owned();
                    return Err(Error::new(Class::Image, what).with_hint(hint).caused_by(error));
                }
            }
        }
    }
    Ok(found)
}
