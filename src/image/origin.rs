//! Who brought a layer: the base image, or which line of the target's own Dockerfile.
//!
//! An image's history has no line numbers and no names of stages. So its tail is laid beside the instructions of the target's stage,
//! from the end. Only the four instructions that can make layers count: RUN, COPY, ADD, WORKDIR; builders add metadata entries of
//! their own (labels) and leave others out (ONBUILD). Every own instruction must fit the entry beside it, and no layer among them may
//! be left without one; then each line is fitted by exactly one entry. A single misfit, as of a Dockerfile that changed since the
//! image was built, and nothing is claimed at all.
//!
//! What is left at the head did not come from these lines. That it came with the base image does not follow: the image may have been
//! built of another stage, or before a line was deleted. What more is known decides, see [`Below`]:
//! - Built in the same run: it is the base image's, since nothing else can be there.
//! - Built elsewhere, and the image after FROM was seen: its layers are the base image's where this image begins with exactly them.
//! - Built elsewhere, and nobody has the image after FROM: in CI that is the rule, since `BuildKit` keeps base images to itself. What
//!   fits is believed when there is something that fits. It is wrong only for a Dockerfile from whose beginning lines were taken since
//!   the image was built. A stage without a layer of its own fits every image, so for it nothing is claimed.
//!
//! Between the two may stand what the base image keeps with ONBUILD. FROM runs it, so its layers are the target's own, and the FROM is
//! the line to change; see [`Triggers`].

use super::instruction::{Made, fits, trigger};
use crate::dockerfile::Instruction;
use crate::domain::{DiffId, ImageConfig, Origin, Place};

/// The target's own Dockerfile, as far as it explains layers.
#[derive(Debug, Clone, Copy)]
pub struct Explanation<'a> {
    /// The file as reports show it.
    pub file: &'a str,
    /// Instructions that lead to the target's stage, in order: those of own stages that it is made FROM come first. Instructions
    /// that make no layer may be among them.
    pub steps: &'a [&'a Instruction],
    /// The line of the FROM that names what the steps stand on.
    pub from: u32,
    /// What that FROM runs.
    pub triggers: Triggers<'a>,
    /// What the steps stand on.
    pub below: Below<'a>,
}

/// What is known of the instructions that a base image keeps with ONBUILD.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Triggers<'a> {
    /// Nothing but the history: builders other than BuildKit write them down there.
    #[default]
    InHistory,
    /// These, by the base image's config or by the build itself; perhaps none.
    Known(&'a [Instruction]),
}

/// What is known of the layers that no step made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below<'a> {
    /// There are none: FROM scratch.
    Nothing,
    /// They are the base image's: the image was built from these steps in this run.
    Base,
    /// The image was built elsewhere, and the image after FROM has these layers today.
    Seen(&'a [DiffId]),
    /// The image was built elsewhere, and the image after FROM was not seen.
    Unseen,
}

/// For each layer, from the bottom, who brought it and by which line. `base` are the layers of the image that it was built on, where
/// somebody says which that is: with them, what no line explains is the base image's or what was laid on it.
pub fn explain(
    config: &ImageConfig,
    explanation: Option<&Explanation<'_>>,
    base: Option<&[DiffId]>,
) -> Vec<(Origin, Option<Place>)> {
    let explained = explanation.and_then(|explanation| place(config, explanation));
    let mut layers = explained.unwrap_or_else(|| vec![(Origin::Unknown, None); config.diff_ids.len()]);
    if let Some(base) = base.filter(|base| stands_on(config, base)) {
        for (position, (origin, _)) in
            layers.iter_mut().enumerate().filter(|(_, (origin, _))| *origin == Origin::Unknown)
        {
            *origin = if position < base.len() { Origin::Base } else { Origin::Own };
        }
    }
    layers
}

/// Whether an image begins with exactly these layers. Nothing stands on an image without any.
pub fn stands_on(config: &ImageConfig, base: &[DiffId]) -> bool {
    !base.is_empty() && config.diff_ids.starts_with(base)
}

/// How many of the steps make layers, when all of them fit the end of the image's history.
pub fn fit(config: &ImageConfig, steps: &[&Instruction]) -> Option<usize> {
    let history = History::read(config)?;
    let fitting = history.fitting(history.makers.len(), steps)?;
    history.is_whole(history.makers.len() - fitting).then_some(fitting)
}

fn place(config: &ImageConfig, explanation: &Explanation<'_>) -> Option<Vec<(Origin, Option<Place>)>> {
    let history = History::read(config)?;
    let steps = history.fitting(history.makers.len(), explanation.steps)?;
    let own = history.makers.len() - steps;
    if !history.is_whole(own) {
        return None;
    }
    let triggered = match explanation.triggers {
        Triggers::Known(triggers) => history.fitting(own, &triggers.iter().collect::<Vec<_>>()),
        Triggers::InHistory => Some(history.triggered(own)),
    };
    // What the base keeps and the history does not have tells of another base: nobody knows where this one ends.
    let first = own - triggered.unwrap_or_default();
    if triggered.is_some_and(|triggered| triggered > 0) && !history.is_whole(first) {
        return None;
    }
    let (below, of_steps) = (history.layers_below(first), history.layers_below(own));
    let of_base = match explanation.below {
        Below::Nothing if below > 0 => return None,
        _ if triggered.is_none() => 0,
        Below::Nothing | Below::Base => below,
        Below::Seen(layers) if layers.len() <= below && config.diff_ids.starts_with(layers) => layers.len(),
        Below::Unseen if steps > 0 => below,
        Below::Seen(_) | Below::Unseen => 0,
    };
    let place = |line| Some(Place { file: explanation.file.to_owned(), line, column: 1 });
    let written: Vec<&&Instruction> = explanation.steps.iter().filter(|step| step.makes_layer()).collect();
    let layers = history.layers().enumerate().map(|(layer, entry)| {
        if layer < of_base {
            return (Origin::Base, None);
        }
        if layer < below {
            return (Origin::Unknown, None);
        }
        if layer < of_steps {
            return (Origin::Own, place(explanation.from));
        }
        let step = history.makers.iter().position(|maker| *maker == entry).and_then(|maker| maker.checked_sub(own));
        match step.and_then(|step| written.get(step)) {
            Some(step) => (Origin::Own, place(step.line)),
            None => (Origin::Unknown, None),
        }
    });
    Some(layers.collect())
}

/// An image's history, and what of it makes layers.
struct History<'a> {
    config: &'a ImageConfig,
    /// For each entry the instruction that it is, where it is one of the four that make layers.
    made: Vec<Option<Made<'a>>>,
    /// Positions of those entries.
    makers: Vec<usize>,
}

impl<'a> History<'a> {
    /// `None` where history and layers do not have the same number.
    fn read(config: &'a ImageConfig) -> Option<Self> {
        if config.layer_history().len() != config.diff_ids.len() {
            return None;
        }
        let made: Vec<Option<Made<'_>>> =
            config.history.iter().map(|entry| entry.created_by.as_deref().and_then(Made::read)).collect();
        let makers = (0..made.len()).filter(|entry| made[*entry].is_some()).collect();
        Some(Self { config, made, makers })
    }

    /// How many instructions of `written` make layers, when the last makers before number `end` are what they become.
    fn fitting(&self, end: usize, written: &[&Instruction]) -> Option<usize> {
        let written: Vec<&&Instruction> = written.iter().filter(|instruction| instruction.makes_layer()).collect();
        let makers = self.makers.get(end.checked_sub(written.len())?..end)?;
        let made = makers.iter().map(|maker| self.made[*maker].as_ref());
        let fit = made.zip(&written).all(|(made, written)| made.is_some_and(|made| fits(made, written)));
        fit.then_some(written.len())
    }

    /// Entries that made a layer, from the bottom.
    fn layers(&self) -> impl Iterator<Item = usize> {
        (0..self.made.len()).filter(|entry| !self.config.history[*entry].empty_layer)
    }

    /// How many layers lie below the maker of this number.
    fn layers_below(&self, maker: usize) -> usize {
        let first = self.makers.get(maker).copied().unwrap_or(self.made.len());
        self.layers().take_while(|entry| *entry < first).count()
    }

    /// Whether each layer from the maker of this number on is one of a maker, and not of a foreign kind.
    fn is_whole(&self, maker: usize) -> bool {
        self.layers().skip(self.layers_below(maker)).all(|entry| self.made[entry].is_some())
    }

    /// How many makers right before number `end` the history itself says to be triggers: a builder that writes ONBUILD down did so in
    /// the base image, and what it keeps comes first in the next build.
    fn triggered(&self, end: usize) -> usize {
        let kept: Vec<(usize, Instruction)> = (0..self.makers.get(end).copied().unwrap_or(self.made.len()))
            .filter_map(|entry| Some((entry, trigger(self.config.history[entry].created_by.as_deref()?)?)))
            .filter(|(_, kept)| kept.makes_layer())
            .collect();
        // Those of images further down were run before the later ones were written.
        let longest = (0..kept.len()).find_map(|first| {
            let pending: Vec<&Instruction> = kept[first..].iter().map(|(_, kept)| kept).collect();
            let fitting = self.fitting(end, &pending)?;
            let last_written = kept.last().map(|(entry, _)| *entry);
            let first_run = self.makers.get(end - fitting).copied();
            (last_written < first_run).then_some(fitting)
        });
        longest.unwrap_or_default()
    }
}
