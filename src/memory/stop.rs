//! The end of work that nobody waits for any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Says to whoever reads or measures an image that it may end. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

/// The work was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no longer needed")]
pub struct Stopped;

impl Stop {
    /// Ends the work, soon.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work may go on.
    ///
    /// # Errors
    /// It may not.
    pub fn check(&self) -> Result<(), Stopped> {
        if self.0.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) }
    }
}

/// Stops work when it is dropped: whoever waits for the work holds it.
#[derive(Debug, Default)]
pub struct Waiting(pub Stop);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_with_whoever_waits_for_it() {
        let waiting = Waiting::default();
        let stop = waiting.0.clone();
        assert_eq!(stop.check(), Ok(()));
        drop(waiting);
        assert_eq!(stop.check(), Err(Stopped));
    }
}
