//! What was read of an image, measured with what explains it.

use super::explain::{Provenance, explained};
use super::found::Found;
use super::recipe::Recipe;
use crate::domain::{ImageFrom, Source, Target, ToolPattern};
use crate::error::{Class, Error};
use crate::image::{Contents, Explanation, Measurement, Question, TooLarge, measure};
use crate::memory::{Memory, OutOfMemory};
use crate::policy::Measured;
use crate::source::ImageContent;

/// Measures what was found, with what explains it.
pub(super) fn measured(
    target: &Target,
    explanation: Option<(&Recipe, &Provenance)>,
    found: Found,
    memory: &Memory,
) -> Result<Measured, Error> {
    let Found { content, reference, build, mut notes, .. } = found;
    let (mut measurement, note) = measurement(target, explanation, &content, memory)?;
    notes.extend(note);
    // What is known of the Dockerfile holds for the image only where its layers fit it.
    let recipe = explanation.map(|(recipe, _)| recipe).filter(|_| measurement.is_explained());
    measurement.user_place = recipe.and_then(Recipe::user);
    let from = match &target.source {
        Source::Build => ImageFrom::Built,
        Source::Image(_) => ImageFrom::Engine,
        Source::Archive { .. } => ImageFrom::Archive,
        Source::Layout { .. } => ImageFrom::Layout,
    };
    let base = recipe.and_then(Recipe::base_image);
    Ok(Measured { measurement, reference, from, digest: None, base, build, read: None, notes })
}

fn measurement(
    target: &Target,
    explanation: Option<(&Recipe, &Provenance)>,
    content: &ImageContent,
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
        let question = Question { tool_names: &names, globs: &globs, explanation };
        let contents = Contents::Layers(&content.layers);
        measure(&content.config, contents, content.compressed.as_ref(), &question, memory)
    };
    let measured = match explanation {
        Some((recipe, provenance)) => explained(recipe, &content.config, provenance, with),
        None => with(None).map(|measured| (measured, None)),
    };
    measured.map_err(|error| {
        let failed = Error::new(Class::Image, "the image could not be measured").caused_by(error);
        if matches!(error, TooLarge::Memory(_)) { failed.with_hint(OutOfMemory::HINT) } else { failed }
    })
}
