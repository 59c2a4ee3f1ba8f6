//! What was read of an image, measured with what explains it.

use std::sync::Arc;

use super::base::Standing;
use super::explain::{Open, Provenance, explained};
use super::found::Found;
use super::opened::Opened;
use super::recipe::Recipe;
use crate::domain::{DiffId, PathPattern, Target, ToolPattern};
use crate::error::{Class, Error};
use crate::image::{Contents, Explanation, Measurement, Question, TooLarge, measure};
use crate::memory::{Memory, OutOfMemory};
use crate::policy::Measured;
use crate::reading::{Content, Read};

/// Measures what was found, with what explains it.
pub(super) fn measured(
    target: &Arc<Target>,
    explanation: Option<(&Recipe, &Provenance)>,
    standing: Standing,
    found: Found,
    memory: &Memory,
) -> Result<Opened, Error> {
    let Found { read, from, reference, build, mut notes, .. } = found;
    let Standing { layers: base_layers, base: named_base, where_unknown, .. } = standing;
    let (mut measurement, open) = measurement(target, explanation, base_layers.as_deref(), &read, memory)?;
    let fits = matches!(open, Open::Nothing) && measurement.is_explained();
    let mut other_stage = None;
    match open {
        Open::Nothing => {}
        Open::Part(note) => notes.push(note),
        Open::Stage(stage) => other_stage = Some(stage),
    }
    notes.extend(where_unknown.filter(|_| !measurement.is_explained()));
    // What is known of the Dockerfile holds for the image only where its layers fit it.
    let recipe = explanation.map(|(recipe, _)| recipe).filter(|_| fits);
    measurement.user_place = recipe.and_then(Recipe::user);
    let base = recipe.and_then(Recipe::base_image).or(named_base);
    let Read { digest, content, files, facts, .. } = read;
    let read = Some(facts);
    let measured = Measured {
        measurement,
        reference,
        from,
        digest,
        base,
        build,
        read,
        other_stage,
        difference: None,
        contents: None,
        tool_packages: None,
        notes,
    };
    let layers = match content {
        Content::Layers(layers) => layers,
        Content::Tree(tree) => vec![tree],
        Content::Nothing => Vec::new(),
    };
    Ok(Opened { target: Arc::clone(target), measured, layers, files, recipe: recipe.cloned() })
}

fn measurement(
    target: &Target,
    explanation: Option<(&Recipe, &Provenance)>,
    base: Option<&[DiffId]>,
    read: &Read,
    memory: &Memory,
) -> Result<(Measurement, Open), Error> {
    let names: Vec<&str> = target
        .rules
        .forbid_tools
        .iter()
        .filter_map(|entry| match &entry.what {
            ToolPattern::Name(name) => Some(name.as_str()),
            ToolPattern::Group(_) => None,
        })
        .collect();
    let globs: Vec<_> = target
        .rules
        .forbid_paths
        .iter()
        .filter_map(|entry| match &entry.what {
            PathPattern::Glob(glob) => Some(glob),
            PathPattern::Group(_) => None,
        })
        .collect();
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
        None => with(None).map(|measured| (measured, Open::Nothing)),
    };
    measured.map_err(|error| {
        let failed = Error::new(Class::Image, "the image could not be measured").caused_by(error);
        if matches!(error, TooLarge::Memory(_)) { failed.with_hint(OutOfMemory::HINT) } else { failed }
    })
}
