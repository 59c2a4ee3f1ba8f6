//! An image that was read and measured, and can still be looked into.

use std::sync::Arc;

use super::recipe::Recipe;
use crate::contents::{Told, View, Wish, packages, path_groups, survey, tool_packages, why};
use crate::domain::{Contents, PathGroup, PathPattern, Target, WhyReport};
use crate::error::{Class, Error};
use crate::image::{Stack, TooLarge};
use crate::layer::{LayerFiles, LayerIndex};
use crate::memory::{Memory, OutOfMemory};
use crate::policy::{self, Measured};

/// The longest name of a user that is told, in characters.
const LONGEST_USER: usize = 256;

/// An image, measured, with all that was read of it.
#[derive(Debug)]
pub struct Opened {
    /// What was asked for.
    pub target: Arc<Target>,
    /// What was measured.
    pub measured: Measured,
    /// Its layers from the bottom up; a single one where the final file system alone was read, and none where nothing was.
    pub layers: Vec<Arc<LayerIndex>>,
    /// What was kept of the files of each.
    pub files: Vec<Arc<LayerFiles>>,
    /// Its Dockerfile, where the layers fit it.
    pub(super) recipe: Option<Recipe>,
}

impl Opened {
    /// Stacks the image and looks into it. What that takes is drawn from `memory`.
    ///
    /// # Errors
    /// It takes more memory than there is, and those of `look`.
    pub fn look<T>(&self, memory: &Memory, look: impl FnOnce(&View<'_>) -> Result<T, TooLarge>) -> Result<T, Error> {
        let looked = || {
            let mut stack = Stack::new(memory);
            let are_layers = self.measured.measurement.stored.is_some();
            let layers = if are_layers { self.measured.measurement.layers.as_slice() } else { &[] };
            stack.tell_origins(layers.iter().map(|layer| layer.origin).collect());
            for layer in &self.layers {
                stack.push(layer)?;
            }
            let steps = self.recipe.as_ref().map(|recipe| recipe.steps(recipe.stage())).unwrap_or_default();
            let shown = self.measured.measurement.shown.as_ref();
            let told = Told {
                steps: &steps,
                base: self.measured.base.as_ref(),
                tools: shown.map_or(&[], |shown| shown.tools.as_slice()),
            };
            look(&View { stack: &stack, layers, files: &self.files, told })
        };
        looked().map_err(not_looked_into)
    }

    /// Finds what the target forbids by groups of paths, and adds it to what was measured.
    ///
    /// # Errors
    /// As [`Opened::look`].
    pub(super) fn look_for_groups(&mut self, memory: &Memory) -> Result<(), Error> {
        let mut groups: Vec<PathGroup> = self
            .target
            .rules
            .forbid_paths
            .iter()
            .filter_map(|entry| match entry.what {
                PathPattern::Group(group) => Some(group),
                PathPattern::Glob(_) => None,
            })
            .collect();
        groups.sort_unstable();
        groups.dedup();
        if groups.is_empty() || self.measured.measurement.shown.is_none() {
            return Ok(());
        }
        let matched = self.look(memory, |view| Ok(path_groups::matched(view, &packages::find(view)?, &groups)?))?;
        if let Some(shown) = &mut self.measured.measurement.shown {
            shown.matched_paths.extend(matched);
        }
        Ok(())
    }

    /// Why some words are in it.
    ///
    /// # Errors
    /// As [`Opened::look`].
    pub fn why(&self, asked: &[String], memory: &Memory) -> Result<WhyReport, Error> {
        let (answers, unread) = self.look(memory, |view| Ok(why::answers(view, asked)?))?;
        let Measured { measurement, reference, base, .. } = &self.measured;
        let facts = policy::facts(&self.target, measurement);
        let are_layers = measurement.stored.is_some();
        Ok(WhyReport {
            target: facts.name,
            platform: facts.platform,
            reference: reference.clone(),
            layers: if are_layers { facts.layers } else { Vec::new() },
            base: base.clone(),
            answers,
            unread,
        })
    }

    /// Finds the packages of forbidden tools, and adds them to what was measured. Where there are no such tools it costs nothing. The tools are
    /// judged without them, too, so that what has no room for them only lacks them.
    pub(super) fn look_for_tool_packages(&mut self, memory: &Memory) {
        let shown = self.measured.measurement.shown.as_ref();
        let tools = shown.map_or(&[][..], |shown| shown.tools.as_slice());
        let paths = policy::may_be_forbidden(&self.target.rules, tools);
        if !paths.is_empty() && !self.layers.is_empty() {
            self.measured.tool_packages = self.look(memory, |view| Ok(tool_packages::of(view, &paths)?)).ok();
        }
    }

    /// What is in it.
    ///
    /// # Errors
    /// As [`Opened::look`].
    pub fn survey(&self, wish: Wish, memory: &Memory) -> Result<Contents, Error> {
        let mut contents = self.look(memory, |view| Ok(survey(view, wish)?))?;
        let measurement = &self.measured.measurement;
        let user = measurement.user.as_deref().filter(|user| !user.trim().is_empty());
        contents.user = user.map(|user| user.chars().take(LONGEST_USER).collect());
        contents.wasted = measurement.stored.as_ref().map(|stored| stored.wasted.bytes);
        Ok(contents)
    }
}

/// Why an image cannot be looked into.
pub(super) fn not_looked_into(error: TooLarge) -> Error {
    let failed = Error::new(Class::Image, "the image could not be looked into").caused_by(error);
    if matches!(error, TooLarge::Memory(_)) { failed.with_hint(OutOfMemory::HINT) } else { failed }
}
