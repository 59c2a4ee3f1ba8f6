//! Places that can be changed: what people fix, where rules only say what is wrong.

use super::{Bytes, Place, Severity};

/// One place that can be changed, with everything that was found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What can be changed.
    pub at: CauseAt,
    /// The worst of its findings.
    pub severity: Severity,
    /// What is the matter there: `gcc, g++, make and 12 more`. Neither the place nor bytes. Untrusted and not escaped.
    pub what: String,
    /// The most that fixing it frees: its files, each counted once, and never more than its layer brought. `None` where nothing was
    /// measured that could go: a base image that was not compared with another, a setting.
    pub frees: Option<Bytes>,
    /// How much the place grew since the baseline, where that is known and more than nothing.
    pub grew: Option<Bytes>,
    /// Whether some of its findings are not in the baseline; `None` when that cannot be told.
    pub is_new: Option<bool>,
    /// Positions of its findings in the target's `findings`, ascending. Each finding is under exactly one cause.
    pub findings: Vec<usize>,
    /// The layer that changed the same files again, as `chown -R` does: its position in the target's `layers`.
    pub touched_again: Option<usize>,
    /// What to do, in the imperative and without a full stop: `npm ci --omit=dev`.
    pub fix: String,
    /// What excuses it: a command line that lacks only its reason. `None` where nothing can.
    pub allow: Option<String>,
}

/// What can be changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CauseAt {
    /// The image is another than the budget expects: another stage of its Dockerfile.
    Stage,
    /// An instruction, or a layer that no line is known of.
    Layer {
        /// Its position in the target's `layers`.
        index: usize,
        /// Its line, when it is known.
        line: Option<Place>,
    },
    /// The base image.
    Base {
        /// Its FROM, when it is known.
        line: Option<Place>,
    },
    /// A setting of the image, such as its user.
    Setting {
        /// The instruction that sets it: `USER`.
        instruction: String,
        /// Where it is set, or could be.
        line: Option<Place>,
    },
    /// The image as a whole, where no layer stands out.
    Image,
    /// The budget file.
    Budget {
        /// The line.
        line: Option<Place>,
    },
}
