//! The image as `docker save` writes it: a tar, as it comes.

use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt as _};

use super::connect::Engine;
use super::inspect::{check, for_platform};
use super::{fault, watchdog};
use crate::domain::Platform;
use crate::{Class, Error};

/// First API (major, minor) whose `save` takes a platform.
const SAVE_PLATFORM: (u32, u32) = (1, 48);

impl Engine {
    /// The tar of the image that `name` (an id, or a reference) means, of `platform` where the engine has several.
    ///
    /// Classic engines write the whole image to their disk before the first byte comes, so there is no bound in time. Dropping the
    /// stream ends the request. Errors are items of the stream; after one nothing more comes.
    pub fn save(
        &self,
        name: &str,
        platform: Option<&Platform>,
    ) -> impl Stream<Item = Result<Bytes, Error>> + Send + Unpin + use<> {
        let platform = platform.filter(|_| self.takes_platform(SAVE_PLATFORM));
        let tar = check(name).map(|()| for_platform(&self.unbounded(), platform).export_image(name));
        let (endpoint, doing) = (self.endpoint().clone(), format!("save image {name}"));
        let chunks = match tar {
            Ok(tar) => tar
                .map(move |chunk| {
                    chunk.map_err(|fault| match fault::refusal(&fault) {
                        Some((404, why)) => Error::new(Class::Image, format!("the engine cannot {doing}: {why}")),
                        _ => fault::error(fault, &endpoint, &doing),
                    })
                })
                .left_stream(),
            Err(error) => futures_util::stream::iter([Err(error)]).right_stream(),
        };
        Box::pin(watchdog::watch(self.clone(), chunks))
    }
}
