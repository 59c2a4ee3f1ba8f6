//! The engine, connected to at most once, and only when some target needs it: a run of archives and layouts opens no socket.

use tokio::sync::OnceCell;

use crate::ci::Environment;
use crate::engine::{self, Engine};
use crate::error::Error;

/// An engine that nobody has asked for yet.
#[derive(Debug)]
pub(super) struct LazyEngine {
    environment: Environment,
    engine: OnceCell<Result<Engine, Error>>,
}

impl LazyEngine {
    /// The engine that `environment` points at.
    pub(super) fn new(environment: Environment) -> Self {
        Self { environment, engine: OnceCell::new() }
    }

    /// The engine. Targets that need it at the same time wait for one connection, and share its failure.
    pub(super) async fn get(&self) -> Result<&Engine, Error> {
        let connect = || async { Engine::connect(&engine::find(&self.environment)?).await };
        let outcome = self.engine.get_or_init(connect).await;
        outcome.as_ref().map_err(Clone::clone)
    }

    /// The engine, if anybody asked for it and it answered.
    pub(super) fn connected(&self) -> Option<&Engine> {
        self.engine.get().and_then(|outcome| outcome.as_ref().ok())
    }
}
