//! What was not done, and whether that is as it should be.

use crate::forge::ForgeError;

/// Something that was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) what: String,
    pub(super) hint: Option<String>,
}

impl Notice {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), hint: None }
    }

    pub(super) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Why nothing was posted.
#[derive(Debug)]
pub(super) enum Silence {
    /// It is as it should be: this run has no pull request.
    Expected(String),
    /// It should have been.
    Failed(Notice),
}

impl From<Notice> for Silence {
    fn from(notice: Notice) -> Self {
        Self::Failed(notice)
    }
}

impl From<ForgeError> for Silence {
    fn from(error: ForgeError) -> Self {
        let notice = Notice { what: format!("no comment was posted: {error}"), hint: error.hint().map(str::to_owned) };
        Self::Failed(notice)
    }
}
