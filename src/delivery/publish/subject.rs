//! What a publication is about.

use crate::cli::WriteTo;
use crate::domain::{Bytes, CommentWhen, Report};
use crate::forge::CommentKey;

/// What is told.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    /// The result.
    pub(crate) report: &'a Report,
    /// Which comment is ours.
    pub(crate) key: CommentKey,
    /// When there is to be one.
    pub(crate) when: CommentWhen,
    /// Changes smaller than this alone do not call for one.
    pub(crate) min_change: Bytes,
    /// The commit that links lead to.
    pub(crate) head: Option<String>,
    /// The files that the run wrote.
    pub(crate) files: &'a [WriteTo],
}
