//! What of a change was done here, and what would have happened anyway: the base image moved, or a package got larger.
//!
//! Easing needs certainty. Where it is not known what changed here, what the base image brought, or which base image it was, everything
//! counts as done here.

use super::Rulebook;
use crate::baseline::{Before, Earlier};
use crate::domain::{BaseImage, Bytes, EasedBy, ImageRef, Inputs, LayerReport, Origin, Target, TargetReport};
use crate::text;

/// Where this run stands to its baseline.
pub(super) struct Here<'a> {
    /// Whether what the target is made of changed; `None` without a baseline that was found.
    pub(super) inputs: Option<Inputs>,
    /// Whether a change is judged that is not merged yet.
    in_change: bool,
    /// The base image before and now, where both are known.
    bases: Option<(&'a BaseImage, BaseImage)>,
    /// By how much the base image grew, where that is known.
    base_growth: Option<i128>,
    /// Whether its layers are others than before, where that is known.
    base_moved: bool,
}

/// A sum over layers, before and now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    /// All of it.
    pub(super) all: (u64, u64),
    /// The part of the layers above the base image, where it is known.
    pub(super) own: Option<(u64, u64)>,
}

impl Sum {
    /// What the own layers grew by.
    pub(super) fn own_growth(&self) -> Option<i128> {
        self.own.map(|(before, now)| i128::from(now) - i128::from(before))
    }

    /// What is not of the base image: all of it.
    pub(super) fn own(before: u64, now: u64) -> Self {
        Self { all: (before, now), own: Some((before, now)) }
    }
}

impl<'a> Here<'a> {
    /// `report` has the facts of the target.
    pub(super) fn new(target: &Target, report: &TargetReport, before: Before<'a>, rulebook: &Rulebook<'_>) -> Self {
        let against = rulebook.against.filter(|against| is_found(&against.earlier));
        let unknown = || Inputs::Unknown("nothing says which commit the baseline is of".to_owned());
        let earlier = match before {
            Before::Sizes { report, .. } => report,
            _ => None,
        };
        let base_before = match before {
            Before::Sizes { base, .. } => base,
            _ => None,
        };
        let of_base = |layers: &[LayerReport]| {
            let layers = layers.iter().filter(|layer| layer.origin == Origin::Base);
            layers.map(|layer| layer.diff_id.clone()).collect::<Vec<_>>()
        };
        Self {
            base_moved: earlier.is_some_and(|earlier| of_base(&earlier.layers) != of_base(&report.layers)),
            inputs: rulebook.against.and_then(|all| {
                let known = all.inputs.get(&target.name).cloned();
                known.or_else(|| against.map(|_| unknown()))
            }),
            in_change: against.is_some_and(|against| against.in_change),
            bases: earlier.and_then(|earlier| earlier.base.as_ref()).zip(report.base.clone()),
            base_growth: report
                .base_size
                .zip(base_before)
                .map(|(now, before)| i128::from(now.0) - i128::from(before.0)),
        }
    }

    /// By how much the base image grew, where that is known.
    pub(super) fn base_growth(&self) -> Option<i128> {
        self.base_growth
    }

    /// Whether the base image is known to be another than it was.
    pub(super) fn base_moved(&self) -> bool {
        self.base_moved
    }

    /// Whether a change is judged that is not merged yet.
    pub(super) fn is_in_change(&self) -> bool {
        self.in_change
    }

    /// Whether nothing that the target is made of changed here.
    pub(super) fn is_unchanged(&self) -> bool {
        matches!(self.inputs, Some(Inputs::Unchanged))
    }

    /// Whether the base image is asked for as before, so that whatever became of it was not done here. A variable that nobody knows may
    /// stand for anything.
    pub(super) fn has_same_base(&self) -> bool {
        self.is_unchanged()
            || self
                .bases
                .as_ref()
                .is_some_and(|(before, now)| before.reference == now.reference && !now.reference.contains('$'))
    }

    /// Why a limit on `sum` that is passed now was not passed by what was done here; `None` where it may have been, and outside of a
    /// change. The baseline kept it, and so would the own layers, had the base image stayed as it was. A higher limit is eased wherever a
    /// lower one is.
    pub(super) fn eases(&self, sum: Sum, limit: u64) -> Option<EasedBy> {
        let own_alone = sum.own_growth().map(|own| i128::from(sum.all.0) + own);
        self.eases_kept(sum.all.0, own_alone.is_some_and(|own| own <= i128::from(limit)), limit)
    }

    /// [`Self::eases()`] of a limit that was `before` what it was, and that what is not of the base image keeps by itself.
    pub(super) fn eases_kept(&self, before: u64, own_keeps: bool, limit: u64) -> Option<EasedBy> {
        if !self.in_change || before > limit {
            None
        } else if own_keeps && self.has_same_base() {
            Some(EasedBy::Base)
        } else {
            self.is_unchanged().then_some(EasedBy::Drift)
        }
    }

    /// Why a growth by more than `allowed` was not done here. What a base image grew by was not, whichever tag or digest of it is asked for;
    /// what another image brings was.
    pub(super) fn eases_growth(&self, sum: Sum, allowed: u64) -> Option<EasedBy> {
        let own_keeps = sum.own_growth().is_some_and(|own| own <= i128::from(allowed));
        if own_keeps && !self.has_other_base() {
            Some(EasedBy::Base)
        } else {
            self.is_unchanged().then_some(EasedBy::Drift)
        }
    }

    /// Whether another base image is asked for than before: not only another tag or digest of the same.
    fn has_other_base(&self) -> bool {
        let name = |base: &BaseImage| match base.reference.parse::<ImageRef>() {
            Ok(reference) => (reference.registry, reference.repository),
            Err(_) => (None, base.reference.clone()),
        };
        !self.is_unchanged() && self.bases.as_ref().is_some_and(|(before, now)| name(before) != name(now))
    }

    /// What became of the base image, or that nothing changed here, as the end of a sentence.
    pub(super) fn whose(&self, why: &EasedBy) -> String {
        match why {
            EasedBy::Base => self.of_base(),
            _ => "; drift: nothing this target is made of changed here".to_owned(),
        }
    }

    fn of_base(&self) -> String {
        let grew = self.base_growth.and_then(|growth| u64::try_from(growth).ok()).map(Bytes);
        match (&self.bases, grew) {
            (Some((before, now)), Some(grew)) if before.reference == now.reference => {
                format!("; base {} grew {grew}", named(now))
            }
            (Some((before, now)), Some(grew)) => {
                format!("; base {} is {grew} larger than {}", named(now), named(before))
            }
            (_, Some(grew)) if grew > Bytes::ZERO => format!("; the base image grew {grew}"),
            _ => "; the base image moved".to_owned(),
        }
    }
}

/// A base image as a sentence names it: a digest is long, and its beginning is enough.
fn named(base: &BaseImage) -> String {
    const LONGEST: usize = 80;
    let reference = base
        .reference
        .split_once("@sha256:")
        .map_or(base.reference.clone(), |(name, digest)| format!("{name}@{}", digest.get(..12).unwrap_or(digest)));
    text::line_within(&reference, LONGEST)
}

/// Whether there is a baseline that could be compared with.
pub(super) fn is_found(earlier: &Earlier) -> bool {
    matches!(earlier, Earlier::Report(_) | Earlier::Lock(_))
}

/// The numbers of the layers above the base image summed up; `None` where one is not known, or who brought its layer.
pub(super) fn own(layers: impl IntoIterator<Item = (Origin, Option<u64>)>) -> Option<u64> {
    layers.into_iter().try_fold(0_u64, |own, (origin, number)| match origin {
        Origin::Base => Some(own),
        Origin::Own => own.checked_add(number?),
        Origin::Unknown => None,
    })
}
