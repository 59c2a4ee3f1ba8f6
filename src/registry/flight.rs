//! What several ask for at the same time is fetched once, and everybody gets the answer, the wrong ones, too.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::Error;

type Cell<V> = Arc<OnceCell<Result<V, Error>>>;

/// Answers by question. When who fetches one is interrupted, the next in line fetches it.
#[derive(Debug)]
pub(super) struct Flights<K, V>(Mutex<HashMap<K, Cell<V>>>);

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Flights<K, V> {
    /// The answer to `key`, which `fetch` fetches when nobody did.
    pub(super) async fn get<F>(&self, key: &K, fetch: impl FnOnce() -> F + Send) -> Result<V, Error>
    where
        F: Future<Output = Result<V, Error>> + Send,
    {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key.clone()).or_default())
        };
        cell.get_or_init(fetch).await.clone()
    }

    /// Whether the answer to `key` is there.
    pub(super) fn has(&self, key: &K) -> bool {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.get(key).is_some_and(|cell| cell.initialized())
    }
}
