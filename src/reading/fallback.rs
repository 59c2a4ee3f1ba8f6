//! Why a way to read an image does not lead there.

use crate::engine::NotCreated;
use crate::error::Error;

/// Why an image has to be read another way: a part of a sentence, for a note. Parts of it are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fallback(pub String);

pub(super) const NOT_THERE: &str = "the engine does not keep its layers where engines do";

impl From<NotCreated> for Fallback {
    fn from(why: NotCreated) -> Self {
        Self(match why {
            NotCreated::Forbidden(why) if why.is_empty() => "creating a container is forbidden".to_owned(),
            NotCreated::Forbidden(why) => format!("creating a container is forbidden: {why}"),
            NotCreated::NoSource => NOT_THERE.to_owned(),
            NotCreated::Failed(error) => error.chain(),
        })
    }
}

impl From<Error> for Fallback {
    fn from(error: Error) -> Self {
        Self(error.chain())
    }
}
