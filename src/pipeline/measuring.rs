//! What was read of an image, measured with what explains it.

use super::base::Standing;
use super::explain::{Provenance, explained};
use super::found::Found;
use super::recipe::Recipe;
use crate::domain::{DiffId, Target, ToolPattern};
use crate::error::{Class, Error};
use crate::image::{Contents, Explanation, Measurement, Question, TooLarge, measure};
use crate::memory::{Memory, OutOfMemory};
use crate::policy::Measured;
use crate::reading::{Content, Read};

/// Measures what was found, with what explains it.
pub(super) fn measured(
    target: &Target,
    explanation: Option<(&Recipe, &Provenance)>,
    standing: Standing,
    found: Found,
    memory: &Memory,
) -> Result<Measured, Error> {
    let Found { read, from, reference, build, mut notes, .. } = found;
    let Standing { layers: base_layers, base: named_base, where_unknown, .. } = standing;
    let (mut measurement, note) = measurement(target, explanation, base_layers.as_deref(), &read, memory)?;
    let fits = note.is_none() && measurement.is_explained();
    notes.extend(note);
    notes.extend(where_unknown.filter(|_| !measurement.is_explained()));
    // What is known of the Dockerfile holds for the image only where its layers fit it.
    let recipe = explanation.map(|(recipe, _)| recipe).filter(|_| fits);
    measurement.user_place = recipe.and_then(Recipe::user);
    let base = recipe.and_then(Recipe::base_image).or(named_base);
    Ok(Measured { measurement, reference, from, digest: read.digest, base, build, read: Some(read.facts), notes })
}

fn measurement(
    target: &Target,
    explanation: Option<(&Recipe, &Provenance)>,
    base: Option<&[DiffId]>,
    read: &Read,
    memory: &Memory,
) -> Result<(Measurement, Option<String>), Error> {
    let names: Vec<&str> = target
        .rules
        .forbid_tools
        .iter()
        .filter_map(|entry| match &entry.what {
            ToolPattern::Name(name) => Some(name.as_str()),
            ToolPattern::Group(_) => None,
        })
        .collect();
    let globs: Vec<_> = target.rules.forbid_paths.iter().map(|entry| &entry.what).collect();
    let with = |explanation: Option<Explanation<'_>>| {
        let question = Question { tool_names: &names, globs: &globs, explanation, base };
        let contents = match &read.content {
            Content::Layers(layers) => Contents::Layers(layers),
            Content::Tree(tree) => Contents::Tree(tree),
            Content::Nothing => Contents::Nothing,
        };
        measure(&read.config, contents, read.compressed.as_ref(), &question, memory)
    };
    let measured = match explanation {
        Some((recipe, provenance)) => explained(recipe, &read.config, provenance, base.is_some(), with),
        None => with(None).map(|measured| (measured, None)),
    };
    measured.map_err(|error| {
        let failed = Error::new(Class::Image, "the image could not be measured").caused_by(error);
        if matches!(error, TooLarge::Memory(_)) { failed.with_hint(OutOfMemory::HINT) } else { failed }
    })
}
