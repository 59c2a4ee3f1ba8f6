//! The image that another was built on, where its Dockerfile does not tell or nobody has it: `base` of budgets.toml, else what the image
//! says of itself.
//!
//! Of a base image only its diff ids are wanted, which cost an inspect or two documents. It is believed where the image begins with exactly
//! them. What budgets.toml names is asked of whom `from` says. What an image says of itself is a stranger's word: it is asked only of who
//! had the image itself, so that no label chooses a host that is spoken to.

use super::Shared;
use super::found::Found;
use super::recipe::Recipe;
use crate::domain::{BaseImage, DiffId, ImageFrom, ImageRef, LookIn, NamedBase, Platform, Target, ToldBase};
use crate::error::{Class, Error};
use crate::image::origin::stands_on;
use crate::text;

/// Images that one may say it was built on, and that somebody is asked about.
const MOST_TOLD: usize = 8;

/// What is known of the image that another stands on.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Its layers, which the image begins with.
    pub(super) layers: Option<Vec<DiffId>>,
    /// What it is called, and the line that says so.
    pub(super) base: Option<BaseImage>,
    /// What the user should know in any case.
    pub(super) note: Option<String>,
    /// What the user should know where it stays open who brought a layer.
    pub(super) where_unknown: Option<String>,
}

/// What the image of a target stands on, which was built elsewhere.
pub(super) async fn standing(shared: &Shared, target: &Target, recipe: Option<&Recipe>, found: &Found) -> Standing {
    match &target.base {
        Some(named) => of_budget(shared, target, named, found).await,
        None => of_image(shared, target, recipe, found).await,
    }
}

/// By `base` of budgets.toml.
async fn of_budget(shared: &Shared, target: &Target, named: &NamedBase, found: &Found) -> Standing {
    let NamedBase { reference, place, .. } = named;
    let config = &found.read.config;
    let note = match looked_up(shared, target, named, &config.platform).await {
        Ok(layers) if stands_on(config, &layers) => {
            let base = BaseImage { reference: reference.to_string(), place: place.clone() };
            return Standing { layers: Some(layers), base: Some(base), ..Standing::default() };
        }
        Ok(_) => format!("the image does not begin with the layers of {reference}, which `base` at {place} names"),
        Err(error) => format!("{reference}, which `base` at {place} names, cannot be looked up: {}", error.chain()),
    };
    Standing { note: Some(format!("{note}; base image unknown")), ..Standing::default() }
}

/// The layers of an image that budgets.toml names: by the engine, and by its registry where the engine has it not.
async fn looked_up(
    shared: &Shared,
    target: &Target,
    named: &NamedBase,
    platform: &Platform,
) -> Result<Vec<DiffId>, Error> {
    let NamedBase { reference, may_ask_registry, .. } = named;
    let by_engine = match target.look_in {
        LookIn::Registry => None,
        LookIn::Auto | LookIn::Engine => Some(of_engine(shared, reference, platform).await),
    };
    match by_engine {
        Some(Ok(layers)) => Ok(layers),
        Some(Err(error)) if target.look_in == LookIn::Engine => Err(error),
        _ => of_registry(shared, *may_ask_registry, reference, platform).await,
    }
}

async fn of_engine(shared: &Shared, reference: &ImageRef, platform: &Platform) -> Result<Vec<DiffId>, Error> {
    let engine = shared.engine.get().await?;
    engine.image(&reference.to_string(), Some(platform)).await.map(|image| image.diff_ids)
}

async fn of_registry(
    shared: &Shared,
    may_ask: bool,
    reference: &ImageRef,
    platform: &Platform,
) -> Result<Vec<DiffId>, Error> {
    let refused = if shared.options.offline {
        Some("--offline is given")
    } else if !may_ask {
        Some("a file from a fork names it, in a job that holds secrets")
    } else {
        None
    };
    if let Some(why) = refused {
        return Err(Error::new(Class::Usage, format!("no registry is asked: {why}")));
    }
    let registries = shared.registries.get()?;
    registries.describe(reference, Some(platform)).await.map(|image| image.config.diff_ids)
}

/// By what the image says of itself: labels, and the provenance of its build, which names all images that it took. Where a Dockerfile is
/// known, only its FROM can be meant.
async fn of_image(shared: &Shared, target: &Target, recipe: Option<&Recipe>, found: &Found) -> Standing {
    let config = &found.read.config;
    let told = config.base.iter().chain(&found.told);
    let meant = told.filter(|told| recipe.is_none_or(|recipe| recipe.stands_on(&told.name)));
    let (mut best, mut unasked, mut unfit) = (None::<(Vec<DiffId>, &ToldBase)>, None, None);
    for told in meant.take(MOST_TOLD) {
        match asked(shared, target, told, found).await {
            Some(layers) if stands_on(config, &layers) => {
                if best.as_ref().is_none_or(|(known, _)| known.len() < layers.len()) {
                    best = Some((layers, told));
                }
            }
            Some(_) => unfit = unfit.or(Some(told)),
            None => unasked = unasked.or(Some(told)),
        }
    }
    let shown = |told: &ToldBase| text::line(&told.name.to_string());
    if let Some((layers, told)) = best {
        let base = target.place.clone().map(|place| BaseImage { reference: shown(told), place });
        return Standing { layers: Some(layers), base, ..Standing::default() };
    }
    let where_unknown = match (unasked.filter(|_| target.place.is_some()), unfit) {
        (Some(told), _) => {
            let base = shown(told);
            Some(format!("it says that it was built on {base}; base = \"{base}\" in budgets.toml has that looked up"))
        }
        // A provenance names images of other stages, too.
        (None, Some(told)) if found.told.is_empty() => {
            Some(format!("it says that it was built on {}, whose layers it does not begin with", shown(told)))
        }
        (None, _) => None,
    };
    Standing { where_unknown, ..Standing::default() }
}

/// The layers of an image that another says it was built on; `None` where nobody may be asked or knows.
async fn asked(shared: &Shared, target: &Target, told: &ToldBase, found: &Found) -> Option<Vec<DiffId>> {
    let (reference, platform) = (told.reference(), &found.read.config.platform);
    let own: Option<ImageRef> = found.reference.as_deref().and_then(|own| own.parse().ok());
    let is_of_host = own.is_some_and(|own| own.registry_or_hub() == reference.registry_or_hub());
    match found.from {
        ImageFrom::Engine => of_engine(shared, &reference, platform).await.ok(),
        ImageFrom::Registry if is_of_host => {
            of_registry(shared, target.may_ask_registry, &reference, platform).await.ok()
        }
        // Files open no socket.
        ImageFrom::Built | ImageFrom::Registry | ImageFrom::Archive | ImageFrom::Layout => None,
    }
}
