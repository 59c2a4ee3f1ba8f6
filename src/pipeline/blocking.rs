//! Work that computes and does not wait, on a thread of its own: nothing else of the run stands still for it.

use crate::error::{Class, Error};

/// Runs `work` on a thread where it may take its time. Who waits for it can be cancelled at any moment; the work then ends by itself,
/// and nobody hears of it.
pub(super) async fn off_reactor<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(gone)?
}

/// A thread or task that ended without a result.
pub(super) fn gone(error: tokio::task::JoinError) -> Error {
    Error::new(Class::Io, "a worker thread ended unexpectedly").caused_by(error)
}
