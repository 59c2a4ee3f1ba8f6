//! The async part of a command.

use tokio_util::sync::CancellationToken;

use crate::error::{Class, Error};

/// Runs the async part. The first Ctrl-C (or SIGTERM) ends it in order: builds are dropped, the report says what was not measured.
pub(crate) fn block_on<T>(work: impl AsyncFnOnce(CancellationToken) -> T) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Class::Io, "cannot start the async runtime").caused_by(error))?;
    let cancel = CancellationToken::new();
    let result = runtime.block_on(async {
        let signal = tokio::spawn(cancel_on_signal(cancel.clone()));
        let result = work(cancel).await;
        signal.abort();
        result
    });
    // A blocking read whose stream was dropped ends by itself; waiting for it would only hold up the exit.
    runtime.shutdown_background();
    Ok(result)
}

async fn cancel_on_signal(cancel: CancellationToken) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            cancel.cancel();
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_ok() {
        cancel.cancel();
    }
}
