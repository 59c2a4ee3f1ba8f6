//! What a run may take of memory for images, counted before it is taken.
//!
//! Indexes of layers, stacks of them and the windows of decompressors grow with what a stranger's image holds. All of them draw from
//! one budget of the process, so that images that are read side by side share it, and the one that asks for too much is an error.

mod list;
mod names;
mod stop;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::domain::Bytes;

pub use list::List;
pub use names::Names;
pub use stop::{Stop, Stopped, Waiting};

/// The limit where nobody gave one.
pub const DEFAULT_LIMIT: Bytes = Bytes(256_000_000);

/// A budget of memory. Clones are the same budget.
#[derive(Debug, Clone)]
pub struct Memory {
    account: Arc<Account>,
    stop: Stop,
}

struct Account {
    limit: u64,
    taken: AtomicU64,
    /// Gives back what nobody needs at the moment.
    spare: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("limit", &self.limit).field("taken", &self.taken).finish_non_exhaustive()
    }
}

/// An image asks for more memory than a run may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it needs more memory than the {limit} that a run may take for images")]
pub struct OutOfMemory {
    /// The limit.
    pub limit: Bytes,
}

impl OutOfMemory {
    /// What to do about it.
    pub const HINT: &'static str = "--memory-limit 1GB allows more; targets that are read at the same time share it, and --jobs 1 reads one \
                                    after the other.";
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

impl Memory {
    /// A budget of `limit` bytes.
    pub fn new(limit: Bytes) -> Self {
        let account = Account { limit: limit.0, taken: AtomicU64::new(0), spare: OnceLock::new() };
        Self { account: Arc::new(account), stop: Stop::default() }
    }

    /// The same budget for work that ends with `stop`.
    #[must_use]
    pub fn until(&self, stop: &Stop) -> Self {
        Self { account: Arc::clone(&self.account), stop: stop.clone() }
    }

    /// What ends the work that draws from it.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Bytes that may be taken.
    pub fn limit(&self) -> Bytes {
        Bytes(self.account.limit)
    }

    /// Bytes that are taken now.
    pub fn taken(&self) -> Bytes {
        Bytes(self.account.taken.load(Ordering::Relaxed))
    }

    /// Calls `give_back` when the budget is used up, before anybody is refused: it drops what is kept in case somebody needs it again. It
    /// must not take from the budget. The first one stays.
    pub fn when_short(&self, give_back: impl Fn() + Send + Sync + 'static) {
        let _ = self.account.spare.set(Box::new(give_back));
    }

    /// Nothing yet, to be grown.
    pub fn reserve(&self) -> Reserved {
        Reserved { memory: self.clone(), bytes: 0 }
    }

    fn take(&self, bytes: u64) -> Result<(), OutOfMemory> {
        let within = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= self.account.limit);
        let take = || self.account.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, within);
        let taken = take().or_else(|taken| match self.account.spare.get() {
            Some(give_back) => {
                give_back();
                take()
            }
            None => Err(taken),
        });
        taken.map(drop).map_err(|_| OutOfMemory { limit: Bytes(self.account.limit) })
    }
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub struct Reserved {
    memory: Memory,
    bytes: u64,
}

impl Reserved {
    /// Takes `bytes` more.
    ///
    /// # Errors
    /// When the budget has less left; what was taken before stays.
    pub fn grow(&mut self, bytes: usize) -> Result<(), OutOfMemory> {
        let bytes = bytes as u64;
        self.memory.take(bytes)?;
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }

    /// Gives back all above `bytes`.
    pub fn shrink_to(&mut self, bytes: usize) {
        let back = self.bytes.saturating_sub(bytes as u64);
        self.memory.account.taken.fetch_sub(back, Ordering::Relaxed);
        self.bytes = self.bytes.saturating_sub(back);
    }

    /// How much it is.
    pub fn bytes(&self) -> Bytes {
        Bytes(self.bytes)
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_share_one_budget_and_give_back() {
        let memory = Memory::new(Bytes(100));
        let mut first = memory.reserve();
        let mut second = memory.clone().reserve();
        assert_eq!((first.grow(60), second.grow(40)), (Ok(()), Ok(())));
        assert_eq!(second.grow(1), Err(OutOfMemory { limit: Bytes(100) }));
        first.shrink_to(10);
        assert_eq!((first.bytes(), memory.taken()), (Bytes(10), Bytes(50)));
        drop(second);
        assert_eq!(memory.taken(), Bytes(10));
        assert!(first.grow(usize::MAX).is_err());
    }

    #[test]
    fn what_is_spare_goes_before_anybody_is_refused() {
        use std::sync::{Mutex, PoisonError};
        let memory = Memory::new(Bytes(100));
        let mut kept = memory.reserve();
        assert_eq!(kept.grow(60), Ok(()));
        let kept = Mutex::new(Some(kept));
        memory.when_short(move || drop(kept.lock().unwrap_or_else(PoisonError::into_inner).take()));
        let mut needed = memory.reserve();
        assert_eq!(needed.grow(40), Ok(()));
        assert_eq!((needed.grow(60), memory.taken()), (Ok(()), Bytes(100)));
        assert!(needed.grow(1).is_err());
    }

    #[test]
    fn the_sentence() {
        insta::assert_snapshot!(OutOfMemory { limit: DEFAULT_LIMIT }, @"it needs more memory than the 256.0 MB that a run may take for images");
    }
}
