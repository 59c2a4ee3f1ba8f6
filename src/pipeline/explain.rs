//! How much a Dockerfile may explain of an image: all of it when the image was built from it in this run, and otherwise what nothing
//! speaks against.

use super::recipe::Recipe;
use crate::dockerfile::{self, Base, Instruction};
use crate::domain::{DiffId, ImageConfig, Origin, Platform};
use crate::engine::{Engine, EngineImage, StepName};
use crate::image::{Below, Explanation, MeasuredLayer, Measurement, Triggers, origin};
use crate::policy::OtherStage;
use crate::text;

/// How many stages are compared with an image; people write ten.
const MOST_STAGES: usize = 100;

/// Where an image comes from, as far as that says something of its base image.
pub(super) struct Provenance {
    way: Way,
    /// What FROM runs; `None` where nobody said.
    triggers: Option<Vec<Instruction>>,
}

enum Way {
    /// Built in this run.
    Built,
    /// Built elsewhere, and the engine has the image after FROM, with these layers.
    BaseSeen(Vec<DiffId>),
    /// Built elsewhere.
    Elsewhere,
}

impl Provenance {
    /// An image of which nothing is known.
    pub(super) fn elsewhere() -> Self {
        Self { way: Way::Elsewhere, triggers: None }
    }

    /// The same, where the layers of the image after FROM are known otherwise, and better.
    pub(super) fn or_seen(self, layers: &[DiffId]) -> Self {
        match self.way {
            Way::Built => self,
            Way::BaseSeen(_) | Way::Elsewhere => Self { way: Way::BaseSeen(layers.to_vec()), ..self },
        }
    }

    /// An image that was built in this run by steps of these names.
    pub(super) async fn of_build(engine: &Engine, recipe: &Recipe, platform: &Platform, steps: &[StepName]) -> Self {
        let triggers = match recipe.triggers(steps) {
            Some(triggers) => Some(triggers),
            None => base(engine, recipe, platform).await.and_then(triggers),
        };
        Self { way: Way::Built, triggers }
    }

    /// An image of the engine. Whatever keeps the engine from showing the image after FROM, it was not seen.
    pub(super) async fn of_image(engine: &Engine, recipe: &Recipe, platform: &Platform) -> Self {
        match base(engine, recipe, platform).await {
            Some(base) if !base.diff_ids.is_empty() => {
                Self { way: Way::BaseSeen(base.diff_ids.clone()), triggers: triggers(base) }
            }
            _ => Self::elsewhere(),
        }
    }
}

/// The image after FROM, where the engine has it.
async fn base(engine: &Engine, recipe: &Recipe, platform: &Platform) -> Option<EngineImage> {
    let Base::Image(name) = recipe.base() else { return None };
    engine.image(name, Some(platform)).await.ok()
}

fn triggers(base: EngineImage) -> Option<Vec<Instruction>> {
    base.triggers?.iter().map(|text| dockerfile::read_instruction(text)).collect()
}

/// What a Dockerfile leaves open about an image.
pub(super) enum Open {
    /// Nothing.
    Nothing,
    /// Some of it, and why: a sentence.
    Part(String),
    /// All of it, since the image is another stage.
    Stage(OtherStage),
}

/// Measures with what explains the image, and says what the Dockerfile does not explain, and why. With `knows_base` the layers tell the base
/// image, whatever the Dockerfile says.
pub(super) fn explained<E>(
    recipe: &Recipe,
    config: &ImageConfig,
    provenance: &Provenance,
    knows_base: bool,
    measure: impl FnOnce(Option<Explanation<'_>>) -> Result<Measurement, E>,
) -> Result<(Measurement, Open), E> {
    let steps = recipe.steps(recipe.stage());
    let fit = origin::fit(config, &steps);
    let file = text::line(recipe.name());
    let unknown = if knows_base { "lines" } else { "lines and base image" };
    if let Some(other) = better(recipe, config, provenance, fit.unwrap_or_default()) {
        let (is, expected) = (recipe.stage_name(other), recipe.stage_name(recipe.stage()));
        return Ok((measure(None)?, Open::Stage(OtherStage { is, expected })));
    }
    let below = match (recipe.base(), &provenance.way) {
        (Base::Scratch, _) => Below::Nothing,
        (_, Way::Built) => Below::Base,
        (_, Way::BaseSeen(layers)) => Below::Seen(layers),
        (_, Way::Elsewhere) => Below::Unseen,
    };
    let triggers = provenance.triggers.as_deref().map_or(Triggers::InHistory, Triggers::Known);
    let explanation = Explanation { file: recipe.name(), steps: &steps, from: recipe.from(), triggers, below };
    let measured = measure(Some(explanation))?;
    let told = |layer: &MeasuredLayer| layer.origin != Origin::Unknown;
    let is_told = measured.layers.iter().all(told);
    // Where the base image is known anyway, a Dockerfile that does not fit leaves the lines open.
    if is_told && (fit.is_some() || !knows_base) {
        return Ok((measured, Open::Nothing));
    }
    let stage = if recipe.stages() > 1 { format!(" ({})", stage_name(recipe, recipe.stage())) } else { String::new() };
    let note = match (fit, below) {
        // The image after FROM is the start of this one, so what is above it is the Dockerfile's to explain.
        (Some(_), Below::Seen(_)) if measured.layers.iter().any(|layer| layer.origin == Origin::Base) => {
            format!(
                "{file}{stage} does not explain all layers above {}, so the size of the base image is unknown",
                base_name(recipe)
            )
        }
        (Some(_), Below::Seen(_)) => format!(
            "the image does not begin with the {} that the engine has now, so the base image is unknown",
            base_name(recipe)
        ),
        (Some(_), Below::Unseen) => format!(
            "{file}{stage} makes no layer, and {} is not there to compare with, so the base image is unknown",
            base_name(recipe)
        ),
        _ => format!("the image does not fit {file}{stage}, so {unknown} are unknown"),
    };
    Ok((measured, Open::Part(note)))
}

/// Another stage that explains more layers of the image than the target's own, which explains `own` of them.
fn better(recipe: &Recipe, config: &ImageConfig, provenance: &Provenance, own: usize) -> Option<usize> {
    if matches!(provenance.way, Way::Built) {
        return None;
    }
    let others = (0..recipe.stages().min(MOST_STAGES)).filter(|stage| *stage != recipe.stage());
    others.rev().find(|stage| origin::fit(config, &recipe.steps(*stage)).is_some_and(|fit| fit > own))
}

fn stage_name(recipe: &Recipe, stage: usize) -> String {
    format!("stage `{}`", text::line(&recipe.stage_name(stage)))
}

fn base_name(recipe: &Recipe) -> String {
    match recipe.base() {
        Base::Image(name) | Base::Unresolved(name) => text::line(name),
        Base::Scratch | Base::Stage(_) => "base image".to_owned(),
    }
}
