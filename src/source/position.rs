//! Which layer of which source an error is about.

use super::{HINT_AGAIN, Missing, unreadable};
use crate::domain::DiffId;
use crate::error::Error;
use crate::layer::{LayerBlob, LayerError};

/// The parts of an error message that say where: source, which layer, and what it is called.
pub(super) struct Position<'a> {
    pub(super) source: &'a str,
    pub(super) number: usize,
    pub(super) of: usize,
    pub(super) called: &'a str,
}

impl Position<'_> {
    pub(super) fn error(&self, what: &str) -> Error {
        let Self { source, number, of, called } = self;
        unreadable(format!("{source}: layer {number} of {of} ({called}) {what}"))
    }

    /// It is there and cannot be read.
    pub(super) fn unread(&self, error: &LayerError) -> Error {
        self.error(&format!("cannot be read: {error}")).with_hint(error.hint().unwrap_or(HINT_AGAIN))
    }

    /// It is not there.
    pub(super) fn missing(&self) -> Error {
        self.error("is missing")
            .with_hint(
                "Write it again; an engine with the containerd store leaves out layers that it never fetched, so pull the image anew.",
            )
            .caused_by(Missing)
    }

    /// Whether a blob that was read is the layer that the config means.
    pub(super) fn check(&self, blob: &LayerBlob, diff_id: &DiffId) -> Result<(), Error> {
        let is = blob.index.diff_id();
        if is == diff_id {
            return Ok(());
        }
        Err(self
            .error(&format!("is not what the config says: its diff id is {is}, not {diff_id}"))
            .with_hint(HINT_AGAIN))
    }
}
