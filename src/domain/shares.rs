//! Whose change it is: that of the base image, which others made, or that of the target's own layers.

use super::{Bytes, TargetReport};

/// The two parts of a target's change since the baseline, each before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Content size of the layers that came with the base image.
    pub base: (Bytes, Bytes),
    /// Content size of the target's own layers.
    pub own: (Bytes, Bytes),
}

impl Shares {
    /// Of a target that changed; `None` when nothing did, when there is no base image, when one of the sizes cannot be told for certain, and
    /// when a report says that the part is larger than the whole.
    #[must_use]
    pub fn of(target: &TargetReport) -> Option<Self> {
        let change = target.change.as_ref()?;
        let base = (change.base_size_before?, target.base_size?);
        let own = |size: Bytes, base: Bytes| size.0.checked_sub(base.0).map(Bytes);
        let own = (own(change.size_before?, base.0)?, own(target.size?, base.1)?);
        let is_told = base != (Bytes::ZERO, Bytes::ZERO) && (base.0 != base.1 || own.0 != own.1);
        is_told.then_some(Self { base, own })
    }

    /// Whether the base image moved, and the target's own layers by less than `least` or not at all.
    #[must_use]
    pub fn is_base_alone(&self, least: Bytes) -> bool {
        let own = self.own.0.0.abs_diff(self.own.1.0);
        self.base.0 != self.base.1 && (own == 0 || own < least.0)
    }
}
