//! What an earlier measurement means for this one: which targets changed, which layers did it, what is new.
//!
//! A baseline is never a condition. Where there is none, or none that speaks of a target, that is a state of its own and every
//! number simply stays unknown.

mod earlier;
mod layers;
mod run;
mod since;

pub use earlier::{Before, Earlier};
pub use run::of_run;
pub use since::Since;

/// What a run is compared with.
#[derive(Debug, Clone)]
pub struct Against {
    /// The file or git ref, as it was asked for.
    pub source: String,
    /// What was found there.
    pub earlier: Earlier,
    /// The commit that it was measured at, when it is known.
    pub commit: Option<String>,
    /// How many commits lie between that one and the one that is measured now, when git can tell.
    pub behind: Option<u64>,
}
