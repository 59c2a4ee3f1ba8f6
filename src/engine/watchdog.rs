//! Tells a busy engine from a dead one. A long RUN and the spooling of `save` are silent for minutes, so silence alone means
//! nothing: it is an error only when a ping beside it fails too.

use futures_util::stream::{self, Stream, StreamExt as _};

use super::connect::Engine;
use crate::Error;

/// `inner`, ended by an error when it is silent and the engine does not answer a ping either.
pub(crate) fn watch<T: Send>(
    engine: Engine,
    inner: impl Stream<Item = Result<T, Error>> + Send,
) -> impl Stream<Item = Result<T, Error>> + Send {
    let state = Some((engine, Box::pin(inner)));
    stream::unfold(state, |state| async {
        let (engine, mut inner) = state?;
        loop {
            match tokio::time::timeout(engine.silence, inner.next()).await {
                Ok(None) => return None,
                Ok(Some(Err(error))) => return Some((Err(error), None)),
                Ok(Some(item)) => return Some((item, Some((engine, inner)))),
                Err(_silent) => {
                    if let Err(error) = engine.ping().await {
                        return Some((Err(error), None));
                    }
                }
            }
        }
    })
}
