//! One problem at one place: an error, or a warning.

use std::ops::Range;
use std::sync::Arc;

use super::SourceFile;
use crate::domain::Place;

/// Something wrong in a file of the user's.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Bytes of it that are wrong.
    pub span: Range<usize>,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// Whether the file is read all the same.
    pub is_warning: bool,
}

impl Problem {
    /// A problem with the bytes `span` of `file`.
    pub fn new(file: &Arc<SourceFile>, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { file: Arc::clone(file), span, message: message.into(), hint: None, is_warning: false }
    }

    /// Adds what to write instead: one sentence.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, for a file that is read all the same.
    #[must_use]
    pub fn as_warning(self) -> Self {
        Self { is_warning: true, ..self }
    }

    /// Where it is, 1-based.
    pub fn place(&self) -> Place {
        self.file.place(self.span.start)
    }
}
