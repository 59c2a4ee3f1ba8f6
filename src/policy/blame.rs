//! Which layer to look at first, and what to do about it. This is decided here alone: formats say what the report says.

use super::case::Case;
use crate::domain::{LayerRef, Origin, Role};
use crate::image::MeasuredLayer;

/// A layer to look at, where there is one, and what to do.
#[derive(Debug, Clone, Default)]
pub(super) struct Blame {
    /// The layer.
    pub(super) layer: Option<LayerRef>,
    /// What to do.
    pub(super) hint: String,
}

impl Blame {
    /// What to do where no layer is to blame.
    pub(super) fn nobody(hint: impl Into<String>) -> Self {
        Self { layer: None, hint: hint.into() }
    }
}

/// Layers that are too large together. What is newly over is put down to the layer that grew most since the baseline, because the
/// largest one was there before; else it is the largest. Only layers that `counts` are looked at.
pub(super) fn of_sum<T: Ord>(
    case: &Case<'_>,
    newly_over: bool,
    counts: impl Fn(&MeasuredLayer) -> bool,
    size: impl Fn(&MeasuredLayer) -> T,
) -> Option<LayerRef> {
    let counted = |index: &usize| case.layer(*index).is_some_and(&counts);
    let grown = || case.since.grown().find(counted);
    match newly_over.then(grown).flatten() {
        Some(index) => case.layer_ref(index, Role::GrewMost),
        None => largest(case, counts, size).and_then(|index| case.layer_ref(index, Role::Largest)),
    }
}

/// The largest of the layers that `counts`, of equals the lowest: it is the one that others build on.
pub(super) fn largest<T: Ord>(
    case: &Case<'_>,
    counts: impl Fn(&MeasuredLayer) -> bool,
    size: impl Fn(&MeasuredLayer) -> T,
) -> Option<usize> {
    let layers = case.measured.layers.iter().enumerate().filter(|(_, layer)| counts(layer));
    layers.rev().max_by_key(|(_, layer)| size(layer)).map(|(index, _)| index)
}

/// The layer of a whole that is too large, and what to do about it.
pub(super) fn of_whole<T: Ord>(case: &Case<'_>, newly_over: bool, size: impl Fn(&MeasuredLayer) -> T) -> Blame {
    // A limit that was lowered over an image that shrank is nobody's growth.
    let newly_over = newly_over && case.measured.size().is_some_and(|size| case.since.grew(size));
    let layer = of_sum(case, newly_over, |_| true, &size);
    let is_largest = |layer: &LayerRef| largest(case, |_| true, &size) == Some(layer.index);
    let hint = match &layer {
        Some(grown) if !is_largest(grown) => "Look at what that layer has more than before.",
        Some(layer) => for_the_largest(case, layer.index),
        None => EARLIER_STAGE,
    };
    Blame { layer, hint: hint.to_owned() }
}

fn for_the_largest(case: &Case<'_>, index: usize) -> &'static str {
    match case.origin(index) {
        Origin::Base => {
            "The largest layer came with the base image: start from a smaller one, or build in an earlier stage and copy only what runs."
        }
        Origin::Own if case.is_copied(index) => COPY_LESS,
        Origin::Own | Origin::Unknown => EARLIER_STAGE,
    }
}

const EARLIER_STAGE: &str = "Build in an earlier stage and copy only what runs, or start from a smaller base image.";

/// What helps against a large layer that one's own COPY made: to copy only what runs may have been done already.
pub(super) const COPY_LESS: &str = "Look at what the largest layer copies, and leave out what does not run. A binary may hold debug symbols: \
                                    `-ldflags \"-s -w\"` leaves them out in Go, `strip` elsewhere.";
