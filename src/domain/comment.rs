//! When a comment on a pull request is called for.

/// `--comment`. Whatever it says, a comment that is there already is kept up to date; only `never` leaves it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommentWhen {
    /// A failure or warning that the baseline lacks, a changed size or budget.
    Auto,
    /// Every run.
    Always,
    /// A size that changed by at least `[comment] min-change`.
    Changes,
    /// A broken budget, or something not measured.
    Failures,
    /// Not at all.
    Never,
}
