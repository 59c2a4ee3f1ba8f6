//! Waiting: the async part of a command, and whatever else may take for ever. The first Ctrl-C (or SIGTERM) ends it in order, the
//! second at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::error::{Class, Error};
use crate::exit::Exit;

/// What signals do to this process. They are the process's own, so there is one.
static SIGNALS: OnceLock<Signals> = OnceLock::new();

#[derive(Default)]
struct Signals {
    cancel: CancellationToken,
    /// How many waits there are that would notice.
    waits: AtomicUsize,
}

/// Listens for Ctrl-C and SIGTERM from here on, on a thread of its own: a signal must end a process that is PID 1, and one that is stuck.
///
/// # Errors
/// The system does not let it.
pub(super) fn listen() -> Result<(), Error> {
    let failed = |error| Error::new(Class::Io, "cannot listen for signals").caused_by(error);
    let runtime = Builder::new_current_thread().enable_io().build().map_err(failed)?;
    let (interrupt, terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt()).map_err(failed)?, signal(SignalKind::terminate()).map_err(failed)?)
    };
    let signals = SIGNALS.get_or_init(Signals::default);
    let work = move || runtime.block_on(obey(interrupt, terminate, signals));
    std::thread::Builder::new().name("signals".to_owned()).spawn(work).map_err(failed)?;
    Ok(())
}

async fn obey(mut interrupt: Signal, mut terminate: Signal, signals: &Signals) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if signals.cancel.is_cancelled() || signals.waits.load(Ordering::SeqCst) == 0 {
            leave();
        }
        signals.cancel.cancel();
    }
}

#[expect(clippy::exit, reason = "whatever is stuck would not come back to return")]
fn leave() {
    std::process::exit(i32::from(Exit::NotChecked.code()));
}

/// Runs the async part of a command. Its token fires with the first signal: builds are dropped, the report says what was not measured.
///
/// # Errors
/// The async runtime cannot be started.
pub(crate) fn block_on<T>(work: impl AsyncFnOnce(CancellationToken) -> T) -> Result<T, Error> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Class::Io, "cannot start the async runtime").caused_by(error))?;
    let signals = SIGNALS.get_or_init(Signals::default);
    signals.waits.fetch_add(1, Ordering::SeqCst);
    let result = runtime.block_on(work(signals.cancel.clone()));
    signals.waits.fetch_sub(1, Ordering::SeqCst);
    // A blocking read whose stream was dropped ends by itself; waiting for it would only hold up the exit.
    runtime.shutdown_background();
    Ok(result)
}

/// Does what may block for ever, such as opening a pipe, until a signal comes. What blocks then is left behind.
///
/// # Errors
/// A signal came.
pub(crate) fn interruptible<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    if SIGNALS.get_or_init(Signals::default).cancel.is_cancelled() {
        // What was done is shown after the first signal; the second ends it.
        return Ok(work());
    }
    block_on(async |cancel| {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(Error::new(Class::Interrupted, "interrupted")),
            done = tokio::task::spawn_blocking(work) => {
                done.map_err(|error| Error::new(Class::Io, "a worker thread ended unexpectedly").caused_by(error))
            }
        }
    })?
}
