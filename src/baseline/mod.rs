//! What an earlier measurement means for this one: which targets changed, which layers did it, what is new.
//!
//! A baseline is never a condition. Where there is none, or none that speaks of a target, that is a state of its own and every
//! number simply stays unknown.

mod earlier;
mod known;
mod layers;
mod run;
mod since;

pub use earlier::{Before, Earlier};
pub use layers::changes as layer_changes;
pub use run::of_run;
pub use since::Since;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Budgets, How, Inputs, TargetName};
use crate::report::lock::Lock;

/// What a run is compared with.
#[derive(Debug, Clone)]
pub struct Against {
    /// The file, the image, or the file at a ref.
    pub source: String,
    /// Which baseline it is, and why that one.
    pub how: How,
    /// What was found there.
    pub earlier: Earlier,
    /// The commit that it was measured at, when it is known.
    pub commit: Option<String>,
    /// How many commits lie between that one and the one that is measured now, when git can tell.
    pub behind: Option<u64>,
    /// Whether this run judges a change that is not merged yet: a pull request, a merge request or a merge group.
    pub in_change: bool,
    /// What of each target changed since the commit that this change was made on. A target that is not here is unknown.
    pub inputs: BTreeMap<TargetName, Inputs>,
    /// The budgets as they stood at that commit; `None` where git cannot tell, or they were wrong at the time.
    pub budgets: Option<Arc<Budgets>>,
    /// The lock file of this checkout, where [`Self::earlier`] is the same file as it stood at that commit: what it allows more was raised in
    /// this change.
    pub lock_now: Option<Lock>,
}

impl Against {
    /// Whether somebody wants to know how sizes changed; else only what was done here counts.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.earlier != Earlier::NotAsked
    }

    /// What was found at `source`, of which nothing else is known.
    #[must_use]
    pub fn new(source: impl Into<String>, earlier: Earlier) -> Self {
        Self {
            source: source.into(),
            how: How::File,
            earlier,
            commit: None,
            behind: None,
            in_change: false,
            inputs: BTreeMap::new(),
            budgets: None,
            lock_now: None,
        }
    }
}
